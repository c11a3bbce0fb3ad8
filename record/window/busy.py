"""A card for work that takes seconds before there is anything to play."""

import time

import numpy as np
import pygame

from record.window.overlay import Card, draw_card
from record.window.screen import Window

DRAW_SECONDS = 0.1
"""Between two looks at the keyboard; the work has the rest of the time."""
_DOTS = 4


class WindowClosed(Exception):
    """The window was closed, or Escape pressed, while something was being prepared."""


class Busy:
    """Shows a card at once; call it again and again while the work goes on. WindowClosed when the person leaves."""

    def __init__(self, window: Window, title: str, subtitle: str = "") -> None:
        self._window = window
        self._title = title
        self._subtitle = subtitle
        self._calls = 0
        self._due = 0.0
        self()

    def __call__(self) -> None:
        if time.perf_counter() < self._due:
            return
        for event in pygame.event.get((pygame.QUIT, pygame.KEYDOWN)):
            if event.type == pygame.QUIT or event.key == pygame.K_ESCAPE:
                raise WindowClosed
        area = self._window.picture_area(bar=True)
        self._window.keep_pointer_off(area, wanted=False)
        self._window.draw_picture(np.zeros((224, 320, 3), np.uint8), area)
        dots = " ." * (self._calls % _DOTS)
        draw_card(self._window.surface, area, Card(self._title + dots, self._subtitle))
        self._window.show()
        self._calls += 1
        self._due = time.perf_counter() + DRAW_SECONDS
