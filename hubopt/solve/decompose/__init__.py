"""Decomposition: a bound from the lowest sites and a small program above, and plans from its prices."""
