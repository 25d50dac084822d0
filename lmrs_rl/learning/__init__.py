"""Floor 7: training, tuning and export of dispatchers."""
