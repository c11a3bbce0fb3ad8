"""The same metrics to Weights & Biases or MLflow, where the environment variable TRACKER asks for one of them.

Off unless asked, and neither library is among the project's dependencies. TensorBoard's files would do for a finished run
(`wandb sync`), but W&B follows only the writers of TensorFlow and PyTorch while a run goes on, and MLflow reads no such files
at all; so the numbers are handed over as they come. Where they go (project, server, login) the libraries' own environment
variables say: WANDB_PROJECT, WANDB_MODE, MLFLOW_TRACKING_URI, MLFLOW_EXPERIMENT_NAME …
"""

import hashlib
import importlib
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

TRACKER = "TRACKER"
PROJECT = "sonic2-imitation"
"""In W&B, unless WANDB_PROJECT names another."""
MLFLOW_RUN = "mlflow-run.txt"
"""In a run directory: MLflow's id of the run, so that a resumed one goes on there."""

Hparams = Mapping[str, bool | float | str]


class Tracker(Protocol):
    """Where metrics go besides the run directory."""

    def write(self, step: int, values: Mapping[str, float]) -> None:
        """The metrics of a step; a resumed run writes some again, with the same values."""

    def close(self) -> None:
        """The process is done with the run."""


class NoTracker:
    """Nobody asked."""

    def write(self, step: int, values: Mapping[str, float]) -> None:
        pass

    def close(self) -> None:
        pass


class WandbTracker:
    """A run of W&B, found again by its name when it is resumed."""

    def __init__(self, directory: Path, hparams: Hparams) -> None:
        wandb = _imported("wandb")
        self._run = wandb.init(
            project=os.environ.get("WANDB_PROJECT", PROJECT),
            group=directory.parent.name,
            name=directory.name,
            id=_identity(directory),
            resume="allow",
            config=dict(hparams),
            dir=str(directory),
        )

    def write(self, step: int, values: Mapping[str, float]) -> None:
        self._run.log(dict(values), step=step)

    def close(self) -> None:
        self._run.finish()


class MlflowTracker:
    """A run of MLflow."""

    def __init__(self, directory: Path, hparams: Hparams) -> None:
        self._mlflow = _imported("mlflow")
        file = directory / MLFLOW_RUN
        if file.is_file():
            self._mlflow.start_run(run_id=file.read_text().strip())
            return
        run = self._mlflow.start_run(run_name=f"{directory.parent.name}/{directory.name}")
        file.write_text(run.info.run_id)
        self._mlflow.log_params(dict(hparams))

    def write(self, step: int, values: Mapping[str, float]) -> None:
        self._mlflow.log_metrics(dict(values), step=step)

    def close(self) -> None:
        self._mlflow.end_run()


TRACKERS: Mapping[str, Callable[[Path, Hparams], Tracker]] = {"wandb": WandbTracker, "mlflow": MlflowTracker}


class PatientTracker:
    """Another tracker, which costs no training when it fails on the way: that is said once, and nothing more is sent."""

    def __init__(self, tracker: Tracker, name: str) -> None:
        self._tracker = tracker
        self._name = name

    def write(self, step: int, values: Mapping[str, float]) -> None:
        self._try(lambda: self._tracker.write(step, values))

    def close(self) -> None:
        self._try(self._tracker.close)

    def _try(self, call: Callable[[], None]) -> None:
        try:
            call()
        except Exception as error:  # theirs, of any kind: the network, their server, their disk
            self._tracker = NoTracker()
            print(f"note: {self._name} gets no more metrics of this run ({error}); metrics.jsonl does", file=sys.stderr)


def open_tracker(directory: Path, hparams: Hparams) -> Tracker:
    """The tracker that TRACKER asks for, with a run that belongs to this run directory.

    Raises:
        ValueError: there is none of this name, or it is not installed.
    """
    name = os.environ.get(TRACKER, "")
    if not name:
        return NoTracker()
    if name not in TRACKERS:
        raise ValueError(f"expected {TRACKER} to be one of {', '.join(TRACKERS)}, or unset. Received: {name}")
    return PatientTracker(TRACKERS[name](directory, hparams), name)


def _imported(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ValueError(
            f"{TRACKER}={name} needs the package {name}, which is not installed. Install it into the project's "
            f"environment with `.venv/bin/pip install {name}`, or unset {TRACKER}."
        ) from error


def _identity(directory: Path) -> str:
    """The same for the same run directory; runs of one name in different places are not mixed up."""
    return hashlib.blake2b(str(directory.resolve()).encode(), digest_size=8).hexdigest()
