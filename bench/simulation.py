"""A cluster without emulators: one learner and up to thousands of actors, as events in time (simpy), from recorded costs.

An actor waits for the weights of rollout n, plays one rollout per environment of its own (a recorded time, drawn at random),
and hands it over; while that is on its way it may begin the next. On its way a rollout takes turns with all others: the
learner's wire, a copy into the learner's object store, and the unpacking there. When all rollouts n are unpacked, the learner
takes its gradient steps. Weights spread as Ray's objects do: a node that has them serves others.

PPO gives the weights for rollout n + 1 out after update n, so the slowest actor holds everybody up. IMPALA (ours: a pipeline
of fixed depth) gives those for rollout n + lag out before update n, so that the actors play meanwhile.
"""

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import simpy

from bench.costs import Costs
from game.seeds import Stream, stream

Process = Generator[simpy.Event, Any, None]
Part = Literal["acting", "learner's update", "wire", "object store", "unpacking", "weights broadcast"]
PARTS: tuple[Part, ...] = (
    "acting",
    "learner's update",
    "wire",
    "object store",
    "unpacking",
    "weights broadcast",
)
SLOWER = 4.0
"""Times as long as others a straggler plays."""
WARMUP = 3
"""Updates before throughput is counted."""


@dataclass(frozen=True)
class Setting:
    """What is simulated.

    Attributes:
        learning: learner's seconds per agent step.
        bandwidth: of the learner's and each node's wire, bytes/s; latency: seconds of any transfer.
        stragglers: share of rollouts that take SLOWER times as long.
        free: parts that cost nothing, to see what would limit next.
    """

    algorithm: Literal["ppo", "impala"]
    actors: int
    learning: float
    bandwidth: float = 10e9 / 8
    latency: float = 0.0005
    actors_per_node: int = 16
    envs_per_actor: int = 1
    lag: int = 1
    stragglers: float = 0.0
    updates: int = 8
    seed: int = 1
    free: frozenset[Part] = frozenset()


@dataclass(frozen=True)
class Outcome:
    """Agent steps/s, the share of time in which the learner learnt, the most bytes that waited in its object store."""

    steps_per_second: float
    learning_share: float
    peak_store_bytes: float


class Cluster:
    """One simulated training."""

    def __init__(self, costs: Costs, setting: Setting) -> None:
        self.costs = costs
        self.setting = setting
        self.now = simpy.Environment()
        self._wire = simpy.Resource(self.now)
        self._store = simpy.Resource(self.now)
        self._unpacking = simpy.Resource(self.now)
        self._nodes = -(-setting.actors // setting.actors_per_node)
        rounds = range(setting.updates)
        self._weights = [[self.now.event() for _ in rounds] for _ in range(self._nodes)]  # by node and rollout
        self._complete = [self.now.event() for _ in rounds]
        self._arrived = [0] * setting.updates
        self._ended: list[float] = []  # of each update
        self._learnt = 0.0
        self._waiting = 0.0
        self._peak = 0.0
        self._rollout_bytes = costs.step_bytes * costs.rollout_steps

    def run(self) -> Outcome:
        """All updates."""
        for actor in range(self.setting.actors):
            self.now.process(self._actor(actor))
        self.now.run(self.now.process(self._learner()))
        steps = self.setting.actors * self.setting.envs_per_actor * self.costs.rollout_steps
        seconds = self._ended[-1] - self._ended[WARMUP - 1]
        counted = len(self._ended) - WARMUP
        return Outcome(counted * steps / seconds, self._learnt / self._ended[-1], self._peak)

    def _seconds(self, part: Part, seconds: float) -> float:
        return 0.0 if part in self.setting.free else seconds

    def _learner(self) -> Process:
        setting = self.setting
        ahead = setting.lag if setting.algorithm == "impala" else 0
        steps = setting.actors * setting.envs_per_actor * self.costs.rollout_steps
        update = self._seconds("learner's update", setting.learning * steps)
        for first in range(ahead):
            self._give_weights(first)
        for number in range(setting.updates):
            if not ahead:
                self._give_weights(number)
            yield self._complete[number]
            if ahead and number + ahead < setting.updates:
                self._give_weights(number + ahead)
            yield self.now.timeout(update)
            self._learnt += update
            self._ended.append(self.now.now)

    def _give_weights(self, number: int) -> None:
        copies = simpy.Store(self.now)
        copies.put("learner")
        for node in range(self._nodes):
            self.now.process(self._fetch(node, number, copies))

    def _fetch(self, node: int, number: int, copies: simpy.Store) -> Process:
        """Copy the weights from whoever has them and serves nobody else; then serve others."""
        source = yield copies.get()
        transfer = self.setting.latency + self.costs.weights_bytes / self.setting.bandwidth
        yield self.now.timeout(self._seconds("weights broadcast", transfer))
        copies.put(source)
        copies.put(node)
        self._weights[node][number].succeed()

    def _actor(self, actor: int) -> Process:
        setting = self.setting
        rng = stream(Stream.SIMULATION, setting.seed, actor)
        recorded = np.array(self.costs.playing)
        node = actor // setting.actors_per_node
        for number in range(setting.updates):
            yield self._weights[node][number]
            yield self.now.timeout(self._seconds("weights broadcast", self.costs.load))
            for _ in range(setting.envs_per_actor):
                seconds = float(rng.choice(recorded))
                if rng.random() < setting.stragglers:
                    seconds *= SLOWER
                yield self.now.timeout(self._seconds("acting", seconds))
                self.now.process(self._deliver(number))

    def _deliver(self, number: int) -> Process:
        """A rollout on its way."""
        size = self._rollout_bytes
        yield from self._take(self._wire, self._seconds("wire", size / self.setting.bandwidth))
        yield self.now.timeout(self._seconds("wire", self.setting.latency))
        self._waiting += size
        self._peak = max(self._peak, self._waiting)
        yield from self._take(self._store, self._seconds("object store", size * self.costs.copy))
        yield from self._take(self._unpacking, self._seconds("unpacking", self.costs.unpack))
        self._waiting -= size
        self._arrived[number] += 1
        if self._arrived[number] == self.setting.actors * self.setting.envs_per_actor:
            self._complete[number].succeed()

    def _take(self, server: simpy.Resource, seconds: float) -> Process:
        with server.request() as turn:
            yield turn
            yield self.now.timeout(seconds)


def simulate(costs: Costs, setting: Setting) -> Outcome:
    """One training of `setting.updates` updates."""
    return Cluster(costs, setting).run()


def bottleneck(costs: Costs, setting: Setting) -> tuple[Part, float]:
    """(the part that would speed everything up most if it cost nothing, how many times)."""
    now = simulate(costs, setting).steps_per_second
    gains: dict[Part, float] = {}
    for part in PARTS:
        if part not in setting.free:
            freed = replace(setting, free=setting.free | {part})
            gains[part] = simulate(costs, freed).steps_per_second / now
    worst = max(gains, key=lambda part: gains[part])
    return worst, gains[worst]
