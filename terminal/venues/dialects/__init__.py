"""What differs from exchange to exchange, as data and pure functions."""
