"""The sequences known of an act, and what is known of each: a return when it was found, and those of its replays.

The contest's JERK put both into one mean, though the first is the best moment of one lucky episode, and the list grew
without bound. Here one quantity is spoken of throughout, the return up to a sequence's last step; a sequence's estimate is
the mean over its replays alone; and how far it is trusted decides what is replayed, what is kept, and what counts as best.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass
class KnownSequence:
    """A sequence, and what it paid.

    Attributes:
        combos: uint8 [steps].
        found: the return up to its last step in the episode it was cut from.
        replays: how often it was played again; mean: of the returns it then had, 0 before the first.
        squares: the sum of those returns' squared deviations from their mean.
    """

    combos: np.ndarray
    found: float
    replays: int = 0
    mean: float = 0.0
    squares: float = 0.0

    def add_replay(self, value: float) -> None:
        """The return of one more replay (Welford's running mean and squares)."""
        self.replays += 1
        before = value - self.mean
        self.mean += before / self.replays
        self.squares += before * (value - self.mean)

    @property
    def margin(self) -> float:
        """The mean's standard error, the find counted among the deviations, so that one replay already has one."""
        variance = (self.squares + (self.found - self.mean) ** 2) / self.replays
        return math.sqrt(variance / self.replays)

    @property
    def upper(self) -> float:
        """What it may be worth: before any replay, what it paid when it was found."""
        return self.mean + self.margin if self.replays else self.found

    @property
    def lower(self) -> float:
        """What it is worth at least; nothing is known before a replay."""
        return self.mean - self.margin if self.replays else -math.inf


class Repertoire:
    """The sequences known of one act: at most `capacity`, those that may be worth most, and always the best."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.sequences: list[KnownSequence] = []

    @property
    def best(self) -> KnownSequence | None:
        """The one that is worth most for certain; while none was replayed, the one that paid most."""
        return max(self.sequences, key=lambda known: (known.lower, known.found), default=None)

    @property
    def promising(self) -> KnownSequence:
        """The one that may be worth most. ValueError when none is known."""
        return max(self.sequences, key=lambda known: known.upper)

    def draw(self, rng: np.random.Generator) -> KnownSequence:
        """A good one: of two drawn at random, the one that may be worth more. ValueError when none is known."""
        drawn = [self.sequences[i] for i in rng.integers(len(self.sequences), size=2)]
        return max(drawn, key=lambda known: known.upper)

    def add(self, combos: np.ndarray, found: float) -> bool:
        """A sequence that was found, uint8 [steps], and its return; whether it is kept."""
        if any(np.array_equal(combos, known.combos) for known in self.sequences):
            return False
        new = KnownSequence(combos, found)
        self.sequences.append(new)
        if len(self.sequences) > self.capacity:
            best = self.best
            others = [known for known in self.sequences if known is not best]
            worst = min(others, key=lambda known: known.upper, default=new)
            self.sequences = [known for known in self.sequences if known is not worst]
        return any(known is new for known in self.sequences)

    def figures(self) -> list[dict[str, Any]]:
        """What is known of each sequence but its combos, as JSON values."""
        return [{name: value for name, value in vars(known).items() if name != "combos"} for known in self.sequences]

    def arrays(self) -> dict[str, np.ndarray]:
        """The combos of all sequences, one after the other, and how long each is."""
        combos = [known.combos for known in self.sequences]
        return {
            "combos": np.concatenate([np.zeros(0, np.uint8), *combos]),
            "lengths": np.array([len(each) for each in combos], np.int64),
        }

    def restore(self, figures: list[dict[str, Any]], arrays: Mapping[str, np.ndarray]) -> None:
        """Go back to saved `figures` and `arrays`."""
        pieces = np.split(arrays["combos"], np.cumsum(arrays["lengths"])[:-1]) if figures else []
        self.sequences = [KnownSequence(piece, **each) for piece, each in zip(pieces, figures, strict=True)]
