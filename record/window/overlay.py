"""What is drawn besides the game: the bar with pad, combo and timer, cards, and short messages."""

from dataclasses import dataclass, field

import pygame

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


@dataclass(frozen=True)
class Hud:
    """What the bar shows."""

    status: str
    mask: int
    frame: int
    spin_dashes: int
    rings: int
    dropped: int
    speed: str = ""


@dataclass(frozen=True)
class Card:
    """A panel over the picture.

    Attributes:
        rows: (left, right) pairs; a pair with an empty left side is a line of its own.
        keys: (key, what it does), set in two columns below the rows.
    """

    title: str
    subtitle: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    keys: tuple[tuple[str, str], ...] = ()
    colour: Colour = ACCENT
    progress: float | None = field(default=None)
    """A bar at the bottom, 0 to 1."""


def clock(frames: int) -> str:
    """Frames as m:ss.hh at 60 a second."""
    seconds, rest = divmod(frames, 60)
    return f"{seconds // 60}:{seconds % 60:02d}.{rest * 100 // 60:02d}"


def draw_bar(surface: pygame.Surface, area: pygame.Rect, hud: Hud) -> None:
    """Status, timer, combo and counters from the left, the pad at the right; what does not fit is left out."""
    pygame.draw.rect(surface, PANEL, area)
    pygame.draw.line(surface, EDGE, area.topleft, area.topright)
    pad_left = _draw_pad(surface, area, hud.mask)
    colour = STATUS_COLOURS.get(hud.status, DIM)
    dot = (area.left + 24, area.centery - 13)
    pygame.draw.circle(surface, colour, dot, 8)
    write(surface, hud.status, (dot[0] + 17, dot[1]), 26, colour, "midleft")
    write(surface, hud.speed or "60 fps", (area.left + 16, area.centery + 15), 20, DIM, "midleft")
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
        write(surface, value, (x, area.centery - 13), 30, TEXT, "midleft")
        write(surface, caption, (x, area.centery + 15), 20, DIM, "midleft")
        x += width


