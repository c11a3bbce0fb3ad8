"""What is kept away from whoever learns: the contest's held-out acts under its split, and the act a contest is learnt on."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from dataset.selection import Selection
from experiment.finding import run_of
from experiment.run import Run, RunError, portable
from game.acts import CONTEST, select_acts, training_acts
from policy.checkpoint import CheckpointError, read_info


class SplitConfig(Protocol):
    """The options that say which acts are learnt on."""

    @property
    def acts(self) -> str: ...
    @property
    def contest_split(self) -> bool: ...


def movies_beside(config: SplitConfig, taught: Selection | None = None) -> Selection:
    """Which demonstrations may be shown beside what is played, of those that the clone was taught.

    None of the held-out acts under the contest's split; in a contest none of the act that is learnt, and where that is a
    held-out one, of none of them.

    Args:
        taught: what the clone was shown; None for all.

    Raises:
        ValueError: nothing is left.
    """
    taught = taught or Selection()
    learnt = training_acts(config.acts) if config.acts.startswith(CONTEST) else ()
    split = config.contest_split or taught.contest_split or any(act.held_out for act in learnt)
    if taught.acts == "all" and not learnt:
        return replace(taught, contest_split=split)
    shown = [act.name for act in select_acts(taught.acts) if act not in learnt and not (split and act.held_out)]
    if not shown:
        raise ValueError(f"no demonstration that the clone was taught ({taught.acts}) may be shown here")
    return replace(taught, acts=",".join(shown), contest_split=split)


def lineage(checkpoint: Path) -> Iterator[tuple[Path, Run | None]]:
    """A checkpoint and each that it comes from, the nearest first, with the runs they lie in; CheckpointError where one of them
    cannot be read."""
    place = str(checkpoint)
    while place:
        path = Path(place)
        yield path, run_of(path)
        place = read_info(path).parent


def held_out_of(run: Run) -> list[str]:
    """The held-out acts that a run of any stage was trained on; RunError or ValueError where that cannot be said."""
    # a clone's acts are those of the movies it was shown
    meant = run.config.get("select", run.config)
    taught = training_acts(meant.get("acts", "all"), meant.get("contest_split", False))
    return [act.name for act in taught if act.held_out]


def check_split(checkpoint: Path, strict: bool) -> None:
    """Warn of a parent that, itself or by those it comes from, was taught held-out acts, or of which nobody knows; ValueError
    with `strict` on."""
    for problem in _problems(checkpoint):
        told = (
            f"{problem}: how it plays held-out acts says nothing of unseen ones. "
            "`python -m supervised --select.contest-split` teaches a clone without them"
        )
        if strict:
            raise ValueError(told)
        print(f"warning: {told}; going on (--strict refuses)")
        return


def _problems(checkpoint: Path) -> Iterator[str]:
    """What speaks against a checkpoint and against each that it comes from, the nearest first."""
    path = checkpoint
    try:
        for path, run in lineage(checkpoint):
            if run is None:
                yield f"nobody knows which acts {path} was taught: it lies in no run"
                continue
            held_out = held_out_of(run)
            if held_out:
                yield f"{portable(run.path)} was itself taught {', '.join(held_out)}"
    except (CheckpointError, RunError, ValueError) as error:
        yield f"nobody knows which acts {path} was taught ({error})"
