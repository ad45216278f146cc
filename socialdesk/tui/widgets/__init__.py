"""The parts of the desk's screen. They take inert text and frozen values, and ask no database."""
