"""A run of days in an hour: the real engine under seeded weather, its promises checked."""
