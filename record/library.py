"""Where takes go: names that are never used twice, movies with their sidecars, and journals that become movies again.

movies/<game>/<act>/<act>-<player>-<number>.bk2 and .json      movies/<game>/.takes/*.journal while a take is played
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from game.acts import find_act
from game.emulator import Emulator
from game.games import Game, GameError, clean_state, game_of_id
from game.movie import Movie, MovieError, Sidecar, read_movie, read_sidecar, write_movie, write_sidecar
from record.journal import WHO, Journaled, JournalError, abandoned, read_journal
from record.take import Take

MOVIES = Path("movies")


def act_folder(movies: Path, game: str, act: str) -> Path:
    return movies / game / act


def journal_folder(movies: Path, game: str) -> Path:
    return movies / game / ".takes"


def movie_files(folder: Path) -> list[Path]:
    """All movies in a folder and below it, by name."""
    return sorted(path for path in folder.rglob("*.bk2") if not path.name.startswith("."))


def next_path(movies: Path, game: str, act: str, label: str) -> Path:
    """The first free name <act>-<label>-<number>.bk2; a number with only a sidecar left is taken too."""
    folder = act_folder(movies, game, act)
    for number in range(100_000):
        path = folder / f"{act}-{label}-{number:03d}.bk2"
        if not path.exists() and not path.with_suffix(".json").exists():
            return path
    raise FileExistsError(f"{folder} holds 100,000 takes of {label}; move some elsewhere")


def player_of(who: set[str]) -> str:
    """The sidecar's player for those who pressed the frames: a takeover is where both did."""
    return "takeover" if len(who) > 1 else next(iter(who))


def save_new(movies: Path, game: str, act: str, label: str, movie: Movie, sidecar: Sidecar) -> Path:
    """Write a movie and its sidecar under the next free name, forced to the disk before this returns."""
    while True:
        path = next_path(movies, game, act, label)
        try:
            write_movie(path, movie)
            break
        except FileExistsError:  # another recorder took the name in between
            continue
    write_sidecar(path, sidecar)
    for written in (path, path.with_suffix(".json"), path.parent):
        _sync(written)
    return path


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def save_take(movies: Path, take: Take, label: str = "", facts: dict[str, Any] | None = None) -> Path:
    """Save a take whose last frame the emulator still shows; its journal is removed once the movie is on the disk.

    Args:
        label: the file's kind of name; by default who played.
        facts: further facts for the sidecar.
    """
    player = player_of(take.who_played())
    stamp = {"recorded": time.strftime("%Y-%m-%dT%H:%M:%S%z")}
    sidecar = Sidecar(player, take.certificate(), take.facts() | stamp | (facts or {}))
    game = take.emulator.game.name
    path = save_new(movies, game, take.act.name, label or player, take.movie(), sidecar)
    take.journal.remove()
    return path


def add_facts(path: Path, **facts: Any) -> None:
    """Add facts to a movie's sidecar."""
    sidecar = read_sidecar(path)
    write_sidecar(path, Sidecar(sidecar.player, sidecar.certificate, sidecar.facts | facts))


def recover(emulator: Emulator, movies: Path) -> Iterator[str]:
    """Turn what killed recorders left into movies, one line about each.

    A journal is only removed once its movie is there; one that cannot be read is renamed to .unreadable and named.
    """
    for path in abandoned(journal_folder(movies, emulator.game.name)):
        try:
            yield from _recover_one(emulator, movies, path)
        except FileNotFoundError:
            continue  # another recorder has just recovered it
        except (JournalError, GameError, ValueError) as error:
            path.rename(path.with_suffix(".unreadable"))
            yield f"a killed take could not be recovered: {error}"


def _recover_one(emulator: Emulator, movies: Path, path: Path) -> Iterator[str]:
    if path.stat().st_size == 0:
        path.unlink()
        return
    journaled = read_journal(path)
    game = game_of_id(journaled.game_id)
    if game is not emulator.game:
        raise JournalError(f"{path}: expected a take of {emulator.game.name}. Received: one of {game.name}")
    if not journaled.masks.any() or journaled.who.all():  # nobody played, or nobody but the policy
        path.unlink()
        return
    saved = _saved_already(movies, game, journaled)
    take = _replayed(emulator, journaled)
    label = str(journaled.facts.get("label", ""))
    if saved is None:
        saved = save_take(movies, take, label, journaled.facts | {"recovered": True})
    elif not saved.with_suffix(".json").is_file():  # killed between the movie and its sidecar
        player = player_of(take.who_played())
        write_sidecar(saved, Sidecar(player, take.certificate(), take.facts() | journaled.facts | {"recovered": True}))
    else:
        path.unlink()
        return
    path.unlink(missing_ok=True)
    yield f"recovered a take of {take.act.name} that was cut off ({take.frames} frames, {take.frames / 60:.0f} s): {saved}"


def _replayed(emulator: Emulator, journaled: Journaled) -> Take:
    """The journal's take, played again for its certificate and its end."""
    if journaled.masks[0] != 0:
        raise JournalError("the first line is not idle")
    who = [WHO[tag] for tag in journaled.who.tolist()]
    take = Take(emulator, find_act(journaled.act), journaled.state, who=who[0])
    for mask, presser in zip(journaled.masks.tolist()[1:], who[1:], strict=True):
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
