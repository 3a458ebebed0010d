"""One pure step from record to state and effects."""
