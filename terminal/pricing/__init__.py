"""Prices and Greeks over arrays."""
