"""TensorBoard's event files, written with TensorBoard's own messages; TensorFlow is not loaded for it."""

import os
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.hparams import summary_v2 as hparams
from tensorboard.summary.writer.record_writer import RecordWriter

FILE_VERSION = "brain.Event:2"


class EventFile:
    """A new events file in a directory; TensorBoard joins all that lie there into one run.

    Args:
        first_step: what older files of the directory hold of this step and later ones is not shown.
        suffix: the end of its name, for who looks at the folder.
    """

    def __init__(self, directory: Path, first_step: int | None = None, suffix: str = "") -> None:
        name = f"events.out.tfevents.{time.time():010.0f}.{socket.gethostname()}.{os.getpid()}{suffix}"
        # appended to, should there be one of this very second; the version in its midst does no harm
        self._records = RecordWriter((directory / name).open("ab"))
        self._write(file_version=FILE_VERSION)
        if first_step is not None:
            self._write(step=first_step, session_log=SessionLog(status=SessionLog.START))

    def add_scalars(self, step: int, values: Mapping[str, float]) -> None:
        """Points of curves, by tag."""
        points = [Summary.Value(tag=tag, simple_value=value) for tag, value in values.items()]
        self._write(step=step, summary=Summary(value=points))
        self._records.flush()

    def add_image(self, step: int, tag: str, picture: np.ndarray) -> None:
        """A picture, uint8 [height, width, 3], RGB."""
        _, png = cv2.imencode(".png", np.ascontiguousarray(picture[..., ::-1]))  # cv2 has blue first
        height, width = picture.shape[:2]
        image = Summary.Image(height=height, width=width, colorspace=3, encoded_image_string=png.tobytes())
        self._write(step=step, summary=Summary(value=[Summary.Value(tag=tag, image=image)]))

    def add_hparams(self, values: Mapping[str, bool | float | str], trial: str) -> None:
        """What the run was started with, for the HParams tab; `trial` is the run's name there."""
        self._write(summary=hparams.hparams_pb(dict(values), trial_id=trial))

    def _write(self, **fields: Any) -> None:
        self._records.write(Event(wall_time=time.time(), **fields).SerializeToString())

    def close(self) -> None:
        """Close the file."""
        self._records.close()
