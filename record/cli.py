"""The command line of the recorder: who plays which act, and what to do with the movies."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import tyro
from msgspec import Meta

from common.ranges import Count, Positive, checked
from experiment import cli
from experiment.finding import find_checkpoint
from experiment.run import portable
from game.crew import Crew
from game.demonstrations import MOVIES
from game.emulator import Emulator
from game.games import Game, choose_game, game_of_id
from game.movie import MovieError, read_movie
from record.library import movie_files
from record.play import WindowConfig, play_drill, play_human, play_policy, play_weak, recover_takes, watch
from record.search.takes import Noise, plan_takes, search_all

LastFrame = Annotated[int, Meta(ge=-1)]
"""Of a movie; -1 for its end."""

USAGE = """python -m record [options]             play an act in a window; a movie is written (see below)
python -m record list [--movies]       the collection, and what is still missing
python -m record next                  what to play next: where a take of yours would help most
python -m record watch FILE            a movie in the window: any frame, and play on from it
python -m record export FILE --to FILM.mp4|gif [--first N --last N]    as a film (or a bk2 by itself)
python -m record pack [FOLDER...]      movies that begin alike share one savestate: a tenth of the room
python -m record verify [FILE...]      replay movies against their certificates
python -m record trim FILE --first N --last N    cut head or tail into a new movie
python -m record recover               make movies of takes that were cut off (recording does it too)"""


@dataclass(frozen=True)
class Config:
    """Play acts and write movies, movies/<game>/<act>/<act>-<player>-<number>.bk2, each with a sidecar beside it."""

    player: Literal["human", "search", "policy", "correction"] = "human"
    """human: you, in a window. policy: a trained network, in the same window; take over at any time. search: a planner
    over savestates with a person's moves, without a window. correction: a trained network plays, and where it dies or gets
    stuck, the search player shows the way on; without a window, too."""
    level: str = ""
    """An act's name or title ("EmeraldHillZone.Act1", "Fernfall 1"), several separated by commas, or "all"; by default
    EmeraldHillZone.Act1 (drills: the first act that needs one)."""
    game: str = ""
    """sonic2 or quillrush; by default sonic2 once its ROM is imported."""
    skill: Literal["", "spindash", "weak"] = ""
    """human: a drill. spindash: shortly before places where one is wanted. weak: where the trained player fails."""
    run: str = ""
    """policy, correction: a run or checkpoint folder, or a learner's name (its newest run); by default the newest finished
    run of fine-tuning, else of cloning."""
    window: WindowConfig = WindowConfig()
    takes: Positive = 1
    """search: finished movies wanted of each act; those that are there already count. correction: takes of each act."""
    noise: Noise = "both"
    """search: none; sticky: every take is played under the contest's sticky frames; both: the second half of them is."""
    seed: Count = 0
    """search: of the first take; one that is not finished, or plays as another does, is tried again with the next.
    policy: of its draws. correction: of the first take."""
    tries: Positive = 6
    """search: seeds tried for one take before it is given up."""
    budget: Positive = 400_000
    """search, correction: emulated frames one try may search."""
    practise: Count = 0
    """correction: how often the network plays on again from before each of its troubles, and is corrected again."""
    workers: Count = 0
    """search, correction: processes (0: one per core)."""
    cluster: str = ""
    """Where they run instead: a Ray cluster's HOST:PORT, `auto` for this machine's, `local` for one here (docs/cluster.md)."""


@dataclass(frozen=True)
class ListConfig:
    """Show the collection of movies act by act, and what is still missing."""

    game: str = ""
    """sonic2 or quillrush; by default sonic2 once its ROM is imported."""
    movies: bool = False
    """One line per movie, too."""


@dataclass(frozen=True)
class NextConfig:
    """Say what to play next: where a take of yours would help most, and why."""

    game: str = ""
    """sonic2 or quillrush; by default sonic2 once its ROM is imported."""


