"""Reinforcement learning from the clone: each learner in one readable file, or a few in a room of its own."""
