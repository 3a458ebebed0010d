"""The cheapest whole-lot trades that bring chosen Greeks inside their bands."""
