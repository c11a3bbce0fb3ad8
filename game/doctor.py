"""The doctor: what this machine has of what the project needs, and per line what to do about what is missing.

Only the standard library is imported here; the rest is imported by the check that looks at it, so that the doctor also
runs where nothing is installed yet. A check that fails in an unforeseen way is a bad line, never a crash.
"""

import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).resolve().parent.parent
SMALLEST_DISK, GOOD_DISK = 1 << 30, 10 << 30
CORE_FRAMES = 600
PROBE_SECONDS = 20
LABELS = {"ok": "ok", "note": "note", "bad": "BAD"}

_PROBE = """
import json, os
os.environ["PYGAME_HIDE_SUPPORT_PROMPT"] = "1"
import pygame
found = {}
def attempt(name, action):
    try:
        found[name] = action()
    except Exception as error:
        found[name] = {"error": str(error)}
def display():
    pygame.display.init()
    return [pygame.display.get_driver(), *pygame.display.get_desktop_sizes()[:1]]
def pads():
    pygame.joystick.init()
    return [pygame.joystick.Joystick(i).get_name() for i in range(pygame.joystick.get_count())]
attempt("display", display)
attempt("sound", lambda: pygame.mixer.init() or list(pygame.mixer.get_init()))
attempt("pads", pads)
print(json.dumps(found), flush=True)
os._exit(0)
"""
"""Run in a process of its own: SDL may print, hang or crash on a machine without the devices."""


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
    checks: list[Check] = []
    for check in (python, packages, core, roms, states, devices, disk, folders, processor, gpu):
        name = check.__name__
        try:
            checks += roms(game) if check is roms else check()
        except ImportError as error:
            checks.append(Check(name, "bad", f"cannot be looked at: {error}", "run `make install`"))
        except Exception as error:
            checks.append(Check(name, "bad", f"the check itself failed: {error!r}", "please report it"))
    return checks


def as_text(checks: list[Check]) -> str:
    """One line a check, with the advice below it, and the verdict."""
    lines = []
    for check in checks:
        lines.append(f"{LABELS[check.status]:>5}  {check.name:<14} {check.found}")
        if check.advice:
            lines.append(f"{'':<22}-> {check.advice}")
    bad = [check.name for check in checks if check.status == "bad"]
    notes = sum(check.status == "note" for check in checks)
    verdict = f"not ready: {', '.join(bad)}" if bad else "ready"
    return "\n".join([*lines, "", f"{verdict} ({len(checks)} checks, {len(bad)} bad, {notes} notes)"])


def python() -> Iterator[Check]:
    fits = (3, 11) <= sys.version_info < (3, 13)
    advice = "" if fits else "install Python 3.11 or 3.12 and run `make install PYTHON=python3.11`"
    found = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    yield Check("Python", "ok" if fits else "bad", found, advice)


