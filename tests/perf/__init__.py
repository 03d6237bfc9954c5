"""Benchmarks: ratios against a named baseline in the same interleaved run, never wall-clock tests."""
