"""Who is scored: controls by name, the newest clone and fine-tuned network, or any checkpoint."""

import difflib
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from experiment.run import Run, RunError, newest_run
from game.observation import ObservationSpec
from policy.baselines import CONTROLS
from policy.checkpoint import CheckpointError, check_compatible, load_checkpoint

NEWEST = {"clone": "supervised", "finetuned": "finetune"}
"""Names that stand for the best checkpoint of a stage's newest finished run."""


@dataclass(frozen=True)
class Contestant:
    """One player to be scored.

    Attributes:
        label: what tables and charts call it; unique in an evaluation.
        source: a control's name or a checkpoint folder, as policy.episodes takes it.
        sha256: of checkpoint.json; "" for a control.
        step: how long it was trained, as its stage counts.
        parent: the checkpoint it was trained from, "" for none.
    """

    label: str
    source: str
    sha256: str = ""
    observation: ObservationSpec = field(default_factory=ObservationSpec)
    step: int = 0
    parent: str = ""

    @property
    def is_control(self) -> bool:
        return not self.sha256

    @property
    def identity(self) -> dict[str, str]:
        """What tells an evaluation of this player from one of another."""
        return {"label": self.label, "source": self.source, "sha256": self.sha256}


def find_contestants(names: Sequence[str], game: str, frame_skip: int) -> list[Contestant]:
    """The players of these names, in order, each once; a network that is not trained yet is said and skipped.

    Raises:
        ValueError: an unknown name or path, a checkpoint of another game or frame skip, or nobody left to score.
    """
    found: list[Contestant] = []
    for name in names:
        try:
            contestant = _find(name, game, frame_skip)
        except RunError as error:
            print(f"skipping {name}: {error}")
            continue
        if all(other.source != contestant.source for other in found):
            found.append(_with_unique_label(contestant, [other.label for other in found]))
    if not found:
        raise ValueError(f"Expected at least one player that can be scored. Received: {', '.join(names) or 'none'}")
    return found


def _find(name: str, game: str, frame_skip: int) -> Contestant:
    if name in CONTROLS:
        return Contestant(name, name)
    if name in NEWEST:
        run = newest_run(NEWEST[name], game)
        return _from_checkpoint(name, _best_of(run), game, frame_skip)
    path = Path(name)
    if (path / "checkpoint.json").is_file():
        return _from_checkpoint("", path, game, frame_skip)
    if (path / "config.json").is_file():
        return _from_checkpoint("", _best_of(Run(path)), game, frame_skip)
    if path.exists():
        raise CheckpointError(f"{path}: expected a checkpoint folder or a run directory. Received: neither")
    known = (*CONTROLS, *NEWEST)
    near = difflib.get_close_matches(name.lower(), known, n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise ValueError(
        f"Unknown player {name!r}.{hint} Expected one of {', '.join(known)}, a checkpoint folder, or a run directory."
    )


def _best_of(run: Run) -> Path:
    best = run.linked("best")
    if best is None:
        raise RunError(f"{run.path} has no best checkpoint yet. Let that run go on.")
    return best


def _from_checkpoint(label: str, path: Path, game: str, frame_skip: int) -> Contestant:
    """A checkpoint that has been loaded once, so that what is wrong with it is known before anything is played."""
    checkpoint = load_checkpoint(path)
    info = checkpoint.info
    check_compatible(info, path, game, frame_skip, info.observation)
    digest = hashlib.sha256((checkpoint.path / "checkpoint.json").read_bytes()).hexdigest()
    run = run_of(str(checkpoint.path))
    label = label or (f"{run.path.name} {info.step}" if run else checkpoint.path.name)
    return Contestant(label, shorten(checkpoint.path), digest, info.observation, info.step, info.parent)


def _with_unique_label(contestant: Contestant, taken: list[str]) -> Contestant:
    label, count = contestant.label, 1
    while label in taken:
        count += 1
        label = f"{contestant.label} ({count})"
    return replace(contestant, label=label)


def shorten(path: Path) -> str:
    """A path as seen from here when it lies below."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def run_of(checkpoint: str) -> Run | None:
    """The run directory a checkpoint lies in, if it still lies in one."""
    folder = Path(checkpoint).parent
    inside = folder.name == "checkpoints" and (folder.parent / "config.json").is_file()
    return Run(folder.parent) if inside else None


def training_runs(contestants: Sequence[Contestant]) -> list[Run]:
    """The runs that made these players, parents first, each once."""
    runs: dict[str, Run] = {}
    for contestant in contestants:
        for checkpoint in (contestant.parent, contestant.source):
            run = run_of(checkpoint) if checkpoint and not contestant.is_control else None
            if run:
                runs.setdefault(str(run.path.resolve()), run)
    return list(runs.values())
