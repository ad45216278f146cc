"""Feeds: RSS and Atom, read and never written."""
