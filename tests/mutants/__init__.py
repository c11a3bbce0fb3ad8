"""Bugs put in on purpose, one at a time, to see whether the tests notice: `make mutants`. Not part of the suite."""
