"""The loop with a learner of three lines: when it evaluates, what it keeps, and that no kill can spoil it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest

from experiment.metrics import METRICS, read_metrics
from experiment.run import CANDIDATE, Run
from game.observation import ObservationSpec
from game.rollout import Episode
from policy.checkpoint import CheckpointInfo, load_checkpoint, save_checkpoint
from tests.conftest import ROOT
from training.loop import PROGRESS, Schedule, episode_metrics, progress_of, train

pytestmark = pytest.mark.filterwarnings("ignore")

ACT = "EmeraldHillZone.Act1"


class Counting:
    """Learns to count: ten steps per update."""

    device: Mapping[str, object] = {}

    def __init__(self) -> None:
        self.steps = 0

    def update(self):
        self.steps += 10
        return {"loss/distance": 1.0 / self.steps}, []

    def save(self, path: Path, metrics) -> None:
        info = CheckpointInfo(
            "quillrush", 4, ObservationSpec(), step=self.steps, metrics=dict(metrics), kind="sequences"
        )
        save_checkpoint(path, info, {})

    def restore(self, path: Path) -> None:
        self.steps = load_checkpoint(path).info.step

    def close(self) -> None:
        pass


@dataclass
class Scores:
    """An evaluation that gives made-up figures by step, and remembers which steps it was asked for."""

    by_step: dict[int, float]
    asked: list[int]

    def __call__(self, checkpoint: Path) -> float:
        step = load_checkpoint(checkpoint).info.step
        self.asked.append(step)
        return self.by_step.get(step, 0.1)


def trained(workdir: Path, schedule: Schedule, by_step: dict[int, float], **start) -> tuple[Run, Path, list[int]]:
    run = Run.open("finetune", schedule, "", name="r")
    scores = Scores(by_step, [])
    with run.held():
        best = train(Counting(), schedule, run, scores, start)
    return run, best, scores.asked


def test_it_evaluates_at_the_start_on_schedule_and_at_the_end(workdir: Path) -> None:
    run, best, asked = trained(workdir, Schedule(total=100, evaluate_every=40), {40: 0.5, 80: 0.9, 100: 0.7})
    assert asked == [0, 40, 80, 100]
    assert (best.name, progress_of(best)) == ("000000080", 0.9)
    assert (run.linked("last") or Path()).name == "000000100"
    lines = read_metrics(run.path / METRICS)
    assert [line["step"] for line in lines] == list(range(0, 101, 10))
    assert [line["step"] for line in lines if PROGRESS in line] == asked


def test_an_evaluation_is_due_when_an_update_passes_its_step(workdir: Path) -> None:
    _, _, asked = trained(workdir, Schedule(total=100, evaluate_every=25), {})
    assert asked == [0, 30, 50, 80, 100]


def test_the_best_is_the_best_of_all_not_better_than_the_one_before(workdir: Path) -> None:
    _, best, _ = trained(workdir, Schedule(total=60, evaluate_every=20), {20: 0.9, 40: 0.5, 60: 0.7})
    assert best.name == "000000020"


def test_an_unchanged_policy_is_evaluated_once(workdir: Path) -> None:
    """While only the critic learns, every evaluation would be of the same policy."""
    _, _, asked = trained(workdir, Schedule(total=100, evaluate_every=10, unchanged_until=40), {})
    assert asked == [0, 50, 60, 70, 80, 90, 100]


def test_when_nothing_beats_the_start_the_start_is_the_best(workdir: Path) -> None:
    _, best, _ = trained(workdir, Schedule(total=40, evaluate_every=20), {0: 0.8, 20: 0.8, 40: 0.2}, is_parent=1.0)
    assert best.name == "000000000"
    assert load_checkpoint(best).info.metrics == {"is_parent": 1.0, PROGRESS: 0.8}


def test_what_it_began_with_may_be_worth_no_evaluation(workdir: Path) -> None:
    schedule = Schedule(total=30, evaluate_every=20, unchanged_until=-1, checkpoint_every=10)
    run, _, asked = trained(workdir, schedule, {20: 0.3})
    assert asked == [20, 30]
    assert sorted(path.name for path in run.checkpoints.iterdir()) == [f"0000000{step}" for step in (10, 20, 30)]


def test_patience_ends_it_and_counts_from_the_best(workdir: Path) -> None:
    schedule = Schedule(total=1000, evaluate_every=10, patience=3)
    _, best, asked = trained(workdir, schedule, {20: 0.6})
    assert (best.name, asked[-1]) == ("000000020", 50)


def test_patience_survives_a_stop(workdir: Path) -> None:
    schedule = Schedule(total=1000, evaluate_every=10, patience=3)
    run = Run.open("finetune", schedule, "", name="r")

    class Stopped(Scores):
        def __call__(self, checkpoint: Path) -> float:
            progress = super().__call__(checkpoint)
            if len(self.asked) == 4:
                os.kill(os.getpid(), signal.SIGINT)
            return progress

    scores = Stopped({20: 0.6}, [])
    with run.held(), pytest.raises(KeyboardInterrupt):
        train(Counting(), schedule, run, scores)
    with run.held():
        train(Counting(), schedule, run, scores)
    assert scores.asked == [0, 10, 20, 30, 40, 50]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_learner_that_diverges_is_stopped_and_its_last_checkpoint_kept(workdir: Path, value: float) -> None:
    class Diverging(Counting):
        def update(self):
            values, episodes = super().update()
            return (values if self.steps < 30 else {"loss/policy": value}), episodes

    run = Run.open("finetune", Schedule(100, 10), "", name="r")
    with run.held(), pytest.raises(RuntimeError, match=rf"diverged: loss/policy is {value} at step 30"):
        train(Diverging(), Schedule(total=100, evaluate_every=10), run, Scores({}, []))
    assert (run.linked("last") or Path()).name == "000000020"


def test_episode_metrics_are_means_and_tell_return_from_score() -> None:
    assert episode_metrics([]) == {}
    common = {"act": ACT, "seed": 1, "max_x": 5, "finished": False, "rings": 0}
    short = {"frames": 10, "score": 100.0, "progress": 0.2, "passed_end_x": True, "died": False, "spin_dashes": 1}
    long = {"frames": 30, "score": 300.0, "progress": 0.4, "passed_end_x": False, "died": True, "spin_dashes": 3}
    found = episode_metrics([
        Episode(**common, **short, episode_return=1.0),
        Episode(**common, **long, episode_return=5.0),
    ])  # fmt: skip
    assert found == pytest.approx({
        "episode/return": 3.0, "episode/score": 200.0, "episode/progress": 0.3, "episode/frames": 20.0,
        "episode/spin_dashes": 2.0, "episode/passed": 0.5, "episode/died": 0.5, "episode/count": 2.0,
    })  # fmt: skip
    # one that began inside the act was paid for a part of it: it ended, and that is all it says
    inside = Episode(**common, **long, episode_return=9.0, began_at=0.3)
    both = episode_metrics([Episode(**common, **short, episode_return=1.0), inside])
    assert both["episode/return"] == 1.0
    assert both["episode/score"] == 100.0
    assert both["episode/count"] == 2.0
    assert both["episode/died"] == 0.5
    assert episode_metrics([inside]) == {"episode/died": 1.0, "episode/count": 1.0}


KILLED = """
import os, signal, sys
from pathlib import Path
from experiment.run import Run
from tests.training.test_loop import Counting, Scores
from training.loop import Schedule, train

