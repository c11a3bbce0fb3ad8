"""Which of a run's checkpoints is its best: successive halving (Jamieson and Talwalkar 2016, arXiv:1502.07943).

On schedule a checkpoint plays few episodes, and the furthest of many is as much the luckiest as the best. So at the end those
that came furthest play on, with seeds that chose none of them before; the better half goes on to twice as many episodes, until
one is left. What the run began with is always among them, so that what was learnt has to beat it once more.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from common.files import read_json
from experiment.metrics import PROGRESS
from experiment.run import CANDIDATE, Run, write_json
from policy.checkpoint import read_info
from training.loop import progress_of

CHOICE = "choice.json"


@dataclass(frozen=True)
class Played:
    """What a checkpoint did in a round.

    Attributes:
        checkpoint: its folder's name.
        first_seed: of the episodes of each act; episodes: how many, from that seed on.
        progress: mean, 0 to 1.
    """

    checkpoint: str
    first_seed: int
    episodes: int
    progress: float


def choose_best(
    run: Run, play: Callable[[Path, range], float], finalists: int, episodes: int, seeds: range
) -> tuple[Path, float]:
    """The best of a run's evaluated checkpoints, to which its link `best` then points, and its mean progress, 0 to 1.

    What was played is kept in the run's folder: after a kill it is not played again.

    Args:
        run: held by the caller (Run.held), its training over.
        play: checkpoint folder, seeds -> mean progress over acts and seeds.
        finalists: how many checkpoints play on; with 1 it is the furthest on schedule, as it is.
        episodes: of each act in the first round.
        seeds: none of which the schedule used.
    """
    left = finalists_of(run, finalists)
    if len(left) == 1:
        return left[0], progress_of(left[0])
    done = _read(run.path / CHOICE)
    rounds: list[range] = []
    means: dict[Path, float] = {}
    while len(left) > 1:
        rounds.append(seeds[:episodes])
        for checkpoint in left:
            _play_on(checkpoint, rounds[-1], play, done, run.path / CHOICE)
            means[checkpoint] = _mean([one for one in done if one.checkpoint == checkpoint.name])
            played = sum(map(len, rounds))
            print(f"choosing: {checkpoint.name} has {means[checkpoint]:.1%} in {played} more episodes of each act")
        furthest = sorted(left, key=lambda checkpoint: -means[checkpoint])
        left = sorted(furthest[: math.ceil(len(left) / 2)])  # of equals, the earlier needed less training
        seeds = seeds[episodes:]
        episodes *= 2
    (best,) = left
    run.link("best", best)
    return best, means[best]


def finalists_of(run: Run, count: int) -> list[Path]:
    """The evaluated checkpoints that came furthest on schedule, earlier ones first; what the run began with among them when
    more than one is asked for."""
    evaluated = [
        path
        for path in sorted(run.checkpoints.iterdir())
        if path.name != CANDIDATE and not path.name.startswith(".") and PROGRESS in read_info(path).metrics
    ]
    furthest = sorted(evaluated, key=lambda path: -progress_of(path))
    beginning = [path for path in evaluated if count > 1 and read_info(path).step == 0]
    others = [path for path in furthest if path not in beginning]
    return sorted(beginning + others[: count - len(beginning)])


def _play_on(
    checkpoint: Path, seeds: range, play: Callable[[Path, range], float], done: list[Played], file: Path
) -> None:
    """Play a round, unless that was done before; it is added to `done` and to its file."""
    if any((one.checkpoint, one.first_seed) == (checkpoint.name, seeds.start) for one in done):
        return
    done.append(Played(checkpoint.name, seeds.start, len(seeds), play(checkpoint, seeds)))
    write_json(file, {"rounds": [asdict(one) for one in done]})


def _read(file: Path) -> list[Played]:
    return read_json(file, dict[str, list[Played]])["rounds"] if file.exists() else []


def _mean(rounds: Sequence[Played]) -> float:
    return sum(one.progress * one.episodes for one in rounds) / sum(one.episodes for one in rounds)
