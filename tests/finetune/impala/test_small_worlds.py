"""A corridor that must be learnt from what older weights played: whatever is turned round or cut off, it is not."""

from types import SimpleNamespace

import numpy as np
import pytest

from finetune.impala.config import Config
from finetune.impala.update import Update
from game.actions import ACTION_SETS, COMBO_NAMES
from tests.finetune.impala.test_update import forward
from tests.finetune.ppo.test_update import ACTIONS, SHAPE, small_network, softmax

pytestmark = pytest.mark.filterwarnings("ignore")

CELLS = 4
LONGEST = 12
"""Steps of an episode."""
ENVS, STEPS = 8, 8
MOVES = [1 if "RIGHT" in COMBO_NAMES[combo] else -1 for combo in ACTION_SETS[ACTIONS]]


def picture(cell: int) -> np.ndarray:
    """The corridor as it is seen: one of four pixels is lit."""
    shown = np.zeros(SHAPE, np.uint8)
    shown.flat[cell] = 255
    return shown


class Corridor:
    """Plays rollouts from the first cell to the last; only the last pays, 1."""

    def __init__(self) -> None:
        self.cells = np.zeros(ENVS, int)
        self.ages = np.zeros(ENVS, int)
        self.rng = np.random.default_rng(0)

    def play(self, weights: list[np.ndarray]) -> SimpleNamespace:
        """Trajectories [8, 8] by a network with these weights."""
        _, _, _, logits, values = forward(weights, np.stack([picture(cell) for cell in range(CELLS)]))
        p = softmax(logits)
        names = ("log_probs", "rewards", "truncation_values")
        t = SimpleNamespace(**{name: np.zeros((ENVS, STEPS), np.float32) for name in names})
        t.observations = np.zeros((ENVS, STEPS, *SHAPE), np.uint8)
        t.actions = np.zeros((ENVS, STEPS), np.uint8)
        t.terminated = np.zeros((ENVS, STEPS), bool)
        t.truncated = np.zeros((ENVS, STEPS), bool)
        t.memories = np.zeros((ENVS, 1, 0), np.float32)
        for place in np.ndindex(ENVS, STEPS):
            self._step(t, place, p, values)
        t.bootstrap_observations = np.stack([picture(cell) for cell in self.cells])
        return t

    def _step(self, t: SimpleNamespace, place: tuple[int, ...], p: np.ndarray, values: np.ndarray) -> None:
        e = place[0]
        cell = self.cells[e]
        action = self.rng.choice(len(MOVES), p=p[cell])
        t.observations[place] = picture(cell)
        t.actions[place] = ACTION_SETS[ACTIONS][action]
        t.log_probs[place] = np.log(p[cell, action])
        after = max(cell + MOVES[action], 0)
        self.ages[e] += 1
        is_there = after == CELLS - 1
        is_late = self.ages[e] == LONGEST and not is_there
        t.rewards[place] = float(is_there)
        t.terminated[place] = is_there
        t.truncated[place] = is_late
        t.truncation_values[place] = values[after] * is_late
        self.cells[e] = after
        if is_there or is_late:
            self.cells[e] = self.ages[e] = 0


def test_a_corridor_is_learnt_from_rollouts_two_updates_old() -> None:
    """Far from the end, only what flows back through values and targets says where to go."""
    config = Config(
        num_envs=ENVS, rollout_length=STEPS, batch_unrolls=4, total_steps=ENVS * STEPS * 100, gamma=0.8,
        learning_rate=0.02, critic_learning_rate=0.02, value_weight=0.5, entropy_weight=0.01,
    )  # fmt: skip
    update = Update(config, small_network(), None, ACTIONS)
    corridor = Corridor()
    first = update.network.get_weights()
    played = [corridor.play(first), corridor.play(first)]
    for number in range(70):
        played.append(corridor.play(update.network.get_weights()))
        update(played[number], number)
    pictures = np.stack([picture(cell) for cell in range(CELLS - 1)])
    _, _, _, logits, values = forward(update.network.get_weights(), pictures)
    goes_right = softmax(logits)[:, np.array(MOVES) == 1].sum(axis=1)
    assert goes_right.min() > 0.8
    # one step before the end, two, three
    np.testing.assert_allclose(values[::-1], [1.0, 0.8, 0.64], atol=0.2)
