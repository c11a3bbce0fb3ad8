"""What is drawn besides the game: the bar with pad, combo and timer, cards, and short messages."""

from dataclasses import dataclass

from pygame import SRCALPHA, Rect, Surface, draw

from game.actions import BIT, COMBO_NAMES, COMBO_OF_MASK
from record.window.screen import ACCENT, BACKGROUND, BLUE, DIM, EDGE, GREEN, PANEL, RED, TEXT, Colour, text_width, write

STATUS_COLOURS: dict[str, Colour] = {
    "REC": RED,
    "PAUSED": ACCENT,
    "REWIND": BLUE,
    "WAITING": ACCENT,
    "POLICY": GREEN,
    "HUMAN": RED,
    "REPLAY": BLUE,
}

SMALLEST_LETTERS = 12
"""In pixels; below that nobody can read them."""
DIRECTIONS = {"UP": (0, -1), "DOWN": (0, 1), "LEFT": (-1, 0), "RIGHT": (1, 0)}
CROSS = 20
"""Width of the direction pad's squares, in pixels."""


@dataclass(frozen=True)
class Hud:
    """What the bar shows.

    Attributes:
        status: a word, in the colour of STATUS_COLOURS.
        mask: the pad of the last frame.
    """

    status: str
    rings: int
    dropped: int
    speed: str = "60 fps"
    mask: int = 0
    frame: int = 0
    spin_dashes: int = 0


@dataclass(frozen=True)
class Card:
    """A panel over the picture.

    Attributes:
        rows: (left, right) pairs; a pair with an empty left side is a line of its own.
        keys: (key, what it does), set in two columns below the rows.
        progress: a bar at the bottom, 0 to 1; None for no bar.
    """

    title: str
    subtitle: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    keys: tuple[tuple[str, str], ...] = ()
    colour: Colour = ACCENT
    progress: float | None = None


def clock(frames: int) -> str:
    """Frames as m:ss.hh at 60 per second."""
    seconds, rest = divmod(frames, 60)
    return f"{seconds // 60}:{seconds % 60:02d}.{rest * 100 // 60:02d}"


def draw_bar(surface: Surface, area: Rect, hud: Hud) -> None:
    """Status, timer, combo and counters from the left, the pad at the right; what does not fit is left out."""
    draw.rect(surface, PANEL, area)
    draw.line(surface, EDGE, area.topleft, area.topright)
    pad_left = _draw_pad(surface, area, hud.mask)
    upper = area.centery - 13
    lower = area.centery + 15
    colour = STATUS_COLOURS.get(hud.status, DIM)
    dot = (area.left + 24, upper)
    draw.circle(surface, colour, dot, 8)
    write(surface, hud.status, (area.left + 41, upper), 26, colour, anchor="midleft")
    write(surface, hud.speed, (area.left + 16, lower), 20, DIM, anchor="midleft")
    combo = int(COMBO_OF_MASK[hud.mask])
    columns = (
        (clock(hud.frame), f"frame {hud.frame}", 112),
        (COMBO_NAMES[combo], f"combo {combo}", 190),
        (str(hud.rings), "rings", 64),
        (str(hud.spin_dashes), "dashes", 76),
        (str(hud.dropped), "dropped", 76),
    )
    x = area.left + 138
    for value, caption, width in columns:
        if x + width > pad_left:
            break
        write(surface, value, (x, upper), 30, TEXT, anchor="midleft")
        write(surface, caption, (x, lower), 20, DIM, anchor="midleft")
        x += width


