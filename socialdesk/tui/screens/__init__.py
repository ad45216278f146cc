"""The desk's one standing screen and the dialogues that open over it."""
