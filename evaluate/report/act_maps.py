"""The report's section of maps: every act seen from the side, and where each player's episodes ended on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from evaluate.endings import Ending, ending_in_words, ending_of, ending_x
from evaluate.maps import ActMap
from evaluate.report.html import Colours, full_act_name, legend, section
from evaluate.report.plane import Plane
from evaluate.report.shape import PHONE, WIDE, Shape
from evaluate.report.svg import horizontal, path, picture, rectangle, tag, text, title, vertical
from evaluate.results import Results
from game.acts import find_act

LANE_HEIGHT = 15.0
"""Of a player below a map."""

MARGIN_X = 200
"""Pixels of the game shown beyond the contest's end x."""

_SIZE = 4.0  # half a mark's extent
_MARGIN = _SIZE + 2  # so that a mark at the end is whole
_ROOM = 28.0  # that a number takes beside its mark
_GAP = 10.0  # between two pieces of one map


@dataclass(frozen=True)
class Mark:
    """The end of one episode: in which lane (0 is the first player's), at which x of the game, and how."""

    lane: int
    x: int
    ending: Ending
    css: str
    tip: str


def map_section(results: Results, maps: Mapping[str, ActMap], colours: Colours) -> str:
    """One map per act with the ends of all episodes; nothing without maps."""
    if not maps:
        return ""
    players = [player.label for player in results.players]
    parts = [_store(maps)]
    for act in results.acts:
        if act not in maps:
            continue
        name = full_act_name(act, results.game)
        label = f"Map of {name} and where the episodes ended"
        marks = marks_of(results, act, colours)
        wide, phone = (map_chart(label, act, maps[act], marks, players, shape) for shape in (WIDE, PHONE))
        charts = f'<div class="wide">{wide}</div><div class="phone">{phone}</div>'
        parts.append(f'<figure class="across"><h3>{escape(name)}</h3>{charts}</figure>')
    return section(
        "maps",
        "Where the episodes end",
        "Every act from the side, pasted together from the screens of the episode that came furthest; what it did not see "
        "stays dark. Below the map a line per player, in the legend's order; each mark is an episode, ×2 two that ended "
        "at one place.",
        legend([(player, colours[player]) for player in players]),
        _key(),
        *parts,
    )


def marks_of(results: Results, act: str, colours: Colours) -> list[Mark]:
    """The ends of all episodes of an act."""
    place = results.acts.index(act)
    marks = []
    for lane, player in enumerate(results.players):
        for episode in player.acts[place].episodes:
            tip = f"{player.label}, seed {episode.seed}: {ending_in_words(episode)}"
            marks.append(Mark(lane, ending_x(episode), ending_of(episode), colours[player.label], tip))
    return marks


def map_chart(label: str, act: str, drawn: ActMap, marks: Sequence[Mark], players: Sequence[str], shape: Shape) -> str:
    """The act's map in the shape's number of pieces, a lane per player below each."""
    end_x = find_act(act).end_x
    left = float(drawn.x0)
    extent = max(end_x + MARGIN_X, drawn.right) - left
    begin = _MARGIN if shape.names_above else shape.left
    width = shape.width - begin - _MARGIN
    scale = width * shape.map_rows / extent  # of the chart per pixel of the game
    parts = []
    top = 0.0
    for row in range(shape.map_rows):
        low = left + extent * row / shape.map_rows
        high = left + extent * (row + 1) / shape.map_rows
        plane = Plane(begin, top, width, drawn.height / drawn.scale * scale, x_range=(low, high))
        parts.append(rectangle(plane.left, plane.top, plane.width, plane.height, "unseen-place"))
        parts.append(window(plane, act, drawn))
        if low <= end_x <= high:
            parts.append(vertical(plane.x(end_x), top, plane.bottom + LANE_HEIGHT * len(players), "finish"))
        here = [mark for mark in marks if _row_of((mark.x - left) / extent, shape.map_rows) == row]
        parts += _lanes(plane, here, len(players))
        if not shape.names_above:
            for lane, name in enumerate(players):
                parts.append(text(plane.left - 14, _lane_y(plane, lane) + 4, name, "axis", "end"))
        top = plane.bottom + LANE_HEIGHT * len(players) + _GAP
    return picture(shape.width, top - _GAP + 2, label, *parts)


def _row_of(share: float, rows: int) -> int:
    """In which piece a share of the way lies; before the first and after the last are theirs."""
    return min(max(int(share * rows), 0), rows - 1)


def window(plane: Plane, act: str, drawn: ActMap) -> str:
    """The map between the plane's ends: a window onto the one picture that is in the page."""
    low, high = plane.x_range
    left = (low - drawn.x0) * drawn.scale
    return tag(
        "svg",
        tag("use", href=f"#{_name(act)}"),
        x=plane.left,
        y=plane.top,
        width=plane.width,
        height=plane.height,
        viewBox=f"{left:.1f} 0 {(high - low) * drawn.scale:.1f} {drawn.height}",
        preserveAspectRatio="none",
    )


