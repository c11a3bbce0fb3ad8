"""Recognising, repairing and importing ROM dumps."""
