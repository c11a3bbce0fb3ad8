"""Finished episodes on disk: one line each in episodes.jsonl, so that a killed evaluation continues where it was."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from game.rollout import Episode

Key = tuple[str, str, int]
"""An episode's place: player's label, act, seed."""


class EpisodeStore:
    """The episodes of one evaluation, saved as they end."""

    def __init__(self, path: Path) -> None:
        """Reads what is there; a last line cut off by a kill is dropped, so that the next one starts clean."""
        self._path = path
        self._episodes = read_episodes(path)
        lines = [_line(label, episode) for (label, _, _), episode in self._episodes.items()]
        # Written anew: after half a line, the next one to be appended would be lost as well.
        beside = path.with_name(f"{path.name}.part")
        beside.write_text("".join(lines))
        beside.replace(path)

    @property
    def episodes(self) -> Mapping[Key, Episode]:
        """Every episode saved so far."""
        return self._episodes

    def add(self, label: str, episode: Episode) -> None:
        """Save one more."""
        self._episodes[label, episode.act, episode.seed] = episode
        with self._path.open("a") as file:
            file.write(_line(label, episode))


def read_episodes(path: Path) -> dict[Key, Episode]:
    """The episodes of an episodes.jsonl up to the first line that is not whole; empty when there is no file."""
    if not path.is_file():
        return {}
    found: dict[Key, Episode] = {}
    for line in path.read_text().splitlines():
        try:
            key, episode = _parse(line)
        except (ValueError, KeyError, TypeError):
            break
        found[key] = episode
    return found


def place_of(folder: Path, kind: str, label: str, act: str, seed: int, suffix: str) -> Path:
    """Where a run directory keeps what belongs to one episode: folder/kind/label/act-seed.suffix."""
    return folder / kind / label.replace("/", "-") / f"{act}-{seed}.{suffix}"


def _line(label: str, episode: Episode) -> str:
    return json.dumps({"player": label, **asdict(episode)}) + "\n"


def _parse(line: str) -> tuple[Key, Episode]:
    fields = json.loads(line)
    label = fields.pop("player")
    fields["trace"] = [(frame, x) for frame, x in fields["trace"]]  # JSON has no tuples
    episode = Episode(**fields)
    return (label, episode.act, episode.seed), episode
