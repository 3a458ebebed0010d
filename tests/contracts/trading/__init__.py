"""What a venue must keep to be traded on, proven over its own wire format on this machine."""