def _draw_pad(surface: Surface, area: Rect, mask: int) -> int:
    """The twelve buttons, lit where held; returns the left edge."""
    middle = area.centery
    right = area.right - 16
    x = right - 15
    for large, small in (("C", "Z"), ("B", "Y"), ("A", "X")):
        _draw_round(surface, (x, middle + 15), large, mask, radius=15, letters=22)
        _draw_round(surface, (x, middle - 19), small, mask, radius=11, letters=17)
        x -= 34
    start = Rect(right - 166, middle + 7, 54, 18)
    _draw_box(surface, start, "START", mask)
    _draw_box(surface, start.move(0, -34), "MODE", mask)
    cross = (start.left - 24 - CROSS * 3 // 2, middle)
    _draw_cross(surface, cross, mask)
    return cross[0] - CROSS * 2


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


def draw_message(surface: Surface, area: Rect, text: str) -> None:
    """One line at the top of the picture."""
    size = _fitting(text, 24, area.width - 48)
    box = Rect(0, 0, text_width(text, size) + 24, size + 10)
    box.midtop = (area.centerx, area.top + 10)
    draw.rect(surface, BACKGROUND, box, border_radius=8)
    draw.rect(surface, EDGE, box, width=1, border_radius=8)
    write(surface, text, box.center, size, TEXT, anchor="center")


def _fitting(text: str, size: int, width: int) -> int:
    """The largest letter size, at most `size`, at which a text is no wider than `width`."""
    while size > SMALLEST_LETTERS and text_width(text, size) > width:
        size -= 1
    return size


def _write_fitting(surface: Surface, text: str, at: tuple[int, int], size: int, width: int, colour: Colour) -> None:
    """Write with letters of this size, or as much smaller as the width asks for."""
    write(surface, text, at, _fitting(text, size, width), colour)


def draw_card(surface: Surface, area: Rect, card: Card) -> None:
    """A card in the middle of an area, its letters as large as the area allows."""
    # everything is measured in letter sizes, so that a card keeps its proportions at every window size
    unit = max(SMALLEST_LETTERS, min(area.height // 25, area.width // 36))
    rows_height = len(card.rows) * _line_height(unit)
    keys_height = _key_lines(card) * _line_height(unit)
    gap = 0
    if card.rows and card.keys:
        gap = unit
    height = round(unit * 4.2) + rows_height + gap + keys_height
    if card.progress is not None:
        height += unit
    panel = Rect(0, 0, unit * 32, height)
    panel.width = min(panel.width, area.width - 16)
    panel.height = min(panel.height, area.height - 8)
    panel.center = area.center
    _draw_panel(surface, panel)
    inner = panel.inflate(-2 * unit, -round(1.4 * unit))
    rows = Rect(inner.left, 0, inner.width, rows_height)
    rows.top = _draw_heading(surface, inner, card, unit)
    _draw_rows(surface, rows, card, unit)
    keys = Rect(inner.left, rows.bottom + gap, inner.width, keys_height)
    _draw_keys(surface, keys, card, unit)
    if card.progress is not None:
        progress = Rect(inner.left, panel.bottom - unit, inner.width, 6)
        _draw_progress(surface, progress, card)


def _key_lines(card: Card) -> int:
    """Lines that the keys take in two columns."""
    return (len(card.keys) + 1) // 2


def _line_height(unit: int) -> int:
    return round(unit * 1.22)


def _draw_panel(surface: Surface, panel: Rect) -> None:
    # only a surface with an alpha channel of its own lets the picture shine through
    veil = Surface(panel.size, SRCALPHA)
    draw.rect(veil, (*PANEL, 236), veil.get_rect(), border_radius=12)
    surface.blit(veil, panel)
    draw.rect(surface, EDGE, panel, width=1, border_radius=12)


def _draw_heading(surface: Surface, inner: Rect, card: Card, unit: int) -> int:
    """Title and subtitle; returns where they end."""
    size = round(unit * 1.9)
    _write_fitting(surface, card.title, inner.topleft, size, width=inner.width, colour=card.colour)
    below = inner.move(0, round(unit * 1.4))
    size = round(unit * 1.05)
    _write_fitting(surface, card.subtitle, below.topleft, size, width=inner.width, colour=DIM)
    return below.top + round(unit * 1.45)


def _draw_rows(surface: Surface, area: Rect, card: Card, unit: int) -> None:
    for i, (left, right) in enumerate(card.rows):
        y = area.top + i * _line_height(unit)
        indent = 0
        if left:
            write(surface, left, (area.left, y), unit + 2, DIM)
            indent = unit * 8
        at = (area.left + indent, y)
        _write_fitting(surface, right, at, unit + 2, width=area.width - indent, colour=TEXT)


def _draw_keys(surface: Surface, area: Rect, card: Card, unit: int) -> None:
    """Two columns, the first one filled first."""
    lines = _key_lines(card)
    key_width = unit * 6
    meaning_width = area.width // 2 - key_width
    for i, (key, meaning) in enumerate(card.keys):
        column, row = divmod(i, lines)
        x = area.left + column * (area.width // 2)
        y = area.top + row * _line_height(unit)
        _write_fitting(surface, key, (x, y), unit + 1, width=key_width, colour=ACCENT)
        _write_fitting(surface, meaning, (x + key_width, y), unit + 1, width=meaning_width, colour=TEXT)


def _draw_progress(surface: Surface, area: Rect, card: Card) -> None:
    draw.rect(surface, EDGE, area, border_radius=3)
    share = min(card.progress or 0.0, 1.0)
    done = area.copy()
    done.width = round(area.width * share)
    draw.rect(surface, card.colour, done, border_radius=3)
