"""Benchmarks: suites of instances, hubopt's methods and rivals on them, and what a run of them shows."""
