"""PPO: losses by hand; two runs and a killed run give the same numbers, through the real main on the real emulator."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from experiment.metrics import METRICS, read_metrics
from policy.architecture import NetworkConfig
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
    assert len(numbers(runs / "whole")) == 7  # six updates, and the start
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

    def has_begun() -> bool:
        return len(read_metrics(runs / "stopped" / METRICS)) > 1

    assert kill_when(has_begun, command("stopped"), how) == status
    assert (runs / "stopped" / "last").is_symlink()
    finish(command("stopped"))
    assert_same_run(runs / "whole", runs / "stopped")


@pytest.mark.filterwarnings("ignore")
def test_a_learner_plays_only_the_acts_it_may(workdir: Path) -> None:
    from finetune.ppo.config import Config
    from finetune.ppo.learner import PPO

    small = NetworkConfig(hidden=16)
    learner = PPO(Config(game="quillrush", num_envs=1, contest_split=True, network=small, init="none"), None)
    try:
        assert len(learner.sampler.acts) == 15
        assert "MetropolisZone.Act3" not in learner.sampler.acts
    finally:
        learner.close()


@pytest.mark.filterwarnings("ignore")
def test_a_checkpoint_remembers_how_well_each_act_goes(tmp_path: Path) -> None:
    from finetune.ppo.config import Config
    from finetune.ppo.learner import PPO

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
