"""Studies: many scenarios of one case, stated in a file, run in parallel, kept in one store and compared."""