def _lanes(plane: Plane, marks: Sequence[Mark], lanes: int) -> list[str]:
    """A rail per player, and the marks on it with their hair lines; ends at one place are one mark with their number."""
    parts = [horizontal(_lane_y(plane, lane), plane.left, plane.right, "rail") for lane in range(lanes)]
    over = []
    groups = _together(plane, marks)
    for together in groups:
        first = together[0]
        x = _place(plane, first)
        y = _lane_y(plane, first.lane)
        if first.ending != "completed":
            parts.append(vertical(x, plane.top, y, f"hair {first.css}"))
        over.append(shape_of(first.ending, x, y, first.css, "; ".join(mark.tip for mark in together)))
        if len(together) > 1:
            others = [
                _place(plane, group[0]) for group in groups if group is not together and group[0].lane == first.lane
            ]
            over += _count(plane, x, y, len(together), others)
    return parts + over


def _count(plane: Plane, x: float, y: float, number: int, others: Sequence[float]) -> list[str]:
    """How many ends a mark stands for, on the side where there is room; nothing where there is none."""
    for low, high, place, anchor in ((x, x + _ROOM, x + 9, "start"), (x - _ROOM, x, x - 9, "end")):
        if plane.left <= low and high <= plane.right and not any(low - _SIZE <= other <= high for other in others):
            return [text(place, y + 4, f"×{number}", "count", anchor)]
    return []


def _together(plane: Plane, marks: Sequence[Mark]) -> list[list[Mark]]:
    """Marks of one lane and one ending that would cover each other."""
    groups: list[list[Mark]] = []
    for mark in sorted(marks, key=lambda mark: (mark.lane, mark.ending, mark.x)):
        last = groups[-1][0] if groups else None
        alike = last and (last.lane, last.ending) == (mark.lane, mark.ending)
        if last and alike and _place(plane, mark) - _place(plane, last) < 1.5 * _SIZE:
            groups[-1].append(mark)
        else:
            groups.append([mark])
    return groups


def _place(plane: Plane, mark: Mark) -> float:
    """Where a mark stands; one beyond the map's ends is shown at them."""
    low, high = plane.x_range
    return plane.x(min(max(mark.x, low), high))


def _lane_y(plane: Plane, lane: int) -> float:
    return plane.bottom + 3 + LANE_HEIGHT * (lane + 0.5)


def shape_of(ending: Ending, x: float, y: float, css: str, tip: str = "") -> str:
    """An ending's mark: a cross for a death, a hollow square for time that ran out, a full triangle for an act completed."""
    if ending == "died":
        strokes = (
            path([(x - _SIZE, y - _SIZE), (x + _SIZE, y + _SIZE)], f"cross {css}"),
            path([(x - _SIZE, y + _SIZE), (x + _SIZE, y - _SIZE)], f"cross {css}"),
        )
        # Strokes are too thin to point at: the tooltip belongs to an unseen square over them.
        over = rectangle(x - _SIZE, y - _SIZE, 2 * _SIZE, 2 * _SIZE, "unseen")
        return tag("g", title(tip), *strokes, over)
    if ending == "completed":
        corners = [(x, y - _SIZE - 1), (x + _SIZE + 1, y + _SIZE), (x - _SIZE - 1, y + _SIZE)]
        return path([*corners, corners[0]], f"triangle {css}", tip)
    return rectangle(x - _SIZE + 0.5, y - _SIZE + 0.5, 2 * _SIZE - 1, 2 * _SIZE - 1, f"square {css}", tip)


def _key() -> str:
    """What the marks mean."""
    entries = []
    endings: tuple[Ending, ...] = ("died", "time ran out", "completed")
    for ending in endings:
        mark = shape_of(ending, 7, 7, "")
        drawn = tag("svg", mark, viewBox="0 0 14 14", css="key", aria_hidden="true")
        entries.append(f"<li>{drawn}{ending}</li>")
    entries.append('<li><span class="finish-key" aria-hidden="true"></span>the contest\'s end x</li>')
    return f'<ul class="legend">{"".join(entries)}</ul>'


def _store(maps: Mapping[str, ActMap]) -> str:
    """Every picture once; the charts show windows onto them."""
    images = []
    for act, drawn in maps.items():
        source = f"data:image/webp;base64,{drawn.webp}"
        images.append(tag("image", id=_name(act), width=drawn.width, height=drawn.height, href=source))
    return tag("svg", tag("defs", *images), css="store", width=0, height=0, aria_hidden="true")


def _name(act: str) -> str:
    """An act's picture as the page calls it."""
    return f"map-{act}"
