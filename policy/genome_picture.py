"""A genome as a picture: what it looks at, what it computes, and what each action hears."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from policy.genome import Genome

INK = "#1f2933"
FAINT = "#cbd2d9"
POSITIVE = "#2680c2"
NEGATIVE = "#d64545"
HIDDEN = "#8719e0"
FRAMES_WIDTH = 1.0
"""Of the frames at the left, in the picture's own units."""
OUTPUTS_X = 3.0
"""Where the outputs stand; hidden nodes stand between."""


def draw(genome: Genome, path: Path, names: Sequence[str] = ()) -> Path:
    """Write a PNG of the network.

    At the left lie the frames it is fed (below, what changed in them), a dot for each pixel that is looked at; at the right
    stand the actions. Blue connections excite, red ones inhibit; the thicker, the more. A ring is a node that hears itself.

    Args:
        names: of the actions, in their order; so many nodes count as outputs, the others as hidden.
    """
    outputs = len(names) or len(genome.biases)
    places = _places(genome, outputs)
    figure = Figure(figsize=(12, 7), facecolor="white", layout="constrained")  # inches
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set_axis_off()
    _draw_frames(axes, genome, places)
    _draw_connections(axes, genome, places)
    nodes = places[genome.inputs :]
    axes.scatter(nodes[:outputs, 0], nodes[:outputs, 1], s=90, color=INK, zorder=3)
    axes.scatter(nodes[outputs:, 0], nodes[outputs:, 1], s=60, color=HIDDEN, zorder=3)
    for (x, y), name in zip(nodes, names, strict=False):
        axes.text(x + 0.06, y, name, va="center", fontsize=10, color=INK)
    hidden = len(nodes) - outputs
    axes.set_title(f"{hidden} hidden nodes, {len(genome.weights)} connections", loc="left", color=INK)
    figure.savefig(path, dpi=110)
    return path


def _places(genome: Genome, outputs: int) -> np.ndarray:
    """Where inputs and nodes stand: float64 [P + N, 2], x and y."""
    places = np.zeros((genome.inputs + len(genome.biases), 2))
    rows, columns = genome.picture.tolist()
    frames = genome.inputs // (rows * columns)
    grid = np.stack(np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij"), axis=-1).reshape(-1, 2)
    for frame in range(frames):
        of_frame = slice(frame * len(grid), (frame + 1) * len(grid))
        places[of_frame, 0] = FRAMES_WIDTH * (grid[:, 1] + 0.5) / columns
        # frames lie one below the other, with a gap; rows count downwards
        places[of_frame, 1] = 1.0 - (frame + 0.96 * (grid[:, 0] + 0.5) / rows) / frames
    nodes = places[genome.inputs :]
    nodes[:outputs, 0] = OUTPUTS_X
    nodes[:outputs, 1] = _spread(outputs)
    depths = _depths(genome)[outputs:]
    for depth in np.unique(depths):
        alike = np.flatnonzero(depths == depth) + outputs
        nodes[alike, 0] = FRAMES_WIDTH + (OUTPUTS_X - FRAMES_WIDTH) * depth / (depths.max() + 1)
        nodes[alike, 1] = _spread(len(alike))
    return places


def _spread(count: int) -> np.ndarray:
    """Heights of so many things below each other, from the top: float64 [count]."""
    return 1.0 - (np.arange(count) + 0.5) / count


def _depths(genome: Genome) -> np.ndarray:
    """How many connections the shortest way from an input to each node has, 1 where there is none: int64 [N]."""
    nodes = len(genome.biases)
    depths = np.full(genome.inputs + nodes, nodes + 1)
    depths[: genome.inputs] = 0
    targets = genome.targets + genome.inputs
    for _ in range(nodes):
        np.minimum.at(depths, targets, depths[genome.sources] + 1)
    found = depths[genome.inputs :]
    return np.where(found > nodes, 1, found)


def _draw_frames(axes: Axes, genome: Genome, places: np.ndarray) -> None:
    rows, columns = genome.picture.tolist()
    frames = genome.inputs // (rows * columns)
    for frame, title in zip(range(frames), ("picture", "change"), strict=False):
        bottom = 1.0 - (frame + 0.96) / frames
        x = FRAMES_WIDTH * np.array([0, 1, 1, 0, 0])
        y = bottom + 0.96 / frames * np.array([0, 0, 1, 1, 0])
        axes.plot(x, y, color=FAINT, linewidth=1)
        axes.text(-0.02, y.mean(), title, rotation=90, ha="right", va="center", color=INK)
    used = np.unique(genome.sources[genome.sources < genome.inputs])
    axes.scatter(places[used, 0], places[used, 1], s=8, color=INK, zorder=3)


def _draw_connections(axes: Axes, genome: Genome, places: np.ndarray) -> None:
    targets = genome.targets + genome.inputs
    largest = np.abs(genome.weights).max(initial=1e-9)
    strengths = np.abs(genome.weights) / largest
    colours = np.where(genome.weights > 0, POSITIVE, NEGATIVE)
    segments = np.stack([places[genome.sources], places[targets]], axis=1)  # [C, 2 ends, 2]
    axes.add_collection(LineCollection(list(segments), colors=colours, linewidths=0.3 + 2.0 * strengths, alpha=0.45))
    loops = genome.sources == targets
    rings = places[targets[loops]]
    axes.scatter(rings[:, 0], rings[:, 1], s=260, facecolors="none", edgecolors=colours[loops].tolist(), linewidths=1.5)
