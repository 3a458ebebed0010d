"""Perps-only modes: a target delta that is a function of price, and what it stands for."""
