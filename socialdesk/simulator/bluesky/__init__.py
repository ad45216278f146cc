"""Bluesky as its lexicons describe it: accounts, records, feeds, notifications and chat by XRPC."""
