"""The report's charts, from figures to SVG: pure functions, one chart each. A series' colour is its CSS class."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from evaluate.report.svg import circle, line, path, picture, rectangle, short, text, ticks
from evaluate.statistics import Estimate, Interval

WIDTH = 1080.0
"""Of a chart across the page, in its own units; the page scales it."""

Form = Callable[[float], str]
"""Puts a value into words."""


@dataclass(frozen=True)
class Bars:
    """One series of a bar chart: a mean a group (None where unknown), and the single values behind each, if any."""

    label: str
    css: str
    means: Sequence[float | None]
    values: Sequence[Sequence[float]] = ()


@dataclass(frozen=True)
class Curve:
    """One line of a line chart; a faint one stays in the background."""

    label: str
    css: str
    points: Sequence[tuple[float, float]]
    faint: bool = False
    dashed: bool = False


@dataclass(frozen=True)
class Lane:
    """One player in one act's row: its mean progress, that of its episodes (0 to 1), and how many it completed."""

    label: str
    css: str
    mean: float
    values: Sequence[float]
    completed: int = 0


@dataclass(frozen=True)
class Plane:
    """Where values lie in a picture: a rectangle of it, and the ranges shown there."""

    left: float
    top: float
    width: float
    height: float
    x_range: tuple[float, float]
    y_range: tuple[float, float]

    def x(self, value: float) -> float:
        low, high = self.x_range
        return self.left + self.width * (value - low) / ((high - low) or 1.0)

    def y(self, value: float) -> float:
        low, high = self.y_range
        return self.top + self.height * (1.0 - (value - low) / ((high - low) or 1.0))

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def rulers(self, form: Form, count: int = 5) -> list[str]:
        """Horizontal lines with their values on the left."""
        parts = []
        for tick in ticks(*self.y_range, count):
            parts.append(line(self.left, self.y(tick), self.left + self.width, self.y(tick), "grid"))
            parts.append(text(self.left - 8, self.y(tick) + 4, form(tick), "axis", "end"))
        return parts

    def feet(self, form: Form, name: str, count: int = 5) -> list[str]:
        """The values below, and the axis' name at the right end."""
        values = ticks(*self.x_range, count)
        parts = [text(self.x(tick), self.bottom + 16, form(tick), "axis", "middle") for tick in values]
        return [*parts, text(self.left + self.width, self.bottom + 32, name, "axis", "end")]


def bar_chart(
    label: str, groups: Sequence[tuple[str, str]], series: Sequence[Bars], form: Form, top: float = 0.0
) -> str:
    """Bars side by side in groups (zone, act); dots are the single values. The axis reaches `top` at least."""
    known = [mean for one in series for mean in one.means if mean is not None]
    highest = max([top, 1e-9, *known, *(value for one in series for row in one.values for value in row)])
    slot = min((WIDTH - 72) / len(groups), 170.0)
    plane = Plane(56, 14, slot * len(groups), 250, (0, len(groups)), (0, highest))
    parts = plane.rulers(form)
    wide = min(0.84 * slot / len(series), 34.0)
    for i, (zone, act) in enumerate(groups):
        begin = plane.x(i + 0.5) - wide * len(series) / 2
        for k, one in enumerate(series):
            parts += _bar(plane, begin + k * wide, wide, one, i, f"{zone} {act}".strip(), form)
        parts.append(text(plane.x(i + 0.5), plane.bottom + 16, act, "axis", "middle"))
    parts += _zone_names(plane, groups)
    return picture(WIDTH, plane.bottom + 44, label, *parts)


def _bar(plane: Plane, x: float, wide: float, one: Bars, i: int, where: str, form: Form) -> list[str]:
    mean = one.means[i]
    if mean is None:
        return []
    y = plane.y(max(mean, 0.0))
    tip = f"{where}: {one.label} {form(mean)}"
    parts = [rectangle(x + 0.75, y, wide - 1.5, plane.bottom - y, f"bar {one.css}", tip)]
    values = one.values[i] if one.values else ()
    return parts + [circle(x + wide / 2, plane.y(max(value, 0.0)), 1.7, "dot") for value in values if len(values) > 1]


def _zone_names(plane: Plane, groups: Sequence[tuple[str, str]]) -> list[str]:
    """Each zone's name once, below its acts, between thin brackets."""
    parts = []
    for zone, members in groupby(enumerate(groups), key=lambda pair: pair[1][0]):
        places = [i for i, _ in members]
        first, last = plane.x(places[0]), plane.x(places[-1] + 1)
        parts.append(line(first + 6, plane.bottom + 23, last - 6, plane.bottom + 23, "grid"))
        parts.append(text((first + last) / 2, plane.bottom + 38, zone, "zone", "middle"))
    return parts