def _draw_pad(surface: pygame.Surface, area: pygame.Rect, mask: int) -> int:
    """The twelve buttons, lit where held; returns the left edge."""
    middle = area.centery
    right = area.right - 16
    for i, name in enumerate(("C", "B", "A")):
        _round(surface, (right - 15 - i * 34, middle + 15), 15, name, mask)
    for i, name in enumerate(("Z", "Y", "X")):
        _round(surface, (right - 15 - i * 34, middle - 19), 11, name, mask)
    start = pygame.Rect(right - 166, middle + 7, 54, 18)
    _box(surface, start, "START", mask)
    _box(surface, start.move(0, -34), "MODE", mask)
    size = 20
    cross = (start.left - 24 - size * 3 // 2, middle)
    for name, (dx, dy) in {"UP": (0, -1), "DOWN": (0, 1), "LEFT": (-1, 0), "RIGHT": (1, 0)}.items():
        box = pygame.Rect(0, 0, size, size)
        box.center = (cross[0] + dx * size, cross[1] + dy * size)
        pygame.draw.rect(surface, _lit(name, mask), box, border_radius=4)
    pygame.draw.rect(surface, EDGE, pygame.Rect(cross[0] - size // 2, cross[1] - size // 2, size, size))
    return cross[0] - size * 2


def _lit(name: str, mask: int) -> Colour:
    return ACCENT if mask & BIT[name] else EDGE


def _ink(name: str, mask: int) -> Colour:
    return BACKGROUND if mask & BIT[name] else DIM


def _round(surface: pygame.Surface, centre: tuple[int, int], radius: int, name: str, mask: int) -> None:
    pygame.draw.circle(surface, _lit(name, mask), centre, radius)
    write(surface, name, centre, 22 if radius > 12 else 17, _ink(name, mask), "center")


def _box(surface: pygame.Surface, box: pygame.Rect, name: str, mask: int) -> None:
    pygame.draw.rect(surface, _lit(name, mask), box, border_radius=9)
    write(surface, name, box.center, 16, _ink(name, mask), "center")


def draw_message(surface: pygame.Surface, area: pygame.Rect, text: str) -> None:
    """One line at the top of the picture."""
    size = _fitting(text, 24, area.width - 48)
    box = pygame.Rect(0, 0, text_width(text, size) + 24, size + 10)
    box.midtop = (area.centerx, area.top + 10)
    pygame.draw.rect(surface, BACKGROUND, box, border_radius=8)
    pygame.draw.rect(surface, EDGE, box, width=1, border_radius=8)
    write(surface, text, box.center, size, TEXT, "center")


def _fitting(text: str, size: int, width: int) -> int:
    """The largest letter size, at most `size`, at which a text is no wider than `width`."""
    while size > 12 and text_width(text, size) > width:
        size -= 1
    return size


def draw_card(surface: pygame.Surface, area: pygame.Rect, card: Card) -> None:
    """A card in the middle of an area, its letters as large as the area allows."""
    unit = max(12, min(area.height // 25, area.width // 36))
    line = round(unit * 1.22)
    key_lines = (len(card.keys) + 1) // 2
    height = round(unit * 4.2) + line * (len(card.rows) + key_lines) + (unit if card.rows and card.keys else 0)
    height += unit if card.progress is not None else 0
    panel = pygame.Rect(0, 0, min(area.width - 16, unit * 32), min(height, area.height - 8))
    panel.center = area.center
    veil = pygame.Surface(panel.size, pygame.SRCALPHA)
    pygame.draw.rect(veil, (*PANEL, 236), veil.get_rect(), border_radius=12)
    surface.blit(veil, panel)
    pygame.draw.rect(surface, EDGE, panel, width=1, border_radius=12)
    inner = panel.inflate(-2 * unit, -round(1.4 * unit))
    title_size = _fitting(card.title, round(unit * 1.9), inner.width)
    write(surface, card.title, inner.topleft, title_size, card.colour)
    y = inner.top + round(unit * 1.4)
    write(surface, card.subtitle, (inner.left, y), _fitting(card.subtitle, round(unit * 1.05), inner.width), DIM)
    y += round(unit * 1.45)
    for left, right in card.rows:
        if left:
            write(surface, left, (inner.left, y), unit + 2, DIM)
            indent = unit * 8
            write(surface, right, (inner.left + indent, y), _fitting(right, unit + 2, inner.width - indent), TEXT)
        else:
            write(surface, right, (inner.left, y), _fitting(right, unit + 2, inner.width), TEXT)
        y += line
    y += unit if card.rows and card.keys else 0
    _draw_keys(surface, pygame.Rect(inner.left, y, inner.width, key_lines * line), card, unit, line)
    if card.progress is not None:
        _draw_progress(surface, pygame.Rect(inner.left, panel.bottom - unit, inner.width, 6), card)


def _draw_keys(surface: pygame.Surface, area: pygame.Rect, card: Card, unit: int, line: int) -> None:
    rows = (len(card.keys) + 1) // 2
    for i, (key, meaning) in enumerate(card.keys):
        x = area.left + (i // rows) * (area.width // 2)
        y = area.top + (i % rows) * line
        write(surface, key, (x, y), _fitting(key, unit + 1, unit * 6), ACCENT)
        width = area.width // 2 - unit * 6
        write(surface, meaning, (x + unit * 6, y), _fitting(meaning, unit + 1, width), TEXT)


def _draw_progress(surface: pygame.Surface, area: pygame.Rect, card: Card) -> None:
    pygame.draw.rect(surface, EDGE, area, border_radius=3)
    done = area.copy()
    done.width = round(area.width * min(card.progress or 0.0, 1.0))
    pygame.draw.rect(surface, card.colour, done, border_radius=3)
