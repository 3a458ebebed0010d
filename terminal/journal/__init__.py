"""Durable records and tapes."""
