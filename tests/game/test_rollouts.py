"""Rollouts in processes: the same numbers whatever the number of processes, and life after a death."""

import os
import signal

import numpy as np
import pytest

from game.env import EnvConfig
from game.observation import ObservationSpec
from game.rollouts import PoolLayout, RolloutPool
from game.workers import WorkerError
from policy.architecture import NetworkConfig, parameter_count, parameter_shapes
from policy.players import NetworkActor

CONFIG = EnvConfig(max_frames=200)
NETWORK = NetworkConfig(hidden=16)
SPEC = ObservationSpec()
ACTS = ["EmeraldHillZone.Act1", "CasinoNightZone.Act2"]
EVEN = [1.0, 1.0]
LAYOUT = PoolLayout(CONFIG, num_envs=3, steps=30, seed=1, parameters=parameter_count(NETWORK, SPEC))


def weights() -> np.ndarray:
    rng = np.random.default_rng(0)
    pieces = [rng.normal(0, 0.05, int(np.prod(shape))) for shape in parameter_shapes(NETWORK, SPEC)]
    return np.concatenate(pieces).astype(np.float32)


@pytest.fixture
def make_pool():
    pools = []

    def make(workers: int) -> RolloutPool:
        pool = RolloutPool(LAYOUT, NetworkActor(NETWORK, SPEC), workers)
        pools.append(pool)
        return pool

    yield make
    for pool in pools:
        pool.close()


def snapshot(pool: RolloutPool, rollout: int) -> list[np.ndarray]:
    trajectories, _ = pool.collect(rollout, weights(), ACTS, EVEN)
    return [array.copy() for array in vars(trajectories).values()]


def test_rollouts_do_not_depend_on_the_number_of_processes(make_pool) -> None:
    """Three environments in one emulator (swapping savestates) or in three: bit for bit the same, over rollouts."""
    one, three = make_pool(1), make_pool(3)
    for rollout in range(3):
        for alone, apart in zip(snapshot(one, rollout), snapshot(three, rollout), strict=True):
            np.testing.assert_array_equal(alone, apart)


def test_a_pool_goes_on_where_another_stood(make_pool) -> None:
    first = make_pool(2)
    for rollout in range(2):
        snapshot(first, rollout)
    second = make_pool(1)
    second.set_state(first.get_state())
    for expected, received in zip(snapshot(first, 2), snapshot(second, 2), strict=True):
        np.testing.assert_array_equal(expected, received)


def test_a_dead_worker_is_replaced(make_pool) -> None:
    pool = make_pool(2)
    snapshot(pool, 0)
    os.kill(pool._workers[0].process.pid, signal.SIGKILL)
    arrays = snapshot(pool, 1)
    assert pool.restarts == 1
    assert all(np.isfinite(array).all() for array in arrays)


def test_an_error_in_a_worker_stops_the_run(make_pool) -> None:
    pool = make_pool(1)
    with pytest.raises(WorkerError, match="Unknown LEVEL"):
        pool.collect(0, weights(), ["Nowhere"], [1.0])
