"""Deliberate faults that the suite must catch, and the machine that plants them."""
