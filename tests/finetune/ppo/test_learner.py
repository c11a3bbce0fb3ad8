"""PPO: losses by hand; two runs and a killed run give the same numbers, through the real main on the real emulator."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from experiment.metrics import read_metrics
from tests.conftest import ROOT

TINY = [
    "--preset", "smoke", "--init", "none", "--game", "quillrush", "--network.hidden", "16", "--precision", "float32",
    "--acts", "EmeraldHillZone.Act1", "--envs", "2", "--rollout", "32", "--minibatch", "32", "--max-frames", "160",
    "--total-steps", "384", "--evaluate-every", "2",
]  # fmt: skip


def command(name: str, *more: str) -> list[str]:
    return [sys.executable, "-m", "finetune", *TINY, "--name", name, *more]


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}


def numbers(folder: Path) -> list[dict[str, float]]:
    """A run's metrics without its times."""
    lines = read_metrics(folder / "metrics.jsonl")
    return [{key: value for key, value in line.items() if not key.startswith("time/")} for line in lines]


def weights(folder: Path) -> list[np.ndarray]:
    with np.load(folder / "last" / "weights.npz") as arrays:
        return [arrays[name] for name in sorted(arrays.files)]


@pytest.mark.filterwarnings("ignore")
def test_two_trainings_and_a_killed_one_give_the_same_numbers(workdir: Path) -> None:
    runs = workdir / "runs" / "finetune"
    subprocess.run(command("whole"), env=environment(), check=True, capture_output=True)
    killed = subprocess.Popen(
        command("killed"), env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while not (runs / "killed" / "last").is_symlink():
        assert killed.poll() is None
        time.sleep(0.02)
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    assert not (runs / "killed" / "done.json").exists()
    resumed = subprocess.run(command("killed"), env=environment(), check=True, capture_output=True, text=True)
    assert "going on from step" in resumed.stdout
    stopped = subprocess.Popen(
        command("stopped"), env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while len(read_metrics(runs / "stopped" / "metrics.jsonl")) < 1:
        assert stopped.poll() is None
        time.sleep(0.02)
    os.kill(stopped.pid, signal.SIGINT)
    assert stopped.wait(60) == 130
    assert (runs / "stopped" / "last").is_symlink()
    subprocess.run(command("stopped"), env=environment(), check=True, capture_output=True)
    assert numbers(runs / "stopped") == numbers(runs / "whole")
    assert numbers(runs / "whole") == numbers(runs / "killed")
    assert len(numbers(runs / "whole")) == 6
    for expected, received in zip(weights(runs / "whole"), weights(runs / "killed"), strict=True):
        np.testing.assert_array_equal(expected, received)
    again = subprocess.run(command("killed"), env=environment(), check=True, capture_output=True, text=True)
    assert "is finished; reusing it" in again.stdout
    changed = subprocess.run(
        command("killed", "--seed", "9"), env=environment(), capture_output=True, text=True, check=False
    )
    assert changed.returncode == 2
    assert "another configuration" in changed.stderr


@pytest.mark.filterwarnings("ignore")
def test_losses_by_hand() -> None:
    import tensorflow as tf

    from finetune.ppo.learner import Batch, ppo_losses

    logits = tf.constant([[0.0, np.log(3.0)]], tf.float32)  # probabilities 1/4, 3/4
    batch = Batch(
        observations=tf.zeros(1),
        actions=tf.constant([1]),
        log_probs=tf.constant([np.log(0.5)], tf.float32),  # ratio 1.5, clipped at 1.2
        advantages=tf.constant([2.0]),
        targets=tf.constant([3.0]),
        clone_logits=tf.constant([[0.0, 0.0]]),
    )
    losses = {name: float(value) for name, value in ppo_losses(logits, tf.constant([1.0]), batch, 0.2).items()}
    assert losses["policy"] == pytest.approx(-2.4)
    assert losses["value"] == pytest.approx(2.0)
    assert losses["entropy"] == pytest.approx(-(0.25 * np.log(0.25) + 0.75 * np.log(0.75)))
    assert losses["kl"] == pytest.approx(0.5 * np.log(0.5 / 0.25) + 0.5 * np.log(0.5 / 0.75))
    assert losses["clipped"] == 1.0


def clone_run(workdir: Path, check: str) -> None:
    """A finished supervised run as the fine-tuner finds it."""
    from game.observation import ObservationSpec
    from policy.checkpoint import CheckpointInfo, save_checkpoint
    from policy.forward import NetworkConfig, parameter_shapes

    folder = workdir / "runs" / "supervised" / "clone"
    network, spec = NetworkConfig(hidden=16), ObservationSpec()
    info = CheckpointInfo("quillrush", 4, spec, network, metrics={"eval/progress": 0.1})
    arrays = [np.zeros(shape, np.float32) for shape in parameter_shapes(network, spec)]
    save_checkpoint(folder / "checkpoints" / "000001", info, arrays)
    (folder / "best").symlink_to("checkpoints/000001")
    (folder / "config.json").write_text(json.dumps({"config": {"game": "quillrush"}, "inputs": ""}))
    (folder / "done.json").write_text(json.dumps({"spin_dash_check": check}))


@pytest.mark.filterwarnings("ignore")
def test_a_clone_that_fails_its_check_is_refused_unless_forced(workdir: Path) -> None:
    from finetune.ppo.config import Config
    from finetune.ppo.learner import choose_clone

    clone_run(workdir, check="fail")
    with pytest.raises(ValueError, match=r"fails its spin-dash check .*--force"):
        choose_clone(Config(game="quillrush"))
    assert choose_clone(Config(game="quillrush", force=True)) is not None
    with pytest.raises(ValueError, match=r"expected frame_skip 3. Received: 4"):
        choose_clone(Config(game="quillrush", force=True, frame_skip=3))
    with pytest.raises(ValueError, match=r"No finished supervised run on sonic2"):
        choose_clone(Config(game="sonic2"))
