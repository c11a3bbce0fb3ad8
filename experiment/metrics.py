"""Where numbers go: metrics.jsonl always, TensorBoard beside it. The only module that writes TensorBoard.

Learners return plain dictionaries with the tags episode/, loss/, time/ and eval/ and never see this module's insides.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np


class Metrics(Protocol):
    """Takes metrics of a step."""

    def write(self, step: int, values: Mapping[str, float]) -> None: ...

    def image(self, step: int, tag: str, picture: np.ndarray) -> None: ...

    def close(self) -> None: ...


class NullMetrics:
    """Metrics nobody wants."""

    def write(self, step: int, values: Mapping[str, float]) -> None:
        pass

    def image(self, step: int, tag: str, picture: np.ndarray) -> None:
        pass

    def close(self) -> None:
        pass


class FileMetrics:
    """metrics.jsonl and TensorBoard events in a run directory.

    Args:
        resume_step: lines of later steps are dropped: the run goes on from there and will write them again.
    """

    def __init__(self, directory: Path, resume_step: int = 0) -> None:
        import tensorflow as tf  # here, so that stages without metrics never wait for it

        self._tf = tf
        path = directory / "metrics.jsonl"
        kept = [line for line in read_metrics(path) if line["step"] <= resume_step]
        self._file = path.open("w")
        for line in kept:
            self._put(line)
        self._events = tf.summary.create_file_writer(str(directory), filename_suffix=f".{resume_step}")

    def write(self, step: int, values: Mapping[str, float]) -> None:
        numbers = {tag: float(value) for tag, value in values.items()}
        self._put({"step": step, **numbers})
        with self._events.as_default(step):
            for tag, value in numbers.items():
                self._tf.summary.scalar(tag, value)

    def image(self, step: int, tag: str, picture: np.ndarray) -> None:
        """A picture, uint8 [height, width, 3], in TensorBoard only."""
        with self._events.as_default(step):
            self._tf.summary.image(tag, picture[None])

    def close(self) -> None:
        self._file.close()
        self._events.close()

    def _put(self, line: dict[str, Any]) -> None:
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()


def read_metrics(path: Path) -> list[dict[str, float]]:
    """The lines of a metrics.jsonl; a last line cut off by a kill is left out."""
    if not path.is_file():
        return []
    lines = []
    for line in path.read_text().splitlines():
        try:
            lines.append(json.loads(line))
        except ValueError:
            break
    return lines
