"""Floor 7: those who make dispatchers better."""
