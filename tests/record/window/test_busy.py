"""What is shown while there is nothing to play yet."""

from collections.abc import Iterator
from pathlib import Path

import pygame
import pytest

from game.emulator import Emulator
from record.drill import drill_starts
from record.window.busy import Busy, WindowClosed
from record.window.screen import Window
from tests.record.conftest import ACT, key


@pytest.fixture
def window() -> Iterator[Window]:
    window = Window(scale=1)
    yield window
    window.close()


def test_it_is_shown_before_the_work_begins(window: Window) -> None:
    Busy(window, "Looking for places", "to practise in Fernfall, Act 1")
    assert pygame.surfarray.array3d(window.surface).std() > 10


@pytest.mark.parametrize("how", ["close", "escape"])
def test_whoever_leaves_does_not_have_to_wait(
    window: Window, emulator: Emulator, shipped_movie: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    busy = Busy(window, "Looking for places")
    event = key("escape") if how == "escape" else pygame.event.Event(pygame.QUIT)
    steps = []
    real = emulator.step

    def step(mask: int) -> None:
        steps.append(mask)
        if len(steps) == 300:
            pygame.event.post(event)
        real(mask)

    monkeypatch.setattr(emulator, "step", step)
    monkeypatch.setattr("record.window.busy.DRAW_SECONDS", 0.0)
    with pytest.raises(WindowClosed):
        drill_starts(emulator, shipped_movie.parents[2], ACT, busy)
    assert 300 <= len(steps) < 1000
