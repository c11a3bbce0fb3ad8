"""The recorder's window: the game's picture in whole-number scale, the bar below it, a card over it."""

import os
import sys
from functools import lru_cache
from pathlib import Path

import numpy as np
import pygame

PICTURE = (320, 224)
BAR_HEIGHT = 76

BACKGROUND = (13, 15, 21)
PANEL = (24, 28, 38)
EDGE = (58, 66, 86)
TEXT = (236, 239, 246)
DIM = (142, 151, 172)
ACCENT = (255, 183, 66)
RED = (240, 78, 78)
GREEN = (96, 206, 130)
BLUE = (98, 168, 255)

Colour = tuple[int, int, int]

NO_DISPLAY = """no display to open a window on ({reason}).
  - sit at the machine's own desktop, or come with `ssh -X`, and run this again;
  - without any screen, a virtual one: `xvfb-run -a make record LEVEL=…` (Debian: apt install xvfb);
  - let the search player play instead: `make record PLAYER=search LEVEL=…`."""


class NoDisplay(OSError):
    """There is nowhere to open a window; the message says what to do."""


@lru_cache(maxsize=64)
def _font(size: int) -> pygame.font.Font:
    return pygame.font.Font(None, size)


@lru_cache(maxsize=512)
def _lettering(text: str, size: int, colour: Colour) -> pygame.Surface:
    return _font(size).render(text, True, colour)


def write(
    surface: pygame.Surface,
    text: str,
    at: tuple[int, int],
    size: int,
    colour: Colour = TEXT,
    anchor: str = "topleft",
) -> pygame.Rect:
    """Draw one line of text with its `anchor` (a pygame.Rect attribute) at a point; returns where it is."""
    lettering = _lettering(text, size, colour)
    rect = lettering.get_rect(**{anchor: at})
    surface.blit(lettering, rect)
    return rect


def text_width(text: str, size: int) -> int:
    """In pixels, with letters of this size."""
    return _font(size).size(text)[0]


class Window:
    """Opens the window. NoDisplay when there is none to open it on.

    Args:
        scale: window pixels per game pixel to begin with; made smaller where the desktop is.
    """

    def __init__(self, scale: int = 3, fullscreen: bool = False) -> None:
        _start_display()
        pygame.font.init()
        _font.cache_clear()
        _lettering.cache_clear()
        pygame.display.set_caption("Recorder")
        width, height = pygame.display.get_desktop_sizes()[0]
        free = height - BAR_HEIGHT - 40  # room for the window's title
        fitting = min(width // PICTURE[0], free // PICTURE[1])
        scale = max(1, min(scale, fitting))
        # kept, because the window is reopened at it when full screen ends
        self._size = (PICTURE[0] * scale, PICTURE[1] * scale + BAR_HEIGHT)
        self._fullscreen = fullscreen
        self._open()

    def _open(self) -> None:
        if self._fullscreen:
            pygame.display.set_mode((0, 0), pygame.FULLSCREEN)  # SDL's way to say: the desktop's own size
        else:
            pygame.display.set_mode(self._size, pygame.RESIZABLE)
        self._pointer_shown = True
        self.show_pointer(not self._fullscreen)

    def show_pointer(self, shown: bool) -> None:
        """Show the mouse pointer, or hide it."""
        if shown != self._pointer_shown:
            pygame.mouse.set_visible(shown)
            self._pointer_shown = shown

    def keep_pointer_off(self, area: pygame.Rect, wanted: bool) -> None:
        """Hide the pointer over the picture; elsewhere too in full screen, unless it is `wanted` there."""
        over_picture = area.collidepoint(pygame.mouse.get_pos())
        self.show_pointer(not over_picture and (wanted or not self._fullscreen))

    @property
    def surface(self) -> pygame.Surface:
        """What is drawn on; another one after the window was resized."""
        return pygame.display.get_surface()

    def toggle_fullscreen(self) -> None:
        """The whole screen, or a window of the size it had before."""
        if not self._fullscreen:
            self._size = self.surface.get_size()
        self._fullscreen = not self._fullscreen
        self._open()

    def picture_area(self, bar: bool) -> pygame.Rect:
        """Where the picture goes: the largest whole multiple of 320 x 224 that fits, in the middle."""
        width, height = self.surface.get_size()
        free = height
        if bar:
            free -= BAR_HEIGHT
        scale = max(1, min(width // PICTURE[0], free // PICTURE[1]))
        area = pygame.Rect(0, 0, PICTURE[0] * scale, PICTURE[1] * scale)
        area.center = (width // 2, max(free, area.height) // 2)
        return area

    def bar_area(self) -> pygame.Rect:
        """Where the bar goes: the bottom, as wide as the window."""
        width, height = self.surface.get_size()
        return pygame.Rect(0, height - BAR_HEIGHT, width, BAR_HEIGHT)

    def draw_picture(self, screen: np.ndarray, area: pygame.Rect, dim: bool = False) -> None:
        """Clear the window and draw a frame, uint8 [224, 320, 3], into the area; darkened when a card lies over it."""
        self.surface.fill(BACKGROUND)
        height, width, _ = screen.shape
        game = pygame.image.frombuffer(screen.tobytes(), (width, height), "RGB")
        small = game.convert(self.surface)  # scale writes only into a surface of the same pixel format
        if dim:
            small.fill((76, 80, 92), special_flags=pygame.BLEND_RGB_MULT)
        if self.surface.get_rect().contains(area):
            pygame.transform.scale(small, area.size, self.surface.subsurface(area))
        else:  # the window is smaller than the picture, and a subsurface cannot stick out
            scaled = pygame.transform.scale(small, area.size)
            self.surface.blit(scaled, area)

    def show(self) -> None:
        """Bring what was drawn to the screen."""
        pygame.display.flip()

    def title(self, text: str) -> None:
        """Name the window."""
        if pygame.display.get_caption()[0] != text:
            pygame.display.set_caption(text)

    def screenshot(self, path: Path) -> Path:
        """Save the window's contents as a PNG; a number is added where the name is taken."""
        path.parent.mkdir(parents=True, exist_ok=True)
        number = 0
        chosen = path
        while chosen.exists():
            number += 1
            chosen = path.with_stem(f"{path.stem}-{number}")
        pygame.image.save(self.surface, str(chosen))
        return chosen

    def close(self) -> None:
        """Close the window and give the display back."""
        pygame.display.quit()


def _start_display() -> None:
    asked = os.environ.get("SDL_VIDEODRIVER", "")
    if sys.platform.startswith("linux") and not asked:
        if not any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")):
            raise NoDisplay(NO_DISPLAY.format(reason="neither DISPLAY nor WAYLAND_DISPLAY is set"))
    # shared memory beats OpenGL by far where OpenGL is software, and is never slow: 1.1 ms against 6 ms per picture
    os.environ.setdefault("SDL_FRAMEBUFFER_ACCELERATION", "0")
    try:
        pygame.display.init()
    except pygame.error as error:
        raise NoDisplay(NO_DISPLAY.format(reason=error)) from error
    if not asked and pygame.display.get_driver() in ("offscreen", "dummy"):
        raise NoDisplay(NO_DISPLAY.format(reason="SDL found no screen"))