def interval_chart(label: str, rows: Sequence[tuple[str, str, Estimate]], form: Form, top: float) -> str:
    """One row a player (label, css, estimate): mean as a dot, interquartile mean as a diamond, intervals as bars."""
    plane = Plane(170, 10, 780, 44.0 * len(rows), (0, top), (0, 1))
    parts = []
    for tick in ticks(0, top):
        parts.append(line(plane.x(tick), plane.top, plane.x(tick), plane.bottom, "grid"))
        parts.append(text(plane.x(tick), plane.bottom + 18, form(tick), "axis", "middle"))
    for i, (name, css, estimate) in enumerate(rows):
        y = plane.top + 44.0 * (i + 0.5)
        parts.append(text(plane.left - 14, y + 4, name, "name", "end"))
        parts += _whisker(plane, y - 6, estimate.mean_interval, css)
        parts.append(circle(plane.x(estimate.mean), y - 6, 6, f"mark {css}", f"{name}: mean {form(estimate.mean)}"))
        parts += _whisker(plane, y + 9, estimate.iqm_interval, f"{css} thin")
        x, tip = plane.x(estimate.iqm), f"{name}: interquartile mean {form(estimate.iqm)}"
        diamond = [(x - 5, y + 9), (x, y + 4), (x + 5, y + 9), (x, y + 14), (x - 5, y + 9)]
        parts.append(path(diamond, f"diamond {css}", tip))
        parts.append(text(plane.left + plane.width + 20, y + 5, form(estimate.mean), "figure"))
    return picture(WIDTH, plane.bottom + 26, label, *parts)


def _whisker(plane: Plane, y: float, interval: Interval | None, css: str) -> list[str]:
    return [line(plane.x(interval.low), y, plane.x(interval.high), y, f"whisker {css}")] if interval else []


def lane_chart(label: str, acts: Sequence[tuple[str, Sequence[Lane]]]) -> str:
    """Every act as a track from start to end: how far each player gets. Ticks are episodes, a flag means completed."""
    lane, gap = 12.0, 22.0
    rows = max(len(lanes) for _, lanes in acts)
    step = rows * lane + gap
    plane = Plane(150, 26, 860, step * len(acts) - gap / 2, (0, 1), (0, 1))
    parts = []
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, is_end = plane.x(tick), tick == 1.0
        parts.append(line(x, plane.top - 8, x, plane.bottom, "finish" if is_end else "grid"))
        parts.append(text(x, plane.top - 13, "end x" if is_end else f"{tick:.0%}", "axis", "middle"))
    for i, (act, lanes) in enumerate(acts):
        y = plane.top + i * step + 4
        parts.append(text(plane.left - 14, y + rows * lane / 2 + 4, act, "name", "end"))
        for k, one in enumerate(lanes):
            parts += _lane(plane, y + (k + 0.5) * lane, act, one)
    return picture(WIDTH, plane.bottom + 6, label, *parts)


def _lane(plane: Plane, y: float, act: str, one: Lane) -> list[str]:
    x = plane.x(min(max(one.mean, 0.0), 1.0))
    parts = [line(plane.left, y, plane.x(1), y, "rail"), line(plane.left, y, x, y, f"way {one.css}")]
    for value in one.values if len(one.values) > 1 else ():
        place = plane.x(min(max(value, 0.0), 1.0))
        parts.append(line(place, y - 4, place, y + 4, f"episode {one.css}"))
    parts.append(circle(x, y, 4.5, f"mark {one.css}", f"{act}: {one.label} {one.mean:.1%}"))
    if one.completed:
        words = f"completed {one.completed}/{len(one.values)}"
        parts.append(text(plane.x(1) + 10, y + 3.5, f"⚑ {one.completed}/{len(one.values)}", f"flag {one.css}"))
        parts.append(circle(plane.x(1) + 16, y, 7, "unseen", f"{act}: {one.label} {words}"))
    return parts


def line_chart(
    label: str, curves: Sequence[Curve], x_name: str, y_form: Form = short, finish: float | None = None,
    y_range: tuple[float, float] | None = None,
) -> str:  # fmt: skip
    """Curves over time or steps, faint ones first. `finish` draws the level to be reached."""
    points = [point for curve in curves for point in curve.points]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    low, high = y_range or (min([0.0, *ys]), max([1e-9, *ys, *([finish * 1.04] if finish else [])]))
    plane = Plane(46, 12, 296, 150, (min([0.0, *xs]), max([1e-9, *xs])), (low, high))
    parts = plane.rulers(y_form, 4) + plane.feet(short, x_name, 4)
    if finish is not None:
        parts.append(line(plane.left, plane.y(finish), plane.left + plane.width, plane.y(finish), "finish"))
    for curve in sorted(curves, key=lambda curve: not curve.faint):
        css = f"curve {curve.css}{' faint' * curve.faint}{' dashed' * curve.dashed}"
        places = [(plane.x(x), plane.y(y)) for x, y in curve.points]
        single = len(places) == 1  # of which a line shows nothing
        parts.append(
            circle(*places[0], 3, f"mark {curve.css}", curve.label) if single else path(places, css, curve.label)
        )
    return picture(356, plane.bottom + 38, label, *parts)
