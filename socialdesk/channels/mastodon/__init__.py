"""Mastodon, spoken through Mastodon.py: mentions, direct messages and replies of one account."""
