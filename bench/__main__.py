"""Measure every comparison, or some of them; print and save the table. `make bench` installs the peers first."""

import argparse
import contextlib
import importlib.util
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.common import MOVIES
from bench.limits import first_frame, help_times, memory, profile
from bench.rows import Measured, comparisons, growth, measure
from bench.side import run_python
from bench.table import markdown
from dataset.config import ConvertConfig
from dataset.convert import convert
from game.machine import package_version, processor_name
from game.workers import core_count

PACKAGES = (
    "stable-retro",
    "tensorflow",
    "tensorflow-cpu",
    "keras",
    "numpy",
    "opencv-python-headless",
    "h5py",
    "gymnasium",
    "stable-baselines3",
    "torch",
)
SHORT_PRECISIONS = {"bfloat16": "bf16", "float32": "fp32"}


def main() -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="rounds per pair; the median counts")
    parser.add_argument("--only", default="", help="only rows whose stage or peer holds this text")
    parser.add_argument("--out", type=Path, default=Path("runs") / "bench", help="where bench.json and bench.md go")
    options = parser.parse_args()
    result: dict[str, Any] = {"machine": machine(), "rows": []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        convert_some(folder)
        for measured in measure_rows(options.only, options.rounds, folder):
            result["rows"].append(measured.to_json())
        if not options.only:
            result |= measure_limits(folder)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "bench.json").write_text(json.dumps(result, indent=1))
    (options.out / "bench.md").write_text(markdown(result))
    print(f"\n{markdown(result)}\nsaved: {options.out}/bench.json, bench.md")
    return 0


def convert_some(folder: Path) -> None:
    """The data set that cloning and loader use: two movies of each act."""
    with contextlib.chdir(folder):
        config = ConvertConfig(movies=(str(MOVIES),), game="quillrush", name="bench-v0", limit=2)
        convert(config)


def measure_rows(only: str, rounds: int, folder: Path) -> Iterator[Measured]:
    """Measure the rows that hold a text, and print each as it is done."""
    # In a process of its own: TensorFlow here would keep threads and memory beside the sides.
    precision = run_python("from policy.device import choose_precision; print(choose_precision())")
    has_peers = all(map(importlib.util.find_spec, ("stable_baselines3", "torch")))
    for row in comparisons(SHORT_PRECISIONS[precision]):
        name = f"{row.stage} against {row.against}"
        if only.lower() not in name.lower():
            continue
        if row.peer and not has_peers:
            measured = Measured(row, problem="the peers are not installed: make install-bench")
        else:
            measured = measure(row, rounds, folder)
        print(measured.problem or f"{measured.ratio:5.2f} (at least {row.target})", f" {name}", flush=True)
        yield measured


def measure_limits(folder: Path) -> dict[str, Any]:
    """What is not a comparison: growth with cores, memory, start-up times, the parts of an agent step."""
    return {
        "growth": list(growth(rounds=3, folder=folder, cores=core_count())),
        "memory": memory(),
        "help": help_times(),
        "first_frame": first_frame(),
        "profile": profile(),
    }


def machine() -> dict[str, Any]:
    """What the figures hold for."""
    versions = {}
    for package in PACKAGES:
        version = package_version(package)
        if version:
            versions[package] = version
    return {
        "cores": core_count(),
        "processor": processor_name(),
        "python": platform.python_version(),
        "load": os.getloadavg()[0],
        "versions": versions,
    }


if __name__ == "__main__":
    sys.exit(main())
