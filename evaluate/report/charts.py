"""The report's charts, from figures to SVG: pure functions, one per chart. A series' colour is its CSS class."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from evaluate.report.plane import Formatter, Plane
from evaluate.report.svg import circle, horizontal, path, picture, rectangle, short, text, ticks, vertical
from evaluate.statistics import Estimate, Interval

WIDTH = 1080.0
"""Of a chart across the page, in its own units; the page scales it."""

ROW_HEIGHT = 44.0
"""Of a player in the interval chart."""

LANE_HEIGHT = 12.0
"""Of a player in an act's track."""


@dataclass(frozen=True)
class Bars:
    """One series of a bar chart: a mean per group (None where unknown), and the single values behind each, if any."""

    label: str
    css: str
    means: Sequence[float | None]
    values: Sequence[Sequence[float]] = ()


@dataclass(frozen=True)
class Row:
    """One player of the interval chart."""

    label: str
    css: str
    estimate: Estimate


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


@dataclass(frozen=True)
class Lane:
    """One player in one act's row: its mean progress, that of its episodes (0 to 1), and how many it completed."""

    label: str
    css: str
    mean: float
    values: Sequence[float]
    completed: int = 0


def bar_chart(
    label: str,
    groups: Sequence[tuple[str, str]],
    series: Sequence[Bars],
    formatter: Formatter,
    top: float = 0.0,
) -> str:
    """Bars side by side in groups (zone, act); dots are the single values. The axis reaches `top` at least."""
    # Few groups leave a part of the page empty, which reads better than very wide bars.
    group_width = min((WIDTH - 72) / len(groups), 170.0)
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
    return picture(WIDTH, plane.bottom + 44, label, *parts)


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


def interval_chart(label: str, rows: Sequence[Row], formatter: Formatter, top: float) -> str:
    """One row per player: mean as a dot, interquartile mean as a diamond, their intervals as bars."""
    plane = Plane(left=170, top=10, width=780, height=ROW_HEIGHT * len(rows), x_range=(0.0, top))
    parts = []
    for tick in ticks(0, top):
        x = plane.x(tick)
        parts.append(vertical(x, plane.top, plane.bottom, "grid"))
        parts.append(text(x, plane.bottom + 18, formatter(tick), "axis", "middle"))
    for i, row in enumerate(rows):
        middle = plane.top + ROW_HEIGHT * (i + 0.5)
        parts += _row(plane, middle, row, formatter)
    return picture(WIDTH, plane.bottom + 26, label, *parts)


def _row(plane: Plane, y: float, row: Row, formatter: Formatter) -> list[str]:
    """The player's name, its mean above its interquartile mean, and the mean as a figure."""
    estimate = row.estimate
    mean = formatter(estimate.mean)
    mean_tip = f"{row.label}: mean {mean}"
    iqm_tip = f"{row.label}: interquartile mean {formatter(estimate.iqm)}"
    return [
        text(plane.left - 14, y + 4, row.label, "name", "end"),
        *_whisker(plane, y - 6, estimate.mean_interval, row.css),
        circle(plane.x(estimate.mean), y - 6, 6, f"mark {row.css}", mean_tip),
        *_whisker(plane, y + 9, estimate.iqm_interval, f"{row.css} thin"),
        _diamond(plane.x(estimate.iqm), y + 9, f"diamond {row.css}", iqm_tip),
        text(plane.right + 20, y + 5, mean, "figure"),
    ]


def _whisker(plane: Plane, y: float, interval: Interval | None, css: str) -> list[str]:
    if interval is None:
        return []
    left = plane.x(interval.low)
    right = plane.x(interval.high)
    return [horizontal(y, left, right, f"whisker {css}")]


def _diamond(x: float, y: float, css: str, tip: str) -> str:
    corners = [(x - 5, y), (x, y - 5), (x + 5, y), (x, y + 5)]
    return path([*corners, corners[0]], css, tip)


def lane_chart(label: str, acts: Sequence[tuple[str, Sequence[Lane]]]) -> str:
    """Every act as a track from start to end: how far each player gets. Ticks are episodes, a flag means completed."""
    gap = 22.0  # between two acts
    lanes_height = LANE_HEIGHT * max(len(lanes) for _, lanes in acts)
    act_height = lanes_height + gap
    plane = Plane(left=150, top=26, width=860, height=act_height * len(acts) - gap / 2)
    parts = []
    for share in (0.0, 0.25, 0.5, 0.75):
        parts += _mark_of_way(plane, share, f"{share:.0%}", "grid")
    parts += _mark_of_way(plane, 1.0, "end x", "finish")
    for i, (act, lanes) in enumerate(acts):
        top = plane.top + act_height * i + 4
        middle = top + lanes_height / 2
        parts.append(text(plane.left - 14, middle + 4, act, "name", "end"))
        for k, lane in enumerate(lanes):
            parts += _lane(plane, top + LANE_HEIGHT * (k + 0.5), act, lane)
    return picture(WIDTH, plane.bottom + 6, label, *parts)


def _mark_of_way(plane: Plane, share: float, words: str, css: str) -> list[str]:
    """A share of the way as a line through all tracks, its name above."""
    x = plane.x(share)
    return [
        vertical(x, plane.top - 8, plane.bottom, css),
        text(x, plane.top - 13, words, "axis", "middle"),
    ]


def _lane(plane: Plane, y: float, act: str, lane: Lane) -> list[str]:
    x = plane.x(_between_0_and_1(lane.mean))
    parts = [
        horizontal(y, plane.left, plane.right, "rail"),
        horizontal(y, plane.left, x, f"way {lane.css}"),
    ]
    if len(lane.values) > 1:  # a value alone is the mean
        for value in lane.values:
            place = plane.x(_between_0_and_1(value))
            parts.append(vertical(place, y - 4, y + 4, f"episode {lane.css}"))
    name = f"{act}: {lane.label}"
    parts.append(circle(x, y, 4.5, f"mark {lane.css}", tip=f"{name} {lane.mean:.1%}"))
    if lane.completed:
        count = f"{lane.completed}/{len(lane.values)}"
        parts.append(text(plane.right + 10, y + 3.5, f"⚑ {count}", f"flag {lane.css}"))
        # The flag is too thin to point at: its tooltip belongs to an unseen circle over it.
        parts.append(circle(plane.right + 16, y, 7, "unseen", tip=f"{name} completed {count}"))
    return parts


def _between_0_and_1(share: float) -> float:
    return min(max(share, 0.0), 1.0)


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


def _range_with_zero(values: Iterable[float]) -> tuple[float, float]:
    """The values' range, stretched to begin at zero or below and to end above it."""
    known = [0.0, *values]
    return min(known), max(1e-9, *known)


def _curve(plane: Plane, curve: Curve) -> str:
    places = [(plane.x(x), plane.y(y)) for x, y in curve.points]
    if len(places) == 1:  # a line through one point would not be seen
        x, y = places[0]
        return circle(x, y, 3, f"mark {curve.css}", tip=curve.label)
    return path(places, f"curve {curve.classes}", tip=curve.label)
