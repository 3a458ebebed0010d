"""Gammadesk: the hedging engine, free of any screen."""
