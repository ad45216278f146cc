"""The deep tier: a small transformer, tuned on our corpus, that reads each message again."""
