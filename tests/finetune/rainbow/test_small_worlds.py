"""A corridor that must be learnt, through the real command line: whatever is turned round or cut off, it is not."""

from pathlib import Path

import numpy as np
import pytest

from finetune.cli import main
from game.actions import ACTION_SETS, COMBO_NAMES
from policy import players
from policy.checkpoint import load_checkpoint
from policy.numpy_network import NumpyNetwork, action_values
from tests.finetune.ppo.test_small_worlds import CELLS, CorridorPool, picture
from training.evaluation import Evaluation

TINY = [
    "rainbow", "--game", "quillrush", "--init", "none", "--name", "corridor", "--precision", "float32",
    "--hidden", "16", "--action-set", "jerk4", "--num-envs", "4", "--rollout-length", "16", "--preload", "none",
    "--total-steps", "960", "--evaluate-every", "960", "--learning-starts", "100", "--replay-capacity", "2000",
    "--gamma", "0.9", "--learning-rate", "0.003", "--target-every", "64", "--reward-scale", "1",
    "--value-min", "-1", "--value-max", "1", "--batch-size", "8",
]  # fmt: skip


@pytest.mark.filterwarnings("ignore")
def test_a_corridor_is_learnt(workdir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Far from the end, only what flows back through the target network says where to go."""
    monkeypatch.setattr("finetune.rainbow.learner.RolloutPool", CorridorPool)
    monkeypatch.setattr(Evaluation, "__call__", lambda self, checkpoint: 0.5)
    assert main(TINY) == 0
    checkpoint = load_checkpoint(workdir / "runs/finetune/corridor/last")
    network = NumpyNetwork(checkpoint.info.network, checkpoint.weights)
    values = action_values(network(np.stack([picture(cell) for cell in range(CELLS - 1)]))[0])
    moves_right = np.array(["RIGHT" in COMBO_NAMES[combo] for combo in ACTION_SETS["jerk4"]])
    assert moves_right[values.argmax(axis=1)].all()
    assert values[-1].max() > 0.75  # a return of more than half of what is paid, on a support from -1 to 1
    player = players.load(checkpoint.path)
    player.reset("", 0)
    assert "RIGHT" in COMBO_NAMES[player.act(picture(0))]
