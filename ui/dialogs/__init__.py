"""Dialogs, always opened without blocking the loop."""
