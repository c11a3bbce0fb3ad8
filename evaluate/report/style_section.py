"""The report's section on how like the person the players play: agreement in held-out takes, habits, ways on the map."""

from collections.abc import Mapping, Sequence
from html import escape

from evaluate.habits import Habit, Play
from evaluate.maps import ActMap
from evaluate.report.act_maps import MARGIN_X, window
from evaluate.report.html import Colours, full_act_name, html_table, legend, section
from evaluate.report.plane import Plane
from evaluate.report.shape import PHONE, WIDE, Shape
from evaluate.report.svg import path, picture, rectangle
from evaluate.style import YOU, Likeness, LikenessFigure, Style
from evaluate.table import Table
from game.acts import find_act

YOUR_CSS = "you"
MOST_MAPS = 4
MORE_ROWS = 3
"""So many times the pieces of other maps: ways are thin, and want to be looked at from near."""
MOST_WAYS = 2
"""Of each player on a map."""
_MARGIN = 6.0
_GAP = 8.0


def style_section(
    style: Style | None, likeness: Likeness | None, maps: Mapping[str, ActMap], colours: Colours, game: str
) -> str:
    """Nothing without takes of the person's own."""
    if style is None:
        return ""
    css = {YOU: YOUR_CSS} | {label: colours[label] for label in style.plays if label in colours}
    parts = []
    if likeness:
        parts.append(_verdicts(likeness))
        parts.append(html_table(agreement_table(likeness, game), name="How like you"))
    parts.append(html_table(habit_table(style.habits()), name="Habits"))
    parts += _ways(style, maps, css, game)
    return section(
        "style",
        "How like you",
        "Your takes beside the players' episodes on the same acts. Agreement is asked in takes of yours that the clone never "
        "saw, where you pressed something else than just before; a search player's own takes stand beside them.",
        *parts,
    )


def _verdicts(likeness: Likeness) -> str:
    """The differences in words, each with its intervals."""
    lines = []
    for found in likeness.differences:
        gain, agreement = found.surprise, found.agreement
        by = f"{gain.mean:.2f} [{gain.low:.2f}, {gain.high:.2f}] nats a change"
        points = f"{100 * agreement.mean:+.1f} [{100 * agreement.low:+.1f}, {100 * agreement.high:+.1f}] points"
        lines.append(f"<li><b>{escape(found.in_words)}</b>: surprise lower by {by}, agreement {points}.</li>")
    return f'<ul class="grounds">{"".join(lines)}</ul>' if lines else ""


def agreement_table(likeness: Likeness, game: str) -> Table:
    """One row per player: agreement with your held-out takes, and with the search player's; then by act."""
    asked: set[str] = set()
    for figure in likeness.figures:
        if figure.whose == "yours":
            asked |= figure.acts.keys()
    acts = sorted(asked)
    columns = (
        "player",
        "agrees with you",
        "surprise, nats",
        "agrees with search",
        *(full_act_name(act, game) for act in acts),
    )
    search = {figure.player: figure.agreement for figure in likeness.figures if figure.whose == "search"}
    rows = []
    for figure in likeness.figures:
        if figure.whose != "yours":
            continue
        by_act = [f"{100 * figure.acts[act]:.0f}\u00a0%" if act in figure.acts else "–" for act in acts]
        other = search.get(figure.player)
        beside = _share(other) if other else "–"
        surprise = figure.surprise
        nats = f"{surprise.mean:.2f} [{surprise.low:.2f}, {surprise.high:.2f}]"
        rows.append((figure.player, _share(figure.agreement), nats, beside, *by_act))
    return Table("Agreement on change windows of held-out takes", columns, tuple(rows))


def _share(figure: LikenessFigure) -> str:
    return f"{100 * figure.mean:.1f}\u00a0% [{100 * figure.low:.1f}, {100 * figure.high:.1f}]"


def habit_table(habits: Mapping[str, Sequence[Habit]]) -> Table:
    """One row per habit, one column per player, you first."""
    labels = tuple(habits)
    rows = []
    for number, habit in enumerate(habits[YOU]):
        name = f"{habit.name}, {habit.unit}" if habit.unit else habit.name
        cells = [_figure(habits[label][number]) for label in labels]
        rows.append((name, *cells))
    return Table("Habits (means over plays)", ("habit", *labels), tuple(rows))


def _figure(habit: Habit) -> str:
    return f"{habit.mean:.1f}" if habit.values else "–"


def _ways(style: Style, maps: Mapping[str, ActMap], css: Mapping[str, str], game: str) -> list[str]:
    """The ways of everybody on the maps of the first acts the person has played."""
    acts = [act for act in style.acts if act in maps][:MOST_MAPS]
    if not acts:
        return []
    parts = [legend(list(css.items()))]
    for act in acts:
        name = full_act_name(act, game)
        label = f"Ways through {name}: yours and the players'"
        ways = []
        for player, by_act in style.plays.items():
            if player in css:
                ways += [(css[player], play) for play in by_act.get(act, ())[:MOST_WAYS]]
        wide, phone = (way_chart(label, act, maps[act], ways, shape) for shape in (WIDE, PHONE))
        charts = f'<div class="wide">{wide}</div><div class="phone">{phone}</div>'
        parts.append(f'<figure class="across"><h3>{escape(name)}</h3>{charts}</figure>')
    return parts


def way_chart(label: str, act: str, drawn: ActMap, ways: Sequence[tuple[str, Play]], shape: Shape) -> str:
    """Ways drawn over the act's map, in the shape's number of pieces; (colour class, play) each, the first on top."""
    left = float(drawn.x0)
    extent = max(find_act(act).end_x + MARGIN_X, drawn.right) - left
    width = shape.width - 2 * _MARGIN
    rows = shape.map_rows * MORE_ROWS
    scale = width * rows / extent
    height = drawn.height / drawn.scale * scale
    parts = []
    for row in range(rows):
        low, high = left + extent * row / rows, left + extent * (row + 1) / rows
        bottom = drawn.y0 + drawn.height / drawn.scale
        plane = Plane(
            _MARGIN, row * (height + _GAP), width, height, x_range=(low, high), y_range=(bottom, float(drawn.y0))
        )
        parts.append(rectangle(plane.left, plane.top, plane.width, plane.height, "unseen-place"))
        parts.append(window(plane, act, drawn))
        parts.append(rectangle(plane.left, plane.top, plane.width, plane.height, "veil"))
        for css, play in reversed(ways):
            parts += [path(points, f"route {css}") for points in _pieces(play, plane)]
    return picture(shape.width, rows * (height + _GAP), label, *parts)


def _pieces(play: Play, plane: Plane) -> list[list[tuple[float, float]]]:
    """A route's points in the plane; cut where it leaves the plane's x, or jumps (another life)."""
    low, high = plane.x_range
    pieces: list[list[tuple[float, float]]] = [[]]
    before = None
    for _, x, y in play.route:
        if not low <= x <= high or (before is not None and abs(x - before) > 400):
            pieces.append([])
        before = x
        if low <= x <= high:
            pieces[-1].append((plane.x(x), min(max(plane.y(y), plane.top), plane.bottom)))
    return [piece for piece in pieces if len(piece) > 1]
