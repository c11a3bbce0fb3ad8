"""Steps as a memory keeps them: single frames, of which observations can be put together again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise

import numpy as np

from game.rollout import Step

GOES_ON, TERMINATED, TRUNCATED = 0, 1, 2
"""What became of the episode with a step."""

NO_COMBO = 255
"""In a step that only lends its frame to the observations of an episode that began inside an act."""


@dataclass(frozen=True)
class Steps:
    """T steps of one environment, one after the other.

    Attributes:
        frames: uint8 [T, height, width], the newest frame of the observation that each action was chosen from.
        combos: uint8 [T], what was pressed; NO_COMBO for nothing to be learnt.
        rewards: float32 [T].
        endings: uint8 [T], GOES_ON, TERMINATED or TRUNCATED.
    """

    frames: np.ndarray
    combos: np.ndarray
    rewards: np.ndarray
    endings: np.ndarray

    def __len__(self) -> int:
        return len(self.combos)

    def __getitem__(self, chosen: slice) -> "Steps":
        return Steps(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})

    @classmethod
    def join(cls, parts: Sequence["Steps"]) -> "Steps":
        """All steps of the parts."""
        names = [field.name for field in fields(cls)]
        return cls(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})

    def closed(self) -> "Steps":
        """The same, but cut off behind the last step, so that nothing else is taken for what followed it."""
        endings = self.endings.copy()
        if len(endings) and endings[-1] == GOES_ON:
            endings[-1] = TRUNCATED
        return replace(self, endings=endings)


def steps_of(
    observations: np.ndarray,
    combos: np.ndarray,
    rewards: np.ndarray,
    terminated: np.ndarray,
    truncated: np.ndarray,
    begins: bool,
) -> Steps:
    """A rollout of one environment, or an episode, as steps.

    An episode that began inside an act has frames from before its beginning in its first stack; they go before it as steps in
    which nothing is learnt.

    Args:
        observations: uint8 [T, height, width, stack]; combos uint8 [T]; rewards float32 [T]; terminated, truncated bool [T].
        begins: whether the first step begins an episode.
    """
    endings = np.where(terminated, TERMINATED, np.where(truncated, TRUNCATED, GOES_ON)).astype(np.uint8)
    whole = Steps(observations[..., -1], combos.astype(np.uint8), rewards.astype(np.float32), endings)
    starts = np.flatnonzero(np.concatenate([[begins], endings[:-1] != GOES_ON]))
    bounds = [*starts.tolist(), len(whole)]
    pieces = [whole[: bounds[0]]]
    for start, end in pairwise(bounds):
        pieces += [_before(observations[start]), whole[start:end]]
    return Steps.join(pieces)


def _before(observation: np.ndarray) -> Steps:
    """The frames of an episode's first observation but the newest; none where that one repeats."""
    frames = np.moveaxis(observation, -1, 0)
    earlier = frames[:-1]
    if (earlier == frames[-1]).all():
        earlier = earlier[:0]
    count = len(earlier)
    return Steps(earlier, np.full(count, NO_COMBO, np.uint8), np.zeros(count, np.float32), np.zeros(count, np.uint8))


def steps_of_episode(played: Iterable[Step]) -> Steps:
    """An episode as it was played, whole or not; ValueError when it has no step."""
    steps = list(played)
    if not steps:
        raise ValueError("Expected at least one step. Received: an episode without any")
    return steps_of(
        observations=np.stack([step.observation for step in steps]),
        combos=np.array([step.action for step in steps]),
        rewards=np.array([step.reward for step in steps]),
        terminated=np.array([step.terminated for step in steps]),
        truncated=np.array([step.truncated for step in steps]),
        begins=True,
    ).closed()
