"""Partner platforms: they call the desk, signed, and are not polled."""
