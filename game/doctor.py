"""The doctor: whether this machine is ready for the project, and what to do about everything that is missing.

Only the standard library is imported here; the rest is imported by the check that looks at it, so that the doctor also
runs where nothing is installed yet. A check that fails in an unforeseen way is a bad line, never a crash.
"""

import hashlib
import os
import platform
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from common.cores import core_count
from common.words import counted
from game.devices import gpu_names, sdl_devices
from game.machine import package_version

ROOT = Path(__file__).resolve().parent.parent
SMALLEST_DISK = 1 << 30
GOOD_DISK = 10 << 30
"""Free bytes: below the first nothing works for long, below the second a data set of all acts may not fit."""
CORE_FRAMES = 600
SLOW_CORE = 120
"""Frames per second; the game itself runs at 60."""
LABELS = {"ok": "ok", "note": "note", "bad": "BAD"}
REINSTALL = "run `rm -rf .venv && make install`"
ROM_ADVICE = {
    "sonic2": "`make rom ROM=path`; until then GAME=quillrush",
    "quillrush": "`git checkout game/quillrush`",
}
STATES_ADVICE = {"sonic2": REINSTALL, "quillrush": "`git checkout game/quillrush`"}


@dataclass(frozen=True)
class Check:
    """One line: what was looked at, how it stands, what was found, and what to do (empty when nothing).

    A "note" takes something away (no window, a slower run); a "bad" line keeps the project from working.
    """

    name: str
    status: Literal["ok", "note", "bad"]
    found: str
    advice: str = ""


def examine(game: str = "") -> list[Check]:
    """All checks, in order. A game by name makes its ROM a must."""
    examinations: dict[str, Callable[[], Iterable[Check]]] = {
        "python": python,
        "packages": packages,
        "core": core,
        "roms": partial(roms, game),
        "states": states,
        "devices": devices,
        "disk": disk,
        "folders": folders,
        "processor": processor,
        "gpu": gpu,
    }
    checks: list[Check] = []
    for name, examination in examinations.items():
        try:
            checks += examination()
        except ImportError as error:
            checks.append(Check(name, "bad", f"cannot be looked at: {error}", "run `make install`"))
        except Exception as error:
            checks.append(Check(name, "bad", f"the check itself failed: {error!r}", "please report it"))
    return checks


def as_text(checks: list[Check]) -> str:
    """One line per check, with the advice below it, and the verdict."""
    lines = []
    for check in checks:
        lines.append(f"{LABELS[check.status]:>5}  {check.name:<14} {check.found}")
        if check.advice:
            lines.append(f"{'':<22}-> {check.advice}")
    bad = [check.name for check in checks if check.status == "bad"]
    notes = [check.name for check in checks if check.status == "note"]
    verdict = "ready"
    if bad:
        verdict = f"not ready: {', '.join(bad)}"
    lines += ["", f"{verdict} ({len(checks)} checks, {len(bad)} bad, {counted(len(notes), 'notes')})"]
    return "\n".join(lines)


def python() -> Iterator[Check]:
    """The Python that runs this, against `requires-python` of pyproject.toml."""
    found = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    if (3, 11) <= sys.version_info < (3, 14):
        yield Check("Python", "ok", found)
    else:
        advice = "install Python 3.11, 3.12 or 3.13 and run `make install PYTHON=python3.11`"
        yield Check("Python", "bad", found, advice)


