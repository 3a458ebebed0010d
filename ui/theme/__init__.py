"""Colour, type and space."""
