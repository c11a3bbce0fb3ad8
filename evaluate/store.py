"""Finished episodes on disk: a line each in episodes.jsonl, so that a killed evaluation goes on where it was."""

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
        kept = "".join(_line(key, episode) for key, episode in self._episodes.items())
        beside = path.with_name(f"{path.name}.part")
        beside.write_text(kept)
        beside.replace(path)

    @property
    def episodes(self) -> Mapping[Key, Episode]:
        return self._episodes

    def add(self, label: str, episode: Episode) -> None:
        """Save one more."""
        key = (label, episode.act, episode.seed)
        self._episodes[key] = episode
        with self._path.open("a") as file:
            file.write(_line(key, episode))


def read_episodes(path: Path) -> dict[Key, Episode]:
    """The whole lines of an episodes.jsonl; empty when there is none."""
    found: dict[Key, Episode] = {}
    for line in path.read_text().splitlines() if path.is_file() else []:
        try:
            fields = json.loads(line)
            label = fields.pop("player")
            episode = Episode(**fields | {"trace": [(frame, x) for frame, x in fields["trace"]]})
        except (ValueError, KeyError, TypeError):
            break
        found[label, episode.act, episode.seed] = episode
    return found


def place_of(folder: Path, kind: str, label: str, act: str, seed: int, suffix: str) -> Path:
    """Where a run directory keeps what belongs to one episode: folder/kind/label/act-seed.suffix."""
    return folder / kind / label.replace("/", "-") / f"{act}-{seed}.{suffix}"


def _line(key: Key, episode: Episode) -> str:
    return json.dumps({"player": key[0], **asdict(episode)}) + "\n"
