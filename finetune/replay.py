"""Replay memory: single frames, of which stacks are put together when they are sampled; prioritised (Schaul et al. 2016,
arXiv:1511.05952); returns over n steps.

Steps lie in *lanes*, one for each environment, each a ring in which the newest overwrite the oldest. A lane holds the steps of
its episodes in order, so the frames before a step are its stack, and the steps after it its return.

Legend: B samples, L lanes, R rows of a lane, T steps, n steps of a return.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from finetune.packing import pack_frames, unpack_frames
from finetune.steps import GOES_ON, NO_COMBO, TERMINATED, TRUNCATED, Steps
from finetune.sum_tree import SumTree
from game.observation import ObservationSpec, stack_frames


@dataclass(frozen=True)
class Sample:
    """B transitions over up to n steps.

    Attributes:
        places: int64 [B], where they lie, for `Replay.set_losses`.
        observations, next_observations: uint8 [B, height, width, stack], before the action, and n steps on.
        combos: uint8 [B].
        returns: float32 [B], r_0 + gamma r_1 + ... over those steps; discounts: float32 [B], of what comes after them.
        weights: float32 [B], importance weights, 1 at most.
        ages: float64 [B], agent steps since they were played.
    """

    places: np.ndarray
    observations: np.ndarray
    next_observations: np.ndarray
    combos: np.ndarray
    returns: np.ndarray
    discounts: np.ndarray
    weights: np.ndarray
    ages: np.ndarray


def n_step_returns(rewards: np.ndarray, endings: np.ndarray, gamma: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns over up to n steps, cut where the episode ends (Sutton 1988; Hessel et al. 2018, arXiv:1710.02298, section 3).

        R = sum_{k < m} gamma^k r_k;   target = R + discount x value(observation m steps on)

    m = n where the episode goes on. A terminated episode has no more to come: m counts the step that ended it, the discount is
    0. A truncated one has, but its last observation was never seen by a policy and is not kept: the return stops short of the
    step that was cut off, m steps on is the observation that step was chosen from. (m = 0: nothing can be learnt there.)

    Args:
        rewards: float32 [B, n]; endings: uint8 [B, n]; after an ending, anything.

    Returns:
        (R float32 [B], discounts float32 [B], m int64 [B]).
    """
    n = rewards.shape[1]
    ended = endings != GOES_ON
    first = np.where(ended.any(axis=1), ended.argmax(axis=1), n)  # [B], n where it goes on
    last_ending = endings[np.arange(len(endings)), np.minimum(first, n - 1)]
    terminated = (first < n) & (last_ending == TERMINATED)
    steps = first + terminated
    powers = gamma ** np.arange(n)
    counted = np.arange(n)[None] < steps[:, None]
    returns = np.where(counted, rewards, 0.0) @ powers
    discounts = np.where(terminated, 0.0, gamma**steps)
    return returns.astype(np.float32), discounts.astype(np.float32), steps


