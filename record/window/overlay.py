"""What is drawn besides the game: cards and short messages. (The bar: bar.py.)"""

from dataclasses import dataclass

from pygame import SRCALPHA, Rect, Surface, draw

from record.window.screen import ACCENT, BACKGROUND, DIM, EDGE, PANEL, TEXT, Colour, text_width, write

SMALLEST_LETTERS = 12
"""In pixels; below that nobody can read them."""


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


def draw_message(surface: Surface, area: Rect, text: str) -> None:
    """One line at the top of the picture."""
    size = fitting(text, 24, area.width - 48)
    box = Rect(0, 0, text_width(text, size) + 24, size + 10)
    box.midtop = (area.centerx, area.top + 10)
    draw.rect(surface, BACKGROUND, box, border_radius=8)
    draw.rect(surface, EDGE, box, width=1, border_radius=8)
    write(surface, text, box.center, size, TEXT, anchor="center")


def fitting(text: str, size: int, width: int) -> int:
    """The largest letter size, at most `size`, at which a text is no wider than `width`."""
    while size > SMALLEST_LETTERS and text_width(text, size) > width:
        size -= 1
    return size


def _write_fitting(surface: Surface, text: str, at: tuple[int, int], size: int, width: int, colour: Colour) -> None:
    """Write with letters of this size, or as much smaller as the width asks for."""
    write(surface, text, at, fitting(text, size, width), colour)


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
