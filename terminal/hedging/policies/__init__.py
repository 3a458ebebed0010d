"""Where delta should be: one policy a file."""
