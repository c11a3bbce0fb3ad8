"""Kills, full disks and damaged files at seeded moments through all five stages: `make chaos SEED=n`. Not in the suite."""
