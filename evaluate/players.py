"""Who is scored: baselines by name, the newest clone, the newest run of any learner, or any checkpoint."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from common.names import did_you_mean
from experiment.finding import PRODUCTS, WITHOUT_YOU, find_checkpoint, learners, run_named, run_names, run_of
from experiment.run import Run, RunError, portable
from game.observation import ObservationSpec
from policy.baselines import BASELINES
from policy.checkpoint import check_compatible, digest, load_checkpoint, playing_digest, read_info
from policy.players import player_of

TEACHER = "teacher"
"""The label of the demonstrations' row, which no player has."""


@dataclass(frozen=True)
class PlayerSpec:
    """One player to be scored.

    Attributes:
        label: what tables and charts call it; unique in an evaluation.
        source: a baseline's name or a checkpoint folder, as policy.episodes takes it.
        sha256: of what it plays with, checkpoint.json and weights.npz; "" for a baseline.
        plays: the same for two players that play alike, as a clone and a fine-tuned player that still is it.
        step: how long it was trained, as its stage counts.
        parent: the checkpoint it was trained from, "" for none.
        is_parent: whether it still is that checkpoint: its training found nothing better, and chose its own start.
        about: where it comes from, in words: its run, preset, and what it learnt from.
    """

    label: str
    source: str
    sha256: str = ""
    plays: str = ""
    observation: ObservationSpec = field(default_factory=ObservationSpec)
    step: int = 0
    parent: str = ""
    is_parent: bool = False
    about: str = ""

    @property
    def is_baseline(self) -> bool:
        """Whether it was never trained."""
        return not self.sha256

    @property
    def identity(self) -> dict[str, str]:
        """What tells an evaluation of this player from one of another."""
        return {"label": self.label, "source": self.source, "sha256": self.sha256}


def find_players(names: Sequence[str], game: str, frame_skip: int, trials: bool = False) -> list[PlayerSpec]:
    """The players of these names, in order, each once; a network that is not trained yet is reported and left out.

    Beside `finetuned`, `clone` is the very clone that it was fine-tuned from: the two are a pair.

    Args:
        trials: whether "the newest" may be a run that only tried whether everything works.

    Raises:
        ValueError: an unknown name or path, a checkpoint of another game or frame skip, or nobody left to score.
    """
    found: list[PlayerSpec] = []
    for name in names:
        try:
            player = _find(name, names, game, frame_skip, trials)
        except RunError as error:
            print(f"skipping {name}: {error}")
            continue
        if all(other.source != player.source for other in found):
            found.append(_with_unique_label(player, [TEACHER, *[other.label for other in found]]))
    if not found:
        raise ValueError(f"Expected at least one player that can be scored. Received: {', '.join(names) or 'none'}")
    return found


def _find(name: str, names: Sequence[str], game: str, frame_skip: int, trials: bool) -> PlayerSpec:
    if name in BASELINES:
        return PlayerSpec(name, name, plays=name)
    if name == "clone":
        return _from_checkpoint(name, _clone(names, game, trials), game, frame_skip)
    is_name = name in (*PRODUCTS, WITHOUT_YOU) or name in learners()
    if is_name or Path(name).exists() or run_named(name):
        try:
            checkpoint = find_checkpoint(name, (), game, trials)
        except RunError as error:
            if is_name:
                raise
            raise ValueError(str(error)) from error  # what was named by its place must not be left out in silence
        return _from_checkpoint(name if is_name else "", checkpoint, game, frame_skip)
    known = (*BASELINES, *PRODUCTS, WITHOUT_YOU, *learners())
    hint = did_you_mean(name, (*known, *run_names()), most=1)
    raise ValueError(
        f"Unknown player {name!r}.{hint} Expected one of {', '.join(known)}, a run's name or directory, or a checkpoint "
        "folder."
    )


def _clone(names: Sequence[str], game: str, trials: bool) -> Path:
    """The newest clone; beside `finetuned`, its parent where that still is there."""
    if "finetuned" in names:
        with suppress(RunError, ValueError):
            parent = read_info(find_checkpoint("finetuned", (), game, trials)).parent
            if _run_at(parent) and Path(parent).is_dir():
                return Path(parent)
    return find_checkpoint("clone", (), game, trials)


def _from_checkpoint(label: str, path: Path, game: str, frame_skip: int) -> PlayerSpec:
    """A checkpoint that has been loaded once, so that what is wrong with it is known before anything is played."""
    checkpoint = load_checkpoint(path)
    player_of(checkpoint)
    info = checkpoint.info
    check_compatible(info, path, game, frame_skip)
    run = run_of(checkpoint.path)
    if not label:
        label = f"{run.path.name} {info.step}" if run else checkpoint.path.name
    return PlayerSpec(
        label=label,
        source=portable(checkpoint.path),
        sha256=digest(checkpoint.path),
        plays=playing_digest(checkpoint),
        observation=info.observation,
        step=info.step,
        parent=info.parent,
        is_parent=info.metrics.get("is_parent") == 1.0,
        about=_about(run) if run else portable(checkpoint.path),
    )


def _about(run: Run) -> str:
    """A run in words."""
    about = portable(run.path)
    with suppress(RunError):
        if run.preset:
            about += f" ({run.preset})"
        composition = run.summary.get("composition") if run.finished else None
        if isinstance(composition, str):
            about += f", learnt from {composition}"
    return about


def _with_unique_label(player: PlayerSpec, taken: list[str]) -> PlayerSpec:
    label = player.label
    count = 1
    while label in taken:
        count += 1
        label = f"{player.label} ({count})"
    return replace(player, label=label)


def training_runs(players: Sequence[PlayerSpec]) -> list[Run]:
    """The runs that made these players, parents first, each once."""
    runs: dict[str, Run] = {}
    for player in players:
        if player.is_baseline:
            continue
        for checkpoint in (player.parent, player.source):
            run = _run_at(checkpoint)
            if run:
                runs.setdefault(str(run.path.resolve()), run)
    return list(runs.values())


def _run_at(checkpoint: str) -> Run | None:
    """The run a checkpoint lies in; None also for what is no path at all, as a damaged checkpoint may name it."""
    if not checkpoint:
        return None
    try:
        run = run_of(Path(checkpoint))
        if run:
            run.path.resolve(strict=True)
    except (OSError, ValueError, RuntimeError):  # too long, a null byte, links in a circle
        return None
    return run


def notes_on(players: Sequence[PlayerSpec]) -> list[str]:
    """What a reader has to know of these players, in plain sentences."""
    notes = []
    sources = {player.source for player in players}
    clone = next((player for player in players if player.label == "clone"), None)
    for player in players:
        if player.is_parent:
            notes.append(f"{player.label} is the clone itself: no later checkpoint was better")
        if clone and player.parent and player.parent not in sources:
            notes.append(f"{player.label} was not made from this clone but from {player.parent}: the two are no pair")
    return notes
