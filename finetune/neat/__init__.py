"""NeuroEvolution of augmenting topologies."""
