"""How each network speaks: one `Channel` protocol, one adapter a network."""
