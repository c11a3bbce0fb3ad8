"""The report's charts with upright axes, from figures to SVG: pure functions. A series' colour is its CSS class."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from evaluate.report.plane import Formatter, Plane
from evaluate.report.rows import Bars
from evaluate.report.shape import WIDE
from evaluate.report.svg import circle, horizontal, path, picture, rectangle, short, text


@dataclass(frozen=True)
class Curve:
    """One line of a line chart; a faint one stays in the background."""

    label: str
    css: str
    points: Sequence[tuple[float, float]]
    faint: bool = False
    dashed: bool = False

    @property
    def classes(self) -> str:
        """Its CSS classes: the colour's, and how the line is drawn."""
        names = [self.css]
        if self.faint:
            names.append("faint")
        if self.dashed:
            names.append("dashed")
        return " ".join(names)


def bar_chart(
    label: str,
    groups: Sequence[tuple[str, str]],
    series: Sequence[Bars],
    formatter: Formatter,
    top: float = 0.0,
) -> str:
    """Bars side by side in groups (zone, act); dots are the single values. The axis reaches `top` at least."""
    # Few groups leave a part of the page empty, which reads better than very wide bars.
    group_width = min((WIDE.width - 72) / len(groups), 170.0)
    bar_width = min(0.84 * group_width / len(series), 34.0)  # what is left of a group keeps it apart from the next
    plane = Plane(
        left=56,  # room for the axis' figures
        top=14,
        width=group_width * len(groups),
        height=250,
        x_range=(0, len(groups)),
        y_range=(0, max(top, _highest(series))),
    )
    parts = plane.y_axis(formatter)
    for i, (zone, act) in enumerate(groups):
        middle = plane.x(i + 0.5)
        begin = middle - bar_width * len(series) / 2
        for k, bars in enumerate(series):
            mean = bars.means[i]
            if mean is None:
                continue
            left = begin + bar_width * k
            tip = f"{zone} {act}".strip() + f": {bars.label} {formatter(mean)}"
            parts.append(_bar(plane, left, bar_width, mean, bars.css, tip=tip))
            if bars.values:
                parts += _dots(plane, left + bar_width / 2, bars.values[i])
        parts.append(text(middle, plane.bottom + 16, act, "axis", "middle"))
    parts += _zone_names(plane, groups)
    return picture(WIDE.width, plane.bottom + 44, label, *parts)


def _highest(series: Sequence[Bars]) -> float:
    """The highest mean or single value; above zero, so that an axis can end there."""
    heights = [1e-9]  # where all values are zero
    for bars in series:
        heights += [mean for mean in bars.means if mean is not None]
        for values in bars.values:
            heights += values
    return max(heights)


def _bar(plane: Plane, left: float, width: float, mean: float, css: str, tip: str) -> str:
    top = plane.y(max(mean, 0.0))  # a player that was pushed back behind the start has a bar of no height
    height = plane.bottom - top
    gap = 1.5  # between neighbours
    return rectangle(left + gap / 2, top, width - gap, height, css=f"bar {css}", tip=tip)


def _dots(plane: Plane, x: float, values: Sequence[float]) -> list[str]:
    """Single values above one another; a value alone is the bar's own height and needs none."""
    if len(values) < 2:
        return []
    return [circle(x, plane.y(max(value, 0.0)), 1.7, "dot") for value in values]


def _zone_names(plane: Plane, groups: Sequence[tuple[str, str]]) -> list[str]:
    """Each zone's name once, below its acts, under a thin line."""
    parts = []
    first = 0
    for zone, members in groupby(zone for zone, _ in groups):
        end = first + len(list(members))
        left = plane.x(first)
        right = plane.x(end)
        middle = (left + right) / 2
        parts.append(horizontal(plane.bottom + 23, left + 6, right - 6, "grid"))
        parts.append(text(middle, plane.bottom + 38, zone, "zone", "middle"))
        first = end
    return parts


def line_chart(
    label: str,
    curves: Sequence[Curve],
    x_name: str,
    y_formatter: Formatter = short,
    finish: float | None = None,
    y_range: tuple[float, float] | None = None,
) -> str:
    """Curves over time or steps, faint ones first. `finish` draws the level to be reached."""
    xs: list[float] = []
    ys: list[float] = []
    for curve in curves:
        xs += [x for x, _ in curve.points]
        ys += [y for _, y in curve.points]
    if finish is not None:
        ys.append(finish * 1.04)  # its line stays clear of the upper edge
    plane = Plane(
        left=46,
        top=12,
        width=296,
        height=150,
        x_range=_range_with_zero(xs),
        y_range=y_range or _range_with_zero(ys),
    )
    parts = plane.y_axis(y_formatter, count=4)
    parts += plane.x_axis(short, x_name, count=4)
    if finish is not None:
        y = plane.y(finish)
        parts.append(horizontal(y, plane.left, plane.right, "finish"))
    # What is drawn first lies underneath, and False sorts before True.
    for curve in sorted(curves, key=lambda curve: not curve.faint):
        parts.append(_curve(plane, curve))
    return picture(356, plane.bottom + 38, label, *parts)


def scatter_chart(label: str, groups: Sequence[Curve], x_name: str, y_name: str) -> str:
    """Points without lines, the first group's underneath. The axes go as far as the values do, and no further."""
    points = [point for group in groups for point in group.points]
    xs = [x for x, _ in points]
    ys = [y for _, y in points]
    plane = Plane(
        left=46,
        top=24,  # room for the name of the upright axis
        width=296,
        height=150,
        x_range=(min(xs), max(xs)),
        y_range=(min(ys), max(ys)),
    )
    parts = plane.y_axis(short, count=4)
    parts += plane.x_axis(short, x_name, count=4)
    parts.append(text(8, 12, y_name, "axis"))
    for group in groups:
        for x, y in group.points:
            tip = f"{group.label}: {short(x)}, {short(y)}"
            parts.append(circle(plane.x(x), plane.y(y), 2.6, f"mark thin {group.css}", tip=tip))
    return picture(356, plane.bottom + 38, label, *parts)


def _range_with_zero(values: Iterable[float]) -> tuple[float, float]:
    """The values' range, stretched to begin at zero or below and to end above it."""
    known = [0.0, *values]
    if not any(known):
        return 0.0, 1.0  # an axis of zeros only
    return min(known), max(1e-9, *known)


def _curve(plane: Plane, curve: Curve) -> str:
    places = [(plane.x(x), plane.y(y)) for x, y in curve.points]
    if len(places) == 1:  # a line through one point would not be seen
        x, y = places[0]
        return circle(x, y, 3, f"mark {curve.css}", tip=curve.label)
    return path(places, f"curve {curve.classes}", tip=curve.label)
