"""The collection of movies: what there is, what is missing, and whether it still replays."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiment.progress import ProgressBar
from game.acts import ACTS
from game.certificate import certify, read_sidecar
from game.emulator import shared_emulator
from game.games import Game, GameError, game_of_id
from game.movie import MovieError, read_movie
from game.spindash import pad_spin_dashes
from game.workers import run_tasks
from record.journal import abandoned
from record.library import act_folder, journal_folder, movie_files

BY_A_PERSON = ("human", "takeover")
FRAMES_PER_MINUTE = 3600


@dataclass(frozen=True)
class Entry:
    """One movie of the collection, from its file and sidecar alone.

    Attributes:
        spin_dashes: as counted from RAM when it was recorded, or (`counted` False) as they look on the pad.
        trouble: why it cannot be used, "" when it can.
    """

    path: Path
    player: str = "unknown"
    frames: int = 0
    finished: bool = False
    spin_dashes: int = 0
    counted: bool = False
    certified: bool = False
    trouble: str = ""

    @property
    def by_a_person(self) -> bool:
        """Whether a person pressed at least some of its frames."""
        return self.player in BY_A_PERSON


def entry_of(path: Path) -> Entry:
    """A movie as an entry; one that cannot be read is an entry too, with its `trouble`."""
    try:
        movie = read_movie(path)
        sidecar = read_sidecar(path)
        counted = _spin_dashes(path, sidecar.facts)
    except MovieError as error:
        return Entry(path, trouble=str(error))
    return Entry(
        path,
        player=sidecar.player,
        frames=movie.frames,
        finished=sidecar.facts.get("finished") is True,
        spin_dashes=len(pad_spin_dashes(movie.masks)) if counted is None else counted,
        counted=counted is not None,
        certified=sidecar.certificate is not None,
    )


def _spin_dashes(path: Path, facts: dict[str, Any]) -> int | None:
    """As the sidecar's facts count them; None when they do not. MovieError when that is no count."""
    counted = facts.get("spin_dashes")
    if counted is None or (type(counted) is int and counted >= 0):
        return counted
    raise MovieError(
        f"{path.with_suffix('.json')}: facts.spin_dashes: expected a count. Received: {repr(counted)[:40]}"
    )


def entries_of(movies: Path, game: Game, act: str) -> list[Entry]:
    """All movies of an act, by name."""
    folder = act_folder(movies, game.name, act)
    return [entry_of(path) for path in movie_files(folder)]


def show(movies: Path, game: Game, each: bool = False) -> list[str]:
    """The collection as lines: one per act, then what is missing; with `each`, one per movie too."""
    collection = {act.name: entries_of(movies, game, act.name) for act in ACTS}
    lines = [f"{'act':24} {'movies':>6} {'finished':>8} {'minutes':>7} {'best':>7} {'spin dashes':>11}  players"]
    for act, entries in collection.items():
        lines.append(_act_line(act, entries))
        if each:
            lines += [_movie_line(entry) for entry in entries]
    lines.append("")
    lines += _missing(collection)
    waiting = abandoned(journal_folder(movies, game.name))
    if waiting:
        lines.append(f"takes that were cut off: {len(waiting)} (`python -m record recover`, or just record again)")
    return lines


def _usable(entries: Sequence[Entry]) -> list[Entry]:
    return [entry for entry in entries if not entry.trouble]


def _act_line(act: str, entries: Sequence[Entry]) -> str:
    usable = _usable(entries)
    finished = [entry.frames for entry in usable if entry.finished]
    minutes = sum(entry.frames for entry in usable) / FRAMES_PER_MINUTE
    dashes = str(sum(entry.spin_dashes for entry in usable))
    if not all(entry.counted for entry in usable):
        dashes = f"~{dashes}"  # some were only seen on the pad
    by_player = Counter(entry.player for entry in usable)
    players = ", ".join(f"{player} {count}" for player, count in sorted(by_player.items()))
    best = _as_time(min(finished, default=0))
    return f"{act:24} {len(usable):6} {len(finished):8} {minutes:7.1f} {best:>7} {dashes:>11}  {players}"


def _as_time(frames: int) -> str:
    """Frames as m:ss; "-" when there are none."""
    if not frames:
        return "-"
    minutes, rest = divmod(frames, FRAMES_PER_MINUTE)
    return f"{minutes}:{rest // 60:02d}"


def _movie_line(entry: Entry) -> str:
    if entry.trouble:
        return f"    UNUSABLE {entry.trouble}"
    ending = "finished" if entry.finished else "-"
    certificate = "certified" if entry.certified else "no certificate"
    movie = f"{entry.path.name:44} {entry.frames:6} frames"
    return f"    {movie}  {ending:8}  {entry.spin_dashes} spin dashes  {certificate}"


def _missing(collection: dict[str, list[Entry]]) -> list[str]:
    """What the acts still lack, then the movies that cannot be used."""
    without_movie = []
    without_dash = []
    without_person = []
    unusable = []
    for act, entries in collection.items():
        usable = _usable(entries)
        if not usable:
            without_movie.append(act)
        elif not any(entry.spin_dashes for entry in usable):
            without_dash.append(act)
        if not any(entry.by_a_person for entry in usable):
            without_person.append(act)
        unusable += [f"UNUSABLE {entry.trouble}" for entry in entries if entry.trouble]
    lines = [f"acts without movies: {', '.join(without_movie) or 'none'}"]
    lines.append(f"acts whose movies hold no spin dash: {', '.join(without_dash) or 'none'}")
    if without_dash:
        lines.append(f"    practise them: make record-skill SKILL=spindash LEVEL={without_dash[0]}")
    lines.append(f"acts a person has not played: {', '.join(without_person) or 'none'}")
    return lines + unusable


def acts_without_dash(movies: Path, game: Game) -> list[str]:
    """Acts in which nobody has done a spin dash with their own hands."""
    lacking = []
    for act in ACTS:
        entries = entries_of(movies, game, act.name)
        if not any(entry.by_a_person and entry.spin_dashes for entry in entries):
            lacking.append(act.name)
    return lacking


def verify_movie(path: Path) -> str:
    """Replay a movie against its certificate; returns "exact" or "no certificate". MovieError names what is wrong."""
    movie = read_movie(path)
    expected = read_sidecar(path).certificate
    try:
        game = game_of_id(movie.game_id)
    except GameError as error:
        raise MovieError(f"{path}: {error}") from error
    # replayed in any case: a movie that the core refuses is worth knowing of
    certificate = certify(shared_emulator(game), movie)
    if expected is None:
        return f"{path}: no certificate to compare with ({movie.frames} frames replayed)"
    frame = expected.divergence(certificate)
    if frame is not None:
        raise MovieError(f"{path}: its replay differs from its certificate at frame {frame} of {movie.frames}")
    return f"{path}: exact ({movie.frames} frames)"


def verify(paths: Sequence[Path], workers: int = 0) -> int:
    """Re-check movies on all cores; returns how many failed."""
    failed = 0
    with ProgressBar("verifying", len(paths), "movies") as progress:
        for outcome in run_tasks(verify_movie, list(paths), workers):
            if outcome.error:
                failed += 1
                progress.say(f"FAILED {outcome.error}")
            else:
                progress.say(outcome.result)
            progress.advance(1)
    print(f"{len(paths) - failed} of {len(paths)} movies are sound")
    return failed
