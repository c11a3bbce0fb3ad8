"""The collection of movies: what there is, what is missing, and whether it still replays."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from common.words import counted
from experiment.progress import ProgressBar
from game.acts import ACTS
from game.certificate import certify, read_sidecar
from game.emulator import shared_emulator
from game.games import Game, GameError, game_of_id
from game.movie import MovieError, read_movie
from game.rules import FRAMES_PER_MINUTE
from game.tasks import run_tasks
from record.coverage import advice, coverage_of
from record.entry import Entry, entry_of
from record.journal import abandoned
from record.library import act_folder, journal_folder, movie_files
from record.scored import newest_scored

MOST_NAMED = 6
"""A longer list of acts is cut short."""


def entries_of(movies: Path, game: Game, act: str) -> list[Entry]:
    """All movies of an act, by name."""
    folder = act_folder(movies, game.name, act)
    return [entry_of(path) for path in movie_files(folder)]


def show(movies: Path, game: Game, each: bool = False) -> list[str]:
    """The collection as lines: one per act, then what is missing; with `each`, one per movie too."""
    collection = _collection(movies, game)
    header = f"{'act':24} {'movies':>6} {'finished':>8} {'minutes':>7} {'best':>7} {'spin dashes':>11}"
    lines = [f"{header} {'yours':>6} {'as far as':>9}  players"]
    for act, entries in collection.items():
        lines.append(_act_line(act, entries))
        if each:
            lines += [_movie_line(entry) for entry in entries]
    if any("~" in line for line in lines):
        lines.append("~ some spin dashes were only seen on the pad, not in the game")
    lines.append("")
    lines += _missing(collection)
    lines += _advice(collection, game)
    waiting = abandoned(journal_folder(movies, game.name))
    if waiting:
        lines.append(f"takes that were cut off: {len(waiting)} (`python -m record recover`, or just record again)")
    return lines


def _collection(movies: Path, game: Game) -> dict[str, list[Entry]]:
    return {act.name: entries_of(movies, game, act.name) for act in ACTS}


def _advice(collection: dict[str, list[Entry]], game: Game) -> list[str]:
    covered = {act: coverage_of(entries) for act, entries in collection.items()}
    return advice(game, covered, newest_scored(game.name))


def what_next(movies: Path, game: Game) -> list[str]:
    """What to play next, as lines."""
    return _advice(_collection(movies, game), game)


def yours(movies: Path, game: Game) -> list[str]:
    """What there is of a person's own play, and what can come of it, as lines. ValueError when there is nothing."""
    own: list[Entry] = []
    for entries in _collection(movies, game).values():
        own += [entry for entry in _usable(entries) if entry.by_a_person]
    if not own:
        raise ValueError(
            f"Expected takes of yours in {movies / game.name}. Received: none. Play first: `make record "
            f"LEVEL={ACTS[0].name} GAME={game.name}`; ten minutes, three takes of each of a few acts, are a good start."
        )
    by_act = Counter(entry.path.parent.name for entry in own)
    minutes = sum(entry.frames for entry in own) / FRAMES_PER_MINUTE
    twice = sum(count > 1 for count in by_act.values())
    return [
        f"yours: {counted(len(own), 'takes')}, {minutes:.1f} minutes, {counted(len(by_act), 'acts')}; "
        f"{counted(twice, 'acts')} with two takes or more, of which one is kept back to compare with",
        "what ten minutes can give: your habits, where you played. They cannot give the way through acts you did not play: "
        "there the agent plays as the search player's movies show it, or, without any, as it finds out by itself.",
    ]


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
    own = coverage_of(entries)
    far = f"{own.reached:.0%}" if own.takes else "-"
    figures = f"{len(usable):6} {len(finished):8} {minutes:7.1f} {best:>7} {dashes:>11} {own.takes:6} {far:>9}"
    return f"{act:24} {figures}  {players}"


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
    lines = [f"acts without movies: {_listed(without_movie)}"]
    if len(without_movie) < len(collection):  # of no movies at all, there is nothing more to say
        lines.append(f"acts whose movies hold no spin dash: {_listed(without_dash)}")
    if without_dash:
        lines.append(f"    practise them: make record-skill SKILL=spindash LEVEL={without_dash[0]}")
    lines.append(f"acts a person has not played: {_listed(without_person)}")
    return lines + unusable


def _listed(acts: Sequence[str]) -> str:
    """Acts by name, as far as that is worth reading."""
    if len(acts) == len(ACTS):
        return "all"
    if len(acts) > MOST_NAMED:
        return f"{', '.join(acts[:MOST_NAMED])} and {len(acts) - MOST_NAMED} more"
    return ", ".join(acts) or "none"


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
            elif "no certificate" in outcome.result:  # of those that are exact, the number will do
                progress.say(outcome.result)
            progress.advance(1)
    print(f"{len(paths) - failed} of {counted(len(paths), 'movies')} are sound")
    return failed
