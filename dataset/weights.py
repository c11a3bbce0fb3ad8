"""How much a window counts in cloning: by whose it is, beside one of the search player's, and by what it shows.

Fine-tuning's cloning losses count alike, so that they pull a clone nowhere.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

HUMAN = 4.0
"""Of a person's own play."""
TAKEOVER = 8.0
"""Of a person who corrects a policy (HG-DAgger)."""
CORRECTION = 4.0
"""Of the search player correcting a policy (DAgger)."""

RARE_COMBO_POWER = 0.4
"""A combo counts its share of the labels to minus this power (dataset.windows.label_weights)."""
STEADY_SHARE = 0.33
"""Of the windows far from any change of combo, so many are drawn; each counts for those left out."""


def weights_of_movies(
    attributes: Sequence[Mapping[str, Any]],
    human: float = HUMAN,
    takeover: float = TAKEOVER,
    correction: float = CORRECTION,
) -> np.ndarray:
    """How often each movie's windows count, float64 [movies]: 1 for those that count least, so that nothing is lost.

    Args:
        attributes: of the movies (dataset.loader.Dataset.attributes); of each its player.
    """
    by_player = {"takeover": takeover, "correction": correction, "search": 1.0, "policy": 1.0}
    weights = np.array([by_player.get(movie["player"], human) for movie in attributes])
    return weights / weights.min() if weights.min() > 0 else weights
