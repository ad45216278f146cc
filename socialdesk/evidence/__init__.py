"""Evidence: what a conversation's log entries and messages prove, for someone who trusts nobody."""
