"""Volatility surface of one underlying: slices, arbitrage checks, term structure, deltas."""
