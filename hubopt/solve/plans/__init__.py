"""Finding plans: annealing, packing, neighbourhood and kernel search."""
