"""A corridor that must be learnt, through the real command line: whatever is turned round or cut off, it is not."""

from pathlib import Path

import numpy as np
import pytest

from finetune.cli import main
from game.actions import ACTION_SETS, COMBO_NAMES
from game.observation import ObservationSpec
from game.rollout import Episode
from game.rollouts import Actor, PoolLayout, Trajectories
from game.seeds import Stream, stream
from game.training_episodes import Starts
from policy.checkpoint import load_checkpoint
from policy.numpy_network import NumpyNetwork, log_softmax
from training.evaluation import Evaluation

CELLS = 6
LONGEST = 40
"""Steps of an episode."""
TINY = [
    "ppo", "--game", "quillrush", "--init", "none", "--name", "corridor", "--precision", "float32",
    "--network.hidden", "16", "--action-set", "jerk4", "--num-envs", "4",
    "--rollout-length", "32", "--batch-size", "64", "--total-steps", "5120", "--evaluate-every", "5120",
    "--gamma", "0.9", "--learning-rate", "0.003", "--reward-scale", "1",
]  # fmt: skip


def picture(cell: int) -> np.ndarray:
    """The corridor as it is seen, uint8 [96, 96, 4]: black, with a white bar where the player stands."""
    shown = np.zeros(ObservationSpec().shape, np.uint8)
    width = shown.shape[1] // CELLS
    shown[:, cell * width : (cell + 1) * width] = 255
    return shown


class CorridorPool:
    """Rollouts in a corridor instead of the game: from the first cell to the last; only the last pays, 1."""

    def __init__(self, layout: PoolLayout, actor: Actor, workers: int) -> None:
        arrays = {name: np.zeros(shape, dtype) for name, (shape, dtype) in layout.arrays().items()}
        arrays.pop("weights")
        self.trajectories = Trajectories(**arrays)
        self.actor = actor
        self.layout = layout
        self.cells = [0] * layout.num_envs
        self.ages = [0] * layout.num_envs

    def collect(self, rollout: int, weights: np.ndarray, starts: Starts) -> tuple[Trajectories, list[Episode]]:
        self.actor.load(weights)
        for e in range(self.layout.num_envs):
            rng = stream(Stream.ROLLOUT, self.layout.seed, e, rollout)
            for t in range(self.layout.steps):
                self._step(e, t, rng)
            self.trajectories.bootstrap_values[e] = self.actor.value(picture(self.cells[e]))
        return self.trajectories, []

    def _step(self, e: int, t: int, rng: np.random.Generator) -> None:
        arrays = self.trajectories
        arrays.observations[e, t] = picture(self.cells[e])
        combo, arrays.log_probs[e, t], arrays.values[e, t] = self.actor.decide(arrays.observations[e, t], rng)
        arrays.actions[e, t] = combo
        step = 1 if "RIGHT" in COMBO_NAMES[combo] else -1
        self.cells[e] = max(self.cells[e] + step, 0)
        self.ages[e] += 1
        is_there = self.cells[e] == CELLS - 1
        is_late = self.ages[e] == LONGEST and not is_there
        arrays.rewards[e, t] = float(is_there)
        arrays.terminated[e, t] = is_there
        arrays.truncated[e, t] = is_late
        arrays.truncation_values[e, t] = self.actor.value(picture(self.cells[e])) if is_late else 0.0
        if is_there or is_late:
            self.cells[e] = self.ages[e] = 0

    def get_state(self) -> list[int]:
        return []

    def close(self) -> None:
        pass


@pytest.mark.filterwarnings("ignore")
def test_a_corridor_is_learnt(workdir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Far from the end, only what flows back through values and advantages says where to go."""
    monkeypatch.setattr("finetune.ppo.learner.RolloutPool", CorridorPool)
    monkeypatch.setattr(Evaluation, "__call__", lambda self, checkpoint: 0.5)
    assert main(TINY) == 0
    checkpoint = load_checkpoint(workdir / "runs/finetune/corridor/last")
    logits, values = NumpyNetwork(checkpoint.info.network, checkpoint.weights)(
        np.stack([picture(cell) for cell in range(CELLS - 1)])
    )
    moves_right = ["RIGHT" in COMBO_NAMES[combo] for combo in ACTION_SETS["jerk4"]]
    goes_right = np.exp(log_softmax(logits))[:, moves_right].sum(axis=1)
    assert goes_right.min() > 0.8
    assert values[-1] > values[0] > 0  # the nearer, the better