class Replay:
    """The memory.

    Args:
        capacity: steps in all lanes together.
        combos: which of the 23 may be learnt from; other steps only lend their frames and rewards.
        alpha: how far sampling follows the losses: priority (loss + epsilon)^alpha; 0 samples uniformly.

    ValueError where a lane would be too short for a stack and a return.
    """

    def __init__(
        self,
        capacity: int,
        lanes: int,
        spec: ObservationSpec,
        combos: Sequence[int],
        *,
        n_step: int,
        gamma: float,
        alpha: float,
        epsilon: float,
    ) -> None:
        self._rows = capacity // lanes
        if self._rows <= spec.stack + n_step:
            raise ValueError(
                f"Expected a replay of more than {lanes * (spec.stack + n_step + 1)} steps for {lanes} environments. "
                f"Received: {capacity}"
            )
        shape = (lanes, self._rows)
        self._spec = spec
        self._n_step = n_step
        self._gamma = gamma
        self._alpha = alpha
        self._epsilon = epsilon
        self._is_learnt = np.zeros(NO_COMBO + 1, bool)
        self._is_learnt[list(combos)] = True
        self._frames = np.zeros((*shape, *spec.frame_shape), np.uint8)
        self._combos = np.full(shape, NO_COMBO, np.uint8)
        self._rewards = np.zeros(shape, np.float32)
        self._endings = np.full(shape, TRUNCATED, np.uint8)  # before the first step, nothing
        self._played = np.zeros(shape, np.int64)  # agent steps, when it was added
        # by lane, counted since the beginning: steps written, of these complete with their return, and up to the last ending
        self._written = np.zeros(lanes, np.int64)
        self._complete = np.zeros(lanes, np.int64)
        self._ended = np.zeros(lanes, np.int64)
        self._tree = SumTree(lanes * self._rows)
        self._largest = 1.0

    @property
    def size(self) -> int:
        """Steps that may be sampled."""
        return int(np.count_nonzero(self._tree.leaves))

    @property
    def mean_priority(self) -> float:
        """Over the steps that may be sampled; 0 when there are none."""
        return self._tree.total / max(self.size, 1)

    @property
    def shortest_lane(self) -> int:
        """The lane that holds least."""
        return int(self._written.argmin())

    def is_between_episodes(self, lane: int) -> bool:
        """Whether the next step of a lane begins an episode."""
        return bool(self._ended[lane] == self._written[lane])

    def append(self, lane: int, steps: Steps, now: int) -> None:
        """Steps that follow those in the lane, played by agent step `now`. New ones get the largest priority so far."""
        steps = steps[-self._rows :]
        numbers = self._written[lane] + np.arange(len(steps))
        rows = numbers % self._rows
        self._frames[lane, rows] = steps.frames
        self._combos[lane, rows] = steps.combos
        self._rewards[lane, rows] = steps.rewards
        self._endings[lane, rows] = steps.endings
        self._played[lane, rows] = now
        self._written[lane] += len(steps)
        endings = np.flatnonzero(steps.endings)
        if len(endings):
            self._ended[lane] = numbers[endings[-1]] + 1
        self._set_aside(lane, rows)
        self._offer(lane)

    def _set_aside(self, lane: int, rows: np.ndarray) -> None:
        """New steps wait until their returns are complete; the oldest have lost the frames of their stacks."""
        broken = (self._written[lane] + np.arange(self._spec.stack - 1)) % self._rows
        self._tree.set(lane * self._rows + np.concatenate([rows, broken]), 0.0)

    def _offer(self, lane: int) -> None:
        """Let those steps be sampled whose returns have become complete: n steps on, or with their episode."""
        before = self._complete[lane]
        complete = max(before, self._written[lane] - self._n_step, self._ended[lane])
        oldest = self._written[lane] - self._rows + self._spec.stack - 1
        rows = np.arange(max(before, oldest), complete) % self._rows
        # the step that was cut off has no return at all
        learnt = self._is_learnt[self._combos[lane, rows]] & (self._endings[lane, rows] != TRUNCATED)
        self._tree.set(lane * self._rows + rows[learnt], self._largest)
        self._complete[lane] = complete

    def sample(self, count: int, rng: np.random.Generator, beta: float, now: int) -> Sample:
        """Draw transitions, each in proportion to its priority, one from each of `count` equal stretches of their sum.

        Args:
            beta: how far the importance weights (size x probability)^-beta make up for that; divided by their largest.
            now: agent steps so far, for the ages.

        ValueError when there is nothing to sample.
        """
        if self._tree.total == 0:
            raise ValueError("Expected a replay with steps to sample. Received: an empty one")
        stretches = (np.arange(count) + rng.random(count)) / count
        places = self._tree.find(stretches * self._tree.total)
        lanes, rows = np.divmod(places, self._rows)
        ahead = (rows[:, None] + np.arange(self._n_step)) % self._rows  # [B, n]
        returns, discounts, steps = n_step_returns(
            self._rewards[lanes[:, None], ahead], self._endings[lanes[:, None], ahead], self._gamma
        )
        # where nothing follows, the discount is 0 and any observation will do
        next_rows = np.where(discounts > 0, rows + steps, rows) % self._rows
        probabilities = self._tree.leaves[places] / self._tree.total
        weights = (self.size * probabilities) ** -beta
        return Sample(
            places=places,
            observations=self._stacks(lanes, rows),
            next_observations=self._stacks(lanes, next_rows),
            combos=self._combos[lanes, rows],
            returns=returns,
            discounts=discounts,
            weights=(weights / weights.max()).astype(np.float32),
            ages=now - self._played[lanes, rows].astype(np.float64),
        )

    def _stacks(self, lanes: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """uint8 [B, height, width, stack]: observations; before an episode's first frame, the first repeats."""
        chosen = [rows]
        for _ in range(self._spec.stack - 1):
            earlier = (chosen[0] - 1) % self._rows
            is_same_episode = self._endings[lanes, earlier] == GOES_ON
            chosen.insert(0, np.where(is_same_episode, earlier, chosen[0]))
        stacks = np.empty((len(rows), *self._spec.shape), np.uint8)
        for i, lane in enumerate(lanes):
            stack_frames([self._frames[lane, row[i]] for row in chosen], out=stacks[i])
        return stacks

    def set_losses(self, places: np.ndarray, losses: np.ndarray) -> None:
        """The losses that samples had, float [B], 0 or more, decide how soon they are drawn again."""
        priorities = (losses.astype(np.float64) + self._epsilon) ** self._alpha
        self._largest = max(self._largest, float(priorities.max()))
        self._tree.set(places, priorities)

    def lane(self, lane: int) -> Steps:
        """What a lane holds, oldest first. Its first step may be in the midst of an episode, and so may its last."""
        count = min(self._written[lane], self._rows)
        rows = (self._written[lane] - count + np.arange(count)) % self._rows
        return Steps(
            frames=self._frames[lane, rows],
            combos=self._combos[lane, rows],
            rewards=self._rewards[lane, rows],
            endings=self._endings[lane, rows],
        )

    def get_state(self) -> dict[str, np.ndarray]:
        """All there is to the memory, its frames packed; give it to `set_state` of one of the same size."""
        frames, blocks = pack_frames(self._filled())
        state = {name: getattr(self, f"_{name}") for name in _STATE}
        return state | {
            "frames": frames,
            "frame_blocks": blocks,
            "priorities": self._tree.leaves,
            "largest": np.array(self._largest),
        }

    def set_state(self, state: Mapping[str, np.ndarray]) -> None:
        """Go back to a saved state. ValueError when it is one of another size, or damaged."""
        expected = {name: getattr(self, f"_{name}").shape for name in _STATE}
        received = {name: state[name].shape for name in _STATE if name in state}
        if received != expected:
            raise ValueError(f"Expected a replay of {expected}. Received: {received}")
        for name in _STATE:
            getattr(self, f"_{name}")[:] = state[name]
        unpack_frames(state["frames"], state["frame_blocks"], self._filled())
        self._tree.set(np.arange(len(self._tree.leaves)), state["priorities"])
        self._largest = float(state["largest"])

    def _filled(self) -> list[np.ndarray]:
        """The frames of each lane that have been written, as views."""
        counts = np.minimum(self._written, self._rows).tolist()
        return [frames[:count] for frames, count in zip(self._frames, counts, strict=True)]


_STATE = ("combos", "rewards", "endings", "played", "written", "complete", "ended")
"""The arrays of a replay that are saved as they are."""
