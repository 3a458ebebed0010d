"""Readers of recorded market data, one file per source format."""
