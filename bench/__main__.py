"""python -m bench [--rounds N] [--only TEXT]: measure, print and save the table."""

import argparse
import contextlib
import importlib.util
import json
import os
import platform
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from bench.limits import first_frame, help_times, memory, profile
from bench.ours import MOVIES
from bench.rows import ROWS, Measured, growth, measure
from bench.table import markdown
from game.workers import core_count

PACKAGES = (
    "stable-retro", "tensorflow", "tensorflow-cpu", "keras", "numpy", "opencv-python-headless", "h5py", "gymnasium",
    "stable-baselines3", "torch",
)  # fmt: skip


def main() -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each pair; the median counts")
    parser.add_argument("--only", default="", help="only rows whose stage or peer holds this text")
    parser.add_argument("--out", type=Path, default=Path("runs") / "bench", help="where bench.json and bench.md go")
    options = parser.parse_args()
    result: dict[str, Any] = {"machine": machine(), "rows": []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        convert_some(folder)
        has_peers = all(map(importlib.util.find_spec, ("stable_baselines3", "torch")))
        for row in ROWS:
            if options.only.lower() not in f"{row.stage} {row.against}".lower():
                continue
            if row.peer and not has_peers:
                found = Measured(row, problem="the peers are not installed: make bench, or pip install -e .[bench]")
            else:
                found = measure(row, options.rounds, folder)
            result["rows"].append(found.to_json())
            print(
                found.problem or f"{found.ratio:5.2f} (at least {row.target})",
                f" {row.stage} against {row.against}",
                flush=True,
            )
        if not options.only:
            result["growth"] = list(growth(3, folder, core_count()))
            result["memory"] = memory()
            result["help"], result["first_frame"] = help_times(), first_frame()
            result["profile"] = profile()
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "bench.json").write_text(json.dumps(result, indent=1))
    (options.out / "bench.md").write_text(markdown(result))
    print(f"\n{markdown(result)}\nsaved: {options.out}/bench.json, bench.md")
    return 0


def convert_some(folder: Path) -> None:
    """The data set that cloning and loader use: two movies of each act."""
    from dataset.convert import ConvertConfig, convert

    here = Path.cwd()
    os.chdir(folder)
    try:
        convert(ConvertConfig(movies=(str(MOVIES),), game="quillrush", name="bench-v0", limit=2))
    finally:
        os.chdir(here)


def machine() -> dict[str, Any]:
    """What the figures hold for."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.is_file() else []
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())
    versions = {}
    for package in PACKAGES:
        with contextlib.suppress(PackageNotFoundError):
            versions[package] = version(package)
    load = os.getloadavg()[0]
    return {
        "cores": core_count(),
        "processor": model,
        "python": platform.python_version(),
        "load": load,
        "versions": versions,
    }


if __name__ == "__main__":
    sys.exit(main())
