"""Floor 8: those who make dispatchers better."""
