"""Corrections of a trained policy by the search player, made on all cores and written as movies."""

from dataclasses import dataclass
from pathlib import Path

from experiment.progress import ProgressBar
from experiment.run import portable
from game.acts import find_act, select_acts
from game.certificate import Certifier, Sidecar
from game.crew import Crew
from game.demonstrations import MOVIES
from game.emulator import Emulator
from game.games import Game, find_game
from game.movie import replay
from game.tasks import run_tasks
from policy.checkpoint import Checkpoint, load_checkpoint
from policy.players import player_of
from record.library import act_folder, check_room, save_new
from record.pilots import PolicyPilot
from record.search.correction import MOST_FRAMES, Corrected, Correction
from record.search.takes import STICKY

LABEL = "correction"


@dataclass(frozen=True)
class CorrectionTake:
    """One movie to make.

    Attributes:
        checkpoint: of the policy.
        seed: of the take; budget: emulated frames that it may cost.
        practise: how often each trouble in it is practised; every time that is corrected becomes a movie, too.
    """

    game: str
    act: str
    checkpoint: Path
    seed: int
    budget: int
    practise: int = 0


def plan_corrections(
    game: Game, level: str, takes: int, checkpoint: Path, seed: int, budget: int, practise: int = 0
) -> list[CorrectionTake]:
    """The takes asked for. ValueError for an unknown act."""
    planned = []
    for number in range(takes):
        planned += [
            CorrectionTake(game.name, act.name, checkpoint, seed + number, budget, practise)
            for act in select_acts(level)
        ]
    return planned


def correct_all(takes: list[CorrectionTake], workers: int | Crew) -> int:
    """Make takes in worker processes; returns how many could not be made. OSError when none could be written."""
    for take in takes[:1]:
        check_room(act_folder(MOVIES, take.game, take.act))
    failures = 0
    with ProgressBar("correcting", len(takes), "takes") as progress:
        for outcome in run_tasks(correct_take, takes, workers):
            failures += bool(outcome.error)
            progress.say(outcome.error or outcome.result)
            progress.advance(1)
    return failures


def play_corrected(
    emulator: Emulator,
    policy: Checkpoint,
    act: str,
    *,
    seed: int,
    budget: int,
    most_frames: int = MOST_FRAMES,
    practise: int = 0,
) -> tuple[Corrected, list[Corrected]]:
    """A take of a policy with the search player's corrections, under the contest's sticky frames (see Correction).

    Args:
        practise: how often it then practises each of its troubles.

    Returns:
        The take, and the times of practice in which it was corrected again.
    """
    pilot = PolicyPilot(player_of(policy), policy.info, seed)
    take = Correction(emulator, find_act(act), pilot, seed=seed, budget=budget, sticky=STICKY, most_frames=most_frames)
    whole = take.play_corrected()
    practice = [take.practise(trouble) for trouble in take.troubles for _ in range(practise)]
    return whole, [corrected for corrected in practice if corrected is not None]


def correct_take(take: CorrectionTake) -> str:
    """Make one take in this process and write it; returns a line about it."""
    checkpoint = load_checkpoint(take.checkpoint)
    with Emulator(find_game(take.game)) as emulator:
        whole, practice = play_corrected(
            emulator, checkpoint, take.act, seed=take.seed, budget=take.budget, practise=take.practise
        )
        taught = [corrected for corrected in (whole, *practice) if corrected.shown.any()]
        if not taught:
            return f"{take.act}, seed {take.seed}: nothing to correct in {whole.movie.frames} frames"
        paths = [_write(take, emulator, corrected) for corrected in taught]
    corrections = sum(corrected.corrections for corrected in taught)
    shown = sum(int(corrected.shown.sum()) for corrected in taught)
    others = f" and {len(paths) - 1} of practice" if paths[1:] else ""
    return f"{paths[0]}{others}: {corrections} corrections, {shown} frames shown"


def _write(take: CorrectionTake, emulator: Emulator, corrected: Corrected) -> Path:
    corrected = corrected.up_to_the_last_lesson()
    movie = corrected.movie
    certifier = Certifier(movie.frames)
    for frame in replay(emulator, movie):
        certifier.see(frame, emulator)
    facts = {
        "act": take.act,
        "frames": movie.frames,
        "finished": corrected.finished,
        "sticky": STICKY,
        "seed": take.seed,
        "policy": portable(take.checkpoint),
        "segments": [list(segment) for segment in corrected.segments],
    }
    sidecar = Sidecar(LABEL, certifier.certificate(), facts)
    return save_new(MOVIES, take.game, take.act, LABEL, movie, sidecar)
