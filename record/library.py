"""Where takes go: names that are never used twice, movies with their sidecars, and journals that become movies again.

movies/<game>/<act>/<act>-<player>-<number>.bk2 and .json      movies/<game>/.takes/*.journal while a take is played
"""

import errno
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from common.files import sync
from game.acts import Act, find_act
from game.certificate import Sidecar, read_sidecar, write_sidecar
from game.emulator import Emulator
from game.games import Game, game_of_id
from game.movie import Movie, MovieError, read_movie, write_movie
from game.savestate import clean_state
from record.journal import WHO, abandoned, claimed
from record.journal_reader import Journaled, JournalError, read_journal
from record.take import Take

MOVIE_BYTES = 1_000_000
"""Room that a movie, its sidecar and its journal take at most (ten minutes of play: a tenth of it)."""

_LABEL = re.compile(r"[a-z]+(-[a-z]+)*")
_LEFTOVER_SECONDS = 60.0
"""No file takes so long to write, so an older part of one was left by a kill."""


def act_folder(movies: Path, game: str, act: str) -> Path:
    """Where an act's movies go."""
    return movies / game / act


def journal_folder(movies: Path, game: str) -> Path:
    """Where takes are while they are played."""
    return movies / game / ".takes"


def movie_files(folder: Path) -> list[Path]:
    """All movies in a folder and below it, by name."""
    return sorted(path for path in folder.rglob("*.bk2") if not path.name.startswith("."))


def next_path(movies: Path, game: str, act: str, label: str) -> Path:
    """The first free name <act>-<label>-<number>.bk2; a number with only a sidecar left is taken too.

    Raises:
        ValueError: the label is no plain word; journals and sidecars bring labels along, and none may lead elsewhere.
    """
    if len(label) > 40 or not _LABEL.fullmatch(label):
        raise ValueError(f"expected a label of small letters and hyphens. Received: {label[:40]!r}")
    folder = act_folder(movies, game, act)
    for number in range(100_000):
        path = folder / f"{act}-{label}-{number:03d}.bk2"
        if not path.exists() and not path.with_suffix(".json").exists():
            return path
    raise FileExistsError(f"{folder} holds 100,000 takes of {label}; move some elsewhere")


def player_of(who: set[str]) -> str:
    """The sidecar's player for those who pressed the frames: a takeover is where both did."""
    if len(who) > 1:
        return "takeover"
    (player,) = who
    return player


def save_new(movies: Path, game: str, act: str, label: str, movie: Movie, sidecar: Sidecar) -> Path:
    """Write a movie and its sidecar under the next free name, forced to the disk before this returns.

    Raises:
        OSError: they cannot be written; then neither is there.
    """
    while True:
        path = next_path(movies, game, act, label)
        try:
            write_pair(path, movie, sidecar)
        except FileExistsError:  # another recorder took the name in between
            continue
        return path


def check_room(folder: Path) -> None:
    """Make a folder for movies if need be. OSError when none could be written there: it is read-only, or the disk full."""
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        raise OSError(errno.EROFS, f"{folder}: expected a folder that can be written. Received: a read-only one")
    free = shutil.disk_usage(folder).free
    if free < MOVIE_BYTES:
        needed = f"expected {MOVIE_BYTES / 1e6:.1f} MB free for a movie. Received: {free / 1e6:.1f}"
        raise OSError(errno.ENOSPC, f"{folder}: {needed}. Make room, then type it again")


def write_pair(path: Path, movie: Movie, sidecar: Sidecar) -> None:
    """Write a new movie and its sidecar, forced to the disk before this returns.

    Raises:
        FileExistsError: there is such a movie.
        OSError: they cannot be written; then neither is there.
    """
    write_movie(path, movie)
    try:
        write_sidecar(path, sidecar)
        sync(path.parent)  # the files themselves were forced to the disk as they were written
    except BaseException:  # Ctrl-C, too
        # a movie without its sidecar would be taken for somebody else's, and the next try would write a second one
        path.unlink()
        path.with_suffix(".json").unlink(missing_ok=True)
        raise


