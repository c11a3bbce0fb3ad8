"""Memory and descriptors over a long time, on demand: rollouts, then evaluation episodes, without growth.

SOAK_SECONDS is how long rollouts are played (3600 for the full soak); the 500 episodes take what they take. Read from
/proc, so on Linux only.
"""

import multiprocessing
import os
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from game.acts import ACT_NAMES
from game.env import EnvConfig
from game.observation import ObservationSpec
from game.rollouts import PoolLayout, RolloutPool
from game.training_episodes import Starts
from policy.architecture import NetworkConfig, parameter_count, parameter_shapes
from policy.episodes import EpisodeTask, play_all
from policy.players import NetworkActor

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs Linux's /proc"),
]

SECONDS = float(os.environ.get("SOAK_SECONDS", "120"))
EPISODES = 500
WORKERS = 2
LARGEST_GROWTH = 1.05
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
NETWORK = NetworkConfig(hidden=16)
SPEC = ObservationSpec()


def resident_bytes(pid: int) -> int:
    """A process's resident memory, its share of shared memory included."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES


def descriptors(pid: int) -> int:
    """How many files, pipes and sockets a process holds open."""
    return len(os.listdir(f"/proc/{pid}/fd"))


@dataclass
class Watch:
    """What a process held at each look."""

    memory: list[int] = field(default_factory=list)
    files: list[int] = field(default_factory=list)

    def look(self, pid: int) -> None:
        self.memory.append(resident_bytes(pid))
        self.files.append(descriptors(pid))

    def growth(self, name: str) -> float:
        """The last tenth over the tenth after the warm-up (the first fifth), of memory or descriptors; prints both."""
        looks = len(self.memory)
        assert looks >= 20, f"{name}: {looks} looks are too few to judge; raise SOAK_SECONDS"
        after_warm_up = slice(looks // 5, looks // 5 + looks // 10)
        at_end = slice(looks - looks // 10, looks)
        memory_before = float(np.mean(self.memory[after_warm_up]))
        memory_after = float(np.mean(self.memory[at_end]))
        files_before = max(self.files[after_warm_up])
        files_after = max(self.files[at_end])
        print(
            f"{name}: {memory_before / 1e6:.1f} -> {memory_after / 1e6:.1f} MB, "
            f"{files_before} -> {files_after} descriptors, {looks} looks"
        )
        return max(memory_after / memory_before, files_after / files_before)


def random_weights() -> np.ndarray:
    rng = np.random.default_rng(0)
    pieces = [rng.normal(0, 0.05, int(np.prod(shape))) for shape in parameter_shapes(NETWORK, SPEC)]
    return np.concatenate(pieces).astype(np.float32)


def test_rollouts_hold_no_more_after_an_hour_than_after_a_while() -> None:
    """All acts, with deaths, time limits and new weights, as in training."""
    env = EnvConfig(max_frames=1_800)
    layout = PoolLayout(env, num_envs=6, steps=32, seed=1, parameters=parameter_count(NETWORK, SPEC))
    pool = RolloutPool(layout, NetworkActor(NETWORK, SPEC), WORKERS)
    watches = {"learner": Watch()} | {f"worker {i}": Watch() for i in range(WORKERS)}
    weights = random_weights()
    begun = time.monotonic()
    rollout = episodes = 0
    try:
        while time.monotonic() - begun < SECONDS:
            _, ended = pool.collect(rollout, weights, Starts.of_acts(ACT_NAMES))
            episodes += len(ended)
            rollout += 1
            pids = [os.getpid(), *(worker.process.pid for worker in pool._workers)]
            for watch, pid in zip(watches.values(), pids, strict=True):
                watch.look(pid)
        restarts = pool.restarts
    finally:
        pool.close()
    print(f"\n{rollout * layout.num_envs * layout.steps} steps, {episodes} episodes, {time.monotonic() - begun:.0f} s")
    assert restarts == 0
    assert episodes > 0
    growths = [watch.growth(name) for name, watch in watches.items()]
    assert max(growths) < LARGEST_GROWTH


def test_500_evaluation_episodes_hold_no_more_at_the_end() -> None:
    env = EnvConfig(max_frames=600)
    tasks = [
        EpisodeTask("right-and-jump" if seed % 2 else "random", ACT_NAMES[seed % len(ACT_NAMES)], seed, env)
        for seed in range(EPISODES)
    ]
    watches: dict[int, Watch] = {}
    over = threading.Event()
    watcher = threading.Thread(target=watch_all, args=(watches, over))
    watcher.start()
    try:
        episodes = play_all(tasks, WORKERS)
    finally:
        over.set()
        watcher.join()
    assert len(episodes) == EPISODES
    assert len(watches) == 1 + WORKERS  # nobody died
    print(f"\n{sum(episode.frames for episode in episodes)} frames in {EPISODES} episodes")
    growths = [watch.growth(f"process {pid}") for pid, watch in watches.items()]
    assert max(growths) < LARGEST_GROWTH


def watch_all(watches: dict[int, Watch], over: threading.Event) -> None:
    """Look at this process and its workers ten times per second."""
    while not over.wait(0.1):
        for pid in (os.getpid(), *(process.pid for process in multiprocessing.active_children())):
            try:
                watches.setdefault(pid or 0, Watch()).look(pid or 0)
            except FileNotFoundError:
                continue  # it has ended since
