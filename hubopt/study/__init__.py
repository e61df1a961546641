"""What a result means: what its limits cost, what else would do nearly as well, how it stands beside others."""
