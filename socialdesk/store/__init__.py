"""Engine, transaction, tables and vault: everything that touches the database directly."""
