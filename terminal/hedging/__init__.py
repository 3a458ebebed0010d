"""Where delta should be and what to do about it."""
