"""A simulated Mastodon instance: its REST API for one account."""
