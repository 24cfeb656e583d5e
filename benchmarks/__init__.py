"""Benchmarks: the same four endpoints in fasterapi and in the frameworks that people compare it with."""
