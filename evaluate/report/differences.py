"""Differences with their intervals around a line of no difference, as SVG in either shape."""

from collections.abc import Sequence
from dataclasses import dataclass

from evaluate.report.plane import Formatter, Plane
from evaluate.report.rows import NAME_HEIGHT
from evaluate.report.shape import Shape
from evaluate.report.svg import circle, horizontal, picture, text, ticks, vertical
from experiment.statistics import Interval

_HEIGHT = 15.0  # of one difference
_GAP = 12.0  # between two rows


@dataclass(frozen=True)
class Difference:
    """One player's difference in a row: `sure` when its interval leaves zero out."""

    label: str
    css: str
    value: float
    interval: Interval | None
    sure: bool


def difference_chart(
    label: str, rows: Sequence[tuple[str, Sequence[Difference]]], formatter: Formatter, shape: Shape
) -> str:
    """One row per act (or figure): a dot per player, filled where it is sure, with its interval."""
    name_height = NAME_HEIGHT if shape.names_above else 0.0
    heights = [name_height + _HEIGHT * len(differences) + _GAP for _, differences in rows]
    reach = _reach([difference for _, differences in rows for difference in differences])
    plane = Plane(shape.left, 24, shape.inside, sum(heights), x_range=(-reach, reach))
    parts = []
    for tick in ticks(-reach, reach, 5):
        parts.append(vertical(plane.x(tick), plane.top - 6, plane.bottom, "grid" if abs(tick) > 1e-9 else "zero"))
        parts.append(text(plane.x(tick), plane.top - 11, formatter(tick), "axis", "middle"))
    top = plane.top
    for (name, differences), height in zip(rows, heights, strict=True):
        middle = top + name_height + _HEIGHT * len(differences) / 2
        if shape.names_above:
            parts.append(text(plane.left, top + 14, name, "name"))
        else:
            parts.append(text(plane.left - 14, middle + 4, name, "name", "end"))
        for i, difference in enumerate(differences):
            parts += _difference(plane, top + name_height + _HEIGHT * (i + 0.5), name, difference, formatter)
        top += height
    return picture(shape.width, plane.bottom, label, *parts)


def _reach(differences: Sequence[Difference]) -> float:
    """How far the axis goes to either side: to the furthest interval's end."""
    ends = [1e-9]
    for difference in differences:
        ends.append(abs(difference.value))
        if difference.interval:
            ends += [abs(difference.interval.low), abs(difference.interval.high)]
    return 1.05 * max(ends)


def _difference(plane: Plane, y: float, name: str, difference: Difference, formatter: Formatter) -> list[str]:
    parts = []
    if difference.interval:
        ends = plane.x(difference.interval.low), plane.x(difference.interval.high)
        parts.append(horizontal(y, *ends, f"whisker thin {difference.css}"))
    tip = f"{name}, {difference.label}: {formatter(difference.value)}"
    css = f"mark {difference.css}" if difference.sure else f"diamond {difference.css}"
    parts.append(circle(plane.x(difference.value), y, 6 if difference.sure else 4.5, css, tip))
    if difference.sure:
        parts.append(text(plane.right + 8, y + 4, "▲" if difference.value > 0 else "▼", "flag"))
    return parts