@dataclass(frozen=True)
class WatchConfig:
    """Play a movie in the window."""

    file: tyro.conf.Positional[Path]
    """A bk2 movie."""
    window: WindowConfig = WindowConfig()


@dataclass(frozen=True)
class ExportConfig:
    """Write a movie, or a part of it, as a film: an mp4 with the game's sound, or a gif; or a packed movie by itself (bk2)."""

    file: tyro.conf.Positional[Path]
    """A bk2 movie."""
    to: Path
    """The film; its name ends in .mp4 or .gif (.bk2: the whole movie with its savestate). Nothing is overwritten."""
    first: Count = 0
    """The first frame shown."""
    last: LastFrame = -1
    """The last frame shown (-1: to the end)."""


@dataclass(frozen=True)
class PackConfig:
    """Let movies that begin alike share one savestate, a file beside them; it is nine tenths of each."""

    folders: tyro.conf.Positional[tuple[Path, ...]] = ()
    """Folders of movies; by default all of movies/."""


@dataclass(frozen=True)
class VerifyConfig:
    """Replay movies and compare them with their certificates; the exit status is 1 when one differs."""

    files: tyro.conf.Positional[tuple[Path, ...]] = ()
    """Movies or folders of movies; by default all of movies/."""
    workers: Count = 0
    """Processes (0: one per core)."""


@dataclass(frozen=True)
class TrimConfig:
    """Cut the head or the tail off a movie, into a new one; the old one stays."""

    file: tyro.conf.Positional[Path]
    """A bk2 movie."""
    first: Count = 0
    """The first frame kept. Every movie begins with an idle frame: where this one is not idle, one is put in front, and
    the rest is replayed; if it does not play as it did, a frame nearby is taken, or none."""
    last: LastFrame = -1
    """The last frame kept (-1: to the end)."""


@dataclass(frozen=True)
class RecoverConfig:
    """Make movies of takes that were cut off by a kill or a power loss."""

    game: str = ""
    """sonic2 or quillrush; by default sonic2 once its ROM is imported."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status (experiment.cli): 1 when a take, movie or check failed."""
    return cli.run("record", lambda: _work(arguments), "what was finished stays")


def _work(arguments: Sequence[str] | None) -> int:
    command, rest = cli.split_command(arguments, COMMANDS, default="play", usage=USAGE)
    return COMMANDS[command](rest)


def _choose(name: str) -> Game:
    game, why = choose_game(name)
    print(f"game: {game.name} ({why})", flush=True)
    game.check_rom()
    return game


def _play(rest: list[str]) -> int:
    config = checked(tyro.cli(Config, prog="python -m record", args=rest))
    game = _choose(config.game)
    if config.player == "search":
        level = config.level or "EmeraldHillZone.Act1"
        takes = plan_takes(
            game, level, config.takes, seed=config.seed, tries=config.tries, budget=config.budget, noise=config.noise
        )
        failures = search_all(takes, Crew(config.workers, config.cluster, game.name))
        return cli.FAILED_IN_PART if failures else 0
    if config.player == "correction":
        return _correct(game, config)
    if config.player == "policy":
        play_policy(game, config.level, config.run, config.seed, config.window)
    elif config.skill == "weak":
        play_weak(game, config.level, config.window)
    elif config.skill:
        play_drill(game, config.level, "spindash", config.window)
    else:
        play_human(game, config.level, config.window)
    return 0


def _correct(game: Game, config: Config) -> int:
    from record.search.correcting import correct_all, plan_corrections

    checkpoint = find_checkpoint(config.run, ("finetune", "supervised"), game.name)
    print(f"correcting {portable(checkpoint)}")
    level = config.level or "all"
    takes = plan_corrections(
        game, level, config.takes, checkpoint, config.seed, config.budget, practise=config.practise
    )
    return cli.FAILED_IN_PART if correct_all(takes, Crew(config.workers, config.cluster, game.name)) else 0


