"""X, spoken through tweepy: mentions, direct messages and replies of one account."""
