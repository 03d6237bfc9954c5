"""Benchmarks: ratios against a named baseline in the same interleaved run, never wall-clock tests.

`uv run python -m tests.perf [load quiet growth start report rls package] [--rounds N] [--rows N] [--json FILE]`

A benchmark is one file `bench_<name>.py`: its variants, each a function run in a fresh process
(`child`), in turn, round by round (`rounds`); what they cost (`measure`); ratios beside their targets
(`outcome`). The server's settings are in `ground`. CPU per row and WAL are the figures to trust: client,
sandbox and PostgreSQL share the machine, so rows per second are a floor.
"""