def _list(rest: list[str]) -> int:
    from record.collection import show

    config = checked(tyro.cli(ListConfig, prog="python -m record list", args=rest))
    game, why = choose_game(config.game)
    print(f"game: {game.name} ({why})\n")
    print("\n".join(show(MOVIES, game, config.movies)))
    return 0


def _watch(rest: list[str]) -> int:
    config = checked(tyro.cli(WatchConfig, prog="python -m record watch", args=rest))
    game = game_of_id(read_movie(config.file).game_id)
    game.check_rom()
    watch(game, config.file, config.window)
    return 0


def _export(rest: list[str]) -> int:
    from record.export import MOVIE, export, export_movie

    config = checked(tyro.cli(ExportConfig, prog="python -m record export", args=rest))
    if config.to.suffix.lower() == MOVIE:
        if config.first or config.last >= 0:
            raise MovieError(
                "A bk2 is exported whole. `python -m record trim` cuts frames off a movie, into a new one."
            )
        print(export_movie(config.file, config.to))
        return 0
    game = game_of_id(read_movie(config.file).game_id)
    with Emulator(game) as emulator:
        print(export(emulator, config.file, config.to, config.first, config.last))
    return 0


def _verify(rest: list[str]) -> int:
    from record.collection import verify

    config = checked(tyro.cli(VerifyConfig, prog="python -m record verify", args=rest))
    places = config.files or (MOVIES,)
    paths: list[Path] = []
    for place in places:
        paths += movie_files(place) if place.is_dir() else [place]
    if not any(path.exists() for path in paths):
        raise MovieError(f"No bk2 movies in {', '.join(map(str, places))}.")
    return cli.FAILED_IN_PART if verify(paths, config.workers) else 0


def _pack(rest: list[str]) -> int:
    from record.pack import pack

    config = checked(tyro.cli(PackConfig, prog="python -m record pack", args=rest))
    folders = config.folders or (MOVIES,)
    for folder in folders:
        if not folder.is_dir():
            raise MovieError(f"{folder}: expected a folder of movies. Received: no folder")
    print(pack(path for folder in folders for path in movie_files(folder)))
    return 0


def _trim(rest: list[str]) -> int:
    from record.trim import trim

    config = checked(tyro.cli(TrimConfig, prog="python -m record trim", args=rest))
    game = game_of_id(read_movie(config.file).game_id)
    with Emulator(game) as emulator:
        cut = trim(emulator, MOVIES, config.file, config.first, config.last)
    asked = f"frames {config.first} to {'the end' if config.last < 0 else config.last}"
    print(f"asked for {asked} of {config.file}")
    print(f"{cut.path}: frames {cut.first} to {cut.last}; {cut.how}")
    return 0


def _recover(rest: list[str]) -> int:
    config = checked(tyro.cli(RecoverConfig, prog="python -m record recover", args=rest))
    recover_takes(_choose(config.game))
    return 0


def _next(rest: list[str]) -> int:
    from record.collection import what_next

    config = checked(tyro.cli(NextConfig, prog="python -m record next", args=rest))
    game, _ = choose_game(config.game)
    print("\n".join(what_next(MOVIES, game)))
    return 0


def _mine(rest: list[str]) -> int:
    """What `make mine` begins with. ValueError when there is nothing of the person's own yet."""
    from record.collection import yours

    config = checked(tyro.cli(NextConfig, prog="python -m record mine", args=rest))
    game, _ = choose_game(config.game)
    print("\n".join(yours(MOVIES, game)))
    return 0


COMMANDS: Mapping[str, Callable[[list[str]], int]] = {
    "play": _play,
    "list": _list,
    "next": _next,
    "mine": _mine,
    "watch": _watch,
    "export": _export,
    "pack": _pack,
    "verify": _verify,
    "trim": _trim,
    "recover": _recover,
}
