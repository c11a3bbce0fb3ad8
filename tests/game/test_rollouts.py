"""Rollouts in processes: the same numbers whatever the number of processes, and life after a death."""

import os
import signal
import threading
from dataclasses import replace

import numpy as np
import pytest

from game.env import EnvConfig
from game.observation import ObservationSpec
from game.rollout import Step
from game.rollouts import PoolLayout, RolloutPool, Trajectories, _play_rollout
from game.training_episodes import Order, Starts
from game.workers import WorkerDied, WorkerError
from policy.architecture import NetworkConfig, parameter_count, parameter_shapes
from policy.players import NetworkActor

CONFIG = EnvConfig(max_frames=200)
NETWORK = NetworkConfig(hidden=16)
SPEC = ObservationSpec()
ACTS = ["EmeraldHillZone.Act1", "CasinoNightZone.Act2"]
ALIKE = Starts.of_acts(tuple(ACTS))
LAYOUT = PoolLayout(CONFIG, num_envs=3, steps=30, seed=1, parameters=parameter_count(NETWORK, SPEC))


def weights(seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    pieces = [rng.normal(0, 0.05, int(np.prod(shape))) for shape in parameter_shapes(NETWORK, SPEC)]
    return np.concatenate(pieces).astype(np.float32)


@pytest.fixture
def make_pool():
    pools = []

    def make(workers: int, buffers: int = 1) -> RolloutPool:
        pool = RolloutPool(LAYOUT, NetworkActor(NETWORK, SPEC), workers, buffers)
        pools.append(pool)
        return pool

    yield make
    for pool in pools:
        pool.close()


def snapshot(pool: RolloutPool, rollout: int, seed: int = 0) -> list[np.ndarray]:
    """A rollout with the weights of this seed."""
    trajectories, _ = pool.collect(rollout, weights(seed), ALIKE)
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


@pytest.mark.parametrize("when", ["while the learner learns", "while it plays", "before the first rollout"])
def test_a_dead_worker_is_replaced_and_the_numbers_stay(make_pool, when: str) -> None:
    whole = make_pool(2)
    hurt = make_pool(2)
    if when == "before the first rollout":
        hurt._workers[0].process.kill()
        hurt._workers[0].process.join()
    snapshot(whole, 0)
    snapshot(hurt, 0)
    victim = hurt._workers[0].process
    if when == "while the learner learns":
        os.kill(victim.pid, signal.SIGKILL)
        victim.join()
    elif when == "while it plays":
        threading.Timer(0.05, victim.kill).start()
    for rollout in (1, 2, 3):
        for expected, received in zip(snapshot(whole, rollout), snapshot(hurt, rollout), strict=True):
            np.testing.assert_array_equal(expected, received)
    assert hurt.restarts == 1
    assert hurt.get_state() == whole.get_state()


@pytest.mark.parametrize("killed", [False, True])
def test_rollouts_begun_ahead_are_those_played_one_by_one(make_pool, killed: bool) -> None:
    """Each with the weights it was begun with, into memory of its own; also when a worker dies with two of them to play."""
    alone, ahead = make_pool(1), make_pool(2, buffers=3)
    expected = [snapshot(alone, rollout, seed=rollout) for rollout in range(4)]
    for rollout in range(2):
        ahead.begin(rollout, weights(rollout), ALIKE)
    for rollout in range(4):
        trajectories, _ = ahead.finish()
        before = ahead.get_state()
        if rollout < 2:
            ahead.begin(rollout + 2, weights(rollout + 2), ALIKE)
        if killed and rollout == 1:
            ahead._workers[1].process.kill()
            ahead._workers[1].process.join()
        # what is played meanwhile changes neither what is learnt from nor how it left the episodes
        if rollout < 3:
            ahead._workers[0].connection.poll(60)
        for one, other in zip(expected[rollout], vars(trajectories).values(), strict=True):
            np.testing.assert_array_equal(one, other)
        assert ahead.get_state() == before
    assert ahead.get_state() == alone.get_state()
    assert ahead.restarts == int(killed)


def test_what_is_begun_is_given_up_when_a_pool_goes_back(make_pool) -> None:
    pool = make_pool(2, buffers=2)
    snapshot(pool, 0)
    state = pool.get_state()
    expected = snapshot(pool, 1)
    pool.begin(2, weights(), ALIKE)
    pool.set_state(state)
    for one, other in zip(expected, snapshot(pool, 1), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_pool_without_a_buffer_or_an_order_says_so(make_pool) -> None:
    pool = make_pool(1)
    with pytest.raises(RuntimeError, match="Expected begin"):
        pool.finish()
    pool.begin(0, weights(), ALIKE)
    with pytest.raises(RuntimeError, match="all of 1 buffers are in use"):
        pool.begin(1, weights(), ALIKE)
    pool.finish()
    assert pool.seconds > 0


def test_a_checkpoint_can_be_taken_while_a_worker_is_dead(make_pool) -> None:
    pool = make_pool(2)
    snapshot(pool, 0)
    before = pool.get_state()
    for worker in pool._workers:
        worker.process.kill()
        worker.process.join()
    assert pool.get_state() == before
    assert [state["start"]["number"] for state in before] == [0, 0, 0]


def test_a_worker_that_dies_again_and_again_stops_the_run_with_the_cause(make_pool, monkeypatch) -> None:
    pool = make_pool(1)
    snapshot(pool, 0)
    start = pool._workers[0].start

    def start_and_die() -> None:
        start()
        pool._workers[0].process.kill()
        pool._workers[0].process.join()

    monkeypatch.setattr(pool._workers[0], "start", start_and_die)
    pool._workers[0].process.kill()
    with pytest.raises(WorkerDied, match=r"exit code -9.*3 times in one rollout"):
        snapshot(pool, 1)


def test_episodes_go_on_from_number_to_number_and_acts_are_drawn_by_weight(make_pool) -> None:
    """Survivors of an audit: the same episode for ever; act weights ignored; the same draws in each rollout."""
    pool = make_pool(2)
    starts = []
    actions = []
    for rollout in range(8):
        trajectories, _ = pool.collect(rollout, weights(), Starts.of_acts(tuple(ACTS), (0.0, 1.0)))
        starts += [(state["start"]["number"], state["start"]["act"]) for state in pool.get_state()]
        actions.append(trajectories.actions.copy())
    assert {act for _, act in starts} == {ACTS[1]}
    assert {number for number, _ in starts} >= {0, 1, 2}
    assert not np.array_equal(actions[0], actions[1])


def test_truncated_and_last_values_are_those_of_what_follows(make_pool) -> None:
    """Survivors of an audit: truncation not bootstrapped; the bootstrap value of the step before."""
    pool = make_pool(1)
    actor = NetworkActor(NETWORK, SPEC)
    actor.load(weights())
    seen_truncation = False
    previous = None
    for rollout in range(3):  # 50 steps per episode: rollouts of 30 hold an end in the middle
        trajectories, _ = pool.collect(rollout, weights(), ALIKE)
        if previous is not None:  # the value after the last step is that of the next rollout's first observation
            np.testing.assert_allclose(previous, trajectories.values[:, 0], atol=1e-5)
        previous = trajectories.bootstrap_values.copy()
        for e, t in zip(*np.nonzero(trajectories.truncated), strict=True):
            seen_truncation = True
            assert trajectories.truncation_values[e, t] != 0
            last = trajectories.observations[e, t]
            assert trajectories.truncation_values[e, t] == pytest.approx(actor.value(last), abs=0.5)
    assert seen_truncation


def test_every_environment_draws_from_a_stream_of_its_own(make_pool) -> None:
    """With one stream for all, environments that begin alike would press alike."""
    pool = make_pool(1)
    trajectories, _ = pool.collect(0, weights(), Starts.of_acts(tuple(ACTS[:1])))
    agreement = (trajectories.actions[0] == trajectories.actions[1]).mean()
    assert agreement < 0.5


class Counting:
    """An episode stream whose observation is its number, cut short after every third step."""

    index = 0
    start = None
    memory = np.zeros(0, np.float32)

    def begin(self, order: Order) -> None:
        self.observation = np.zeros(SPEC.shape, np.uint8)
        self.memory = np.zeros_like(self.memory)

    def step(self, combo: int) -> Step:
        before = self.observation
        self.observation = before + np.uint8(1)
        truncated = bool(self.observation.flat[0] == 3)
        return Step(before, combo, reward=0.0, terminated=False, truncated=truncated, info={})

    def episode(self) -> None:
        pass

    def suspend(self) -> None:
        pass


class Reading:
    """An actor to whom an observation is worth its number."""

    memory = np.zeros(0, np.float32)

    def begin(self, rng: np.random.Generator) -> None:
        pass

    def decide(self, observation: np.ndarray, rng: np.random.Generator) -> tuple[int, float, float]:
        return 0, 0.0, self.value(observation)

    def value(self, observation: np.ndarray) -> float:
        return float(observation.flat[0])


def test_what_is_cut_short_is_worth_what_its_last_observation_is() -> None:
    layout = replace(LAYOUT, num_envs=1, steps=5)
    arrays = Trajectories(
        **{name: np.zeros(shape, dtype) for name, (shape, dtype) in layout.arrays().items() if name != "weights"}
    )
    _play_rollout(Counting(), Reading(), arrays, Order(0, ALIKE), seed=1)
    assert arrays.values[0].tolist() == [0, 1, 2, 0, 1]
    assert arrays.truncation_values[0].tolist() == [0, 0, 3, 0, 0]
    assert arrays.bootstrap_values[0] == arrays.bootstrap_observations[0].flat[0] == 2


class Remembering(Reading):
    """An actor that remembers how many steps it has seen of an episode, which is what an observation is worth to it."""

    def decide(self, observation: np.ndarray, rng: np.random.Generator) -> tuple[int, float, float]:
        value = self.value(observation)
        self.memory = self.memory + 1
        return 0, 0.0, value

    def value(self, observation: np.ndarray) -> float:
        return float(self.memory[0])


def test_memories_are_kept_from_step_to_step_and_rollout_to_rollout_and_begin_anew_with_episodes() -> None:
    layout = replace(LAYOUT, num_envs=1, steps=6, memory_size=1, piece=2)
    arrays = Trajectories(
        **{name: np.zeros(shape, dtype) for name, (shape, dtype) in layout.arrays().items() if name != "weights"}
    )
    episodes = Counting()
    episodes.memory = np.full(1, 7, np.float32)  # of another episode
    actor = Remembering()
    _play_rollout(episodes, actor, arrays, Order(0, ALIKE), seed=1)
    assert arrays.values[0].tolist() == [0, 1, 2, 0, 1, 2]
    assert arrays.truncation_values[0].tolist() == [0, 0, 3, 0, 0, 3]
    assert arrays.memories[0, :, 0].tolist() == [0, 2, 1]
    assert arrays.bootstrap_values[0] == 0  # another episode has begun
    episodes.start, episodes.resume = 0, lambda: None
    episodes.memory = np.full(1, 5, np.float32)
    actor.memory = np.full(1, 9, np.float32)  # of another environment
    _play_rollout(episodes, actor, arrays, Order(1, ALIKE), seed=1)
    assert arrays.values[0].tolist() == [5, 6, 7, 0, 1, 2]
    short = replace(layout, steps=2, piece=0)
    arrays = Trajectories(
        **{name: np.zeros(shape, dtype) for name, (shape, dtype) in short.arrays().items() if name != "weights"}
    )
    _play_rollout(episodes, actor, arrays, Order(2, ALIKE), seed=1)
    assert arrays.bootstrap_values[0] == episodes.memory[0] == 2
    assert arrays.memories.shape == (1, 1, 1)


def test_an_error_in_a_worker_stops_the_run(make_pool) -> None:
    pool = make_pool(1)
    with pytest.raises(WorkerError, match="Unknown LEVEL"):
        pool.collect(0, weights(), Starts.of_acts(("Nowhere",)))
