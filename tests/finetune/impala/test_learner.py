"""IMPALA through the real main on the real emulator: a killed run gives the same numbers; what plays while it learns."""

import sys
from pathlib import Path

import numpy as np
import pytest

from finetune.cli import main
from finetune.impala.config import Config
from finetune.impala.learner import Impala
from game.rollout import Episode
from game.rollouts import Actor, PoolLayout
from game.training_episodes import Starts
from policy import players
from policy.architecture import NetworkConfig, flatten
from policy.checkpoint import load_checkpoint
from tests.finetune.clones import SPEC, clone_run
from tests.resuming import assert_same_run, drawn_without_numbers, finish, has_checkpoint, kill_when, numbers

pytestmark = pytest.mark.filterwarnings("ignore")

TINY = [
    "--preset", "smoke", "--game", "quillrush", "--precision", "float32", "--starts", "none",
    "--acts", "EmeraldHillZone.Act1", "--num-envs", "2", "--rollout-length", "16", "--batch-unrolls", "1",
    "--max-frames", "160", "--total-steps", "192", "--evaluate-every", "96", "--critic-warmup", "0",
]  # fmt: skip


def command(name: str, *more: str) -> list[str]:
    return [sys.executable, "-m", "finetune", "impala", *TINY, "--name", name, *more]


def test_a_killed_training_from_a_clone_gives_the_numbers_of_a_whole_one(workdir: Path) -> None:
    """The whole one has two workers; the killed one has one, and rollouts under way when it is killed."""
    clone = load_checkpoint(clone_run(workdir, check="pass"))
    runs = workdir / "runs" / "finetune"
    finish(command("whole", "--lag", "2", "--workers", "2"))
    kill_when(has_checkpoint(runs / "killed"), command("killed", "--lag", "2", "--workers", "1"))
    assert not (runs / "killed" / "done.json").exists()
    assert "going on from steps" in finish(command("killed", "--lag", "2", "--workers", "1")).stdout
    assert_same_run(runs / "whole", runs / "killed")
    assert drawn_without_numbers(runs / "whole") == set()
    lines = numbers(runs / "whole")
    assert len(lines) == 7  # six updates, and the start
    # two gradient steps each; the first three rollouts are played by the clone
    assert [line["loss/age_mean"] for line in lines[1:]] == [0.5, 2.5, 4.5, 4.5, 4.5, 4.5]
    assert [line["loss/age_largest"] for line in lines[1:]] == [1.0, 3.0, 5.0, 5.0, 5.0, 5.0]
    half = load_checkpoint(runs / "whole" / "checkpoints" / "000000096")
    assert [order["rollout"] for order in half.info.extra["ordered"]] == [3, 4]
    last = load_checkpoint(runs / "whole" / "last")
    assert last.info.extra["ordered"] == []  # nobody would learn from it
    assert not np.array_equal(clone.weights[0], last.weights[0])
    player = players.load(runs / "whole" / "last")
    player.reset("EmeraldHillZone.Act1", 1)
    assert 0 <= player.act(np.zeros(SPEC.shape, np.uint8)) < 23


class RecordingPool:
    """Plays nothing, but knows what was begun with which weights."""

    seconds = 0.0

    def __init__(self, layout: PoolLayout, actor: Actor, workers: int, buffers: int) -> None:
        self.buffers = buffers
        self.begun: list[tuple[int, float]] = []
        self.finished: list[tuple[int, float]] = []

    def begin(self, rollout: int, weights: np.ndarray, starts: Starts) -> None:
        # the memory of what is learnt from is taken, too
        assert len(self.begun) < self.buffers
        self.begun.append((rollout, float(weights[0])))

    def finish(self) -> tuple[None, list[Episode]]:
        self.finished.append(self.begun.pop(0))
        return None, []

    def close(self) -> None:
        pass


@pytest.mark.parametrize("lag", [0, 1, 2])
def test_every_rollout_is_played_by_the_weights_of_so_many_updates_before(
    lag: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("finetune.impala.learner.RolloutPool", RecordingPool)
    small = NetworkConfig(hidden=4)
    config = Config(game="quillrush", num_envs=1, lag=lag, starts="none", network=small, total_steps=5 * 64)
    learner = Impala(config, None)
    under_way = []

    def change(trajectories: None, number: int) -> dict[str, float]:
        """The first weight says how many updates there were."""
        under_way.append(len(learner.pool.begun))
        weights = learner.network.get_weights()
        weights[0].flat[0] = number + 1
        learner.network.set_weights(weights)
        return {}

    learner.change = change
    first = flatten(learner.network.get_weights())[0]
    for _ in range(5):
        learner.update()
    played_with = {0: float(first)} | {number: float(number) for number in range(1, 6)}
    assert learner.pool.finished == [(n, played_with[max(n - lag, 0)]) for n in range(5)]
    # less at the end, because nobody would learn from more
    assert under_way == [min(lag, 4 - n) for n in range(5)]


def test_the_smoke_preset_learns(workdir: Path) -> None:
    options = ["impala", "--preset", "smoke", "--game", "quillrush", "--init", "none", "--name", "smoke"]
    assert main([*options, "--network.hidden", "16", "--starts", "none"]) == 0
    lines = numbers(workdir / "runs" / "finetune" / "smoke")
    assert len(lines) == 3  # two updates, and the start
    assert lines[1]["loss/ratio"] == pytest.approx(1.0, abs=0.1)
