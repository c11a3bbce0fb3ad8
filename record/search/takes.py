"""Takes of the search player, made on all cores."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from experiment.lock import exclusive
from experiment.progress import ProgressBar
from game.acts import find_act, select_acts
from game.certificate import Certificate, Certifier, Sidecar, write_sidecar
from game.crew import Crew
from game.demonstrations import MOVIES
from game.emulator import Emulator
from game.games import Game, choose_game
from game.movie import Movie, read_movie, replay
from game.tasks import run_tasks
from record.library import check_room, journal_folder, write_pair
from record.search.traces import same_take, trace_of

STICKY = 0.25
"""Chance of a sticky frame in noisy takes: the contest's."""

Noise = Literal["both", "none", "sticky"]


@dataclass(frozen=True)
class SearchTake:
    """One movie to make.

    Attributes:
        seeds: tried one after the other.
        budget: emulated frames that each may take.
        sticky: chance of a sticky frame.
    """

    game: str
    act: str
    seeds: tuple[int, ...]
    budget: int
    path: Path
    sticky: float = 0.0


def plan_takes(
    game: Game, level: str, takes: int, seed: int, tries: int, budget: int, noise: Noise = "none"
) -> list[SearchTake]:
    """The takes that are still missing. ValueError for an unknown act.

    Args:
        noise: none; sticky: all are played under sticky frames; both: the second half of an act's takes are.
    """
    missing = []
    for act in select_acts(level):
        for number in range(takes):
            path = MOVIES / game.name / act.name / f"{act.name}-search-{number:03d}.bk2"
            if path.exists() and path.with_suffix(".json").exists():
                continue
            first = seed + number * tries
            seeds = tuple(range(first, first + tries))  # no two takes share a seed
            is_noisy = noise == "sticky" or (noise == "both" and 2 * number >= takes)
            missing.append(SearchTake(game.name, act.name, seeds, budget, path, STICKY if is_noisy else 0.0))
    return missing


def search_all(takes: list[SearchTake], workers: int | Crew) -> int:
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
    """Search one take in this process and write it; returns a line about it. RuntimeError when no seed brings one."""
    from record.search.planner import Search, SearchFailed

    game, _ = choose_game(take.game)
    act = find_act(take.act)
    furthest_x = 0
    twin = ""
    with Emulator(game) as emulator:
        if take.path.exists():  # killed before its sidecar was there
            return _certify_found(take, emulator)
        for seed in take.seeds:
            search = Search(emulator, act, seed, take.budget, sticky=take.sticky)
            try:
                movie = search.play()
            except SearchFailed as failure:
                furthest_x = max(furthest_x, failure.x)
                continue
            twin = _write(take, emulator, movie, {"seed": seed, "setbacks": search.setbacks})
            if not twin:
                return _told(take, movie)
    if twin:
        raise RuntimeError(f"{take.act}: no seed of {take.seeds} plays otherwise than {twin}")
    raise RuntimeError(f"{take.act}: no seed of {take.seeds} finished the act; furthest x {furthest_x} of {act.end_x}")


def _told(take: SearchTake, movie: Movie) -> str:
    noise = f", sticky frames {take.sticky:.0%}" if take.sticky else ""
    return f"{take.path}: {movie.frames} frames{noise}"


def _write(take: SearchTake, emulator: Emulator, movie: Movie, found: dict[str, Any]) -> str:
    """Write a take, unless one that plays the same is there already: then its name is returned."""
    certificate, facts = _replayed(take, emulator, movie)
    with exclusive(journal_folder(MOVIES, take.game), wait=-1):  # no other worker writes a twin in between
        twin = same_take(emulator, take.path.parent, facts["trace"])
        if not twin:
            write_pair(take.path, movie, Sidecar("search", certificate, facts | found))
    return twin


def _certify_found(take: SearchTake, emulator: Emulator) -> str:
    movie = read_movie(take.path)
    certificate, facts = _replayed(take, emulator, movie)
    write_sidecar(take.path, Sidecar("search", certificate, facts))
    return f"{_told(take, movie)}, found without its sidecar"


def _replayed(take: SearchTake, emulator: Emulator, movie: Movie) -> tuple[Certificate, dict[str, Any]]:
    """A take's certificate, and what its sidecar says: search writes finished acts only."""
    certifier = Certifier(movie.frames)
    positions = []
    for frame in replay(emulator, movie):
        certifier.see(frame, emulator)
        positions.append(emulator.peek("x"))
    facts = {"act": take.act, "frames": movie.frames, "rings": emulator.peek("rings"), "finished": True}
    return certifier.certificate(), facts | {"sticky": take.sticky, "trace": trace_of(positions)}
