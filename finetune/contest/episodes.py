"""Every episode that ends while an act of the contest is learnt on: written down as it ends, and summed up."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from msgspec import Meta

from common.files import naming_full_disk, parse_json, read_bounded, sync, whole_file
from game.rollout import Episode
from training.loop import Learner

EPISODES = "episodes.jsonl"
EPISODES_LIMIT = 1 << 28
"""Bytes of one: a million lines."""
LAST = 20
"""How many of the last episodes tell how well it plays at the end."""

_Count = Annotated[int, Meta(ge=0, le=10**12)]


@dataclass(frozen=True)
class ContestEpisode:
    """A finished episode as it stands in the file.

    Attributes:
        step: the learner's steps after the update in which it ended.
        steps: its own length, in agent steps.
        frames, score, progress, max_x, died, passed_end_x, spin_dashes: as in game.rollout.Episode.
        episode_return: what the learner was paid.
    """

    step: _Count
    steps: _Count
    seed: _Count
    frames: _Count
    score: Annotated[float, Meta(ge=-1e6, le=1e6)]
    progress: Annotated[float, Meta(ge=0.0, le=1.0)]
    max_x: int
    passed_end_x: bool
    finished: bool
    died: bool
    spin_dashes: _Count
    rings: _Count
    episode_return: float


class Recorded:
    """A learner of which every finished episode is written to a file; to the loop it is the learner itself.

    Where a run goes on from a checkpoint, lines of later steps are dropped: it goes through those steps again and writes
    the same.

    Args:
        act: the name of the act learnt on.
        frame_skip: frames per step.
    """

    def __init__(self, learner: Learner, path: Path, act: str, frame_skip: int) -> None:
        self._learner = learner
        self._path = path
        self._act = act
        self._frame_skip = frame_skip
        self._is_cut = False

    @property
    def device(self) -> Mapping[str, Any]:
        return self._learner.device

    @property
    def steps(self) -> float:
        return self._learner.steps

    def update(self) -> tuple[dict[str, float], list[Episode]]:
        """One update of the learner; its episodes are on the disk when this returns.

        Raises:
            RuntimeError: an episode that the contest would not have counted.
        """
        self._cut()
        metrics, episodes = self._learner.update()
        for episode in episodes:
            self._check(episode)
        with naming_full_disk(self._path), self._path.open("a") as file:
            file.writelines(self._line(episode) for episode in episodes)
        return metrics, episodes

    def _cut(self) -> None:
        """Once, before the first update: drop what is later than the learner."""
        if self._is_cut:
            return
        kept = [episode for episode in read_episodes(self._path) if episode.step <= self.steps]
        with whole_file(self._path) as beside:
            beside.write_text("".join(_json(asdict(episode)) for episode in kept))
        self._is_cut = True

    def _check(self, episode: Episode) -> None:
        """RuntimeError unless it is of the act learnt on, and began at the act's start."""
        if episode.act != self._act:
            raise RuntimeError(f"expected episodes of {self._act} only. Received: one of {episode.act}")
        if episode.began_at > 0:
            raise RuntimeError(
                f"expected episodes from the start of {self._act}. Received: one that began at {episode.began_at:.0%} of it. "
                "The contest knows no other starts; turn them off."
            )

    def _line(self, episode: Episode) -> str:
        fields = asdict(episode)
        del fields["trace"], fields["act"], fields["began_at"]
        return _json({"step": int(self.steps), "steps": -(-episode.frames // self._frame_skip)} | fields)

    def save(self, path: Path, metrics: Mapping[str, float]) -> None:
        """The learner's checkpoint, once the episodes up to it are safe."""
        if self._path.is_file():
            sync(self._path)
        self._learner.save(path, metrics)

    def restore(self, path: Path) -> None:
        self._learner.restore(path)

    def close(self) -> None:
        self._learner.close()


def _json(fields: Mapping[str, Any]) -> str:
    return json.dumps(fields) + "\n"


def read_episodes(path: Path) -> list[ContestEpisode]:
    """The episodes of a file, in order; none without a file. A last line that a kill cut off does not count.

    Raises:
        ValueError: a damaged line, because a mean without its episode would be another.
    """
    if not path.is_file():
        return []
    *lines, _ = read_bounded(path, EPISODES_LIMIT).split(b"\n")
    return [parse_json(line, ContestEpisode, f"{path} line {number}") for number, line in enumerate(lines, 1)]


@dataclass(frozen=True)
class Figures:
    """What the episodes of one act come to.

    Attributes:
        episodes: how many ended.
        score: their mean contest score, which is the contest's score of the act; None when none ended.
        last_score: the same of the last 20 only.
        counted_steps: agent steps in them; the others were in episodes that were still running when the budget was spent.
        passed: how many passed the end.
    """

    episodes: int
    score: float | None
    last_score: float | None
    counted_steps: int
    passed: int


def figures_of(episodes: Sequence[ContestEpisode]) -> Figures:
    """Sum finished episodes up."""
    scores = [episode.score for episode in episodes]
    return Figures(
        episodes=len(scores),
        score=mean(scores),
        last_score=mean(scores[-LAST:]),
        counted_steps=sum(episode.steps for episode in episodes),
        passed=sum(episode.passed_end_x for episode in episodes),
    )


def mean(values: Sequence[float]) -> float | None:
    """Their mean, or None without any."""
    return float(np.mean(values)) if values else None
