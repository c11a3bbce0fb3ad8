"""Benchmarks: every stage against its floor and against the peer a user would pick instead, in pairs in one run.

`make bench` installs the peers, measures, prints a table and saves runs/bench/bench.json and bench.md.
"""
