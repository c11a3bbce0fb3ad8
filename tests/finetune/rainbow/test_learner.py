"""Rainbow through the real main on the real emulator: a killed run gives the same numbers; what it begins with and keeps."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from finetune.rainbow.config import PRESETS, Config
from game.actions import ACTION_SETS
from policy import players
from policy.checkpoint import REPLAY, CheckpointError, load_checkpoint
from tests.conftest import MOVIES
from tests.finetune.clones import NETWORK, SPEC, clone_run
from tests.resuming import assert_same_run, drawn_without_numbers, finish, has_checkpoint, kill_when, numbers

TINY = [
    "--preset", "smoke", "--game", "quillrush", "--precision", "float32", "--workers", "1",
    "--acts", "EmeraldHillZone.Act1", "--num-envs", "2", "--rollout-length", "16", "--batch-size", "4",
    "--max-frames", "160", "--total-steps", "192", "--evaluate-every", "96", "--train-every", "8",
    "--replay-capacity", "300", "--learning-starts", "60", "--preload-steps", "60", "--target-every", "64",
    "--preload-from", str(MOVIES),
]  # fmt: skip


def command(name: str, *more: str) -> list[str]:
    return [sys.executable, "-m", "finetune", "rainbow", *TINY, "--name", name, *more]


@pytest.mark.filterwarnings("ignore")
def test_a_killed_training_from_a_clone_gives_the_numbers_of_a_whole_one(workdir: Path) -> None:
    clone = load_checkpoint(clone_run(workdir, check="pass"))
    runs = workdir / "runs" / "finetune"
    finish(command("whole"))
    kill_when(has_checkpoint(runs / "killed"), command("killed"))
    assert not (runs / "killed" / "done.json").exists()
    assert "going on from steps" in finish(command("killed")).stdout
    assert_same_run(runs / "whole", runs / "killed")
    assert drawn_without_numbers(runs / "whole") == set()
    lines = numbers(runs / "whole")
    assert len(lines) == 7  # six updates, and the start
    assert lines[1]["loss/preloaded"] == 60.0
    assert {"loss/td", "loss/priority", "loss/sample_age", "loss/replay_size"} <= set(lines[-1])
    # a replay beside the two newest only
    checkpoints = sorted((runs / "whole" / "checkpoints").iterdir())
    assert [(path / REPLAY).exists() for path in checkpoints] == [False, True, True]
    # torso and hidden layer are the clone's, until they learn
    start, last = load_checkpoint(checkpoints[0]), load_checkpoint(checkpoints[-1])
    for expected, received in zip(clone.weights[:8], start.weights[:8], strict=True):
        np.testing.assert_array_equal(expected, received)
    assert not np.array_equal(clone.weights[0], last.weights[0])
    player = players.load(runs / "whole" / "last")
    player.reset("EmeraldHillZone.Act1", 1)
    combos = {player.act(observation) for observation in np.zeros((3, *SPEC.shape), np.uint8)}
    assert len(combos) == 1  # greedy, without noise
    assert combos < set(ACTION_SETS["merged"])


@pytest.mark.filterwarnings("ignore")
def test_another_rainbow_run_gives_all_its_weights_and_what_it_kept(workdir: Path, monkeypatch) -> None:
    from finetune.rainbow.learner import Rainbow
    from tests.finetune.ppo.test_small_worlds import CorridorPool

    monkeypatch.setattr("finetune.rainbow.learner.RolloutPool", CorridorPool)
    config = replace(PRESETS["smoke"], game="quillrush", init="none", hidden=16, preload="none", learning_starts=2_000)
    first = Rainbow(config, None)
    first.update()
    first.save(Path("first"), {})
    second = Rainbow(replace(config, preload="run", preload_from="first", num_envs=2), load_checkpoint(Path("first")))
    for expected, received in zip(first.network.get_weights(), second.network.get_weights(), strict=True):
        np.testing.assert_array_equal(expected, received)
    metrics, _ = second.update()
    assert metrics["loss/preloaded"] == 64.0
    other = Rainbow(replace(config, preload="run", preload_from="first", reward_scale=1.0, action_set="jerk4"), None)
    with pytest.raises(CheckpointError, match=r"expected a replay paid by \['backtracking', 1.0, 0.0\]"):
        other.update()


def test_random_actions_grow_rare_where_no_noise_explores() -> None:
    config = Config(noisy=False, epsilon=0.1, epsilon_steps=1000)
    assert [config.exploration(steps) for steps in (0, 500, 1000, 5000)] == pytest.approx([1.0, 0.55, 0.1, 0.1])
    assert Config().exploration(0) == 0.0


def test_a_replay_that_never_fills_is_refused() -> None:
    with pytest.raises(ValueError, match=r"at most half of --replay-capacity 1000\. Received: 20000"):
        Config(replay_capacity=1000).check()


def test_in_a_contest_nobody_plays_beside_what_counts() -> None:
    with pytest.raises(ValueError, match="Received: --preload player"):
        Config(preload="player", acts="contest:TestZone.Act1").check()


@pytest.mark.filterwarnings("ignore")
def test_a_normalised_layer_is_refused_by_name(workdir: Path) -> None:
    from finetune.rainbow.learner import Rainbow

    parent = load_checkpoint(clone_run(workdir, check="pass", network=replace(NETWORK, layer_norm=True)))
    with pytest.raises(ValueError, match=r"Received: network\.layer_norm"):
        Rainbow(Config(game="quillrush"), parent)


def test_all_presets_agree_with_themselves() -> None:
    for preset in PRESETS.values():
        preset.check()


@pytest.mark.parametrize(
    ("switches", "heads"),
    [
        ({}, "rainbow"),
        ({"dueling": False}, "distributional"),
        ({"distributional": False}, "dueling"),
        ({"distributional": False, "dueling": False, "noisy": False}, "values"),
    ],
)
def test_every_part_is_a_switch(switches: dict[str, bool], heads: str) -> None:
    network = Config(**switches).network(NETWORK)
    assert (network.heads, network.noisy, network.hidden) == (heads, switches.get("noisy", True), NETWORK.hidden)
    assert network.gives_values
    assert Config(prioritised=False).alpha == Config(prioritised=False).beta == 0.0
    assert Config(total_steps=1000, num_envs=2, rollout_length=16).planned_steps == 992
