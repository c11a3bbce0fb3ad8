"""Where takes go: names that are never used twice, movies with their sidecars, and journals that become movies again.

movies/<game>/<act>/<act>-<player>-<number>.bk2 and .json      movies/<game>/.takes/*.journal while a take is played
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from common.files import sync
from game.acts import find_act
from game.certificate import Sidecar, read_sidecar, write_sidecar
from game.emulator import Emulator
from game.games import Game, GameError, game_of_id
from game.movie import Movie, MovieError, read_movie, write_movie
from game.savestate import clean_state
from record.journal import WHO, Journaled, JournalError, abandoned, read_journal
from record.take import Take

MOVIES = Path("movies")


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
    """The first free name <act>-<label>-<number>.bk2; a number with only a sidecar left is taken too."""
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
    """Write a movie and its sidecar under the next free name, forced to the disk before this returns."""
    while True:
        path = next_path(movies, game, act, label)
        try:
            write_movie(path, movie)
            break
        except FileExistsError:  # another recorder took the name in between
            continue
    write_sidecar(path, sidecar)
    sync(path.parent)  # the files themselves were forced to the disk as they were written
    return path


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
    take.journal.remove()
    return path


def add_facts(path: Path, **facts: Any) -> None:
    """Add facts to a movie's sidecar."""
    sidecar = read_sidecar(path)
    sidecar.facts.update(facts)
    write_sidecar(path, sidecar)


def recover(emulator: Emulator, movies: Path) -> Iterator[str]:
    """Turn what killed recorders left into movies, one line about each.

    A journal is only removed once its movie is there; one that cannot be read is renamed to .unreadable and named.
    """
    for path in abandoned(journal_folder(movies, emulator.game.name)):
        try:
            line = _recover_one(emulator, movies, path)
        except FileNotFoundError:
            continue  # another recorder has just recovered it
        except (JournalError, GameError, ValueError) as error:
            path.rename(path.with_suffix(".unreadable"))
            line = f"a killed take could not be recovered: {error}"
        if line:
            yield line


def _recover_one(emulator: Emulator, movies: Path, path: Path) -> str:
    """Make a movie of one journal; returns the line about it, "" when there was nothing to make one of."""
    if path.stat().st_size == 0:
        path.unlink()
        return ""
    journaled = read_journal(path)
    game = game_of_id(journaled.game_id)
    if game is not emulator.game:
        raise JournalError(f"{path}: expected a take of {emulator.game.name}. Received: one of {game.name}")
    if not _is_played(journaled):
        path.unlink()
        return ""
    saved = _saved_already(movies, game, journaled)
    if saved and saved.with_suffix(".json").is_file():
        path.unlink()
        return ""
    take = _replayed(emulator, journaled)
    facts = journaled.facts | {"recovered": True}
    if saved is None:
        label = str(journaled.facts.get("label", ""))
        saved = save_take(movies, take, label, facts)
    else:  # killed between the movie and its sidecar
        player = player_of(take.who_played())
        write_sidecar(saved, Sidecar(player, take.certificate(), take.facts() | facts))
    path.unlink(missing_ok=True)
    return f"recovered a take of {take.act.name} that was cut off ({take.frames} frames, {take.frames / 60:.0f} s): {saved}"


def _is_played(journaled: Journaled) -> bool:
    """Whether there is play in it, and not a policy's alone, which can be had again."""
    by_person = journaled.who == WHO.index("human")
    return bool(journaled.masks.any() and by_person.any())


def _replayed(emulator: Emulator, journaled: Journaled) -> Take:
    """The journal's take, played again for its certificate and its end."""
    if journaled.masks[0] != 0:
        raise JournalError("the first line is not idle")
    masks = journaled.masks.tolist()
    who = [WHO[tag] for tag in journaled.who.tolist()]
    act = find_act(journaled.act)
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
