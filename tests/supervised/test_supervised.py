"""Cloning through the real main on the real emulator; the report and the check by hand."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from dataset.cli import main as dataset_main
from dataset.windows import Windows
from supervised.report import calibration_error, make_report
from supervised.spindash_check import ActCheck, judge, passes
from tests.conftest import MOVIES
from tests.resuming import assert_same_run, finish, has_checkpoint, kill_when, numbers

ACT = "EmeraldHillZone.Act1"
TINY = [
    "--game", "quillrush", "--data", "t-v0", "--epochs", "2", "--phases", "1", "--network.hidden", "16",
    "--check-episodes", "1",
    "--max-frames", "80", "--play-every", "1", "--precision", "float32",
]  # fmt: skip


@pytest.fixture
def data(workdir: Path) -> Path:
    files = [str(MOVIES / ACT / f"{ACT}-search-{number:03d}.bk2") for number in range(2)]
    assert dataset_main(["convert", "--game", "quillrush", "--name", "t-v0", "--movies", *files]) == 0
    return workdir


def clone(name: str) -> list[str]:
    return [sys.executable, "-m", "supervised", *TINY, "--name", name]


@pytest.mark.filterwarnings("ignore")
def test_cloning_is_repeatable_and_resumable(data: Path) -> None:
    runs = data / "runs" / "supervised"
    finish(clone("whole"))
    kill_when(has_checkpoint(runs / "killed"), clone("killed"))
    finish(clone("killed"))
    assert_same_run(runs / "whole", runs / "killed")
    assert len(numbers(runs / "whole")) == 2
    summary = json.loads((runs / "whole" / "done.json").read_text())
    assert 0 < summary["report"]["episode/accuracy"] <= 1
    assert (runs / "whole" / "confusion.png").stat().st_size > 5000
    lines = json.loads((runs / "whole" / "spindash.json").read_text())
    assert [line["verdict"] for line in lines].count("no reference") == 17
    report = json.loads((runs / "whole" / "report.json").read_text())
    assert np.sum(report["confusion"]) == report["windows"]


def windows(labels: list[int], changes: list[bool]) -> Windows:
    zeros = np.zeros(len(labels), int)
    return Windows(zeros[:, None], np.array(labels, np.uint8), np.array(changes), zeros, zeros)


def test_report_by_hand() -> None:
    probabilities = np.zeros((4, 23), np.float32)
    for row, (combo, share) in enumerate([(2, 0.9), (2, 0.6), (5, 0.8), (2, 0.7)]):
        probabilities[row, combo], probabilities[row, 0] = share, 1 - share
    report = make_report(probabilities, windows([2, 2, 5, 8], [False, False, True, True]))
    assert (report.accuracy, report.change_accuracy, report.repeat_last) == (0.75, 0.5, 0.5)
    assert report.recall() == {"RIGHT": 1.0, "DOWN": 1.0, "B+RIGHT": 0.0}
    assert report.confusion[8, 2] == 1


def test_calibration_by_hand() -> None:
    assert calibration_error(np.array([0.95, 0.95]), np.array([True, False])) == pytest.approx(0.45)
    assert calibration_error(np.array([1.0, 1.0]), np.array([True, True])) == 0.0


@pytest.mark.filterwarnings("ignore")
def test_takeovers_count_by_their_weight() -> None:
    from supervised.train import repeat_takeovers

    class TwoMovies:
        attributes: ClassVar = [{"player": "human"}, {"player": "takeover"}]

    both = windows([2] * 200, [False] * 200)
    both = replace(both, movies=np.arange(200) // 100)
    repeated = repeat_takeovers(both, TwoMovies(), 2.5, seed=1)
    counts = np.bincount(repeated.movies)
    assert counts[0] == 100
    assert 230 <= counts[1] <= 270
    assert len(repeat_takeovers(both, TwoMovies(), 0.0, seed=1)) == 100


def test_three_acts_in_four_must_pass() -> None:
    def lines(*verdicts: str) -> list[ActCheck]:
        return [ActCheck(ACT, 3.0, 3.0, 1.0, 3.0, verdict) for verdict in verdicts]

    assert passes(lines("pass", "pass", "pass", "fail", "no reference"))
    assert not passes(lines("pass", "pass", "fail"))


@pytest.mark.parametrize(
    ("expected", "dashes", "progress", "verdict"),
    [
        (3.0, 3.0, 1.0, "pass"),
        (3.0, 1.0, 0.5, "pass"),
        (3.0, 0.0, 0.8, "fail"),
        (3.0, 2.0, 0.05, "fail"),  # spins where it stands
        (0.0, 2.0, 0.5, "no reference"),
        (None, 2.0, 0.5, "no reference"),
    ],
)
def test_the_spin_dash_verdict(expected: float | None, dashes: float, progress: float, verdict: str) -> None:
    assert judge(ACT, expected, dashes, progress).verdict == verdict
