"""Growth over the nodes of a Ray cluster: acting, PPO, conversion and evaluation by the stages' own commands with `--cluster`.

All nodes are on this machine, one core each, with raylets and object stores of their own; so this shows what a cluster
costs, and growth only as far as the machine has cores. Start-up is part of conversion and evaluation.
"""

import importlib.util
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.common import ACT, EVALUATION_FRAMES, MOVIES
from bench.side import environment

COUNTS = (1, 2, 4)
UPDATES = 4
STEPS_PER_UPDATE = 18 * 64
SAMPLE_SECONDS = 2.0
"""Between two looks into the object stores."""
SERVE = """
import sys
from ray.cluster_utils import Cluster
cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
for _ in range(int(sys.argv[1]) - 1):
    cluster.add_node(num_cpus=1)
cluster.wait_for_nodes()
print("ADDRESS " + cluster.address, flush=True)
sys.stdin.read()
cluster.shutdown()
"""
"""The cluster lives in a process of its own, until its standard input is closed."""


@dataclass(frozen=True)
class NodeRates:
    """What a number of nodes reached.

    Attributes:
        acting, ppo: agent steps/s. conversion_seconds, evaluation_seconds: of the whole commands.
        step_bytes: that went over the loopback per agent step of PPO, everything else on it included.
        store_mib: in the object stores, one figure every SAMPLE_SECONDS of PPO.
    """

    nodes: int
    acting: float
    ppo: float
    conversion_seconds: float
    evaluation_seconds: float
    step_bytes: float
    store_mib: tuple[float, ...]


def missing() -> str:
    """Why there can be no such rows here; "" where there can."""
    if importlib.util.find_spec("ray") is None:
        return "Ray is not installed: make install-cluster"
    command = [sys.executable, "-m", "finetune", "ppo", "--help"]
    text = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True).stdout
    if "--cluster" not in text:
        return "the stages have no option --cluster"
    return ""


def node_growth(folder: Path) -> list[NodeRates]:
    """The rates of every number of nodes; a stage that fails raises CalledProcessError."""
    found = []
    for count in COUNTS:
        with cluster(count) as address:
            found.append(_rates(count, address, folder / f"nodes-{count}"))
    return found


@contextmanager
def cluster(count: int) -> Iterator[str]:
    """The address of a cluster of so many nodes here."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"RAY_worker_niceness": "0"},  # as `--cluster local` has it
    )
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if line.startswith("ADDRESS "):
                yield line.split()[1]
                return
        raise RuntimeError(f"expected a cluster of {count} nodes. It ended before it had an address")
    finally:
        process.communicate(timeout=60)  # closes its input


def _rates(count: int, address: str, folder: Path) -> NodeRates:
    folder.mkdir()
    game = ["--game", "quillrush", "--cluster", address]
    converted = ["dataset", "convert", *game, "--movies", str(MOVIES), "--name", f"nodes-{count}-v0", "--limit", "1"]
    evaluated = ["evaluate", *game, "--players", "random", "--episodes", "1", "--max-frames", str(EVALUATION_FRAMES)]
    trained = [
        "finetune",
        "ppo",
        *game,
        "--init",
        "none",
        "--starts",
        "none",
        "--acts",
        ACT,
        "--name",
        f"nodes-{count}",
    ]
    trained += ["--total-steps", str(UPDATES * STEPS_PER_UPDATE), "--max-frames", str(EVALUATION_FRAMES)]
    trained += ["--evaluate-every", str(UPDATES * STEPS_PER_UPDATE), "--evaluate-episodes", "1"]
    conversion = _seconds(converted, folder)
    evaluation = _seconds([*evaluated, "--no-report"], folder)
    before = loopback_bytes(Path("/proc/net/dev").read_text())
    with _watched(address) as store:
        _seconds(trained, folder)
    sent = loopback_bytes(Path("/proc/net/dev").read_text()) - before
    lines = next(folder.rglob("metrics.jsonl")).read_text().splitlines()
    acting, ppo = training_rates(lines, STEPS_PER_UPDATE)
    per_step = sent / (UPDATES * STEPS_PER_UPDATE)
    return NodeRates(count, acting, ppo, conversion, evaluation, per_step, tuple(store))


def _seconds(stage: list[str], folder: Path) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", *stage], env=environment(), cwd=folder, capture_output=True, check=True)
    return time.perf_counter() - began


def training_rates(lines: list[str], steps_per_update: int) -> tuple[float, float]:
    """(acting, PPO end to end), agent steps/s, of the lines of metrics.jsonl; the first update compiles and is left out."""
    updates = [values for values in map(json.loads, lines) if "time/acting" in values][1:]
    if not updates:
        raise ValueError("expected two updates or more in metrics.jsonl")
    acting = sum(values["time/acting"] for values in updates)
    learning = sum(values["time/learning"] for values in updates)
    steps = len(updates) * steps_per_update
    return steps / acting, steps / (acting + learning)


def loopback_bytes(text: str) -> int:
    """Bytes received on the loopback so far, of Linux's /proc/net/dev."""
    found = re.search(r"^\s*lo:\s*(\d+)", text, re.MULTILINE)
    if found is None:
        raise ValueError("expected a loopback in /proc/net/dev")
    return int(found[1])


@contextmanager
def _watched(address: str) -> Iterator[list[float]]:
    """MiB in the object stores, looked at all the while."""
    found: list[float] = []
    over = threading.Event()

    def look() -> None:
        command = [str(Path(sys.executable).with_name("ray")), "memory", "--address", address, "--stats-only"]
        while not over.wait(SAMPLE_SECONDS):
            text = subprocess.run(command, capture_output=True, text=True).stdout
            found.append(stored_mib(text))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()


def stored_mib(text: str) -> float:
    """The plasma use that `ray memory --stats-only` prints; 0 where it prints none."""
    found = re.search(r"Plasma memory usage (\d+) MiB", text)
    return float(found[1]) if found else 0.0
