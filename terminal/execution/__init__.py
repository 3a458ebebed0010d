"""Approved hedges to orders, and the life of an order."""
