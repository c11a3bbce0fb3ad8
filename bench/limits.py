"""What is not a comparison: memory, start-up times, and where each microsecond of an agent step goes."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from bench.common import ACT, BATCH_SIZE, EPISODE_FRAMES, FRAME_SKIP
from bench.side import environment, run_python
from dataset.batches import tf_batches
from dataset.loader import Dataset
from dataset.windows import Windows
from game.actions import COMBO_COUNT, mask_of
from game.acts import ACT_NAMES
from game.emulator import Emulator
from game.env import EnvConfig, make_env
from game.games import find_game
from game.observation import ObservationSpec, observe, stack_frames
from policy.architecture import NetworkConfig, parameter_count
from policy.players import NetworkActor

FRAMES = 50 * 10**9 // (96 * 96)
"""50 GB of them."""
MOVIE_COUNT = 1800
"""Of 50 seconds each."""
STAGES = ("record", "dataset", "supervised", "finetune", "evaluate")
REPEATS = 5
"""Of each start-up time; the median counts."""


def memory() -> dict[str, float]:
    """`peak_memory` of a process of its own."""
    return json.loads(run_python("import json; from bench.limits import peak_memory; print(json.dumps(peak_memory()))"))


def peak_memory(batches: int = 400) -> dict[str, float]:
    """Clone from 50 GB of frames in this process.

    Returns:
        Gigabytes: peak resident, and the index of windows alone; and samples/s.
    """
    import tensorflow as tf

    from finetune.plan import resident_bytes
    from supervised.config import Config
    from supervised.train import Cloning

    with tempfile.TemporaryDirectory() as folder:
        dataset = _large_dataset(Path(folder))
        learner = Cloning(Config(game="quillrush", batch_size=BATCH_SIZE), dataset)
        stream = tf_batches(learner.batches_of(epoch=0))
        loss = tf.constant(0.0)
        began = time.perf_counter()
        for batch in stream.take(batches):
            loss = learner._train_on_batch(*batch)
        float(loss)  # waits for the device
        seconds = time.perf_counter() - began
    index_bytes = sum(array.nbytes for array in vars(dataset.windows).values())
    return {
        "peak_gb": resident_bytes(os.getpid()) / 1e9,
        "index_gb": index_bytes / 1e9,
        "samples_per_second": batches * BATCH_SIZE / seconds,
    }


def _large_dataset(folder: Path) -> Dataset:
    """A data set of black frames, in a sparse file that takes no room on the disk, with random labels."""
    spec = ObservationSpec()
    frames_file = folder / "frames.npy"
    np.lib.format.open_memmap(frames_file, "w+", np.uint8, (FRAMES, *spec.frame_shape))
    names = [f"movie-{number}" for number in range(MOVIE_COUNT)]
    return Dataset(
        path=folder,
        game="quillrush",
        observation=spec,
        frame_skip=FRAME_SKIP,
        cache=np.load(frames_file, mmap_mode="r"),
        windows=_large_index(),
        names=names,
        acts=[ACT_NAMES[number % len(ACT_NAMES)] for number in range(MOVIE_COUNT)],
        attributes=[{"player": "human", "movie_sha256": name, "observation_spec": ""} for name in names],
    )


def _large_index() -> Windows:
    """One window per frame."""
    rng = np.random.default_rng(0)
    numbers = np.arange(FRAMES, dtype=np.int32)
    offsets = np.array([12, 8, 4, 0], np.int32)
    return Windows(
        stacks=np.maximum(numbers[:, None] - offsets, 0),
        labels=rng.integers(0, COMBO_COUNT, FRAMES).astype(np.uint8),
        changes=np.zeros(FRAMES, bool),
        steady=np.zeros(FRAMES, bool),
        movies=np.minimum(numbers // (FRAMES // MOVIE_COUNT), MOVIE_COUNT - 1),
        phases=(numbers % FRAME_SKIP).astype(np.uint8),
    )


def help_times() -> dict[str, tuple[float, bool]]:
    """stage -> (seconds of `python -m stage --help`, median of five; whether TensorFlow was imported)."""
    return {stage: (_help_seconds(stage), _imports_tensorflow(stage)) for stage in STAGES}


def _help_seconds(stage: str) -> float:
    command = [sys.executable, "-m", stage, "--help"]
    times = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        subprocess.run(command, env=environment(), capture_output=True, check=True)
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def _imports_tensorflow(stage: str) -> bool:
    code = f"""
import runpy, sys
sys.argv = ["{stage}", "--help"]
try:
    runpy.run_module("{stage}", run_name="__main__")
except SystemExit:
    pass
print("tensorflow" in sys.modules)
"""
    return run_python(code) == "True"


def first_frame() -> float:
    """Seconds from `python -m record` to its open window (SDL's dummy driver), median of five."""
    return statistics.median(_seconds_to_window() for _ in range(REPEATS))


def _seconds_to_window() -> float:
    command = [sys.executable, "-u", "-m", "record", "--game", "quillrush"]
    began = time.perf_counter()
    process = subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if "window is open" in line:
                return time.perf_counter() - began
    finally:
        process.terminate()
        process.wait()
    raise RuntimeError("`python -m record` ended before its window was open")


def profile(steps: int = 1500) -> dict[str, float]:
    """Microseconds of each part of an agent step, in place (caches as cold as they are in play), on one core."""
    spec = ObservationSpec()
    with Emulator(find_game("quillrush")) as emulator:
        env = make_env(EnvConfig(max_frames=EPISODE_FRAMES), emulator)
        observation, _ = env.reset(seed=0, options={"act": ACT})
        right = mask_of(("RIGHT",))
        screen = emulator.screen()
        frames = [observe(screen, spec)] * spec.stack
        actor = random_actor(spec)
        rng = np.random.default_rng(0)

        def play_frames() -> None:
            for _ in range(FRAME_SKIP):
                emulator.step(right)

        def read_ram() -> None:
            for _ in range(FRAME_SKIP):
                emulator.variables()

        parts: dict[str, Callable[[], Any]] = {
            "four core frames": play_frames,
            "RAM of four frames": read_ram,
            "picture out of the core": emulator.screen,
            "grey and area resize": lambda: observe(screen, spec),
            "stack of four": lambda: stack_frames(frames),
            "policy forward, NumPy": lambda: actor.decide(observation, rng),
        }
        seconds = dict.fromkeys(parts, 0.0)
        for _ in range(steps):
            for name, work in parts.items():
                began = time.perf_counter()
                work()
                seconds[name] += time.perf_counter() - began
    return {name: total / steps * 1e6 for name, total in seconds.items()}


def random_actor(spec: ObservationSpec) -> NetworkActor:
    """The policy's cost without its skill."""
    config = NetworkConfig()
    rng = np.random.default_rng(0)
    weights = rng.normal(0.0, 0.02, parameter_count(config, spec))
    actor = NetworkActor(config, spec)
    actor.load(weights.astype(np.float32))
    return actor
