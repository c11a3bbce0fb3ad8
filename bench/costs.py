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
from game.emulator import Emulator
from game.env import make_env
from game.games import find_game
from game.observation import ObservationSpec, stack_frames
from game.tasks import run_tasks
from policy.architecture import NetworkConfig, parameter_count

SCALARS = 4 + 4 + 4 + 4 + 1 + 1 + 1
"""Bytes per step beside the frame: log-probability, value, reward, value at a truncation; action, terminated, truncated."""
ROLLOUTS = 72
UPDATES = 5
"""Of each learner; the quickest counts, as the one that others on the machine disturbed least."""
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
        playing: processor seconds of every recorded rollout of one environment.
        ppo, impala: learner's seconds per agent step, all epochs.
        load: seconds until an actor has taken new weights over.
        unpack: seconds in which the learner makes stacks of a rollout's single frames.
        copy: seconds per byte of a copy in memory.
        step_bytes: what a step puts on the wire, single frames. weights_bytes: of one set of weights, float32.
        seen: PPO end to end, its quickest update.
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
    outcome = next(iter(run_tasks(_playing, [steps], workers=1)))  # a worker does its NumPy on one thread, as actors do
    if outcome.error:
        raise RuntimeError(outcome.error)
    playing = tuple(outcome.result)
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
    """Seconds of rollouts in processor time, because every simulated actor has a core of its own; over all acts."""
    config = replace(PPO_PRESETS["full"], game="quillrush").env(ObservationSpec())
    actor = random_actor(ObservationSpec())
    rng = np.random.default_rng(0)
    seconds = []
    with Emulator(find_game("quillrush")) as emulator:
        env = make_env(config, emulator)
        for rollout in range(ROLLOUTS + 1):
            observation, _ = env.reset(seed=rollout, options={"act": ACT_NAMES[rollout % len(ACT_NAMES)]})
            began = time.process_time()
            for _ in range(steps):
                combo, _, _ = actor.decide(observation, rng)
                observation, _, terminated, truncated, _ = env.step(combo)
                if terminated or truncated:
                    observation, _ = env.reset(seed=rollout)
            seconds.append(time.process_time() - began)
    return seconds[1:]  # the first warms up


def _ppo() -> tuple[float, tuple[Seen, ...]]:
    """(learner's seconds per step, trainings with one worker and with two)."""
    from finetune.ppo.learner import PPO

    seen = []
    learning = []
    for workers in (1, 2):
        config = replace(PPO_PRESETS["full"], game="quillrush", init="none", starts="none", workers=workers)
        learner = PPO(config, None)
        learner.update()  # compiles
        updates = [learner.update()[0] for _ in range(UPDATES)]
        learner.close()
        learning += [metrics["time/learning"] for metrics in updates]
        whole = min(metrics["time/acting"] + metrics["time/learning"] for metrics in updates)
        seen.append(Seen(workers, config.steps_per_update / whole))
    return min(learning) / config.steps_per_update, tuple(seen)


def _impala() -> float:
    """The learner's seconds per step while nobody plays beside it (lag 0), as on a machine of its own."""
    from finetune.impala.learner import Impala

    config = replace(IMPALA_PRESETS["full"], game="quillrush", init="none", starts="none", lag=0)
    learner = Impala(config, None)
    learner.update()  # compiles
    learning = [learner.update()[0]["time/learning"] for _ in range(UPDATES)]
    learner.close()
    return min(learning) / config.steps_per_update
