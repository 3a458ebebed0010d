"""Experiments with hedging policies: many market windows at once, no clock and no disk."""
