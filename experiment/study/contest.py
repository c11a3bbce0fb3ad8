"""What a run of the contest came to, read from its files: of every act the mean of all episodes that ended on the way."""

from pathlib import Path
from typing import Any

import numpy as np

from common.files import parse_json, read_bounded
from experiment.run import Run
from experiment.study.records import Outcome

EPISODES = "episodes.jsonl"
EPISODES_LIMIT = 1 << 28
"""Bytes of one act's."""
FIGURES = ("score", "progress", "finished", "died", "frames", "spin_dashes")
"""Of an episode, in the order of an Outcome."""


def contest_episodes(run: Run) -> dict[str, list[Outcome]]:
    """Act, as its folder is called (GAME-ACT) -> the mean over its episodes, as one. Acts in which none ended are left out.

    Raises:
        ValueError: a damaged line.
    """
    found = {}
    for folder in _acts(run):
        file = folder / EPISODES
        *lines, _ = read_bounded(file, EPISODES_LIMIT).split(b"\n")
        episodes = [parse_json(line, dict[str, float | bool], str(file)) for line in lines]
        if episodes:
            means = [float(np.mean([episode[name] for episode in episodes])) for name in FIGURES]
            score, progress, finished, died, frames, spin_dashes = means
            found[folder.name] = [(score, progress, finished, died, round(frames), round(spin_dashes, 2))]
    return found


def contest_machine(run: Run) -> dict[str, Any]:
    """What it was learnt on, as the run of its first act says."""
    for folder in _acts(run):
        machine: dict[str, Any] = Run(folder).identity.get("machine", {})
        return machine
    return {}


def _acts(run: Run) -> list[Path]:
    """The folders of its acts."""
    return sorted(path.parent for path in run.path.glob(f"*/{EPISODES}"))
