"""Floor 3: where networks and days come from: readers of real data and generated worlds."""
