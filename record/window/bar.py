"""The bar below the picture: a line with the place on it, the timer, the counters, the pad."""

from dataclasses import dataclass

from pygame import Rect, Surface, draw

from game.actions import BIT, COMBO_NAMES, COMBO_OF_MASK
from record.window.overlay import clock, fitting
from record.window.screen import ACCENT, BACKGROUND, BLUE, DIM, EDGE, GREEN, PANEL, RED, TEXT, Colour, write

STATUS_COLOURS: dict[str, Colour] = {
    "REC": RED,
    "PAUSED": ACCENT,
    "REWIND": BLUE,
    "WAITING": ACCENT,
    "POLICY": GREEN,
    "HUMAN": RED,
    "REPLAY": BLUE,
    "SEEKING": ACCENT,
}

DIRECTIONS = {"UP": (0, -1), "DOWN": (0, 1), "LEFT": (-1, 0), "RIGHT": (1, 0)}
CROSS = 18
"""Width of the direction pad's squares, in pixels."""
LINE_MARGIN = 16
"""Between the line and the window's edges, in pixels."""
LINE_HEIGHT = 14
"""Of the part of the bar that the line lies in."""


@dataclass(frozen=True)
class Hud:
    """What the bar shows.

    Attributes:
        status: a word, in the colour of STATUS_COLOURS.
        mask: the pad of the last frame.
        frames: of the whole movie that is watched, 0 when none is.
        progress, furthest: where the player stands and stood at most, 0 to 1 of the act.
        line: how much of the line is filled, 0 to 1.
        mark: a place on the line, 0 to 1; None for no mark.
    """

    status: str
    rings: int
    dropped: int
    speed: str = "60 fps"
    mask: int = 0
    frame: int = 0
    frames: int = 0
    spin_dashes: int = 0
    progress: float = 0.0
    furthest: float = 0.0
    line: float = 0.0
    mark: float | None = None


def draw_bar(surface: Surface, area: Rect, hud: Hud) -> None:
    """The line on top; status and counters from the left, the pad at the right; what does not fit is left out."""
    draw.rect(surface, PANEL, area)
    draw.line(surface, EDGE, area.topleft, area.topright)
    colour = STATUS_COLOURS.get(hud.status, DIM)
    _draw_line(surface, line_area(area), hud, colour)
    pad_left = _draw_pad(surface, area, hud.mask)
    upper = area.centery - 8
    lower = area.centery + 19
    dot = (area.left + 24, upper)
    draw.circle(surface, colour, dot, 7)
    write(surface, hud.status, (area.left + 38, upper), 25, colour, anchor="midleft")
    write(surface, hud.speed, (area.left + 16, lower), 20, DIM, anchor="midleft")
    x = area.left + 130
    for value, caption, width in _columns(hud):
        if x + width > pad_left:
            break
        write(surface, value, (x, upper), fitting(value, 30, width - 8), TEXT, anchor="midleft")
        write(surface, caption, (x, lower), 20, DIM, anchor="midleft")
        x += width


def _columns(hud: Hud) -> list[tuple[str, str, int]]:
    """(value, caption, width in pixels), the most important first."""
    combo = int(COMBO_OF_MASK[hud.mask])
    caption = f"frame {hud.frame}"
    if hud.frames:
        caption = f"{hud.frame} of {hud.frames}"
    columns = [
        (clock(hud.frame), caption, 110),
        (percent(hud.progress), f"best {percent(hud.furthest)}", 88),
        (COMBO_NAMES[combo], f"combo {combo}", 176),
        (str(hud.rings), "rings", 54),
        (str(hud.spin_dashes), "dashes", 66),
    ]
    if not hud.frames:  # nothing that is only watched can be missed
        columns.append((str(hud.dropped), "dropped", 66))
    return columns


def percent(share: float) -> str:
    """A share of the act as people say it; 100 % is only said of all of it."""
    return f"{int(share * 100 + 1e-9)} %"


def line_area(bar: Rect) -> Rect:
    """Where the line is drawn, and where a click on it counts."""
    return Rect(bar.left + LINE_MARGIN, bar.top, bar.width - 2 * LINE_MARGIN, LINE_HEIGHT)


def share_at(bar: Rect, x: int) -> float:
    """The place on the line, 0 to 1, at a pixel's x."""
    line = line_area(bar)
    return min(max((x - line.left) / max(line.width - 1, 1), 0.0), 1.0)


def _draw_line(surface: Surface, area: Rect, hud: Hud, colour: Colour) -> None:
    """A line, filled up to where things stand, with a knob there and a small mark at the furthest point."""
    groove = Rect(area.left, area.centery - 2, area.width, 4)
    draw.rect(surface, EDGE, groove, border_radius=2)
    filled = groove.copy()
    filled.width = round(groove.width * hud.line)
    draw.rect(surface, colour, filled, border_radius=2)
    if hud.mark is not None:
        at = groove.left + round((groove.width - 1) * hud.mark)
        draw.rect(surface, TEXT, Rect(at - 1, groove.top - 3, 3, 10))
    draw.circle(surface, colour, (filled.right, groove.centery), 5)


def _draw_pad(surface: Surface, area: Rect, mask: int) -> int:
    """The twelve buttons, lit where held; returns the left edge."""
    middle = area.centery + 5
    right = area.right - 16
    x = right - 15
    for large, small in (("C", "Z"), ("B", "Y"), ("A", "X")):
        _draw_round(surface, (x, middle + 14), large, mask, radius=14, letters=21)
        _draw_round(surface, (x, middle - 15), small, mask, radius=10, letters=16)
        x -= 34
    start = Rect(right - 166, middle + 7, 54, 18)
    _draw_box(surface, start, "START", mask)
    _draw_box(surface, start.move(0, -34), "MODE", mask)
    cross = (start.left - 24 - CROSS * 3 // 2, middle)
    _draw_cross(surface, cross, mask)
    return cross[0] - CROSS * 3 // 2 - 8


def _draw_cross(surface: Surface, centre: tuple[int, int], mask: int) -> None:
    """The four directions as squares round a dark one."""
    square = Rect(0, 0, CROSS, CROSS)
    square.center = centre
    for name, (across, down) in DIRECTIONS.items():
        arm = square.move(across * CROSS, down * CROSS)
        fill, _ = _colours(name, mask)
        draw.rect(surface, fill, arm, border_radius=4)
    draw.rect(surface, EDGE, square)


def _colours(button: str, mask: int) -> tuple[Colour, Colour]:
    """(of the button, of its name): bright while it is held."""
    if mask & BIT[button]:
        return ACCENT, BACKGROUND
    return EDGE, DIM


def _draw_round(surface: Surface, centre: tuple[int, int], button: str, mask: int, radius: int, letters: int) -> None:
    fill, ink = _colours(button, mask)
    draw.circle(surface, fill, centre, radius)
    write(surface, button, centre, letters, ink, anchor="center")


def _draw_box(surface: Surface, box: Rect, button: str, mask: int) -> None:
    fill, ink = _colours(button, mask)
    draw.rect(surface, fill, box, border_radius=9)
    write(surface, button, box.center, 16, ink, anchor="center")
