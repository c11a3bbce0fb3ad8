"""Where numbers go: metrics.jsonl always, TensorBoard beside it. The only module that writes TensorBoard.

Learners return plain dictionaries with the tags episode/, loss/, time/ and eval/ and never see this module's insides.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from common.files import naming_full_disk, parse_json, read_bounded, whole_file

METRICS = "metrics.jsonl"
METRICS_LIMIT = 1 << 28
"""Bytes of one: a million lines."""


class FileMetrics:
    """metrics.jsonl and TensorBoard events in a run directory.

    Args:
        resume_step: lines of later steps are dropped: the run goes on from there and will write them again.
    """

    def __init__(self, directory: Path, resume_step: int = 0) -> None:
        import tensorflow as tf  # here, so that stages without metrics never wait for it

        self._tf = tf
        path = directory / METRICS
        self._path = path
        kept = [line for line in read_metrics(path) if line["step"] <= resume_step]
        with whole_file(path) as beside:  # the curves so far are never off the disk
            beside.write_text("".join(_line(values) for values in kept))
        # appended line by line, so that a kill costs at most the line being written
        self._file = path.open("a")
        self._events = tf.summary.create_file_writer(str(directory), filename_suffix=f".{resume_step}")

    def write(self, step: int, values: Mapping[str, float]) -> None:
        """The metrics of a step."""
        numbers = {tag: float(value) for tag, value in values.items()}
        with naming_full_disk(self._path):
            self._file.write(_line({"step": step, **numbers}))
            self._file.flush()
        with self._events.as_default(step):
            for tag, value in numbers.items():
                self._tf.summary.scalar(tag, value)

    def close(self) -> None:
        """Close the files."""
        self._file.close()
        self._events.close()


def add_image(directory: Path, step: int, tag: str, picture: np.ndarray) -> None:
    """A picture, uint8 [height, width, 3], to a run's TensorBoard events."""
    import tensorflow as tf

    events = tf.summary.create_file_writer(str(directory), filename_suffix=f".{tag}")
    with events.as_default(step):
        tf.summary.image(tag, picture[None])
    events.close()


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
