"""Trading on one exchange: requests out in order of urgency, outcomes back as events."""
