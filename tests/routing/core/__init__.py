"""Functions of the compiled core one by one, on the tiny network."""
