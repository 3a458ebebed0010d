"""What may be added to any band: one idea a file."""
