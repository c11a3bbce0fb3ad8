"""Planning a run: the arithmetic, and one real measurement that leaves nothing behind."""

from pathlib import Path

import pytest

from common.cores import core_count
from finetune.config import FEWEST_ENVS
from finetune.plan import Measured, duration, report
from finetune.ppo.config import PRESETS, Config


def test_a_plan_adds_up() -> None:
    measured = Measured(500.0, 1000.0, 10**9, 10**8, 4, 20_000_000)
    text = "\n".join(report(Config(num_envs=18, total_steps=1_800_000, evaluate_every=115_200), measured))
    assert "500 agent steps/s = 2,000 frames/s, 50% of the time" in text
    assert "1,800,000 steps: 1 h 00 min of training" in text
    assert "36 episodes, at most 3 min each" in text  # 162,000 steps at 1,000 per second
    assert "16 evaluations of 36 episodes" in text  # 1,562 updates of 1,152 steps
    assert "1.4 GB: 1.0 here" in text
    assert "0.32 GB: 16 checkpoints of 20 MB" in text


def test_a_plan_counts_the_acts_that_are_trained() -> None:
    """The contest's split leaves three of the eighteen out of training and of its evaluations."""
    measured = Measured(500.0, 1000.0, 10**9, 10**8, 4, 20_000_000)
    assert "of 30 episodes" in "\n".join(report(Config(num_envs=18, contest_split=True), measured))


def test_there_are_as_many_environments_as_cores_and_no_fewer_than_an_update_needs() -> None:
    assert Config().num_envs == max(core_count(), FEWEST_ENVS)
    assert Config().updates == Config().total_steps // (Config().num_envs * 64)


def test_durations_are_in_the_largest_fitting_unit() -> None:
    assert [duration(seconds) for seconds in (59, 600, 3700)] == ["59 s", "10 min", "1 h 02 min"]


def test_planning_measures_and_leaves_nothing(
    workdir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("finetune.plan.SECONDS", 0.0)
    from finetune.cli import main

    assert main(["--preset", "smoke", "--plan", "--game", "quillrush"]) == 0
    assert "agent steps/s" in capsys.readouterr().out
    assert not list(workdir.rglob("*.json"))
    assert PRESETS["smoke"].total_steps == 512
