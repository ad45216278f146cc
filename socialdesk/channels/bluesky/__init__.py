"""Bluesky, spoken through atproto: mentions, direct messages and replies of one account."""
