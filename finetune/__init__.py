"""Reinforcement learning from the clone: one readable file a learner."""