def packages() -> Iterator[Check]:
    """The lock file against what is installed."""
    pins = re.findall(r"^([\w.-]+)==([\w.]+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    missing, other = [], []
    for name, version in pins:
        installed = _version(name) or _version(f"{name}-cpu")
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


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


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
    found = f"Genesis Plus GX of stable-retro {_version('stable-retro')}, {rate:.0f} frames a second"
    if not drawn:
        yield Check("core", "bad", f"{found}, but its picture stays black", "run `rm -rf .venv && make install`")
    elif rate < 120:
        yield Check("core", "note", found, "too slow to play and train on; close other programs")
    else:
        yield Check("core", "ok", found)


def roms(required: str = "") -> Iterator[Check]:
    """Each game's ROM by SHA-1, found and expected."""
    from game.games import GAMES, choose_game, find_game

    wanted = find_game(required).name if required else "quillrush"
    for game in GAMES.values():
        severity: Literal["note", "bad"] = "bad" if game.name == wanted else "note"
        embedded = game.name == "quillrush"
        advice = "`git checkout game/quillrush`" if embedded else "`make rom ROM=path`; until then GAME=quillrush"
        if not game.has_rom:
            yield Check(f"ROM {game.name}", severity, f"none; expected SHA-1 {game.sha1}", advice)
            continue
        sha1 = hashlib.sha1(game.rom.read_bytes()).hexdigest()
        if sha1 != game.sha1:  # worse than none: it would be chosen
            yield Check(f"ROM {game.name}", "bad", f"{game.rom}: SHA-1 {sha1}, expected {game.sha1}", advice)
        else:
            yield Check(f"ROM {game.name}", "ok", f"{game.rom}, SHA-1 {sha1} as expected")
    game, why = choose_game()
    yield Check("default game", "ok", f"{game.name} ({why})")


def states() -> Iterator[Check]:
    """The 18 start states of each game, all readable."""
    from game.acts import ACTS
    from game.games import GAMES, GameError

    for game in GAMES.values():
        problems = []
        for act in ACTS:
            try:
                game.start_state(act)
            except GameError as error:
                problems.append(str(error))
        if problems:
            advice = "run `rm -rf .venv && make install`" if game.name == "sonic2" else "`git checkout game/quillrush`"
            yield Check(f"acts {game.name}", "bad", f"{len(problems)} unreadable: {problems[0]}", advice)
        else:
            yield Check(f"acts {game.name}", "ok", f"{len(ACTS)} start states")


def devices() -> Iterator[Check]:
    """Window, sound and gamepad, as SDL sees them; all only for `make record`."""
    found = _probe()
    display, sound, pads = (found.get(name) for name in ("display", "sound", "pads"))
    if isinstance(display, list) and display[0] not in ("dummy", "offscreen"):
        yield Check("display", "ok", " ".join(map(str, display)))
    else:
        reason = display[0] if isinstance(display, list) else _reason(found, display)
        advice = "playing needs a desktop (or `ssh -X`, or `xvfb-run`); all other stages work without"
        yield Check("display", "note", f"none ({reason})", advice)
    if isinstance(sound, list) and os.environ.get("SDL_AUDIODRIVER") != "dummy":
        yield Check("sound", "ok", f"{sound[0]} Hz, {sound[2]} channels")
    else:
        yield Check("sound", "note", f"none ({_reason(found, sound)})", "the recorder plays on in silence")
    if isinstance(pads, list) and pads:
        yield Check("gamepad", "ok", ", ".join(pads))
    else:
        yield Check("gamepad", "note", "none", "the keyboard works; a gamepad may be plugged in at any time")


def _reason(found: dict, answer: object) -> str:
    return str(answer.get("error")) if isinstance(answer, dict) else str(found.get("error", "SDL's dummy driver"))


def _probe() -> dict:
    try:
        command = [sys.executable, "-c", _PROBE]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PROBE_SECONDS, check=False)
        return json.loads(done.stdout.splitlines()[-1])
    except subprocess.TimeoutExpired:
        return {"error": f"SDL gave no answer in {PROBE_SECONDS} s"}
    except (OSError, ValueError, IndexError):
        return {"error": "SDL or pygame does not start"}


def disk() -> Iterator[Check]:
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
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    found = f"{cores} cores, {memory:.0f} GiB of memory"
    if cores < 2 or memory < 4:
        yield Check("processor", "note", found, "2 cores and 4 GiB are the least that is comfortable")
    else:
        yield Check("processor", "ok", found)


def gpu() -> Iterator[Check]:
    """Never a must: the network is small. TensorFlow finds a GPU only with NVIDIA's libraries beside it."""
    names = _gpu_names()
    if not names:
        yield Check("GPU", "ok", "none; training uses the processor")
    elif not any(_version(f"nvidia-cudnn-cu{major}") for major in (12, 13)):
        advice = '.venv/bin/python -m pip install "tensorflow[and-cuda]" lets training use it'
        yield Check("GPU", "note", f"{', '.join(names)}, which TensorFlow does not see", advice)
    else:
        yield Check("GPU", "ok", ", ".join(names))


def _gpu_names() -> list[str]:
    tool = shutil.which("nvidia-smi")
    if not tool:
        return []
    command = [tool, "--query-gpu=name", "--format=csv,noheader"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PROBE_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return [line.strip() for line in done.stdout.splitlines() if line.strip()] if done.returncode == 0 else []
