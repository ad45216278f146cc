"""The demonstration: a whole desk against a simulated network, in one process tree."""