def packages() -> Iterator[Check]:
    """The lock file against what is installed."""
    pins = re.findall(r"^([\w.-]+)==([\w.]+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    missing = []
    other = []
    for name, version in pins:
        installed = package_version(name) or package_version(f"{name}-cpu")  # tensorflow-cpu is as good
        if not installed:
            missing.append(name)
        elif installed != version:
            other.append(f"{name} {installed} (locked: {version})")
    if missing:
        yield Check("packages", "bad", f"missing: {', '.join(missing)}", "run `make install`")
    elif other:
        yield Check("packages", "note", ", ".join(other), "`rm -rf .venv && make install` gives the tested versions")
    else:
        yield Check("packages", "ok", f"all {len(pins)} as locked")


def core() -> Iterator[Check]:
    """The emulator, on the embedded game."""
    from game.emulator import Emulator
    from game.games import GAMES

    with Emulator(GAMES["quillrush"]) as emulator:
        began = time.perf_counter()
        for _ in range(CORE_FRAMES):
            emulator.step(0)
        rate = CORE_FRAMES / (time.perf_counter() - began)
        drawn = bool(emulator.screen().any())
    found = f"Genesis Plus GX of stable-retro {package_version('stable-retro')}, {rate:.0f} frames a second"
    if not drawn:
        yield Check("core", "bad", f"{found}, but its picture stays black", REINSTALL)
    elif rate < SLOW_CORE:
        yield Check("core", "note", found, "too slow to play and train on; close other programs")
    else:
        yield Check("core", "ok", found)


def roms(required: str = "") -> Iterator[Check]:
    """Each game's ROM by SHA-1, found and expected."""
    from game.games import GAMES, choose_game, find_game

    wanted = find_game(required or "quillrush")
    for game in GAMES.values():
        name = f"ROM {game.name}"
        advice = ROM_ADVICE[game.name]
        if not game.has_rom:
            severity: Literal["note", "bad"] = "bad" if game.name == wanted.name else "note"
            yield Check(name, severity, f"none; expected SHA-1 {game.sha1}", advice)
            continue
        sha1 = hashlib.sha1(game.rom.read_bytes()).hexdigest()
        if sha1 == game.sha1:
            yield Check(name, "ok", f"{game.rom}, SHA-1 {sha1} as expected")
        else:  # bad even where the game is not wanted: worse than none, since it would be chosen
            yield Check(name, "bad", f"{game.rom}: SHA-1 {sha1}, expected {game.sha1}", advice)
    game, why = choose_game()
    yield Check("default game", "ok", f"{game.name} ({why})")


def states() -> Iterator[Check]:
    """The start states of each game, all readable."""
    from game.games import GAMES, GameError

    for game in GAMES.values():
        problems = []
        for act in game.acts:
            try:
                game.start_state(act)
            except GameError as error:
                problems.append(str(error))
        if problems:
            found = f"{len(problems)} unreadable: {problems[0]}"
            yield Check(f"acts {game.name}", "bad", found, STATES_ADVICE[game.name])
        else:
            yield Check(f"acts {game.name}", "ok", f"{len(game.acts)} start states")


def devices() -> Iterator[Check]:
    """Window, sound and gamepad, as SDL sees them; all only for `make record`."""
    found = sdl_devices()
    yield _display(found)
    yield _sound(found)
    yield _gamepad(found)


def _display(found: dict) -> Check:
    answer = found.get("display")
    if not isinstance(answer, list):
        reason = _reason(found, answer)
    elif answer[0] in ("dummy", "offscreen"):  # SDL's drivers without a window
        reason = answer[0]
    else:
        return Check("display", "ok", " ".join(map(str, answer)))
    advice = "playing needs a desktop (or `ssh -X`, or `xvfb-run`); all other stages work without"
    return Check("display", "note", f"none ({reason})", advice)


def _sound(found: dict) -> Check:
    answer = found.get("sound")
    if isinstance(answer, list) and os.environ.get("SDL_AUDIODRIVER") != "dummy":
        rate, _, channels = answer
        return Check("sound", "ok", f"{rate} Hz, {channels} channels")
    return Check("sound", "note", f"none ({_reason(found, answer)})", "the recorder plays on in silence")


def _gamepad(found: dict) -> Check:
    names = found.get("pads")
    if isinstance(names, list) and names:
        return Check("gamepad", "ok", ", ".join(names))
    return Check("gamepad", "note", "none", "the keyboard works; a gamepad may be plugged in at any time")


def _reason(found: dict, answer: object) -> str:
    """Why there is no such device: the error of its own attempt, or else of SDL as a whole."""
    if isinstance(answer, dict):
        return str(answer.get("error"))
    return str(found.get("error", "SDL's dummy driver"))


def disk() -> Iterator[Check]:
    """Room for data sets, checkpoints and runs."""
    free = shutil.disk_usage(ROOT).free
    found = f"{free / 2**30:.1f} GiB free at {ROOT}"
    if free < SMALLEST_DISK:
        yield Check("disk", "bad", found, "free 1 GiB at least: data sets and checkpoints need it")
    elif free < GOOD_DISK:
        yield Check("disk", "note", found, "a data set of all acts with its frame cache takes some 10 GiB")
    else:
        yield Check("disk", "ok", found)


def folders() -> Iterator[Check]:
    """Whether ROMs, movies, data sets and runs can be written."""
    closed = []
    for name in ("roms", "movies", "data", "runs"):
        folder = ROOT / name
        if not os.access(folder if folder.exists() else ROOT, os.W_OK):
            closed.append(str(folder))
    if closed:
        yield Check("folders", "bad", f"not writable: {', '.join(closed)}", "give yourself the right to write there")
    else:
        yield Check("folders", "ok", "roms, movies, data and runs are writable")


def processor() -> Iterator[Check]:
    """Cores this process may use, and memory."""
    cores = core_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    found = f"{cores} cores, {memory:.0f} GiB of memory"
    if cores < 2 or memory < 4:
        yield Check("processor", "note", found, "2 cores and 4 GiB are the least that is comfortable")
    else:
        yield Check("processor", "ok", found)


def gpu() -> Iterator[Check]:
    """Never a must: the network is small. TensorFlow finds a GPU only with NVIDIA's libraries beside it."""
    names = gpu_names()
    if not names:
        yield Check("GPU", "ok", "none; training uses the processor")
    elif not any(package_version(f"nvidia-cudnn-cu{major}") for major in (12, 13)):
        advice = '.venv/bin/python -m pip install "tensorflow[and-cuda]" lets training use it'
        yield Check("GPU", "note", f"{', '.join(names)}, which TensorFlow does not see", advice)
    else:
        yield Check("GPU", "ok", ", ".join(names))
