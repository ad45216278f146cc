"""The officer's terminal, driven by its keys."""
