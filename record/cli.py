"""The command line of the recorder: who plays which act, and where the movie goes."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from experiment.config import parse
from experiment.progress import Tracker
from game.acts import find_act, select_acts
from game.emulator import Emulator
from game.games import Game, GameError, choose_game
from game.movie import Movie, Sidecar, certify, write_movie, write_sidecar
from game.workers import run_tasks

MOVIES = Path("movies")


@dataclass(frozen=True)
class Config:
    """Play acts and write movies, movies/<game>/<act>/<act>-<player>-<number>.bk2, each with a sidecar beside it."""

    player: Literal["search"] = "search"
    """search: a planner over savestates with a person's moves. (The window for people comes with the recorder.)"""
    level: str = "EmeraldHillZone.Act1"
    """An act's name, several separated by commas, or "all"."""
    game: str = ""
    """sonic2 or quillrush; by default sonic2 once its ROM is imported."""
    takes: int = 1
    """Finished movies wanted of each act; those that are there already count."""
    seed: int = 0
    """Of the first take; a take that is not finished is tried again with the next seed."""
    tries: int = 6
    """Seeds tried for one take before it is given up."""
    budget: int = 400_000
    """Emulated frames one try may search."""
    workers: int = 0
    """Processes (0: one a core)."""


PRESETS: Mapping[str, Config] = {"full": Config(), "smoke": Config()}


@dataclass(frozen=True)
class Take:
    """One movie to make."""

    game: str
    act: str
    number: int
    seeds: tuple[int, ...]
    budget: int
    path: Path


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status: 1 when a take could not be finished, 2 when nothing could be done."""
    config = parse(Config, PRESETS, "python -m record", arguments)
    try:
        game, why = choose_game(config.game)
        print(f"game: {game.name} ({why})")
        game.check_rom()
        takes = plan_takes(config, game)
    except (GameError, ValueError) as error:
        print(f"record: {error}", file=sys.stderr)
        return 2
    failures = 0
    with Tracker("searching", len(takes), "takes") as tracker:
        for outcome in run_tasks(search_take, takes, config.workers):
            failures += bool(outcome.error)
            tracker.say(outcome.error or outcome.result)
            tracker.advance(1)
    return 1 if failures else 0


def plan_takes(config: Config, game: Game) -> list[Take]:
    """The takes that are still missing."""
    takes = []
    for act in select_acts(config.level):
        for number in range(config.takes):
            path = MOVIES / game.name / act.name / f"{act.name}-search-{number:03d}.bk2"
            first = config.seed + number * config.tries
            seeds = tuple(range(first, first + config.tries))
            if not path.exists():
                takes.append(Take(game.name, act.name, number, seeds, config.budget, path))
    return takes


def search_take(take: Take) -> str:
    """Search one take in this process and write it; returns a line about it. RuntimeError when no seed finishes."""
    from record.search import Search, SearchFailed

    game, _ = choose_game(take.game)
    act = find_act(take.act)
    with Emulator(game) as emulator:
        reached = 0
        for seed in take.seeds:
            search = Search(emulator, act, seed, take.budget)
            try:
                movie = search.play()
            except SearchFailed as failure:
                reached = max(reached, failure.x)
                continue
            return _write(take, emulator, movie, seed)
    raise RuntimeError(f"{take.act}: no seed of {take.seeds} finished the act; furthest x {reached} of {act.end_x}")


def _write(take: Take, emulator: Emulator, movie: Movie, seed: int) -> str:
    certificate = certify(emulator, movie)
    facts = {"seed": seed, "act": take.act, "frames": movie.frames, "rings": emulator.peek("rings"), "finished": True}
    write_movie(take.path, movie)
    write_sidecar(take.path, Sidecar("search", certificate, facts))
    return f"{take.path}: {movie.frames} frames, {facts['rings']} rings"
