"""PPO: losses by hand; two runs and a killed run give the same numbers, through the real main on the real emulator."""

import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from experiment.metrics import METRICS, read_metrics
from finetune.ppo.config import PRESETS, Config
from finetune.ppo.learner import PPO
from finetune.ppo.update import ppo_losses
from game.actions import ACTION_SETS
from game.observation import ObservationSpec
from policy.architecture import NetworkConfig, flatten, mean_places, parameter_shapes
from policy.checkpoint import load_checkpoint, read_info
from policy.players import load
from tests.finetune.clones import clone_run
from tests.resuming import (
    ENVIRONMENT,
    assert_same_run,
    drawn_without_numbers,
    finish,
    has_checkpoint,
    kill_when,
    numbers,
)

TINY = [
    "--preset", "smoke", "--init", "none", "--game", "quillrush", "--network.hidden", "16", "--precision", "float32",
    "--acts", "EmeraldHillZone.Act1", "--num-envs", "2", "--rollout-length", "32", "--batch-size", "32",
    "--max-frames", "160", "--total-steps", "384", "--evaluate-every", "128",
]  # fmt: skip


def command(name: str, *more: str) -> list[str]:
    return [sys.executable, "-m", "finetune", "ppo", *TINY, "--name", name, *more]


TWO = ("EmeraldHillZone.Act1", "WingFortressZone")
IN_TURN = ["--serial", "3", "--noisy", "--acts", ",".join(TWO), "--consistency-weight", "0.1", "--value-epochs", "1"]


@pytest.mark.filterwarnings("ignore")
def test_in_turn_and_with_noise_a_killed_training_gives_the_same_numbers(workdir: Path) -> None:
    runs = workdir / "runs" / "finetune"
    finish(command("whole", *IN_TURN))
    kill_when(has_checkpoint(runs / "killed"), command("killed", *IN_TURN))
    assert not (runs / "killed" / "done.json").exists()
    finish(command("killed", *IN_TURN))
    assert_same_run(runs / "whole", runs / "killed")
    assert drawn_without_numbers(runs / "whole") == set()


