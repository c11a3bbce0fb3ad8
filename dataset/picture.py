"""A movie's figures as a picture: what was pressed when, the combos, how long they are held, and the repeat-last baseline."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from dataset.inspect import Inspection, run_lengths
from dataset.store import DatasetError
from game.actions import BIT, COMBO_OF_MASK, JUMP_BITS

LARGEST = 40
"""Movies in one picture."""
INK, FAINT, GRID = "#1f2933", "#7b8794", "#e4e7eb"
LANES = (
    ("jump", JUMP_BITS, "#d64545"),
    ("up", BIT["UP"], "#8719e0"),
    ("down", BIT["DOWN"], "#de911d"),
    ("left", BIT["LEFT"], "#2680c2"),
    ("right", BIT["RIGHT"], "#0c6b58"),
)
DASH = "#de911d"


def draw(inspections: list[Inspection], path: Path) -> Path:
    """Write one PNG with a block a movie. DatasetError for more movies than a picture holds, or a place not writable."""
    if len(inspections) > LARGEST:
        raise DatasetError(f"Expected at most {LARGEST} movies for one picture. Received: {len(inspections)}")
    layout = ConstrainedLayoutEngine(h_pad=0.08, w_pad=0.08)
    figure = Figure(figsize=(14, 5.6 * len(inspections)), facecolor="white", layout=layout)
    FigureCanvasAgg(figure)
    blocks = figure.subfigures(len(inspections), 1, squeeze=False, hspace=0.04)
    for block, inspection in zip(blocks[:, 0], inspections, strict=True):
        seconds = inspection.frames / 60
        title = f"{inspection.file}   {inspection.frames} frames, {seconds:.0f} s, {len(inspection.spin_dashes)} spin dashes"
        block.suptitle(title, x=0.01, ha="left", fontsize=13, fontweight="bold", color=INK)
        axes = block.subplot_mosaic([["time"] * 3, ["combos", "runs", "repeat"]], height_ratios=(1.05, 1))
        draw_timeline(axes["time"], inspection)
        draw_combos(axes["combos"], inspection)
        draw_runs(axes["runs"], inspection)
        draw_repeats(axes["repeat"], inspection)
    try:
        figure.savefig(path, dpi=110)
    except (OSError, ValueError) as error:
        raise DatasetError(f"Cannot write the picture {path}: {error}") from error
    return path


def _plain(axes: Axes, title: str) -> None:
    axes.set_title(title, loc="left", fontsize=10, color=INK)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(FAINT)
    axes.tick_params(colors=FAINT, labelcolor=INK, labelsize=9, length=0)


def draw_timeline(axes: Axes, inspection: Inspection) -> None:
    """Each button's lane over the whole movie, and the spin dashes with their revs."""
    for lane, (_, bits, colour) in enumerate(LANES):
        held = np.concatenate([[0], ((inspection.masks & bits) != 0).astype(np.int8), [0]])
        edges = np.flatnonzero(np.diff(held)).reshape(-1, 2) / 60
        axes.broken_barh([(start, end - start) for start, end in edges], (lane - 0.36, 0.72), color=colour, linewidth=0)
    for dash in inspection.spin_dashes:
        at = dash["frame"] / 60
        axes.axvspan(at, at + dash["frames"] / 60, color=DASH, alpha=0.25, linewidth=0)
        axes.annotate(
            f"▲{dash['revs']}",
            (at, -0.58),
            ha="center",
            va="bottom",
            fontsize=8,
            color="#8a5300",
            annotation_clip=False,
        )
    _plain(axes, f"buttons over time, in seconds; ▲ spin dash with its revs (by {inspection.spin_dashes_from})")
    axes.set_yticks(range(len(LANES)), [name for name, _, _ in LANES])
    axes.set_xlim(0, max(inspection.frames / 60, 1))
    axes.set_ylim(len(LANES) - 0.5, -1.15)
    axes.grid(axis="x", color=GRID, zorder=0)
    axes.set_axisbelow(True)


def draw_combos(axes: Axes, inspection: Inspection) -> None:
    """The share of frames of each combo, the most frequent on top."""
    shares = {name: count / inspection.frames for name, count in list(inspection.combos.items())[:12]}
    rows = np.arange(len(shares))
    axes.barh(rows, list(shares.values()), color="#2680c2", height=0.7)
    for row, share in zip(rows, shares.values(), strict=True):
        axes.annotate(f"{share:.1%}", (share, row), xytext=(4, 0), textcoords="offset points", va="center", fontsize=8)
    _plain(axes, "combos, share of frames")
    axes.set_yticks(rows, list(shares))
    axes.invert_yaxis()
    axes.set_xlim(0, max(shares.values()) * 1.15)
    axes.set_xticks([])


def draw_runs(axes: Axes, inspection: Inspection) -> None:
    """How long a combo is held before it changes, on a logarithmic axis."""
    lengths = run_lengths(COMBO_OF_MASK[inspection.masks])[1]
    bins = 2.0 ** np.arange(0, np.log2(lengths.max()) + 1.5)
    axes.hist(lengths, bins=list(bins), color="#0c6b58", rwidth=0.92)
    axes.set_xscale("log", base=2)
    axes.axvline(inspection.runs["median"], color="#d64545", linewidth=1.5)
    label = f"median {inspection.runs['median']:g}"
    at = (inspection.runs["median"], 1.0)
    axes.annotate(label, at, xycoords=("data", "axes fraction"), xytext=(4, -2), textcoords="offset points", va="top",
                  fontsize=9, color="#d64545")  # fmt: skip
    axes.margins(y=0.18)
    _plain(axes, f"{inspection.runs['count']} runs of a held combo, by length in frames")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.grid(axis="y", color=GRID)
    axes.set_axisbelow(True)


def draw_repeats(axes: Axes, inspection: Inspection) -> None:
    """What repeating the last label reaches at each frame skip."""
    skips, shares = list(inspection.repeat_last), list(inspection.repeat_last.values())
    columns = np.arange(len(skips))
    axes.bar(columns, shares, color=["#8719e0" if skip == 4 else "#b8a1d9" for skip in skips], width=0.7)
    for column, share in zip(columns, shares, strict=True):
        axes.annotate(
            f"{share:.1%}", (column, share), xytext=(0, 3), textcoords="offset points", ha="center", fontsize=9
        )
    _plain(axes, "repeat-last baseline, by frame skip (4 is the default)")
    axes.set_xticks(columns, [str(skip) for skip in skips])
    axes.set_ylim(0, 1.1)
    axes.set_yticks([])
