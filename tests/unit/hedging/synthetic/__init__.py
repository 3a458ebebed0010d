"""Perps-only modes."""
