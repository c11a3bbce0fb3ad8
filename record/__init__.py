"""Acts are played and become movies: by a person in a window, by a policy beside one, or by a planner over savestates."""
