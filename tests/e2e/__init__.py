"""Whole sessions, from start to clean exit."""
