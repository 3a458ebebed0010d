"""The Oracle Core: why the engine decides as it does, and what would change its mind."""
