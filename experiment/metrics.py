"""Where numbers go: metrics.jsonl always, TensorBoard beside it, and a tracker where one is asked for (experiment.tracker).

Learners return plain dictionaries with the tags episode/, loss/, time/ and eval/ and never see this module's insides.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from common.files import naming_full_disk, parse_json, read_bounded, read_json, whole_file
from experiment.tracker import open_tracker

METRICS = "metrics.jsonl"
METRICS_LIMIT = 1 << 28
"""Bytes of one: a million lines."""
PROGRESS = "eval/progress"
"""The metric by which the best checkpoint is chosen."""
EVALUATION, BEST = "eval/", "best/"
"""TensorBoard gets the highest figure so far of each evaluation, too: the last one says little of the checkpoint kept."""


class FileMetrics:
    """metrics.jsonl and TensorBoard events in a run directory, its config.json for TensorBoard's HParams tab.

    Args:
        resume_step: lines of later steps are dropped: the run goes on from there and will write them again.
    """

    def __init__(self, directory: Path, resume_step: int = 0) -> None:
        from experiment.events import EventFile  # here, so that who only reads metrics never waits for it

        path = directory / METRICS
        self._path = path
        hparams = read_hparams(directory)
        # first: who cannot be given metrics says so before anything is written
        self._tracker = open_tracker(directory, hparams)
        kept = [line for line in read_metrics(path) if line["step"] <= resume_step]
        with whole_file(path) as beside:  # the curves so far are never off the disk
            beside.write_text("".join(_line(values) for values in kept))
        # appended line by line, so that a kill costs at most the line being written
        self._file = path.open("a")
        self._best: dict[str, float] = {}
        for line in kept:
            self._note_best(line)
        with naming_full_disk(path):
            self._events = EventFile(directory, first_step=resume_step + 1, suffix=f".{resume_step}")
            if hparams:
                self._events.add_hparams(hparams, trial=directory.name)

    def write(self, step: int, values: Mapping[str, float]) -> None:
        """The metrics of a step."""
        numbers = {tag: float(value) for tag, value in values.items()}
        with naming_full_disk(self._path):
            self._file.write(_line({"step": step, **numbers}))
            self._file.flush()
            self._events.add_scalars(step, numbers | self._note_best(numbers))
        self._tracker.write(step, numbers)

    def _note_best(self, values: Mapping[str, float]) -> dict[str, float]:
        """The highest figures so far of the evaluations among these metrics."""
        bests = {}
        for tag, value in values.items():
            if tag.startswith(EVALUATION):
                name = BEST + tag.removeprefix(EVALUATION)
                bests[name] = self._best[name] = max(value, self._best.get(name, value))
        return bests

    def close(self) -> None:
        """Close the files."""
        self._file.close()
        self._events.close()
        self._tracker.close()


def add_image(directory: Path, step: int, tag: str, picture: np.ndarray) -> None:
    """A picture, uint8 [height, width, 3], to a run's TensorBoard events."""
    from experiment.events import EventFile

    with naming_full_disk(directory / METRICS):
        events = EventFile(directory, suffix=f".{tag}")
        events.add_image(step, tag, picture)
        events.close()


def read_hparams(directory: Path) -> dict[str, bool | float | str]:
    """The config of a run directory as a flat table (network.hidden: 512), with its stage, learner, preset and inputs.

    {} without one.
    """
    file = directory / "config.json"
    if not file.is_file():
        return {}
    identity = read_json(file, dict[str, Any])
    table: dict[str, bool | float | str] = {"stage": directory.parent.name}
    for name in ("learner", "preset", "inputs"):
        if isinstance(identity.get(name), str):
            table[name] = identity[name]
    table.update(_flat(identity.get("config", {})))
    return table


def _flat(fields: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, bool | float | str]]:
    for name, value in fields.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        elif isinstance(value, bool | int | float | str):
            yield prefix + name, value
        else:
            yield prefix + name, json.dumps(value)


def _line(values: Mapping[str, Any]) -> str:
    return json.dumps(values) + "\n"


def read_metrics(path: Path) -> list[dict[str, float]]:
    """The lines of a metrics.jsonl, up to the first that is not whole (the last one may have been cut off by a kill)."""
    if not path.is_file():
        return []
    lines = []
    for number, text in enumerate(read_bounded(path, METRICS_LIMIT).decode(errors="replace").splitlines(), 1):
        try:
            line = parse_json(text, dict[str, float], f"{path} line {number}")
        except ValueError:
            break
        if "step" not in line:
            break
        lines.append(line)
    return lines
