"""Senders: queued replies leave once, and only once."""
