"""Windows of demonstrations beside the agent's own experience, so that what was taught is not forgotten where it never goes.

Wolczyk et al. 2024 (arXiv:2402.02868): what a fine-tuned policy forgets are states it does not visit early; a cloning loss on
the old data keeps them.
"""

from dataclasses import dataclass
from typing import Protocol

import msgspec
import numpy as np

from dataset.batches import forget, observations_of
from dataset.loader import Dataset, open_dataset
from dataset.selection import Selection
from dataset.sequences import first_of_sequences, teaching
from dataset.store import DatasetError, dataset_path
from dataset.weights import CORRECTION, HUMAN, RARE_COMBO_POWER, TAKEOVER, weights_of_movies
from dataset.windows import label_weights
from experiment.run import RunError
from finetune.split import SplitConfig, lineage, movies_beside
from game.actions import ACTION_SETS, COMBO_COUNT
from game.observation import ObservationSpec
from game.seeds import Stream, stream
from policy.checkpoint import Checkpoint, CheckpointError

SEQUENCE_STEPS = 16
"""In which windows are drawn for a network with a memory, each sequence from an empty one."""


def sequence_steps(has_memory: bool) -> int:
    """Of the sequences that a network is shown; without a memory, every window by itself."""
    return SEQUENCE_STEPS if has_memory else 1


def in_whole_sequences(windows: int, steps: int) -> int:
    """About so many windows, as whole sequences of so many steps; one at least."""
    return max(windows // steps, 1) * steps


class CloningConfig(SplitConfig, Protocol):
    """The options of a learner with a cloning loss."""

    @property
    def cloning_weight(self) -> float: ...
    @property
    def frame_skip(self) -> int: ...
    @property
    def seed(self) -> int: ...


class DemonstratedWindows:
    """Random windows of a data set, by update number; a player's as often as they count in cloning (dataset.weights).

    Args:
        action_set: what the labels are numbered in; windows whose combo is not in it are left out.
        rare_combo_power: as in cloning.
        steps: of the sequences in which windows are drawn, for a network with a memory; 1: each by itself.
        steady_share: how much less often a window is drawn in which nothing changes for a while; it counts for more then
            (of single windows only).
        movie_weights: float64 [movies], how much each one's windows count; by default as in cloning by default.

    Attributes:
        action_of_combo: integer [combos], each one's number in the action set; -1 for those outside.
        weights: float32 [actions], of each action in the cloning loss.
    """

    def __init__(
        self,
        dataset: Dataset,
        action_set: str,
        rare_combo_power: float,
        seed: int,
        steps: int = 1,
        steady_share: float = 1.0,
        movie_weights: np.ndarray | None = None,
    ) -> None:
        self.dataset = dataset
        combos = list(ACTION_SETS[action_set])
        self.action_of_combo = np.full(COMBO_COUNT, -1)
        self.action_of_combo[combos] = np.arange(len(combos))
        actions = self.action_of_combo[dataset.windows.labels]
        self._windows = dataset.windows.where(actions >= 0)
        self._actions = actions[actions >= 0].astype(np.int32)
        self.weights = label_weights(self._windows.labels, rare_combo_power)[combos]
        self._first = first_of_sequences(self._windows, dataset.frame_skip, steps)
        chances = np.where(self._windows.steady, steady_share, 1.0)
        self._counts = (1.0 / chances).astype(np.float32)
        if movie_weights is None:
            movie_weights = weights_of_movies(dataset.attributes)
        chances = chances * movie_weights[self._windows.movies]
        self._cumulative = np.cumsum(chances[self._first])
        self._steps = steps
        self._seed = seed

    def draw(self, update: int, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What an update is shown, sequence by sequence: (observations uint8 [count, height, width, stack], actions int32
        [count], counts float32 [count]: how many windows each stands for, 0 in a sequence's burn-in)."""
        rng = stream(Stream.DEMONSTRATED, self._seed, update)
        places = rng.random(count // self._steps) * self._cumulative[-1]
        numbers = np.minimum(np.searchsorted(self._cumulative, places, side="right"), len(self._first) - 1)
        chosen = (self._first[numbers][:, None] + np.arange(self._steps)).reshape(-1)
        unmoved = np.zeros((count, 2), np.int8)  # as the agent's own pictures are
        observations = observations_of(self.dataset, self._windows.stacks[chosen], unmoved)
        forget(self.dataset.cache)  # else the whole cache would count as this process's memory in the end
        counts = self._counts[chosen] * teaching(count, self._steps)
        return observations, self._actions[chosen], counts


@dataclass(frozen=True)
class Taught:
    """What a clone was shown, as its run's configuration says: the data set, which of its movies, and how much they counted."""

    data: str = ""
    select: Selection = Selection()
    human_weight: float = HUMAN
    takeover_weight: float = TAKEOVER
    correction_weight: float = CORRECTION

    def weights(self, dataset: Dataset) -> np.ndarray:
        """Of the data set's movies, float64 [movies]."""
        return weights_of_movies(dataset.attributes, self.human_weight, self.takeover_weight, self.correction_weight)


def taught_to(parent: Checkpoint) -> Taught:
    """What the clone was shown that a checkpoint is or comes from; all of its game's data set where that is not known."""
    unknown = Taught(data=f"{parent.info.game}-v0")
    try:
        for _, run in lineage(parent.path):
            if run and run.config.get("data"):
                return msgspec.convert(run.config, Taught)
    except (CheckpointError, RunError, msgspec.ValidationError) as error:
        print(f"note: what the clone was shown is not known: {error}")
    return unknown


def find_demonstrated(name: str, spec: ObservationSpec, frame_skip: int, select: Selection) -> Dataset | None:
    """These movies of a data set by name, when it is there and shows what the policy sees; else a word about it and None."""
    path = dataset_path(name)
    try:
        dataset = open_dataset(path, frame_skip, stack=spec.stack, select=select, action_history=spec.action_history)
    except DatasetError as error:
        print(f"no cloning loss beside the agent's own experience: {error}")
        return None
    if dataset.observation != spec:
        print(f"no cloning loss: {path} shows {dataset.observation}, the policy sees {spec}")
        return None
    return dataset


def demonstrated_beside(config: CloningConfig, parent: Checkpoint | None) -> DemonstratedWindows | None:
    """What the cloning loss beside a clone is of: what it was taught itself. None without a clone, a weight or a data set."""
    if parent is None or config.cloning_weight == 0:
        return None
    taught = taught_to(parent)
    try:
        select = movies_beside(config, taught.select)
    except ValueError as error:
        print(f"no cloning loss beside the agent's own experience: {error}")
        return None
    dataset = find_demonstrated(taught.data, parent.info.observation, config.frame_skip, select)
    if dataset is None:
        return None
    steps = sequence_steps(parent.info.network.has_memory)
    return DemonstratedWindows(
        dataset,
        parent.info.action_set,
        RARE_COMBO_POWER,
        config.seed,
        steps,
        movie_weights=taught.weights(dataset),
    )