def save_take(movies: Path, take: Take, label: str = "", facts: dict[str, Any] | None = None) -> Path:
    """Save a take whose last frame the emulator still shows; its journal is removed once the movie is on the disk.

    Args:
        label: the file's kind of name; by default who played.
        facts: further facts for the sidecar.
    """
    player = player_of(take.who_played())
    known = take.facts()
    known["recorded"] = time.strftime("%Y-%m-%dT%H:%M:%S%z")
    known |= facts or {}
    movie = take.movie()
    sidecar = Sidecar(player, take.certificate(), known)
    game = take.emulator.game.name
    path = save_new(movies, game, take.act.name, label or player, movie=movie, sidecar=sidecar)
    with suppress(OSError):  # the take is safe now; the next start finds its movie and removes the journal
        take.journal.remove()
    return path


def add_facts(path: Path, **facts: Any) -> None:
    """Add facts to a movie's sidecar."""
    sidecar = read_sidecar(path)
    sidecar.facts.update(facts)
    write_sidecar(path, sidecar)


def recover(emulator: Emulator, movies: Path) -> Iterator[str]:
    """Turn what killed recorders left into movies, one line about each.

    A journal is only removed once its movie is there; one that cannot be read is renamed to .unreadable and named. Where
    nothing can be written, or the journal may not be read, it stays as it is.
    """
    game = emulator.game.name
    _remove_parts(movies / game)
    for path in abandoned(journal_folder(movies, game)):
        try:
            with claimed(path) as is_ours:
                line = _recover_one(emulator, movies, path) if is_ours else ""
        except OSError as error:
            line = f"a killed take waits in {path}: {error.strerror or error}"
        if line:
            yield line


def _remove_parts(folder: Path) -> None:
    """Remove the half-written files that killed recorders left beside the movies."""
    for path in folder.rglob(".*.part"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > _LEFTOVER_SECONDS:
                path.unlink()


def _recover_one(emulator: Emulator, movies: Path, path: Path) -> str:
    """Make a movie of a claimed journal, or set it aside; returns the line about it, "" when there is nothing to say."""
    if path.stat().st_size == 0:
        path.unlink()
        return ""
    try:
        return _recovered(emulator, movies, path)
    except ValueError as error:  # all that a journal can have wrong: JournalError, GameError, the core's refusal
        aside = path.with_suffix(".unreadable")
        path.rename(aside)
        return f"a killed take could not be recovered: {error}; kept as {aside.name}"


def _recovered(emulator: Emulator, movies: Path, path: Path) -> str:
    journaled = read_journal(path)
    game = game_of_id(journaled.game_id)
    act = find_act(journaled.act)
    if game is not emulator.game:
        raise JournalError(f"{path}: expected a take of {emulator.game.name}. Received: one of {game.name}")
    if not _is_played(journaled):
        path.unlink()
        return ""
    saved = _saved_already(movies, game, journaled)
    if saved and saved.with_suffix(".json").is_file():
        path.unlink()
        return ""
    take = _replayed(emulator, act, journaled)
    facts = journaled.facts | {"recovered": True}
    if saved is None:
        label = str(journaled.facts.get("label", ""))
        saved = save_take(movies, take, label, facts)
    else:  # killed between the movie and its sidecar
        player = player_of(take.who_played())
        write_sidecar(saved, Sidecar(player, take.certificate(), take.facts() | facts))
        sync(saved.parent)
    path.unlink(missing_ok=True)
    return f"recovered a take of {take.act.name} that was cut off ({take.frames} frames, {take.frames / 60:.0f} s): {saved}"


def _is_played(journaled: Journaled) -> bool:
    """Whether there is play in it, and not a policy's alone, which can be had again."""
    by_person = journaled.who == WHO.index("human")
    return bool(journaled.masks.any() and by_person.any())


def _replayed(emulator: Emulator, act: Act, journaled: Journaled) -> Take:
    """The journal's take, played again for its certificate and its end."""
    if journaled.masks[0] != 0:
        raise JournalError("expected a take that begins with an idle frame. Received: one that presses a button")
    masks = journaled.masks.tolist()
    who = [WHO[tag] for tag in journaled.who.tolist()]
    take = Take(emulator, act, journaled.state, who=who[0])
    for mask, presser in zip(masks[1:], who[1:], strict=True):  # a take has its first line from the start
        take.press(mask, presser)
    return take


def _saved_already(movies: Path, game: Game, journaled: Journaled) -> Path | None:
    """The movie of this very play, when the recorder was killed after writing it."""
    state = clean_state(journaled.state)
    for path in movie_files(act_folder(movies, game.name, journaled.act)):
        try:
            movie = read_movie(path)
        except MovieError:
            continue
        if np.array_equal(movie.masks, journaled.masks) and movie.state == state:
            return path
    return None
