"""Finished episodes on disk: one line each in episodes.jsonl, so that a killed evaluation continues where it was."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from common.files import naming_full_disk, parse_json, read_bounded, whole_file
from game.acts import ALL_ACT_NAMES
from game.rollout import Episode

Key = tuple[str, str, int]
"""An episode's place: player's label, act, seed."""

EPISODES_LIMIT = 1 << 27
"""Bytes of an episodes.jsonl: some 30,000 episodes of full length."""

_Count = Annotated[int, Meta(ge=0, le=10**12)]
_Pixels = Annotated[int, Meta(ge=-(10**6), le=10**6)]


@dataclass(frozen=True, kw_only=True)
class _Line(Episode):
    """An episode as it stands in the file, with the ranges that its figures can have."""

    player: str
    seed: _Count
    frames: _Count
    score: Annotated[float, Meta(ge=-1e6, le=1e6)]
    progress: Annotated[float, Meta(ge=0.0, le=1.0)]
    max_x: _Pixels
    spin_dashes: _Count
    rings: _Count
    trace: list[tuple[_Count, _Pixels]]


class EpisodeStore:
    """The episodes of one evaluation, saved as they end. Whoever makes one holds the run."""

    def __init__(self, path: Path) -> None:
        """Reads what is there; lines that are damaged or were cut off by a kill are dropped, and named."""
        self._path = path
        self._episodes = read_episodes(path, say=print)
        # Written anew: after half a line, the next one to be appended would be lost as well.
        with whole_file(path) as beside:
            beside.write_text("".join(_line(key[0], episode) for key, episode in self._episodes.items()))

    @property
    def episodes(self) -> Mapping[Key, Episode]:
        """Every episode saved so far."""
        return self._episodes

    def add(self, label: str, episode: Episode) -> None:
        """Save one more."""
        self._episodes[label, episode.act, episode.seed] = episode
        with naming_full_disk(self._path), self._path.open("a") as file:
            file.write(_line(label, episode))


def read_episodes(path: Path, say: Callable[[str], None] = lambda words: None) -> dict[Key, Episode]:
    """The episodes of an episodes.jsonl; empty when there is no file.

    A damaged line costs its own episode only, which will be played again. A last line without its end is one that a kill
    cut off, which is not worth a word.

    Args:
        say: is told of every damaged line.

    Raises:
        ValueError: the file is larger than any evaluation's.
    """
    if not path.is_file():
        return {}
    *lines, cut_off = read_bounded(path, EPISODES_LIMIT).split(b"\n")
    del cut_off
    found: dict[Key, Episode] = {}
    for number, line in enumerate(lines, 1):
        try:
            key, episode = _parse(line, f"{path} line {number}")
        except ValueError as error:
            say(f"left out an episode: {error}")
            continue
        found[key] = episode
    return found


def place_of(folder: Path, kind: str, label: str, act: str, seed: int, suffix: str) -> Path:
    """Where a run directory keeps what belongs to one episode: folder/kind/label/act-seed.suffix."""
    return folder / kind / label.replace("/", "-") / f"{act}-{seed}.{suffix}"


def _line(label: str, episode: Episode) -> str:
    return json.dumps({"player": label, **asdict(episode)}) + "\n"


def _parse(text: bytes, name: str) -> tuple[Key, Episode]:
    line = parse_json(text, _Line, name)
    if line.act not in ALL_ACT_NAMES:
        raise ValueError(f"{name}: expected the name of an act at `$.act`. Received: {line.act!r:.60}")
    episode = Episode(**{field.name: getattr(line, field.name) for field in fields(Episode)})
    return (line.player, episode.act, episode.seed), episode
