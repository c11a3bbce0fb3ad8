"""The collection of movies: what there is, what is missing, and whether it still replays."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from experiment.progress import Tracker
from game.acts import ACTS
from game.emulator import Emulator
from game.games import Game, GameError, game_of_id
from game.movie import MovieError, certify, read_movie, read_sidecar
from game.spindash import pad_spin_dashes
from game.workers import run_tasks
from record.journal import abandoned
from record.library import act_folder, journal_folder, movie_files


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


def entry_of(path: Path) -> Entry:
    try:
        movie, sidecar = read_movie(path), read_sidecar(path)
    except MovieError as error:
        return Entry(path, trouble=str(error))
    counted = "spin_dashes" in sidecar.facts
    dashes = int(sidecar.facts["spin_dashes"]) if counted else len(pad_spin_dashes(movie.masks))
    finished = bool(sidecar.facts.get("finished", False))
    return Entry(path, sidecar.player, movie.frames, finished, dashes, counted, sidecar.certificate is not None)


def show(movies: Path, game: Game, each: bool = False) -> list[str]:
    """The collection as lines: one an act, then what is missing; with `each`, one a movie too."""
    lines = [f"{'act':24} {'movies':>6} {'finished':>8} {'minutes':>7} {'best':>7} {'spin dashes':>11}  players"]
    found: dict[str, list[Entry]] = {}
    for act in ACTS:
        entries = [entry_of(path) for path in movie_files(act_folder(movies, game.name, act.name))]
        found[act.name] = entries
        lines.append(_line(act.name, entries))
        if each:
            lines += [_movie_line(entry) for entry in entries]
    lines += ["", *_missing(found)]
    waiting = abandoned(journal_folder(movies, game.name))
    if waiting:
        lines.append(f"takes that were cut off: {len(waiting)} (`python -m record recover`, or just record again)")
    return lines


def _line(name: str, entries: Sequence[Entry]) -> str:
    good = [entry for entry in entries if not entry.trouble]
    best = min((entry.frames for entry in good if entry.finished), default=0)
    time = f"{best // 3600}:{best // 60 % 60:02d}" if best else "-"
    dashes = ("" if all(entry.counted for entry in good) else "~") + str(sum(entry.spin_dashes for entry in good))
    players = sorted({entry.player for entry in good})
    counts = ", ".join(f"{player} {sum(entry.player == player for entry in good)}" for player in players)
    minutes = sum(entry.frames for entry in good) / 3600
    finished = sum(entry.finished for entry in good)
    return f"{name:24} {len(good):6} {finished:8} {minutes:7.1f} {time:>7} {dashes:>11}  {counts}"


def _movie_line(entry: Entry) -> str:
    if entry.trouble:
        return f"    UNUSABLE {entry.trouble}"
    ending = "finished" if entry.finished else "-"
    certificate = "certified" if entry.certified else "no certificate"
    return (
        f"    {entry.path.name:44} {entry.frames:6} frames  {ending:8}  {entry.spin_dashes} spin dashes  {certificate}"
    )


def _missing(found: dict[str, list[Entry]]) -> list[str]:
    good = {act: [entry for entry in entries if not entry.trouble] for act, entries in found.items()}
    none = [act for act, entries in good.items() if not entries]
    still = [act for act, entries in good.items() if entries and not any(entry.spin_dashes for entry in entries)]
    own = [act for act, entries in good.items() if not any(e.player in ("human", "takeover") for e in entries)]
    damaged = [entry.trouble for entries in found.values() for entry in entries if entry.trouble]
    lines = [f"acts without movies: {', '.join(none) or 'none'}"]
    lines.append(f"acts whose movies hold no spin dash: {', '.join(still) or 'none'}")
    if still:
        lines.append(f"    practise them: make record-skill SKILL=spindash LEVEL={still[0]}")
    lines.append(f"acts a person has not played: {', '.join(own) or 'none'}")
    return lines + [f"UNUSABLE {reason}" for reason in damaged]


def acts_without_dash(movies: Path, game: Game) -> list[str]:
    """Acts in which nobody has done a spin dash with their own hands."""
    lacking = []
    for act in ACTS:
        entries = [entry_of(path) for path in movie_files(act_folder(movies, game.name, act.name))]
        if not any(entry.spin_dashes for entry in entries if entry.player in ("human", "takeover")):
            lacking.append(act.name)
    return lacking


_emulator: Emulator | None = None


def verify_movie(path: Path) -> str:
    """Replay a movie against its certificate; returns "exact" or "no certificate". MovieError names what is wrong."""
    global _emulator
    movie, sidecar = read_movie(path), read_sidecar(path)
    try:
        game = game_of_id(movie.game_id)
    except GameError as error:
        raise MovieError(f"{path}: {error}") from error
    if _emulator is None or _emulator.game is not game:
        if _emulator is not None:
            _emulator.close()
        _emulator = Emulator(game)
    certificate = certify(_emulator, movie)
    if sidecar.certificate is None:
        return f"{path}: no certificate to compare with ({movie.frames} frames replayed)"
    frame = sidecar.certificate.divergence(certificate)
    if frame is not None:
        raise MovieError(f"{path}: its replay differs from its certificate at frame {frame} of {movie.frames}")
    return f"{path}: exact ({movie.frames} frames)"


def verify(paths: Sequence[Path], workers: int = 0) -> int:
    """Re-check movies on all cores; returns how many failed."""
    failed = 0
    with Tracker("verifying", len(paths), "movies") as tracker:
        for outcome in run_tasks(verify_movie, list(paths), workers):
            failed += bool(outcome.error)
            tracker.say(f"FAILED {outcome.error}" if outcome.error else outcome.result)
            tracker.advance(1)
    print(f"{len(paths) - failed} of {len(paths)} movies are sound")
    return failed
