"""What acting and learning cost on this machine, recorded for the simulation: latencies and sizes of real rollouts.

`python -m bench costs FILE` measures for about two minutes and writes one JSON.
"""

import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from bench.evidence import machine_here
from bench.limits import random_actor
from common.files import read_json, whole_file
from experiment.study.chain import commit_here
from finetune.impala.config import PRESETS as IMPALA_PRESETS
from finetune.ppo.config import PRESETS as PPO_PRESETS
from game.acts import ACT_NAMES
from game.observation import ObservationSpec, stack_frames
from game.rollouts import PoolLayout, RolloutPool
from game.training_episodes import Starts
from policy.architecture import NetworkConfig, parameter_count
from policy.players import NetworkActor

SCALARS = 4 + 4 + 4 + 4 + 1 + 1 + 1
"""Bytes per step beside the frame: log-probability, value, reward, value at a truncation; action, terminated, truncated."""
ROLLOUTS = 30
UPDATES = 2
COPIES = 50
"""Repeats of what takes microseconds."""
LIMIT = 2**20


@dataclass(frozen=True)
class Seen:
    """A real training, which the simulation has to reproduce."""

    workers: int
    steps_per_second: float


@dataclass(frozen=True)
class Costs:
    """Recorded costs.

    Attributes:
        rollout_steps: T. num_envs: of the trainings seen.
        playing: seconds of every recorded rollout of one environment, one worker at work.
        ppo, impala: learner's seconds per agent step, all epochs.
        load: seconds until an actor has taken new weights over.
        unpack: seconds in which the learner makes stacks of a rollout's single frames.
        copy: seconds per byte of a copy in memory.
        step_bytes: what a step puts on the wire, single frames. weights_bytes: of one set of weights, float32.
        seen: PPO end to end.
    """

    commit: str
    machine: str
    load_average: float
    rollout_steps: int
    num_envs: int
    playing: tuple[float, ...]
    ppo: float
    impala: float
    load: float
    unpack: float
    copy: float
    step_bytes: float
    weights_bytes: int
    seen: tuple[Seen, ...]


def read(path: Path) -> Costs:
    """What `record` wrote; ValueError for anything else."""
    return read_json(path, Costs, LIMIT)


def record(path: Path) -> None:
    """Measure, and write the file."""
    config = PPO_PRESETS["full"]
    spec = ObservationSpec()
    steps = config.rollout_length
    frames = np.random.default_rng(0).integers(0, 256, (steps + spec.stack - 1, *spec.frame_shape)).astype(np.uint8)
    weights = np.zeros(parameter_count(NetworkConfig(), spec), np.float32)
    actor = random_actor(spec)
    playing = tuple(_playing(steps))
    print(f"{len(playing)} rollouts recorded", flush=True)
    ppo, seen = _ppo()
    print(f"PPO: {seen}", flush=True)
    costs = Costs(
        commit=commit_here(),
        machine=machine_here(),
        load_average=os.getloadavg()[0],
        rollout_steps=steps,
        num_envs=config.num_envs,
        playing=playing,
        ppo=ppo,
        impala=_impala(),
        load=_each(lambda: actor.load(weights)),
        unpack=_each(lambda: _stacks(frames, spec)),
        copy=_each(frames.copy) / frames.nbytes,
        step_bytes=frames.nbytes / steps + SCALARS,
        weights_bytes=weights.nbytes,
        seen=seen,
    )
    with whole_file(path) as part:
        part.write_text(json.dumps(asdict(costs), indent=1))


def _each(work: Callable[[], object]) -> float:
    """Seconds of one call."""
    work()
    began = time.perf_counter()
    for _ in range(COPIES):
        work()
    return (time.perf_counter() - began) / COPIES


def _stacks(frames: np.ndarray, spec: ObservationSpec) -> np.ndarray:
    """uint8 [T + stack - 1, height, width] -> [T, height, width, stack], as a learner needs them."""
    count = len(frames) - spec.stack + 1
    stacks = np.empty((count, *spec.shape), np.uint8)
    for step in range(count):
        stack_frames(list(frames[step : step + spec.stack]), stacks[step])
    return stacks


def _playing(steps: int) -> list[float]:
    """Seconds of rollouts, over all acts; the first starts the emulator."""
    env = replace(PPO_PRESETS["full"], game="quillrush").env(ObservationSpec())
    parameters = parameter_count(NetworkConfig(), ObservationSpec())
    layout = PoolLayout(env, num_envs=1, steps=steps, seed=1, parameters=parameters)
    pool = RolloutPool(layout, NetworkActor(NetworkConfig(), ObservationSpec()), workers=1)
    weights = np.random.default_rng(0).normal(0.0, 0.02, parameters).astype(np.float32)
    seconds = []
    for rollout in range(ROLLOUTS + 1):
        pool.collect(rollout, weights, Starts.of_acts(tuple(ACT_NAMES)))
        seconds.append(pool.seconds)
    pool.close()
    return seconds[1:]


def _ppo() -> tuple[float, tuple[Seen, ...]]:
    """(learner's seconds per step, trainings with one worker and with two)."""
    from finetune.ppo.learner import PPO

    seen = []
    learning = []
    for workers in (1, 2):
        learner = PPO(replace(PPO_PRESETS["full"], game="quillrush", init="none", starts="none", workers=workers), None)
        learner.update()  # compiles
        began = time.perf_counter()
        learning += [learner.update()[0]["time/learning"] for _ in range(UPDATES)]
        rate = UPDATES * learner.config.steps_per_update / (time.perf_counter() - began)
        seen.append(Seen(workers, rate))
        per_update = learner.config.steps_per_update
        learner.close()
    return float(np.median(learning)) / per_update, tuple(seen)


def _impala() -> float:
    """The learner's seconds per step while nobody plays beside it (lag 0), as on a machine of its own."""
    from finetune.impala.learner import Impala

    config = replace(IMPALA_PRESETS["full"], game="quillrush", init="none", starts="none", lag=0)
    learner = Impala(config, None)
    learner.update()  # compiles
    learning = [learner.update()[0]["time/learning"] for _ in range(UPDATES)]
    learner.close()
    return float(np.median(learning)) / config.steps_per_update