@pytest.mark.filterwarnings("ignore")
def test_two_trainings_a_killed_and_a_stopped_one_give_the_same_numbers(workdir: Path) -> None:
    runs = workdir / "runs" / "finetune"
    finish(command("whole"))
    metrics = runs / "stopped" / METRICS
    for how, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        updates = len(read_metrics(metrics))
        assert (
            kill_when(lambda seen=updates: len(read_metrics(metrics)) > max(seen, 1), command("stopped"), how) == status
        )
        assert (runs / "stopped" / "last").is_symlink()
    finish(command("stopped"))
    assert_same_run(runs / "whole", runs / "stopped")
    kill_when(has_checkpoint(runs / "killed"), command("killed"))
    assert not (runs / "killed" / "done.json").exists()
    assert "going on from steps" in finish(command("killed")).stdout
    assert_same_run(runs / "whole", runs / "killed")
    assert drawn_without_numbers(runs / "whole") == {"loss/value_phase", "loss/consistency"}  # not asked for
    assert len(numbers(runs / "whole")) == 7  # six updates, and the start
    assert "is finished; reusing it" in finish(command("killed")).stdout
    changed = subprocess.run(
        command("killed", "--seed", "9"), env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert changed.returncode == 2
    assert "another configuration" in changed.stderr


@pytest.mark.filterwarnings("ignore")
def test_a_learner_plays_only_the_acts_it_may(workdir: Path) -> None:
    small = NetworkConfig(hidden=16)
    learner = PPO(Config(game="quillrush", num_envs=1, contest_split=True, network=small, init="none"), None)
    try:
        assert len(learner.sampler.acts) == 15
        assert "MetropolisZone.Act3" not in learner.sampler.acts
    finally:
        learner.close()


@pytest.mark.filterwarnings("ignore")
def test_a_checkpoint_remembers_how_well_each_act_goes(tmp_path: Path) -> None:
    config = Config(game="quillrush", num_envs=1, network=NetworkConfig(hidden=16), init="none")
    first = PPO(config, None)
    second = PPO(config, None)
    try:
        first.sampler.recent_progress["WingFortressZone"] = 0.7
        first.update_number = 3
        first.save(tmp_path / "checkpoint", {})
        second.restore(tmp_path / "checkpoint")
        assert second.sampler.starts == first.sampler.starts
        assert (second.steps, second.sampler.recent_progress["WingFortressZone"]) == (3 * 64, 0.7)
    finally:
        first.close()
        second.close()


SMALL = {
    "game": "quillrush",
    "init": "none",
    "num_envs": 2,
    "rollout_length": 8,
    "batch_size": 16,
    "epochs": 1,
    "precision": "float32",
    "starts": "none",
    "workers": 1,
}


@pytest.mark.filterwarnings("ignore")
def test_as_in_seed_000_seven_actions_are_learnt_from_nothing_in_one_act(tmp_path: Path) -> None:
    preset = PRESETS["seed000"]
    assert preset.steps_per_update == 4096
    assert preset.steps_per_update // preset.batch_size == 4
    learner = PPO(replace(preset, game="quillrush", num_envs=1, rollout_length=16, batch_size=16, workers=1), None)
    try:
        learner.update()
        learner.save(tmp_path / "checkpoint", {})
        assert learner.sampler.acts == ("EmeraldHillZone.Act1",)
    finally:
        learner.close()
    info = read_info(tmp_path / "checkpoint")
    assert (info.action_set, info.network.torso, info.parent) == ("contest7", "separable", "")
    player = load(tmp_path / "checkpoint")
    player.reset("EmeraldHillZone.Act1", 1)
    picture = np.zeros(info.observation.shape, np.uint8)
    assert {player.act(picture) for _ in range(200)} == set(ACTION_SETS["contest7"])


@pytest.mark.filterwarnings("ignore")
def test_acts_have_their_turns_in_equal_shares_and_a_restored_learner_knows_whose_it_is(tmp_path: Path) -> None:
    config = Config(**SMALL, network=NetworkConfig(hidden=16), total_steps=12 * 16, serial=2, acts=",".join(TWO))
    learner = PPO(config, None)
    try:
        turns = []
        for number in range(12):
            learner.update_number = number
            turns.append(learner.starts.acts)
        assert turns == 2 * (3 * [TWO[:1]] + 3 * [TWO[1:]])
        learner.update_number = 4
        learner.save(tmp_path / "checkpoint", {})
        learner.update_number = 0
        learner.restore(tmp_path / "checkpoint")
        assert learner.starts.acts == TWO[1:]
    finally:
        learner.close()
    with pytest.raises(ValueError, match="at least one update for each of 4 turns"):
        PPO(replace(config, total_steps=3 * 16), None)


def test_a_history_cannot_be_moved_with_the_picture(workdir: Path) -> None:
    parent = load_checkpoint(clone_run(workdir, check="pass"))
    seen = replace(parent.info, observation=ObservationSpec(action_history=True))
    with pytest.raises(ValueError, match="without an action history"):
        PPO(Config(**SMALL | {"init": ""}, consistency_weight=0.1), replace(parent, info=seen))


@pytest.mark.filterwarnings("ignore")
def test_what_learns_has_the_noise_of_what_acted(tmp_path: Path) -> None:
    """The ratio of the first gradient step is 1 in every environment; with another's noise it is not."""
    learner = PPO(Config(**SMALL, network=NetworkConfig(hidden=16), noisy=True), None)
    try:
        logits = learner.network.get_layer("logits")
        logits.kernel_scale.assign(3.0 * np.ones(logits.kernel_scale.shape))  # so that noise decides
        trajectories, _ = learner.pool.collect(0, flatten(learner.network.get_weights()), learner.starts)
        batch = learner.change.prepare_batch(trajectories, 0)

        def worst_ratio(noise: tf.Tensor) -> float:
            found, values = learner.change.outputs(batch.observations, batch.begins, batch.memories, noise)
            np.testing.assert_equal(found.shape, (16, 23))
            losses = ppo_losses(found, values[:, 0], batch, clip_ratio=0.2)
            return float(losses["ratio_kl"])

        assert abs(worst_ratio(batch.noise)) < 1e-4
        assert worst_ratio(batch.noise[::-1]) > 0.01
        assert worst_ratio(learner.change.prepare_batch(trajectories, 1).noise) > 0.01
    finally:
        learner.close()


@pytest.mark.filterwarnings("ignore")
def test_a_clone_with_noise_plays_as_before_where_it_is_scored(workdir: Path, tmp_path: Path) -> None:
    parent = load_checkpoint(clone_run(workdir, check="pass"))
    learner = PPO(Config(**SMALL | {"init": ""}, cloning_weight=0.0, noisy=True, noise_scale=0.1), parent)
    try:
        learner.save(tmp_path / "checkpoint", {})
        saved = load_checkpoint(tmp_path / "checkpoint")
        clone = learner.change.clone.get_weights()
    finally:
        learner.close()
    assert saved.info.network.noisy
    places = mean_places(saved.info.network, saved.info.observation)
    for expected, place, held in zip(parent.weights, places, clone, strict=True):
        np.testing.assert_array_equal(saved.weights[place], expected)
        np.testing.assert_array_equal(held, expected)
    scale = saved.weights[places[-1] + 1]  # of the value's kernel, from 16 inputs
    assert scale == pytest.approx(0.1 / 16**0.5)
    assert [w.shape for w in saved.weights] == parameter_shapes(saved.info.network, saved.info.observation)
