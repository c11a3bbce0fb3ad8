"""The report's charts of rows, one player each, from figures to SVG; each is drawn in either shape."""

from collections.abc import Sequence
from dataclasses import dataclass

from evaluate.report.plane import Formatter, Plane
from evaluate.report.shape import PHONE, Shape
from evaluate.report.svg import circle, horizontal, path, picture, rectangle, text, ticks, vertical
from experiment.statistics import Estimate, Interval

ROW_HEIGHT = 44.0
"""Of a player in the interval chart."""

LANE_HEIGHT = 13.5
"""Of a player in an act's track."""

NAME_HEIGHT = 18.0
"""Of a name that stands above its row."""

_BAR_HEIGHT = 13.0
_GAP = 22.0  # between two acts


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
class Lane:
    """One player in one act's row: its mean progress, that of its episodes (0 to 1), and how many it completed."""

    label: str
    css: str
    mean: float
    values: Sequence[float]
    completed: int = 0


def interval_chart(label: str, rows: Sequence[Row], formatter: Formatter, top: float, shape: Shape) -> str:
    """One row per player: mean as a dot, interquartile mean as a diamond, their intervals as bars."""
    name_height = NAME_HEIGHT if shape.names_above else 0.0
    row_height = ROW_HEIGHT + name_height
    plane = Plane(shape.left, top=6, width=shape.inside, height=row_height * len(rows), x_range=(0.0, top))
    parts = []
    for tick in ticks(0, top):
        x = plane.x(tick)
        parts.append(vertical(x, plane.top, plane.bottom, "grid"))
        parts.append(text(x, plane.bottom + 18, formatter(tick), "axis", "middle"))
    for i, row in enumerate(rows):
        top_of_row = plane.top + row_height * i
        parts.append(_name(plane, shape, row.label, top_of_row, ROW_HEIGHT))
        parts += _row(plane, top_of_row + name_height + ROW_HEIGHT / 2, row, formatter)
    return picture(shape.width, plane.bottom + 26, label, *parts)


def _name(plane: Plane, shape: Shape, words: str, top: float, height: float) -> str:
    """A row's name, above it or on its left."""
    if shape.names_above:
        return text(plane.left, top + 14, words, "name")
    return text(plane.left - 14, top + height / 2 + 4, words, "name", "end")


def _row(plane: Plane, y: float, row: Row, formatter: Formatter) -> list[str]:
    """A mean above its interquartile mean, and the mean as a figure."""
    estimate = row.estimate
    mean = formatter(estimate.mean)
    mean_tip = f"{row.label}: mean {mean}"
    iqm_tip = f"{row.label}: interquartile mean {formatter(estimate.iqm)}"
    return [
        *_whisker(plane, y - 6, estimate.mean_interval, row.css),
        circle(plane.x(estimate.mean), y - 6, 6, f"mark {row.css}", mean_tip),
        *_whisker(plane, y + 9, estimate.iqm_interval, f"{row.css} thin"),
        _diamond(plane.x(estimate.iqm), y + 9, f"diamond {row.css}", iqm_tip),
        text(plane.right + 10, y + 5, mean, "figure"),
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


def lane_chart(label: str, acts: Sequence[tuple[str, Sequence[Lane]]], shape: Shape) -> str:
    """Every act as a track from start to end: how far each player gets. Ticks are episodes, a flag means completed."""
    name_height = NAME_HEIGHT if shape.names_above else 0.0
    lanes_height = LANE_HEIGHT * max(len(lanes) for _, lanes in acts)
    act_height = lanes_height + name_height + _GAP
    plane = Plane(shape.left, top=26, width=shape.inside, height=act_height * len(acts) - _GAP / 2)
    parts = []
    for share in (0.0, 0.25, 0.5, 0.75):
        parts += _mark_of_way(plane, share, f"{share:.0%}", "grid")
    parts += _mark_of_way(plane, 1.0, "end x", "finish")
    for i, (act, lanes) in enumerate(acts):
        top = plane.top + act_height * i + 4
        parts.append(_name(plane, shape, act, top, lanes_height))
        for k, lane in enumerate(lanes):
            parts += _lane(plane, top + name_height + LANE_HEIGHT * (k + 0.5), act, lane)
    return picture(shape.width, plane.bottom + 6, label, *parts)


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
        parts.append(text(plane.right + 9, y + 3.5, f"⚑ {count}", "flag"))
        # The flag is too thin to point at: its tooltip belongs to an unseen circle over it.
        parts.append(circle(plane.right + 15, y, 7, "unseen", tip=f"{name} completed {count}"))
    return parts


def _between_0_and_1(share: float) -> float:
    return min(max(share, 0.0), 1.0)


def bar_rows(label: str, groups: Sequence[str], series: Sequence[Bars], formatter: Formatter, top: float = 0.0) -> str:
    """A bar chart for phones: groups below one another, their names above them, each bar with its figure."""
    means = [mean for bars in series for mean in bars.means if mean is not None]
    lanes_height = _BAR_HEIGHT * len(series)
    group_height = NAME_HEIGHT + lanes_height + 12
    height = group_height * len(groups)
    plane = Plane(PHONE.left, top=2, width=PHONE.inside, height=height, x_range=(0.0, max(top, 1e-9, *means)))
    parts = []
    for i, group in enumerate(groups):
        begin = plane.top + group_height * i
        parts.append(text(plane.left, begin + 13, group, "name"))
        for k, bars in enumerate(series):
            mean = bars.means[i]
            if mean is not None:
                y = begin + NAME_HEIGHT + _BAR_HEIGHT * k
                parts += _lying_bar(plane, y, mean, bars, f"{group}: {bars.label} {formatter(mean)}", formatter(mean))
    return picture(PHONE.width, plane.bottom, label, *parts)


def _lying_bar(plane: Plane, y: float, mean: float, bars: Bars, tip: str, figure: str) -> list[str]:
    right = plane.x(max(mean, 0.0))
    return [
        rectangle(plane.left, y + 1, right - plane.left, _BAR_HEIGHT - 2, css=f"bar {bars.css}", tip=tip),
        text(right + 5, y + _BAR_HEIGHT - 3, figure, "axis"),
    ]
