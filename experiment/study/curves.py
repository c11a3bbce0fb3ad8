"""A study's learning curves as a picture: mean over training runs, with a band from the lowest to the highest."""

from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path

import numpy as np

from common.files import whole_file
from experiment.study.definition import TRAINING_STAGES, Cell, Study
from experiment.study.records import CurvePoint, Record

AXES = {"supervised": "epochs", "finetune": "agent steps"}
SIZE = (11, 4.5)
"""Inches."""


def draw_curves(study: Study, records: Mapping[Cell, Record], path: Path) -> Path:
    """Progress over steps and over minutes of training, one line per arm, as a PNG. ValueError without any curve."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    stage = _stage_with_curves(records)
    figure, (by_steps, by_minutes) = pyplot.subplots(1, 2, figsize=SIZE, sharey=True)
    for arm in study.arms:
        curves = [
            record.curves[stage] for cell, record in records.items() if cell.arm == arm and stage in record.curves
        ]
        curves = [curve for curve in curves if curve]
        if curves:
            _draw(by_steps, arm, *band(curves, axis=0))
            _draw(by_minutes, arm, *band(curves, axis=1), scale=1 / 60)
    by_steps.set(xlabel=AXES[stage], ylabel="mean progress on the schedule's seeds", ylim=(0, 1), title=study.name)
    by_minutes.set(xlabel="minutes of updates", title="mean, lowest and highest of the training runs")
    by_minutes.legend(loc="lower right", fontsize="small")
    for axes in (by_steps, by_minutes):
        axes.grid(alpha=0.3)
    figure.tight_layout()
    with whole_file(path) as beside:
        figure.savefig(beside, format="png", dpi=110)
    pyplot.close(figure)
    return path


def _stage_with_curves(records: Mapping[Cell, Record]) -> str:
    for stage in reversed(TRAINING_STAGES):
        if any(record.curves.get(stage) for record in records.values()):
            return stage
    raise ValueError("Expected at least one record with evaluations during training. Received: none")


def band(curves: Sequence[Sequence[CurvePoint]], axis: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Curves of several runs on one axis, as far as all of them go.

    Args:
        axis: 0 for steps, 1 for seconds.

    Returns:
        (x, mean, lowest, highest), float [points].
    """
    first = max(curve[0][axis] for curve in curves)
    last = min(curve[-1][axis] for curve in curves)
    everywhere = np.unique([point[axis] for point in chain.from_iterable(curves)])
    places = everywhere[(everywhere >= first) & (everywhere <= last)]
    rows = []
    for curve in curves:
        points = np.array(curve)
        rows.append(np.interp(places, points[:, axis], points[:, 2]))
    values = np.array(rows)
    return places, values.mean(axis=0), values.min(axis=0), values.max(axis=0)


def _draw(
    axes: object, arm: str, x: np.ndarray, middle: np.ndarray, low: np.ndarray, high: np.ndarray, scale: float = 1.0
) -> None:
    (line,) = axes.plot(scale * x, middle, label=arm, marker=".")  # type: ignore[attr-defined]
    axes.fill_between(scale * x, low, high, alpha=0.15, color=line.get_color())  # type: ignore[attr-defined]
