"""A player that plans over savestates with a person's moves, without a window."""
