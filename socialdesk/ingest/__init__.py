"""Pollers: what the networks hold is read, assessed and taken in, and nothing is skipped."""
