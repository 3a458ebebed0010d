"""Market state from events."""
