"""The embedded game."""
