"""IMPALA: an actor-critic that learns from rollouts while the next ones are played."""
