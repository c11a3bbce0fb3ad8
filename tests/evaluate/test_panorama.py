"""A movie's screens pasted together: at their places, without counters and player, whatever the movie does."""

import dataclasses
from itertools import islice
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import pytest

from evaluate import panorama as pictures
from evaluate.panorama import UNSEEN, panorama
from game.emulator import Emulator
from game.movie import read_movie, replay
from game.ram import MODE_IN_PLAY

FRAMES = 350


def test_a_panorama_shows_the_game_at_its_places(
    emulator: Emulator, shipped_movie: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At full size, the ground that a late screen shows is there, where the camera of the frame before says."""
    monkeypatch.setattr(pictures, "SCALE", 1.0)
    movie = read_movie(shipped_movie)
    whole = panorama(emulator, movie, FRAMES)
    cameras = []
    for _ in islice(replay(emulator, movie), FRAMES):
        cameras.append((emulator.peek("screen_x"), emulator.peek("screen_y")))
    screen = emulator.screen()
    x, y = cameras[-2]
    left, top = x - whole.x0, y - whole.y0
    pasted = whole.image[top : top + 224, left : left + 320]
    # Right of the player: ground and objects are alike, the background has moved on since it came into sight.
    assert (pasted == screen)[:, 200:].all(axis=-1).mean() > 0.5
    assert whole.image.shape[1] > 320 + 300  # it went some way
    assert whole.x0 == min(x for x, _ in cameras)


def test_counters_are_not_in_it(emulator: Emulator, shipped_movie: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The words are found on the screen, and on the panorama only where the first screen stood."""
    monkeypatch.setattr(pictures, "SCALE", 1.0)
    movie = read_movie(shipped_movie)
    whole = panorama(emulator, movie, FRAMES)
    for _ in islice(replay(emulator, movie), FRAMES):
        pass
    screen = _yellow(emulator.screen())
    words = screen[8:34, 14:60]
    assert words.mean() > 0.1
    assert cv2.matchTemplate(screen, words, cv2.TM_CCOEFF_NORMED).max() > 0.99
    assert cv2.matchTemplate(_yellow(whole.image[:, 160:]), words, cv2.TM_CCOEFF_NORMED).max() < 0.6


def _yellow(picture: np.ndarray) -> np.ndarray:
    """float32 [height, width]: 1 where it is yellow."""
    red, green, blue = (picture[..., i].astype(int) for i in range(3))
    return ((red > 200) & (green > 180) & (blue < 80)).astype(np.float32)


def test_it_is_small_and_says_its_scale(emulator: Emulator, shipped_movie: Path) -> None:
    drawn = panorama(emulator, read_movie(shipped_movie), FRAMES)
    image, x0, _, scale = drawn
    assert image.dtype == np.uint8
    assert scale == pictures.SCALE
    assert image.shape[0] < 224
    assert (image == UNSEEN).all(axis=-1).mean() < 0.9
    assert x0 >= 0


def test_a_movie_that_shows_no_act_is_refused(emulator: Emulator, shipped_movie: Path) -> None:
    movie = read_movie(shipped_movie)
    with pytest.raises(ValueError, match="plays inside an act"):
        panorama(emulator, dataclasses.replace(movie, masks=movie.masks[:1]))


class Screens:
    """Stands in for the emulator with Sonic 2's title card, which Quillrush has none of: white for two seconds, then green."""

    def __init__(self) -> None:
        self.frame = -1

    def set_state(self, state: bytes) -> None:
        pass

    def step(self, mask: int) -> None:
        self.frame += 1

    def variables(self) -> dict[str, int]:
        places = {"x": 160, "y": 112, "screen_x": 0, "screen_y": 0}
        return places | {"zone": 0, "act_number": 0, "game_mode": MODE_IN_PLAY if self.frame >= 30 else 0x8C}

    def screen(self) -> np.ndarray:
        return np.full((224, 320, 3), (255, 255, 255) if self.frame < 120 else (0, 255, 0), np.uint8)


def test_the_title_card_does_not_stay(shipped_movie: Path) -> None:
    movie = read_movie(shipped_movie)
    drawn = panorama(cast(Emulator, Screens()), movie, 300)
    green = (drawn.image == (0, 255, 0)).all(axis=-1)
    assert green[20:46, 50:].all()  # right of the player, between the counters
    assert panorama(cast(Emulator, Screens()), movie, 100).image.mean() == 255
