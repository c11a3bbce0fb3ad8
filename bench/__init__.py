"""Benchmarks: every stage against its floor and against the peer a user would pick instead, in pairs in one run.

Not tests: they time. `make bench` prints a table and saves runs/bench/bench.json and bench.md.
"""
