"""Behaviour cloning: the network learns to press what the player pressed; checked by playing."""
