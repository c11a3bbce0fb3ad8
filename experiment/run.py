"""Run directories: runs/<stage>/<name>/ with config.json, metrics.jsonl, TensorBoard events and checkpoints/.

The same command finds the same directory again: a finished run is reused, an unfinished one goes on.
"""

import json
import os
from pathlib import Path
from typing import Any

from experiment.config import fingerprint, to_json

RUNS = Path(os.environ.get("RUNS", "runs"))
"""Where runs lie; the environment variable RUNS names another place (`make smoke` keeps its own)."""


class RunError(ValueError):
    """A run cannot be found or continued; the message says what to do."""


def portable(path: Path) -> str:
    """A path as it is written down: relative to the working directory where it lies below, so that a folder can move."""
    resolved = path.resolve()
    return str(resolved.relative_to(Path.cwd()) if resolved.is_relative_to(Path.cwd()) else resolved)


def write_json(path: Path, value: Any) -> None:
    """Write JSON beside the file and rename it there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    beside.write_text(json.dumps(value, indent=1))
    beside.replace(path)


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
    def open(cls, stage: str, config: Any, inputs: Any, name: str = "", label: str = "") -> "Run":
        """The directory of this config and these inputs, made when it is not there.

        Args:
            inputs: JSON values that identify what the run is fed (data set, parent checkpoint); a change starts a new run.
            name: a directory name of the user's own choice, "" for one made from label and fingerprint.

        Raises:
            RunError: the user's name belongs to a run with another config.
        """
        identity = {"config": to_json(config), "inputs": inputs}
        run = cls(RUNS / stage / (name or f"{label}-{fingerprint(identity)}"))
        file = run.path / "config.json"
        if file.is_file() and json.loads(file.read_text()) != json.loads(json.dumps(identity)):
            raise RunError(
                f"{run.path} holds a run with another configuration (see {file}). "
                "Choose another name, or delete that directory to start again."
            )
        if not file.is_file():
            write_json(file, identity)
        run.checkpoints.mkdir(parents=True, exist_ok=True)
        return run

    @classmethod
    def scratch(cls, path: Path) -> "Run":
        """A run directory anywhere, for what is measured and thrown away."""
        run = cls(path)
        run.checkpoints.mkdir(parents=True, exist_ok=True)
        return run

    @property
    def config(self) -> dict[str, Any]:
        return json.loads((self.path / "config.json").read_text())["config"]

    @property
    def finished(self) -> bool:
        return (self.path / "done.json").is_file()

    def finish(self, summary: dict[str, Any]) -> None:
        """Mark the run complete, with its closing figures."""
        write_json(self.path / "done.json", summary)

    @property
    def summary(self) -> dict[str, Any]:
        return json.loads((self.path / "done.json").read_text())

    def link(self, name: str, checkpoint: Path) -> None:
        """Point the link `last` or `best` at a checkpoint, atomically."""
        beside = self.path / f".{name}.part"
        beside.unlink(missing_ok=True)
        beside.symlink_to(Path("checkpoints") / checkpoint.name)
        beside.replace(self.path / name)

    def linked(self, name: str) -> Path | None:
        """The checkpoint a link points at, or None."""
        target = (self.path / name).resolve()
        return target if (self.path / name).is_symlink() and target.is_dir() else None


def newest_run(stage: str, game: str = "") -> Run:
    """The run of a stage that finished last, of one game when given. RunError when there is none."""
    finished = [Run(file.parent) for file in (RUNS / stage).glob("*/done.json")]
    finished = [run for run in finished if not game or run.config.get("game") == game]
    if not finished:
        wanted = f" on {game}" if game else ""
        raise RunError(f"No finished {stage} run{wanted} under {RUNS / stage}. Run `python -m {stage}` first.")
    return max(finished, key=lambda run: (run.path / "done.json").stat().st_mtime_ns)
