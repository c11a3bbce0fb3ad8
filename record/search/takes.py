"""Takes of the search player, made on all cores."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiment.progress import ProgressBar
from game.acts import find_act, select_acts
from game.certificate import Sidecar, certify, write_sidecar
from game.emulator import Emulator
from game.games import Game, choose_game
from game.movie import Movie, read_movie
from game.workers import run_tasks
from record.library import MOVIES, check_room, write_pair


@dataclass(frozen=True)
class SearchTake:
    """One movie to make: the seeds to try one after the other, and the emulated frames that each may take."""

    game: str
    act: str
    seeds: tuple[int, ...]
    budget: int
    path: Path


def plan_takes(game: Game, level: str, takes: int, seed: int, tries: int, budget: int) -> list[SearchTake]:
    """The takes that are still missing. ValueError for an unknown act."""
    missing = []
    for act in select_acts(level):
        for number in range(takes):
            path = MOVIES / game.name / act.name / f"{act.name}-search-{number:03d}.bk2"
            if path.exists() and path.with_suffix(".json").exists():
                continue
            first = seed + number * tries
            seeds = tuple(range(first, first + tries))  # no two takes share a seed
            missing.append(SearchTake(game.name, act.name, seeds, budget, path))
    return missing


def search_all(takes: list[SearchTake], workers: int) -> int:
    """Search takes in worker processes; returns how many could not be finished. OSError when none could be written."""
    for take in takes[:1]:  # a search takes minutes, so it is asked beforehand
        check_room(take.path.parent)
    failures = 0
    with ProgressBar("searching", len(takes), "takes") as tracker:
        for outcome in run_tasks(search_take, takes, workers):
            if outcome.error:
                failures += 1
            tracker.say(outcome.error or outcome.result)
            tracker.advance(1)
    return failures


def search_take(take: SearchTake) -> str:
    """Search one take in this process and write it; returns a line about it. RuntimeError when no seed finishes."""
    from record.search.planner import Search, SearchFailed

    game, _ = choose_game(take.game)
    act = find_act(take.act)
    furthest_x = 0
    with Emulator(game) as emulator:
        if take.path.exists():  # killed before its sidecar was there
            return _certify_found(take, emulator)
        for seed in take.seeds:
            search = Search(emulator, act, seed, take.budget)
            try:
                movie = search.play()
            except SearchFailed as failure:
                furthest_x = max(furthest_x, failure.x)
                continue
            return _write(take, emulator, movie, seed)
    raise RuntimeError(f"{take.act}: no seed of {take.seeds} finished the act; furthest x {furthest_x} of {act.end_x}")


def _write(take: SearchTake, emulator: Emulator, movie: Movie, seed: int) -> str:
    certificate = certify(emulator, movie)  # replays the movie: the emulator stands at its end
    facts = _facts(take, emulator, movie) | {"seed": seed}
    write_pair(take.path, movie, Sidecar("search", certificate, facts))
    return f"{take.path}: {movie.frames} frames, {facts['rings']} rings"


def _certify_found(take: SearchTake, emulator: Emulator) -> str:
    movie = read_movie(take.path)
    certificate = certify(emulator, movie)
    write_sidecar(take.path, Sidecar("search", certificate, _facts(take, emulator, movie)))
    return f"{take.path}: {movie.frames} frames, found without its sidecar"


def _facts(take: SearchTake, emulator: Emulator, movie: Movie) -> dict[str, Any]:
    """What the sidecar says, while the emulator stands at the movie's end: search writes finished acts only."""
    return {"act": take.act, "frames": movie.frames, "rings": emulator.peek("rings"), "finished": True}
