"""Places named in a message, and the force that polices them."""
