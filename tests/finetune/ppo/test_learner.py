"""PPO: losses by hand; two runs and a killed run give the same numbers, through the real main on the real emulator."""

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from experiment.metrics import METRICS, read_metrics
from tests.resuming import ENVIRONMENT, assert_same_run, finish, has_checkpoint, kill_when, numbers

TINY = [
    "--preset", "smoke", "--init", "none", "--game", "quillrush", "--network.hidden", "16", "--precision", "float32",
    "--acts", "EmeraldHillZone.Act1", "--num-envs", "2", "--rollout-length", "32", "--batch-size", "32",
    "--max-frames", "160", "--total-steps", "384", "--evaluate-every", "128",
]  # fmt: skip


def command(name: str, *more: str) -> list[str]:
    return [sys.executable, "-m", "finetune", "ppo", *TINY, "--name", name, *more]


@pytest.mark.filterwarnings("ignore")
def test_two_trainings_and_a_killed_one_give_the_same_numbers(workdir: Path) -> None:
    runs = workdir / "runs" / "finetune"
    finish(command("whole"))
    kill_when(has_checkpoint(runs / "killed"), command("killed"))
    assert not (runs / "killed" / "done.json").exists()
    assert "going on from steps" in finish(command("killed")).stdout
    assert_same_run(runs / "whole", runs / "killed")
    assert len(numbers(runs / "whole")) == 6
    assert "is finished; reusing it" in finish(command("killed")).stdout
    changed = subprocess.run(
        command("killed", "--seed", "9"), env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert changed.returncode == 2
    assert "another configuration" in changed.stderr


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("how", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_training_goes_on_from_its_last_update(workdir: Path, how: signal.Signals, status: int) -> None:
    runs = workdir / "runs" / "finetune"
    finish(command("whole"))
    has_begun = lambda: bool(read_metrics(runs / "stopped" / METRICS))  # noqa: E731
    assert kill_when(has_begun, command("stopped"), how) == status
    assert (runs / "stopped" / "last").is_symlink()
    finish(command("stopped"))
    assert_same_run(runs / "whole", runs / "stopped")


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
