"""A finished evaluation as it lies on the disk: its conditions, its players, its episodes."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from common.files import read_json
from common.names import did_you_mean
from evaluate.store import Key, read_episodes
from experiment.run import IDENTITY_LIMIT, RUNS, RunError
from game.rollout import Episode


@dataclass(frozen=True)
class Conditions:
    """Under which an evaluation's episodes were played; only those of the same conditions can be set beside each other."""

    game: str
    frame_skip: int
    stick_probability: float
    max_frames: int
    temperature: float


@dataclass(frozen=True)
class _Player:
    label: str
    sha256: str = ""


@dataclass(frozen=True)
class _Inputs:
    players: tuple[_Player, ...] = ()
    rom: str = ""


@dataclass(frozen=True)
class _Identity:
    """What is taken from an evaluation's config.json."""

    config: Conditions
    inputs: _Inputs = _Inputs()


@dataclass(frozen=True)
class Evaluation:
    """One evaluation as it lies on the disk.

    Attributes:
        players: label -> SHA-256 of its checkpoint, "" for a baseline; in the order they were asked for.
        rom: SHA-1 of the ROM that was played, "" where that is not known.
    """

    path: Path
    conditions: Conditions
    players: Mapping[str, str]
    episodes: Mapping[Key, Episode]
    finished: bool
    rom: str = ""

    @property
    def name(self) -> str:
        """What tables and the page call it."""
        return self.path.name

    @property
    def labels(self) -> list[str]:
        """Of the players that have episodes, in the order they were asked for."""
        played = {label for label, _, _ in self.episodes}
        ordered = [label for label in self.players if label in played]
        return ordered + sorted(played - set(ordered))

    def seeds_of(self, label: str, act: str) -> set[int]:
        """Of the episodes that a player has played on an act."""
        return {seed for other, where, seed in self.episodes if (other, where) == (label, act)}


def find_evaluation(place: str) -> Evaluation:
    """The evaluation at a path, or of this name under runs/evaluate.

    Raises:
        RunError: there is none, or it is damaged, or no episode of it can be read.
    """
    path = next((path for path in (Path(place), RUNS / "evaluate" / place) if (path / "config.json").is_file()), None)
    if path is None:
        known = sorted(file.parent.name for file in (RUNS / "evaluate").glob("*/config.json"))
        raise RunError(
            f"Expected the directory or the name of an evaluation. Received: {place}.{did_you_mean(place, known)} "
            f"Known: {', '.join(known) or 'none'}"
        )
    try:
        identity = read_json(path / "config.json", _Identity, IDENTITY_LIMIT)
        episodes = read_episodes(path / "episodes.jsonl", say=print)
    except (OSError, ValueError) as error:
        raise RunError(f"{path} is not an evaluation that can be read ({error})") from error
    if not episodes:
        raise RunError(f"{path} has no episodes yet. Expected an evaluation that has been run: `python -m evaluate`")
    players = {player.label: player.sha256 for player in identity.inputs.players}
    return Evaluation(path, identity.config, players, episodes, (path / "done.json").is_file(), identity.inputs.rom)