kill_at = int(sys.argv[1])
calls = 0

def counted(function):
    def wrapper(*args, **kwargs):
        global calls
        calls += 1
        if calls == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*args, **kwargs)
    return wrapper

for name in ("rename", "replace", "symlink_to", "unlink"):
    setattr(Path, name, counted(getattr(Path, name)))
schedule = Schedule(total=40, evaluate_every=20)
run = Run.open("finetune", schedule, "", name="r")
with run.held():
    best = train(Counting(), schedule, run, Scores({0: 0.2, 20: 0.7, 40: 0.5}, []), {"is_parent": 1.0})
run.finish({"best": best.name})
print("calls", calls)
"""


def run_killed(folder: Path, kill_at: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", KILLED, str(kill_at)],
        cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def contents(folder: Path) -> dict[str, object]:
    run = folder / "runs" / "finetune" / "r"
    return {
        "files": sorted(path.name for path in run.rglob("*") if "tfevents" not in path.name),
        "metrics": [{k: v for k, v in line.items() if "time" not in k} for line in read_metrics(run / METRICS)],
        "links": [(run / name).readlink().name for name in ("best", "last")],
        "checkpoints": [json.loads((path / "checkpoint.json").read_text())["metrics"].get(PROGRESS)
                        for path in sorted((run / "checkpoints").iterdir())],
        "done": json.loads((run / "done.json").read_text()),
    }  # fmt: skip


@pytest.mark.slow
def test_a_kill_at_any_rename_loses_nothing(tmp_path: Path) -> None:
    """Every rename, replacement, link and removal of a whole training, one kill each; the same command then ends it."""
    whole = tmp_path / "whole"
    whole.mkdir()
    done = run_killed(whole, 0)
    calls = int(done.stdout.split("calls")[1])
    expected = contents(whole)
    assert calls > 20
    for kill_at in range(1, calls + 1):
        folder = tmp_path / str(kill_at)
        folder.mkdir()
        assert run_killed(folder, kill_at).returncode == -signal.SIGKILL
        again = run_killed(folder, 0)
        assert again.returncode == 0, again.stderr
        assert contents(folder) == expected, kill_at


def test_kills_at_some_renames_lose_nothing(tmp_path: Path) -> None:
    """A few of the same in the quick suite: between the links, and while a checkpoint is being replaced."""
    whole = tmp_path / "whole"
    whole.mkdir()
    calls = int(run_killed(whole, 0).stdout.split("calls")[1])
    for kill_at in (calls // 2, calls - 6):
        folder = tmp_path / str(kill_at)
        folder.mkdir()
        assert run_killed(folder, kill_at).returncode == -signal.SIGKILL
        assert run_killed(folder, 0).returncode == 0
        assert contents(folder) == contents(whole)


def test_what_a_killed_process_left_half_done_is_put_right(workdir: Path) -> None:
    run = Run.open("finetune", Schedule(1, 1), "", name="r")
    for name in (".000000010.7.part", ".000000020.old", CANDIDATE):
        (run.checkpoints / name).mkdir()
        (run.checkpoints / name / "checkpoint.json").touch()
    (run.path / ".best.part").symlink_to("nowhere")
    with run.held():
        assert [path.name for path in run.checkpoints.iterdir()] == ["000000020"]
        assert not (run.path / ".best.part").is_symlink()


def test_a_resume_on_another_machine_says_so(workdir: Path, capsys) -> None:
    run = Run.open("finetune", Schedule(1, 1), "", name="r")
    assert run.note_machine({"precision": "bfloat16", "threads": 2}) == []
    assert run.note_machine({"precision": "bfloat16", "threads": 2}) == []
    assert run.note_machine({"precision": "float32", "threads": 2}) == [
        "precision is float32 here, and was bfloat16 before"
    ]
    assert Run.open("finetune", Schedule(1, 1), "", name="r").identity["machine"]["precision"] == "float32"


def test_killed_between_the_metrics_and_the_checkpoint_the_evaluation_counts_once(workdir: Path) -> None:
    """Its line is there, its checkpoint is not: played again, it must not have to beat itself."""
    run, _, _ = trained(workdir, Schedule(total=20, evaluate_every=20), {0: 0.2, 20: 0.7})
    run.link("best", run.checkpoints / "000000000")
    run.link("last", run.checkpoints / "000000000")
    again = Run(run.path)
    with again.held():
        best = train(Counting(), Schedule(total=20, evaluate_every=20), again, Scores({0: 0.2, 20: 0.7}, []))
    assert best.name == "000000020"
    assert [line["step"] for line in read_metrics(run.path / METRICS)] == [0, 10, 20]


def test_killed_before_its_first_checkpoint_a_run_is_a_new_one(workdir: Path) -> None:
    schedule = Schedule(total=20, evaluate_every=20)
    run = Run.open("finetune", schedule, "", name="r")
    (run.path / METRICS).write_text(json.dumps({"step": 0, PROGRESS: 0.9}) + "\n")
    _, best, asked = trained(workdir, schedule, {0: 0.2, 20: 0.1})
    assert (best.name, asked) == ("000000000", [0, 20])
    assert [line["step"] for line in read_metrics(run.path / METRICS)] == [0, 10, 20]


def test_the_speed_is_that_of_the_update_not_of_the_run(workdir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a clock that goes on by half a second whenever it is looked at."""
    ticks = count(0.0, 0.5)
    monkeypatch.setattr("training.loop.time", SimpleNamespace(monotonic=lambda: next(ticks)))
    run, _, _ = trained(workdir, Schedule(total=100, evaluate_every=100), {})
    speeds = [line["time/steps_per_second"] for line in read_metrics(run.path / METRICS)[1:]]
    assert speeds == [20.0] * 10
