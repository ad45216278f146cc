"""The desk's door to partner platforms: signed reports over HTTP, into the same queue."""
