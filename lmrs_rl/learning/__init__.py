"""Floor 6: those who make dispatchers better."""
