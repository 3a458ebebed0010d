"""Markets and places to trade."""
