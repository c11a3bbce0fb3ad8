"""What takes long, on demand (make test-slow): two minutes at sixty frames a second, and two hundred kills."""

import mmap
import os
import re
import signal
import struct
import time
from pathlib import Path

import numpy as np
import pytest

from game.certificate import read_sidecar
from game.emulator import Emulator
from game.movie import read_movie
from record.journal import Journal
from record.library import journal_folder, recover, save_take
from record.take import Take
from tests.record.conftest import ACT
from tests.record.window.test_screen import Person, needs_screen, screen  # noqa: F401

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("KILLS", "200"))
SECONDS = int(os.environ.get("SECONDS", "120"))


def masks_of(seed: int) -> list[int]:
    """What the scripted player of this seed presses, 900 frames of it."""
    rng = np.random.default_rng(seed)
    masks = [0]
    while len(masks) < 900:
        masks += [int(rng.choice([128, 129, 32, 33, 0, 64]))] * int(rng.integers(2, 20))
    return masks[:900]


def play_for_ever(emulator: Emulator, movies: Path, seed: int, progress: mmap.mmap) -> None:
    """Takes of 900 frames, saved one after the other; `progress` holds (takes begun, frames of the last, takes saved)."""
    game, state, number = emulator.game, emulator.game.start_state(ACT), 0
    while True:
        take = Take(emulator, ACT, state, Journal(journal_folder(movies, game.name), game.retro_id, ACT.name, state))
        play_one(take, masks_of(seed * 1000 + number), number, progress)
        save_take(movies, take)
        number += 1
        progress[:12] = struct.pack("<III", number, 900, number)


def play_one(take: Take, masks: list[int], number: int, progress: mmap.mmap) -> None:
    """Press the masks; every 300 frames go back 41 and press the same again."""
    rewound: set[int] = set()
    while take.frames < len(masks):
        take.press(masks[take.frames])
        if take.frames % 300 == 0 and take.frames not in rewound:
            rewound.add(take.frames)
            progress[:12] = struct.pack("<III", number + 1, take.frames - 41, number)
            take.rewind_to(take.frames - 42)
        progress[:12] = struct.pack("<III", number + 1, take.frames, number)


def test_no_kill_loses_more_than_a_second(emulator: Emulator, tmp_path: Path) -> None:
    """Killed anywhere: in play, in a rewind, while a movie, its sidecar or its journal's removal is under way."""
    rng = np.random.default_rng(0)
    progress = mmap.mmap(-1, 12)
    lost, takes, during_save = [], 0, 0
    for kill in range(KILLS):
        movies = tmp_path / f"kill-{kill}"
        progress[:12] = bytes(12)
        child = os.fork()
        if child == 0:
            try:
                play_for_ever(emulator, movies, kill, progress)
            finally:
                os._exit(1)
        time.sleep(float(rng.uniform(0.02, 1.2)))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        begun, frames, saved = struct.unpack("<III", progress[:12])
        list(recover(emulator, movies))
        found = sorted(movies.rglob("*.bk2"))
        for number, path in enumerate(found):
            movie = read_movie(path)
            assert movie.masks.tolist() == masks_of(kill * 1000 + number)[: movie.frames]
            assert read_sidecar(path).certificate is not None
        assert len(found) >= saved
        if begun and any(masks_of(kill * 1000 + begun - 1)[:frames]):  # a take in which nothing was pressed is no loss
            last = read_movie(found[begun - 1]).frames if len(found) >= begun else 0
            lost.append(max(frames - last, 0))
            during_save += frames == 900 and saved < begun
        takes += len(found)
    print(f"\n{KILLS} kills ({during_save} while saving): {takes} takes kept, at most {max(lost)} frames lost in one")
    assert max(lost) <= 60


@needs_screen
def test_two_minutes_at_sixty_frames_a_second(screen: str, workdir: Path) -> None:  # noqa: F811
    person = Person(screen, workdir)
    person.press("Return")
    began = time.monotonic()
    while time.monotonic() - began < SECONDS:  # there and back, so that the take lasts
        person.hold("Right", 0.6)
        person.hold("Left", 0.6)
    person.press("Escape")
    person.press("Escape")
    time.sleep(4)
    output, _ = person.process.communicate(timeout=30)
    line = re.search(r"recorder: (\d+) frames played, (\d+) dropped .*", output)
    assert line, output
    print(f"\n{line[0]}; machine load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    played, dropped = int(line[1]), int(line[2])
    assert played >= SECONDS * 59
    assert dropped / played < 0.005
