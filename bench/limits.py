"""What is not a ratio: memory, start-up times, and where each microsecond of an agent step goes."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from bench.side import environment

FRAMES = 50 * 10**9 // (96 * 96)
STAGES = ("record", "dataset", "supervised", "finetune", "evaluate")


def peak_memory(batches: int = 400) -> dict[str, float]:
    """Train on the index of 50 GB of frames (a sparse file; 1,800 movies of 50 seconds) in this process.

    Returns:
        Gigabytes: peak resident, the index; and samples/s.
    """
    import tensorflow as tf

    from dataset.loader import Dataset, Windows, tf_batches
    from experiment.run import Run
    from finetune.plan import resident_bytes
    from game.observation import ObservationSpec
    from supervised.config import Config
    from supervised.train import Cloning

    spec = ObservationSpec()
    per_movie = FRAMES // 1800
    numbers = np.arange(FRAMES, dtype=np.int32)
    movies = np.minimum(numbers // per_movie, 1799)
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 23, FRAMES).astype(np.uint8)
    stacks = np.maximum(numbers[:, None] - np.array([12, 8, 4, 0], np.int32), 0)
    windows = Windows(stacks, labels, np.zeros(FRAMES, bool), movies, (numbers % 4).astype(np.uint8))
    del numbers, stacks
    with tempfile.TemporaryDirectory() as folder:
        np.lib.format.open_memmap(Path(folder) / "frames.npy", "w+", np.uint8, (FRAMES, *spec.frame_shape))
        cache = np.load(Path(folder) / "frames.npy", mmap_mode="r")
        names = [f"movie-{i}" for i in range(1800)]
        attributes: list[dict[str, Any]] = [
            {"player": "human", "movie_sha256": name, "observation_spec": ""} for name in names
        ]
        acts = [f"act {i % 18}" for i in range(1800)]
        dataset = Dataset(Path(folder), "quillrush", spec, 4, cache, windows, names, acts, attributes)
        cloning = Cloning(Config(game="quillrush"), dataset, Run.scratch(Path(folder) / "run"))
        began, loss = time.perf_counter(), tf.constant(0.0)
        stream = tf_batches(dataset, cloning.training, 256, 1, 0, shift=4)
        for _, (observations, chosen) in zip(range(batches), stream, strict=False):
            loss = cloning._update(observations, chosen)
        float(loss)
        seconds = time.perf_counter() - began
    index = sum(getattr(windows, name).nbytes for name in ("stacks", "labels", "changes", "movies", "phases"))
    peak = resident_bytes(os.getpid())
    return {"peak_gb": peak / 1e9, "index_gb": index / 1e9, "samples_a_second": batches * 256 / seconds}


def memory() -> dict[str, float]:
    """`peak_memory` of a process of its own."""
    code = "import json; from bench.limits import peak_memory; print('\\n' + json.dumps(peak_memory()))"
    done = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def help_times() -> dict[str, tuple[float, bool]]:
    """stage -> (seconds of `python -m stage --help`, median of five; whether TensorFlow was imported)."""
    found = {}
    for stage in STAGES:
        times = []
        for _ in range(5):
            began = time.perf_counter()
            subprocess.run([sys.executable, "-m", stage, "--help"], env=environment(), capture_output=True, check=True)
            times.append(time.perf_counter() - began)
        code = (
            f"import runpy, sys; sys.argv = ['{stage}', '--help']\n"
            f"try: runpy.run_module('{stage}', run_name='__main__')\n"
            "except SystemExit: pass\nprint('tensorflow' in sys.modules)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True
        )
        found[stage] = (sorted(times)[2], done.stdout.split()[-1] == "True")
    return found


def first_frame() -> float:
    """Seconds from `python -m record` to its open window (SDL's dummy driver), median of five."""
    times = []
    for _ in range(5):
        began = time.perf_counter()
        command = [sys.executable, "-u", "-m", "record", "--game", "quillrush"]
        process = subprocess.Popen(
            command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert process.stdout is not None
        for line in process.stdout:
            if "window is open" in line:
                times.append(time.perf_counter() - began)
                break
        process.terminate()
        process.wait()
    return sorted(times)[2]


def profile(steps: int = 1500) -> dict[str, float]:
    """Microseconds of each part of an agent step, in place (caches as cold as they are in play), on one core."""
    from bench.ours import ACT
    from game.emulator import Emulator
    from game.env import EnvConfig, make_env
    from game.games import find_game
    from game.observation import ObservationSpec, observe, stack_frames
    from policy.forward import NetworkConfig, parameter_count
    from policy.players import NetworkActor

    spec, config = ObservationSpec(), NetworkConfig()
    emulator = Emulator(find_game("quillrush"))
    env = make_env(EnvConfig(max_frames=4500), emulator)
    observation, _ = env.reset(seed=0, options={"act": ACT})
    actor, rng = NetworkActor(config, spec), np.random.default_rng(0)
    actor.load((rng.standard_normal(parameter_count(config, spec)) * 0.02).astype(np.float32))
    screen, frames = emulator.screen(), [observe(emulator.screen(), spec)] * 4
    parts: dict[str, Callable[[], Any]] = {
        "four core frames": lambda: [emulator.step(128) for _ in range(4)],
        "RAM of four frames": lambda: [emulator.variables() for _ in range(4)],
        "picture out of the core": emulator.screen,
        "grey and area resize": lambda: observe(screen, spec),
        "stack of four": lambda: stack_frames(frames),
        "policy forward, NumPy": lambda: actor.decide(observation, rng),
    }
    spent = dict.fromkeys(parts, 0.0)
    for _ in range(steps):
        for name, work in parts.items():
            began = time.perf_counter()
            work()
            spent[name] += time.perf_counter() - began
    emulator.close()
    return {name: value / steps * 1e6 for name, value in spent.items()}
