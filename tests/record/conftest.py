"""A recorder without a screen: SDL's dummy driver, key events made here, no waiting."""

import os
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

import pygame
import pytest

from game.acts import find_act
from game.emulator import Emulator
from record.take import Take
from record.window.controls import Controls
from record.window.pacing import Pacer
from record.window.recorder import Recorder
from record.window.screen import Window
from record.window.setup import Setup, Start
from record.window.sound import NoSound
from record.window.state import RecorderState

ACT = find_act("EmeraldHillZone.Act1")


def key(name: str, down: bool = True) -> pygame.event.Event:
    return pygame.event.Event(pygame.KEYDOWN if down else pygame.KEYUP, key=pygame.key.key_code(name))


class Desk:
    """A recorder and somebody at its keys."""

    def __init__(self, emulator: Emulator, folder: Path, setup: Setup) -> None:
        self.window = Window(scale=1)
        self.controls = Controls(folder / "controls.json")
        self.recorder = Recorder(emulator, self.window, self.controls, NoSound("no sound card"), setup, Pacer())

    @property
    def state(self) -> RecorderState:
        return self.recorder.state

    @property
    def take(self) -> Take:
        assert self.state.take is not None
        return self.state.take

    def tick(self, frames: int = 1, *events: pygame.event.Event) -> None:
        self.recorder.tick(list(events))
        for _ in range(frames - 1):
            self.recorder.tick([])

    def hold(self, names: str, frames: int) -> None:
        """Hold keys ("right x") for so many frames."""
        self.tick(frames, *(key(name) for name in names.split()))
        self.tick(1, *(key(name, False) for name in names.split()))

    def tap(self, name: str) -> None:
        self.tick(1, key(name), key(name, False))

    def finish_check(self) -> None:
        for _ in range(10_000):
            if self.state.screen != "saving":
                return
            self.tick()
        raise AssertionError("the replay check does not end")

    def draw(self) -> pygame.Surface:
        self.recorder.draw()
        return self.window.surface


@pytest.fixture
def desk(emulator: Emulator, workdir: Path) -> Iterator[Desk]:
    """A person before the start card of two acts."""
    starts = (Start(ACT), Start(find_act("EmeraldHillZone.Act2")))
    desk = Desk(emulator, workdir, Setup("human", starts, movies=workdir / "movies"))
    yield desk
    desk.window.close()
