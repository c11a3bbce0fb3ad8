"""Stages as processes that are killed at a moment of one's choice, and the comparison of what they leave."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from experiment.charts import read_charts
from experiment.metrics import METRICS, read_metrics
from tests.conftest import ROOT

ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}


def finish(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a stage to its end; what it printed."""
    return subprocess.run(command, env=ENVIRONMENT, check=True, capture_output=True, text=True)


def kill_when(condition: Callable[[], bool], command: list[str], how: int = signal.SIGKILL) -> int:
    """Start a stage, send it a signal as soon as the condition holds, and wait for it; returns its exit status."""
    process = subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not condition():
            assert process.poll() is None, "the stage ended before it could be killed"
            time.sleep(0.01)
        process.send_signal(how)
        return process.wait(60)
    finally:
        process.kill()


def has_checkpoint(run: Path, step: int = 1) -> Callable[[], bool]:
    """Whether a run has saved what it learnt up to this step."""
    last = run / "last"
    return lambda: last.is_symlink() and int(last.readlink().name) >= step


def numbers(run: Path) -> list[dict[str, float]]:
    """A run's metrics without its times."""
    lines = read_metrics(run / METRICS)
    return [{tag: value for tag, value in line.items() if not tag.startswith("time/")} for line in lines]


def weights(run: Path) -> list[np.ndarray]:
    """The arrays of a run's last checkpoint."""
    with np.load(run / "last" / "weights.npz") as arrays:
        return [arrays[name] for name in sorted(arrays.files)]


def drawn_without_numbers(run: Path) -> set[str]:
    """The learner's metrics that its run's charts show and that it never wrote; the charts are in the run's folder."""
    charts = read_charts(run)
    assert charts
    written = {tag for line in numbers(run) for tag in line}
    shown = {tag for chart in charts for tag in chart.names}
    return {tag for tag in shown - written if tag.startswith("loss/")}  # the others are the loop's


def assert_same_run(expected: Path, received: Path) -> None:
    """Two runs with the same numbers, to the last bit."""
    assert numbers(expected) == numbers(received)
    for one, other in zip(weights(expected), weights(received), strict=True):
        np.testing.assert_array_equal(one, other)
