"""The officer's terminal: queue, conversation, assessment, and the acts an officer may do."""
