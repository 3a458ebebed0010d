"""Units, identifiers and errors."""
