"""A study's learning curves as a picture: mean over training runs, with a band from the lowest to the highest."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from common.files import whole_file
from experiment.study.definition import TRAINING_STAGES, Cell, Study
from experiment.study.records import CurvePoint, Record

AXES = {"supervised": "epochs", "finetune": "agent steps"}
SIZE = (11, 4.5)
NARROW_SIZE = (5, 7.5)
"""Inches."""
NAME_HEIGHT = 0.2
"""Inches of a line of arms' names below."""
MOST_ARMS = 10
"""As many as there are colours to tell apart."""


def draw_curves(study: Study, records: Mapping[Cell, Record], path: Path) -> Path:
    """Progress over steps and over minutes of training, one line per arm, as a PNG. ValueError without any curve."""
    picture = curves_picture(study, records)
    with whole_file(path) as beside:
        beside.write_bytes(picture)
    return path


def curves_picture(
    study: Study, records: Mapping[Cell, Record], *, dark: bool = False, narrow: bool = False, clear: bool = False
) -> bytes:
    """The same as the bytes of a PNG.

    Args:
        dark: for a dark page.
        narrow: the two charts below each other, for a phone.
        clear: without a background.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    stage = _stage_with_curves(records)
    drawn = _drawn_curves(study, records, stage)
    rows, columns, (width, height) = (2, 1, NARROW_SIZE) if narrow else (1, 2, SIZE)
    names_beside = 1 if narrow else 3
    height += NAME_HEIGHT * -(-len(drawn) // names_beside)  # rounded up
    png = BytesIO()
    with pyplot.style.context("dark_background" if dark else "default"):
        figure, (by_steps, by_minutes) = pyplot.subplots(
            rows, columns, figsize=(width, height), sharey=True, layout="constrained"
        )
        for arm, curves in drawn.items():
            _draw(by_steps, arm, *band(curves, axis=0))
            _draw(by_minutes, arm, *band(curves, axis=1), scale=1 / 60)
        _name_axes(study, stage, by_steps, by_minutes)
        lines, arms = by_steps.get_legend_handles_labels()
        figure.legend(lines, arms, loc="outside lower left", ncols=names_beside, fontsize="small", frameon=False)
        figure.savefig(png, format="png", dpi=110, transparent=clear)
        pyplot.close(figure)
    return png.getvalue()


def _drawn_curves(study: Study, records: Mapping[Cell, Record], stage: str) -> dict[str, list[list[CurvePoint]]]:
    """Arm -> its runs' curves, in the study's order; of many arms the base and those that end highest."""
    found = {}
    for arm in study.arms:
        of_arm = [record.curves.get(stage, []) for cell, record in records.items() if cell.arm == arm]
        curves = [curve for curve in of_arm if curve]
        if curves:
            found[arm] = curves
    ends = {arm: float(np.mean([curve[-1][2] for curve in curves])) for arm, curves in found.items()}
    best = sorted(ends, key=lambda arm: (arm == study.base, ends[arm]))[-MOST_ARMS:]
    return {arm: curves for arm, curves in found.items() if arm in best}


def _name_axes(study: Study, stage: str, by_steps: Any, by_minutes: Any) -> None:
    by_steps.set(xlabel=AXES[stage], ylabel="mean progress on the schedule's seeds", ylim=(0, 1), title=study.name)
    by_minutes.set(xlabel="minutes of updates", title="mean, lowest and highest of the training runs")
    for axes in (by_steps, by_minutes):
        axes.grid(alpha=0.3)


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
