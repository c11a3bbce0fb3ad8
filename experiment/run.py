"""Run directories: runs/<stage>/<name>/ with config.json, metrics.jsonl, TensorBoard events and checkpoints/.

The same command finds the same directory again: a finished run is reused, an unfinished one goes on.
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from common.files import read_json, remove_leftovers, whole_file
from experiment.config import CLUSTER, WORKERS, fingerprint, to_json
from experiment.lock import exclusive

RUNS = Path(os.environ.get("RUNS") or "runs")
"""Where runs lie; the environment variable RUNS names another place (`make smoke` keeps its own)."""

FORMAT = 2
"""Of config.json. Runs of format 1 (before learners had names) can be read, but not gone on with."""


CANDIDATE = ".candidate"
"""The checkpoint that is being evaluated; it gets its name once it has its figure."""

IDENTITY_LIMIT = 1 << 20
SUMMARY_LIMIT = 1 << 24
"""Bytes of config.json and done.json."""
RESULTS_LIMIT = 1 << 28
"""Bytes of an evaluation's results.json."""


class RunError(ValueError):
    """A run cannot be found or continued; the message says what to do."""


def portable(path: Path) -> str:
    """A path as it is written down: relative to the working directory where it lies below, so that a folder can move."""
    resolved = path.resolve()
    here = Path.cwd()
    return str(resolved.relative_to(here) if resolved.is_relative_to(here) else resolved)


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file, whole."""
    with whole_file(path) as beside:
        beside.write_text(json.dumps(value, indent=1))


class Run:
    """One run of one stage.

    Attributes:
        path: its directory.
        checkpoints: path / "checkpoints".
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self.checkpoints = self.path / "checkpoints"

    @classmethod
    def open(
        cls,
        stage: str,
        config: Any,
        inputs: Any,
        *,
        name: str = "",
        label: str = "",
        learner: str = "",
        preset: str = "",
    ) -> "Run":
        """The directory of this config and these inputs, made when it is not there.

        Args:
            inputs: JSON values that identify what the run is fed (data set, parent checkpoint); a change starts a new run.
            name: a directory name of the user's own choice, "" for one made from label and fingerprint.
            learner: the name of what learns, where a stage has several.
            preset: the config in words, for people; it decides nothing.

        Raises:
            RunError: the user's name belongs to a run with another config, or of an older format.
        """
        identity: dict[str, Any] = {"format": FORMAT, "config": _without_place(to_json(config)), "inputs": inputs}
        if learner:
            identity["learner"] = learner
        run = cls(RUNS / stage / (name or f"{label}-{fingerprint(identity)}"))
        file = run.path / "config.json"
        if file.is_file():
            run._check_identity(run.identity, identity)
        else:
            _name_older_runs(stage)
            write_json(file, identity | {"preset": preset})
        run.checkpoints.mkdir(parents=True, exist_ok=True)
        return run

    def _check_identity(self, found: dict[str, Any], wanted: dict[str, Any]) -> None:
        # what the run is, not what it happened to run on, nor how it was called
        told = {name: value for name, value in found.items() if name not in ("machine", "preset")}
        if told == json.loads(json.dumps(wanted)):
            return
        if found.get("format", 1) != FORMAT:
            raise RunError(
                f"{self.path} holds a run of format {found.get('format', 1)}, which this version cannot go on with "
                f"(expected {FORMAT}). Its checkpoints still open. Choose another name, or delete that directory."
            )
        raise RunError(
            f"{self.path} holds a run with another configuration (see {self.path / 'config.json'}). "
            "Choose another name, or delete that directory to start again."
        )

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the run for as long as it is written to; what a killed process left half done is put right first.

        Raises:
            Busy: another process is at work on it; the message says which.
        """
        with exclusive(self.path):
            self._tidy()
            yield

    def _tidy(self) -> None:
        """Remove what a killed process was writing; bring back a checkpoint that was being replaced."""
        remove_leftovers(self.path)
        shutil.rmtree(self.checkpoints / CANDIDATE, ignore_errors=True)
        for old in self.checkpoints.glob(".*.old"):
            replaced = old.with_name(old.name.removeprefix(".").removesuffix(".old"))
            # killed before the new one took its place, or after?
            if replaced.exists():
                shutil.rmtree(old)
            else:
                old.rename(replaced)

    def note_machine(self, machine: Mapping[str, Any]) -> list[str]:
        """Record what the numbers depend on besides the seed; returns how it differs from what was noted before."""
        identity = self.identity
        before = identity.get("machine", machine)
        write_json(self.path / "config.json", identity | {"machine": dict(machine)})
        differences = []
        for name in sorted(machine.keys() | before.keys()):
            if machine.get(name) != before.get(name):
                differences.append(f"{name} is {machine.get(name)} here, and was {before.get(name)} before")
        return differences

    @property
    def identity(self) -> dict[str, Any]:
        """config.json: format, config, inputs, the learner where the stage has several, and the machine.

        RunError when it is damaged.
        """
        return self._read("config.json", IDENTITY_LIMIT)

    @property
    def config(self) -> dict[str, Any]:
        """The configuration it was started with. RunError when it is damaged."""
        config = self.identity.get("config")
        if not isinstance(config, dict):
            raise RunError(f"{self.path / 'config.json'}: expected an object at $.config. Received: {config!r:.40}")
        return config

    @property
    def learner(self) -> str:
        """The name of what learns, "" where its stage has only one."""
        return str(self.identity.get("learner", ""))

    @property
    def preset(self) -> str:
        """Its config in words ("demo, epochs 3"), "" when it did not say."""
        return str(self.identity.get("preset", ""))

    @property
    def is_trial(self) -> bool:
        """Whether it only tried whether everything runs, so that nobody means it by "the newest"."""
        return self.config.get("trial") is True

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to do."""
        return (self.path / "done.json").is_file()

    def finish(self, summary: dict[str, Any]) -> None:
        """Mark the run complete, with its closing figures."""
        write_json(self.path / "done.json", summary)

    @property
    def summary(self) -> dict[str, Any]:
        """The closing figures of a finished run. RunError when they are damaged."""
        return self._read("done.json", SUMMARY_LIMIT)

    def _read(self, name: str, limit: int) -> dict[str, Any]:
        try:
            return read_json(self.path / name, dict[str, Any], limit)
        except (OSError, ValueError) as error:
            raise RunError(f"{self.path} is not a run that can be read ({error})") from error

    def link(self, name: str, checkpoint: Path) -> None:
        """Point the link `last` or `best` at a checkpoint, atomically."""
        beside = self.path / f".{name}.part"
        # a link cannot be changed in place; a renamed one takes the old one's place at once
        beside.unlink(missing_ok=True)
        beside.symlink_to(Path("checkpoints") / checkpoint.name)
        beside.replace(self.path / name)

    def linked(self, name: str) -> Path | None:
        """The checkpoint a link points at, or None."""
        link = self.path / name
        target = link.resolve()
        return target if link.is_symlink() and target.is_dir() else None

    @property
    def best(self) -> Path:
        """Its best checkpoint. RunError when there is none yet."""
        best = self.linked("best")
        if best is None:
            raise RunError(f"{self.path} has no best checkpoint yet. Let that run go on.")
        return best


def _without_place(config: dict[str, Any]) -> dict[str, Any]:
    """A run may go on with other processes, here or on a cluster: no number depends on them."""
    config = {name: value for name, value in config.items() if name != CLUSTER}
    return config | {WORKERS: 0} if WORKERS in config else config


def _name_older_runs(stage: str) -> None:
    """Say which unfinished runs of an older format a new run does not go on with."""
    for run in readable_runs(stage, "config.json"):
        if not run.finished and run.identity.get("format", 1) != FORMAT:
            print(
                f"note: {run.path} was begun by an older version, which is not gone on with; its checkpoints still open"
            )


def readable_runs(stage: str, file: str) -> list[Run]:
    """The runs of a stage that have this file; a damaged one is named and left out, so that it blocks no other."""
    found = []
    for path in sorted((RUNS / stage).glob(f"*/{file}")):
        run = Run(path.parent)
        try:
            # reading it is the check
            _ = run.config
            found.append(run)
        except RunError as error:
            print(f"note: left out: {error}")
    return found
