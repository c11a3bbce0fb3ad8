"""The contest through the real main on the real emulator: its protocol, its files, and a killed run's score."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from experiment.metrics import METRICS, read_metrics
from finetune.cli import main
from finetune.contest.config import CONTEST_STEPS, departures, presets_of
from finetune.contest.episodes import EPISODES, read_episodes
from finetune.contest.plan import report
from finetune.contest.results import RESULTS
from finetune.contest.stage import learning_seconds, seen_before
from finetune.learners import LEARNERS, find_learner
from finetune.plan import Measured
from game.games import find_game
from game.levels import contest_levels
from game.seeds import TRAINING
from policy.checkpoint import load_checkpoint
from policy.players import load
from tests.finetune.clones import clone_run
from tests.resuming import assert_same_run, finish, kill_when

TINY = [
    "--preset", "smoke", "--game", "quillrush", "--init", "none", "--network.hidden", "16", "--precision", "float32",
    "--num-envs", "2", "--rollout-length", "32", "--batch-size", "32", "--max-frames", "160", "--total-steps", "256",
    "--evaluate-every", "128", "--workers", "1",
]  # fmt: skip
FIRST, SECOND = "quillrush-TestZone.Act1", "quillrush-TestZone.Act2"
COMMAND = [sys.executable, "-m", "finetune", "contest", "ppo", *TINY]


def has_step(run: Path, step: int) -> Callable[[], bool]:
    return lambda: any(line["step"] >= step for line in read_metrics(run / METRICS))


@pytest.mark.filterwarnings("ignore")
def test_a_killed_contest_goes_on_to_the_same_score(workdir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = workdir / "runs" / "contest"
    assert main(["contest", "ppo", *TINY, "--name", "whole"]) == 0
    text = capsys.readouterr().out
    kill_when(has_step(runs / "killed" / SECOND, 192), [*COMMAND, "--name", "killed"])
    assert not (runs / "killed" / SECOND / "done.json").exists()
    assert not (runs / "killed" / "done.json").exists()
    (known,) = json.loads((runs / "killed" / RESULTS).read_text())["acts"]  # what is learnt is not lost
    assert known["act"] == "TestZone.Act1"
    again = finish([*COMMAND, "--name", "killed"]).stdout
    assert "going on from steps" in again
    for act in (FIRST, SECOND):
        assert_same_run(runs / "whole" / act, runs / "killed" / act)
        assert (runs / "whole" / act / EPISODES).read_bytes() == (runs / "killed" / act / EPISODES).read_bytes()
    results = _results(runs / "whole")
    assert results == _results(runs / "killed")
    _check_results(results, runs / "whole")
    assert "Faraway, Act 2" in text
    assert text.count("\nsteps ") == 4  # a line per checkpoint, not per update
    assert "Not the contest's protocol: 256 steps per act instead of 1,000,000." in text
    assert "Another game's figures" in text
    assert text[text.index("Contest of ppo") :] == again[again.index("Contest of ppo") :]
    assert main(["contest", "ppo", *TINY, "--name", "killed"]) == 0
    assert "256 steps to do" not in capsys.readouterr().out  # nothing is learnt twice
    assert main(["contest", "ppo", *TINY, "--name", "killed", "--seed", "9"]) == 2
    assert "another configuration" in capsys.readouterr().err


def _results(run: Path) -> dict:
    """contest.json without how long it took."""
    results = json.loads((run / RESULTS).read_text())
    assert all(act.pop("seconds") > 0 for act in results["acts"])
    return results


def _check_results(results: dict, run: Path) -> None:
    """The score is the plain mean of all finished episodes, act by act."""
    means = []
    for act in results["acts"]:
        folder = run / f"quillrush-{act['act']}"
        episodes = read_episodes(folder / EPISODES)
        assert len(episodes) == sum(line.get("episode/count", 0) for line in read_metrics(folder / METRICS)) > 5
        assert all(episode.seed in TRAINING and episode.frames <= 160 for episode in episodes)
        means.append(sum(episode.score for episode in episodes) / len(episodes))
        assert act["figures"]["score"] == pytest.approx(means[-1])
        assert act["figures"]["counted_steps"] == sum(-(-episode.frames // 4) for episode in episodes) <= act["steps"]
        assert act["steps"] == 256
        assert [path.name for path in (folder / "checkpoints").iterdir()] == ["000000256"]
        assert load(folder / "best").act is not None
    assert results["score"] == pytest.approx(sum(means) / 2)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--max-frames", "20000"], "expected at most 18000, the contest's limit. Received: 20000"),
        (["--acts", "TestZone.Act9"], "Unknown LEVEL 'TestZone.Act9'"),
        (["--init", "none", "--game", "sonic3"], "Unknown GAME 'sonic3'"),
    ],
)
def test_what_cannot_be_held_is_refused(workdir: Path, options: list[str], reason: str, capsys) -> None:
    assert main(["contest", "ppo", "--game", "quillrush", "--init", "none", *options]) == 2
    assert reason in capsys.readouterr().err
    assert not Path("runs").exists()


def test_nobody_else_may_learn_on_test_acts(workdir: Path, capsys) -> None:
    assert main(["ppo", "--game", "quillrush", "--init", "none", "--acts", "contest:TestZone.Act1"]) == 2
    assert "which only `finetune contest` may learn on" in capsys.readouterr().err
    assert not Path("runs").exists()


@pytest.mark.parametrize("name", LEARNERS)
def test_every_learner_has_the_protocols_presets(name: str) -> None:
    presets = presets_of(find_learner(name))
    assert departures(presets["full"]) == []
    assert departures(presets["quick"]) == ["100,000 steps per act instead of 1,000,000"]
    assert presets["full"].total_steps == CONTEST_STEPS
    assert {presets[preset].acts for preset in ("full", "quick")} == {"test"}
    assert presets["full"].patience == presets["smoke"].patience == 0
    assert presets["smoke"].trial


def test_learning_time_is_that_of_the_updates() -> None:
    lines = [{"step": 100, "time/steps_per_second": 50.0}, {"step": 300, "time/steps_per_second": 20.0}, {"step": 300}]
    assert learning_seconds(lines) == 2.0 + 10.0


def test_acts_that_the_clone_may_know_are_named(workdir: Path) -> None:
    game = find_game("quillrush")
    parent = load_checkpoint(clone_run(workdir, check="pass"))
    assert seen_before(contest_levels(game, "test"), parent) == []
    assert seen_before(contest_levels(game, "held-out"), None) == []
    (words,) = seen_before(contest_levels(game, "held-out,test"), parent)
    assert words.startswith(
        "begun from runs/supervised/clone/checkpoints/000001, which may have learnt on Neonmile, Act 2"
    )
    assert "Faraway" not in words


def test_a_contest_can_be_planned_and_leaves_nothing(
    workdir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("finetune.plan.SECONDS", 0.0)
    assert main(["contest", "jerk", "--preset", "smoke", "--plan", "--game", "quillrush"]) == 0
    text = capsys.readouterr().out
    assert "measuring jerk, from scratch, on Faraway, Act 1" in text
    assert "600 steps on each of 2 acts" in text
    assert not list(workdir.rglob("*.json"))


def test_a_contests_plan_adds_up() -> None:
    config = presets_of(find_learner("ppo"))["full"]
    measured = Measured(500.0, 1000.0, 10**9, 10**8, 4, 20_000_000)
    text = "\n".join(report(config, measured, contest_levels(find_game("quillrush"), "test")))
    assert "1,000,000 steps on each of 5 acts: 2 h 47 min of learning" in text  # 5,000,000 at 500 per second
    assert "5 episodes of each final policy, at most 2 min in all" in text  # 25 of 4,500 steps at 1,000 per second
    assert "100,000 steps per act: 17 min" in text
    assert "at most 0.48 GB of checkpoints" in text  # 20 of the act that is learnt, 4 of the others
