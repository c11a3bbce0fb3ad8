"""The real window: on a virtual screen with keys sent to it from outside, and refusing to open where there is none."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from game.certificate import certify, read_sidecar
from game.emulator import Emulator
from game.movie import read_movie
from record.journal_reader import read_journal
from record.library import recover
from tests.conftest import ROOT

needs_screen = pytest.mark.skipif(
    not (shutil.which("Xvfb") and shutil.which("xdotool")), reason="needs Debian's packages xvfb and xdotool"
)
COMMAND = (sys.executable, "-m", "record", "--game", "quillrush", "--level", "EmeraldHillZone.Act1")


def environment(**changes: str) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER")
    }
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"} | changes


def test_without_a_display_it_says_what_to_do(workdir: Path) -> None:
    done = subprocess.run(COMMAND, env=environment(), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "DISPLAY" in done.stderr
    assert "xvfb-run" in done.stderr
    assert "PLAYER=search" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("--game", "quillrush", "--level", "EmeraldHilZone.Act1"), "Did you mean EmeraldHillZone.Act1"),
        (("--game", "sonic3"), "The games are"),
        (("--game", "quillrush", "--player", "policy", "--run", "nowhere"), "nowhere"),
        (("--game", "quillrush", "--level", "Fernfal 1"), "Did you mean Fernfall, Act 1"),
        (
            ("--game", "quillrush", "--window.volume", "11"),
            "--window.volume: expected at least 0 and at most 10. Received: 11",
        ),
        (("watch", "nowhere.bk2"), "nowhere.bk2"),
        (("export", "nowhere.bk2", "--to", "film.mp4"), "nowhere.bk2"),
        (("verify",), "movies"),
        (("paint",), "unknown command"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(
    workdir: Path, capfd: pytest.CaptureFixture, arguments, hint: str
) -> None:
    from record.cli import main

    assert main(list(arguments)) == 2
    assert hint in capfd.readouterr().err


@pytest.fixture
def screen() -> Iterator[str]:
    """A virtual X screen; its name."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
        pass_fds=(write,), stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    with os.fdopen(read) as answer:
        name = f":{answer.readline().strip()}"
    yield name
    server.kill()
    server.wait()


class Person:
    """Somebody at a keyboard of a virtual screen."""

    def __init__(self, screen: str, workdir: Path, *arguments: str) -> None:
        self._environment = environment(DISPLAY=screen, SDL_AUDIODRIVER="dummy")
        self.process = subprocess.Popen(
            (*COMMAND, *arguments), env=self._environment, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout
        said = iter(self.process.stdout.readline, "")
        assert any("the window is open" in line for line in said)
        time.sleep(0.5)

    def _xdotool(self, *arguments: str) -> str:
        done = subprocess.run(
            ("xdotool", *arguments), env=self._environment, capture_output=True, text=True, check=False
        )
        return done.stdout

    def press(self, name: str) -> None:
        self._xdotool("key", name)
        time.sleep(0.15)

    def hold(self, name: str, seconds: float) -> None:
        self._xdotool("keydown", name)
        time.sleep(seconds)
        self._xdotool("keyup", name)


@needs_screen
def test_a_take_is_played_on_a_real_window(screen: str, workdir: Path, emulator: Emulator) -> None:
    person = Person(screen, workdir)
    person.press("Return")
    person.hold("Right", 1.5)
    person.hold("BackSpace", 0.5)
    person.hold("Right", 0.5)
    person.press("F2")
    time.sleep(1.0)
    person.press("Escape")
    output, _ = person.process.communicate(timeout=60)
    assert person.process.returncode == 0
    assert re.search(r"recorder: \d+ frames played, \d+ dropped", output)
    (path,) = workdir.rglob("*.bk2")
    movie, sidecar = read_movie(path), read_sidecar(path)
    assert certify(emulator, movie) == sidecar.certificate
    assert sidecar.facts["x"] > 100
    assert sidecar.facts["device"] == "keyboard"


@needs_screen
def test_a_killed_recorder_loses_nothing(screen: str, workdir: Path, emulator: Emulator) -> None:
    person = Person(screen, workdir)
    person.press("Return")
    person.hold("Right", 1.0)
    os.kill(person.process.pid, signal.SIGKILL)
    person.process.communicate()
    (journal,) = workdir.rglob("*.journal")
    played = read_journal(journal).masks
    assert (played == 128).sum() > 20
    (line,) = recover(emulator, workdir / "movies")
    (path,) = workdir.rglob("*.bk2")
    assert str(path.name) in line
    assert read_movie(path).masks.tolist() == played.tolist()
