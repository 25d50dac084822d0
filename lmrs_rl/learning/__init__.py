"""Floor 8: training, tuning and export of dispatchers."""
