"""A movie's figures as a picture: what was pressed when, the combos, how long they are held, and the repeat-last baseline."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure, SubFigure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from dataset.inspection import Inspection, run_lengths
from dataset.store import DatasetError
from game.actions import BIT, COMBO_OF_MASK, JUMP_BITS

LARGEST = 40
"""Movies in one picture."""
INK = "#1f2933"
FAINT = "#7b8794"
GRID = "#e4e7eb"
BLUE = "#2680c2"
GREEN = "#0c6b58"
RED = "#d64545"
ORANGE = "#de911d"
BROWN = "#8a5300"
PURPLE = "#8719e0"
LILAC = "#b8a1d9"
LANES = (
    ("jump", JUMP_BITS, RED),
    ("up", BIT["UP"], PURPLE),
    ("down", BIT["DOWN"], ORANGE),
    ("left", BIT["LEFT"], BLUE),
    ("right", BIT["RIGHT"], GREEN),
)
"""Of the timeline, from top to bottom: label, pad bits, colour."""
SHOWN_COMBOS = 12
"""Bars of the combo chart."""


def draw(inspections: list[Inspection], path: Path) -> Path:
    """Write one PNG with a block per movie.

    Raises:
        DatasetError: more movies than a picture holds, or the file cannot be written.
    """
    if len(inspections) > LARGEST:
        raise DatasetError(f"Expected at most {LARGEST} movies for one picture. Received: {len(inspections)}")
    figure = Figure(
        figsize=(14, 5.6 * len(inspections)),  # inches
        facecolor="white",
        layout=ConstrainedLayoutEngine(h_pad=0.08, w_pad=0.08),
    )
    FigureCanvasAgg(figure)
    blocks = figure.subfigures(nrows=len(inspections), ncols=1, squeeze=False, hspace=0.04)
    for block, inspection in zip(blocks[:, 0], inspections, strict=True):
        _draw_block(block, inspection)
    try:
        figure.savefig(path, dpi=110)
    except (OSError, ValueError) as error:
        raise DatasetError(f"Cannot write the picture {path}: {error}") from error
    return path


def _draw_block(block: SubFigure, inspection: Inspection) -> None:
    """One movie: the timeline above three charts."""
    seconds = inspection.frames / 60
    title = (
        f"{inspection.file}   {inspection.frames} frames, {seconds:.0f} s, {len(inspection.spin_dashes)} spin dashes"
    )
    block.suptitle(title, x=0.01, ha="left", fontsize=13, fontweight="bold", color=INK)
    rows = [["time", "time", "time"], ["combos", "runs", "repeat"]]
    axes: dict[str, Axes] = block.subplot_mosaic(rows, height_ratios=(1.05, 1))
    draw_timeline(axes["time"], inspection)
    draw_combos(axes["combos"], inspection)
    draw_runs(axes["runs"], inspection)
    draw_repeats(axes["repeat"], inspection)


def _plain(axes: Axes, title: str) -> None:
    axes.set_title(title, loc="left", fontsize=10, color=INK)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(FAINT)
    axes.tick_params(colors=FAINT, labelcolor=INK, labelsize=9, length=0)


def draw_timeline(axes: Axes, inspection: Inspection) -> None:
    """Each button's lane over the whole movie, and the spin dashes with their revs."""
    for lane, (_, bits, colour) in enumerate(LANES):
        held = (inspection.masks & bits) != 0
        # Every change of a log that begins and ends unheld: presses and releases in turn.
        edges = np.flatnonzero(np.diff(held, prepend=False, append=False))
        pressed = edges[::2] / 60
        released = edges[1::2] / 60
        bars = list(zip(pressed, released - pressed, strict=True))
        axes.broken_barh(bars, (lane - 0.36, 0.72), color=colour, linewidth=0)
    for dash in inspection.spin_dashes:
        start = dash["frame"] / 60
        end = start + dash["frames"] / 60
        axes.axvspan(start, end, color=ORANGE, alpha=0.25, linewidth=0)
        axes.annotate(
            f"▲{dash['revs']}",
            (start, -0.58),
            ha="center",
            va="bottom",
            fontsize=8,
            color=BROWN,
            annotation_clip=False,  # it stands above the axes
        )
    _plain(axes, f"buttons over time, in seconds; ▲ spin dash with its revs (by {inspection.spin_dashes_from})")
    names = [name for name, _, _ in LANES]
    axes.set_yticks(range(len(LANES)), names)
    axes.set_xlim(0, max(inspection.frames / 60, 1))
    axes.set_ylim(len(LANES) - 0.5, -1.15)  # downwards, with room for the revs
    axes.grid(axis="x", color=GRID, zorder=0)
    axes.set_axisbelow(True)


def draw_combos(axes: Axes, inspection: Inspection) -> None:
    """The share of frames of each combo, the most frequent on top."""
    names = list(inspection.combos)[:SHOWN_COMBOS]
    shares = [inspection.combos[name] / inspection.frames for name in names]
    rows = np.arange(len(names))
    axes.barh(rows, shares, color=BLUE, height=0.7)
    for row, share in enumerate(shares):
        _note(axes, f"{share:.1%}", (share, row), xytext=(4, 0), va="center", fontsize=8)
    _plain(axes, "combos, share of frames")
    axes.set_yticks(rows, names)
    axes.invert_yaxis()
    axes.set_xlim(0, max(shares) * 1.15)
    axes.set_xticks([])


def draw_runs(axes: Axes, inspection: Inspection) -> None:
    """How long a combo is held before it changes, on a logarithmic axis."""
    _, lengths = run_lengths(COMBO_OF_MASK[inspection.masks])
    octaves = np.arange(0, np.log2(lengths.max()) + 1.5)
    bins = list(2.0**octaves)
    axes.hist(lengths, bins=bins, color=GREEN, rwidth=0.92)
    axes.set_xscale("log", base=2)
    median = inspection.runs["median"]
    axes.axvline(median, color=RED, linewidth=1.5)
    _note(
        axes,
        f"median {median:g}",
        (median, 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(4, -2),
        va="top",
        fontsize=9,
        color=RED,
    )
    axes.margins(y=0.18)
    _plain(axes, f"{inspection.runs['count']} runs of a held combo, by length in frames")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.grid(axis="y", color=GRID)
    axes.set_axisbelow(True)


def draw_repeats(axes: Axes, inspection: Inspection) -> None:
    """What repeating the last label reaches at each frame skip."""
    skips = list(inspection.repeat_last)
    shares = list(inspection.repeat_last.values())
    columns = np.arange(len(skips))
    bars = axes.bar(columns, shares, color=LILAC, width=0.7)
    bars[skips.index(4)].set_facecolor(PURPLE)
    for column, share in enumerate(shares):
        _note(axes, f"{share:.1%}", (column, share), xytext=(0, 3), ha="center", fontsize=9)
    _plain(axes, "repeat-last baseline, by frame skip (4 is the default)")
    axes.set_xticks(columns, [str(skip) for skip in skips])
    axes.set_ylim(0, 1.1)
    axes.set_yticks([])


def _note(axes: Axes, text: str, at: tuple[float, float], **options: Any) -> None:
    """A text beside a point; `xytext` in options is the distance in points."""
    axes.annotate(text, at, textcoords="offset points", **options)
