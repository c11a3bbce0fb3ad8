"""Episodic memory over a network's features: which action paid most in moments like this one.

After the JERK/PPO2 hybrid with a memory of the Retro Contest (gardenermike/openai-retro-contest-experiments) and Neural
Episodic Control (Pritzel et al. 2017, arXiv:1703.01988), whose mean over near neighbours, weighted by an inverse distance,
is taken over. The contest's memory kept the picture *after* an action beside it, the return up to a step instead of the one
from it, and only steps with LEFT held; duplicates filled its neighbours. Here a key is what the action was chosen from, a
value the return that followed, every action is kept, and moments that are nearly the same are one.

All sums are products of plain arrays: with some thousand keys per act, a look-up costs a fraction of the network that makes
the features. D is the number of features.
"""

from collections.abc import Mapping

import numpy as np

from game.actions import COMBO_COUNT

KERNEL_OFFSET = 1e-3
"""Added to distances before they are inverted, as in the paper, so that an exact match does not silence all others."""


def returns_from(rewards: np.ndarray, gamma: float) -> np.ndarray:
    """The discounted return from every step of an episode on: R_t = r_t + gamma R_{t+1}; float64 [T] -> float64 [T]."""
    returns = np.zeros(len(rewards))
    following = 0.0
    for t in reversed(range(len(rewards))):
        following = rewards[t] + gamma * following
        returns[t] = following
    return returns


class EpisodicMemory:
    """Moments: features of an observation, the action taken from it, and the mean return from there.

    Args:
        features: D.
        capacity: moments; when it is full, the one written longest ago is forgotten.
        neighbours: moments by which a new one is judged.
        reach: cosine distance within which a moment says anything about another.
        merge_distance: cosine distance within which moments with the same action are merged.
    """

    def __init__(self, features: int, capacity: int, neighbours: int, reach: float, merge_distance: float) -> None:
        self.size = 0
        self._neighbours = neighbours
        self._reach = reach
        self._merge_distance = merge_distance
        self._clock = 0
        self._keys = np.zeros((capacity, features), np.float32)  # of length 1, rounded to float16
        self._actions = np.zeros(capacity, np.uint8)  # combos
        self._values = np.zeros(capacity)
        self._counts = np.zeros(capacity, np.int64)  # moments merged into this one
        self._written = np.zeros(capacity, np.int64)  # by the clock

    def add(self, features: np.ndarray, combos: np.ndarray, values: np.ndarray) -> None:
        """Remember an episode's steps: features [T, D], combos uint8 [T], returns from each step on [T]."""
        for key, combo, value in zip(_directions(features), combos, values, strict=True):
            self._clock += 1
            same = self._nearest(key, int(combo))
            if same is None:
                self._insert(key, int(combo), float(value))
            else:
                self._counts[same] += 1
                self._values[same] += (value - self._values[same]) / self._counts[same]
                self._written[same] = self._clock

    def _nearest(self, key: np.ndarray, combo: int) -> int | None:
        """The place of the moment with this action that is near enough to be the same."""
        has_action = self._actions[: self.size] == combo
        if not has_action.any():
            return None
        distances = np.where(has_action, self._distances(key), np.inf)
        nearest = int(distances.argmin())
        return nearest if distances[nearest] <= self._merge_distance else None

    def _insert(self, key: np.ndarray, combo: int, value: float) -> None:
        if self.size < len(self._keys):
            place = self.size
            self.size += 1
        else:
            place = int(self._written.argmin())
        self._keys[place] = key
        self._actions[place] = combo
        self._values[place] = value
        self._counts[place] = 1
        self._written[place] = self._clock

    def suggest(self, features: np.ndarray) -> int | None:
        """The combo that paid most in moments like this one, features [D]; None when it remembers none that paid."""
        if self.size == 0:
            return None
        distances = self._distances(_directions(features[None])[0])
        count = min(self._neighbours, self.size)
        nearest = np.argpartition(distances, count - 1)[:count]
        near = nearest[distances[nearest] <= self._reach]
        weights = 1.0 / (distances[near] + KERNEL_OFFSET)
        actions = self._actions[near]
        totals = np.bincount(actions, weights * self._values[near], COMBO_COUNT)
        norms = np.bincount(actions, weights, COMBO_COUNT)
        estimates = totals / np.maximum(norms, 1e-12)
        best = int(estimates.argmax())
        return best if estimates[best] > 0 else None

    def _distances(self, key: np.ndarray) -> np.ndarray:
        """Cosine distances of all moments from a key of length 1: float32 [size]."""
        # rounding may leave a key a little longer than 1
        return np.maximum(1.0 - self._keys[: self.size] @ key, 0.0)

    def arrays(self) -> dict[str, np.ndarray]:
        """Everything in it; keys as float16, which loses nothing."""
        filled = slice(self.size)
        return {
            "keys": self._keys[filled].astype(np.float16),
            "actions": self._actions[filled],
            "values": self._values[filled],
            "counts": self._counts[filled],
            "written": self._written[filled],
            "clock": np.array(self._clock),
        }

    def restore(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Go back to saved `arrays`."""
        self.size = len(arrays["keys"])
        self._clock = int(arrays["clock"])
        filled = slice(self.size)
        self._keys[filled] = arrays["keys"]
        self._actions[filled] = arrays["actions"]
        self._values[filled] = arrays["values"]
        self._counts[filled] = arrays["counts"]
        self._written[filled] = arrays["written"]


def _directions(features: np.ndarray) -> np.ndarray:
    """Vectors of length 1, float32 [T, D], rounded as they are stored; features of nothing but 0 stay so."""
    lengths = np.linalg.norm(features.astype(np.float32), axis=1, keepdims=True)
    return (features / np.maximum(lengths, 1e-12)).astype(np.float16).astype(np.float32)
