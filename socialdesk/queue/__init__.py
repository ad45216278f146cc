"""The desk's rules: intake, claim, assess, reply, escalate, close. Every act leaves an entry."""
