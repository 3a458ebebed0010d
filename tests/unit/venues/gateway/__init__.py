"""Trading on one exchange."""
