"""An act's way seen from the side: the screens of one movie pasted beside one another where the camera stood."""

from itertools import islice
from typing import NamedTuple

import cv2
import numpy as np

from game.emulator import Emulator
from game.movie import Movie, replay
from game.ram import MODE_IN_PLAY

SCALE = 0.25
"""Pixels of the picture per pixel of the game."""

UNSEEN = (44, 49, 58)
"""RGB of what no screen of the movie shows."""

SCREEN_HEIGHT, SCREEN_WIDTH = 224, 320
_LARGEST_X, _LARGEST_Y = 1 << 14, 1 << 11
"""Pixels: the camera's own range is smaller in every act; what lies beyond is not pasted."""

_COUNTERS = (slice(8, 60), slice(12, 128)), (slice(196, 220), slice(12, 72))
"""Where score, time and rings stand on every screen, and the lives: [rows, columns]."""

_REACH = 36
"""Pixels around the player's middle that its own picture may cover."""

OPENING_FRAMES = 180
"""At an act's beginning in which the title card may stand on the screen; of these, the last sight counts."""

_STRIDE = 8  # pixels that the camera moves, or frames of the opening that pass, from one pasted screen to the next

# What a pixel of the canvas shows, better ones last: counters or player, the act perhaps behind its title card, the act.
_NOTHING, _COVERED, _OPENING, _CLEAR = range(4)


class Panorama(NamedTuple):
    """A picture of an act, and where it lies there: the game's (x, y) is at ((x - x0) * scale, (y - y0) * scale).

    Attributes:
        image: uint8 [height, width, 3], RGB; UNSEEN where the movie never was.
        x0, y0: of its upper left corner, in the game's pixels.
        scale: pixels of the picture per pixel of the game.
    """

    image: np.ndarray
    x0: int
    y0: int
    scale: float


def panorama(emulator: Emulator, movie: Movie, frames: int | None = None) -> Panorama:
    """Replay a movie and paste its screens together; of every place the first sight after the title card stays.

    What has just come into sight at the screen's edge is neither covered by the counters nor by the player, and a
    background that moves with the camera has no seams there.

    Args:
        frames: of the movie to be replayed; by default all.

    Raises:
        ValueError: no frame of the movie is inside an act.
    """
    canvas = _Canvas()
    act = None
    camera = None
    frames_inside = 0
    for _ in islice(replay(emulator, movie), frames):
        values = emulator.variables()
        here = (values["zone"], values["act_number"])
        act = act or here
        if values["game_mode"] != MODE_IN_PLAY or here != act:
            camera = None
            continue
        # The picture is drawn from the scroll positions that the frame before left behind.
        if camera:
            opening = frames_inside < OPENING_FRAMES
            if canvas.moved(camera) or (opening and frames_inside % _STRIDE == 0):
                canvas.paste(emulator, camera, (values["x"] - camera[0], values["y"] - camera[1]), opening)
            frames_inside += 1
        camera = (values["screen_x"], values["screen_y"])
    return canvas.developed()


class _Canvas:
    """The whole act in the game's own pixels; memory is used only where something is painted."""

    def __init__(self) -> None:
        height, width = _LARGEST_Y + SCREEN_HEIGHT, _LARGEST_X + SCREEN_WIDTH
        self._pixels = np.zeros((height, width, 3), np.uint8)
        self._shows = np.zeros((height, width), np.uint8)
        self._lows: tuple[int, int] | None = None
        self._highs = (0, 0)
        self._last: tuple[int, int] | None = None

    def moved(self, camera: tuple[int, int]) -> bool:
        """Whether the camera shows something new since the last screen that was pasted."""
        if self._last is None:
            return True
        return abs(camera[0] - self._last[0]) >= _STRIDE or abs(camera[1] - self._last[1]) >= _STRIDE

    def paste(self, emulator: Emulator, camera: tuple[int, int], player: tuple[int, int], opening: bool) -> None:
        """One screen, its upper left corner at `camera`; `player` is where the player stands on it."""
        x, y = camera
        if not (0 <= x <= _LARGEST_X and 0 <= y <= _LARGEST_Y):
            return
        self._last = camera
        lows = self._lows or camera
        self._lows = (min(lows[0], x), min(lows[1], y))
        self._highs = (max(self._highs[0], x), max(self._highs[1], y))
        sight = _sight(player, _OPENING if opening else _CLEAR)
        place = (slice(y, y + SCREEN_HEIGHT), slice(x, x + SCREEN_WIDTH))
        shows = self._shows[place]
        fresh = (sight > shows) | ((sight == _OPENING) & (shows == _OPENING))
        if fresh.any():
            self._pixels[place][fresh] = emulator.screen()[fresh]
            shows[fresh] = sight[fresh]

    def developed(self) -> Panorama:
        """The painted part, made smaller. ValueError when there is none."""
        if self._lows is None:
            raise ValueError("Expected a movie that plays inside an act. Received: one without such a frame")
        (left, top), (right, bottom) = self._lows, self._highs
        place = (slice(top, bottom + SCREEN_HEIGHT), slice(left, right + SCREEN_WIDTH))
        pixels = self._pixels[place]
        pixels[self._shows[place] == _NOTHING] = UNSEEN
        height, width = pixels.shape[:2]
        size = (max(1, round(width * SCALE)), max(1, round(height * SCALE)))
        return Panorama(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), left, top, SCALE)


def _sight(player: tuple[int, int], elsewhere: int) -> np.ndarray:
    """uint8 [224, 320]: _COVERED where counters and player are, and what the rest shows."""
    sight = np.full((SCREEN_HEIGHT, SCREEN_WIDTH), elsewhere, np.uint8)
    for place in _COUNTERS:
        sight[place] = _COVERED
    left, top = (max(0, middle - _REACH) for middle in player)
    right, bottom = (max(0, middle + _REACH) for middle in player)
    sight[top:bottom, left:right] = _COVERED
    return sight
