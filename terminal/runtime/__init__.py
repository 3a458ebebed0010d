"""The loop, the wiring and the clock."""
