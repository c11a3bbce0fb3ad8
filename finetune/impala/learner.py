"""IMPALA from the clone (or from nothing, INIT=none) across all acts, as the loop wants it (training.loop.Learner).

Acting and learning overlap: while update n learns from a rollout, the workers already play the next ones with the weights
they were last given, as a pipeline of fixed depth. What is learnt from in update n was played with the weights of update n -
lag, however fast or slow who is; so the numbers are the same for any number of workers, and a checkpoint only has to name
the rollouts under way. What is learnt from a rollout stands in finetune.impala.update.
"""

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from experiment.run import portable
from finetune.demonstrated import demonstrated_beside
from finetune.impala.config import Config
from finetune.impala.update import Update
from finetune.starts import find_demonstrations, sampler_along
from game.actions import ACTION_SETS
from game.observation import ObservationSpec
from game.rollout import Episode
from game.rollouts import PoolLayout, RolloutPool
from game.training_episodes import Starts
from policy.architecture import flatten, parameter_count
from policy.checkpoint import Checkpoint, CheckpointInfo, from_named, load_checkpoint, named, save_checkpoint
from policy.device import assign, prepare
from policy.keras_network import build_network
from policy.players import NetworkActor

OPTIMIZERS, ACTING = "o", "a"
"""What the names of arrays in a checkpoint's state begin with."""


@dataclass(frozen=True)
class Ordered:
    """A rollout that is under way: with what it is played."""

    rollout: int
    """Its number, which is that of the update that learns from it."""
    update: int
    """Updates that the weights had seen."""
    starts: Starts
    weights: np.ndarray  # float32 [parameters]

    def to_json(self) -> dict[str, Any]:
        """All but the weights."""
        starts = {"acts": self.starts.acts, "weights": self.starts.weights}
        return {"rollout": self.rollout, "update": self.update, "starts": starts}

    @classmethod
    def from_json(cls, values: dict[str, Any], weights: np.ndarray) -> "Ordered":
        """The inverse of `to_json`."""
        found = values["starts"]
        starts = Starts(tuple(found["acts"]), tuple(map(tuple, found["weights"])))
        return cls(values["rollout"], values["update"], starts, weights)


class Impala:
    """Restored from a checkpoint, it goes on to the same numbers."""

    def __init__(self, config: Config, parent: Checkpoint | None) -> None:
        self.config = config
        self.parent = parent
        self.device = prepare(config.seed, config.precision)
        self.spec = parent.info.observation if parent else ObservationSpec()
        self.architecture = parent.info.network if parent else config.network
        self.architecture.check_policy()
        self.action_set = parent.info.action_set if parent else config.action_set
        actions = len(ACTION_SETS[self.action_set])
        self.network = build_network(self.architecture, self.spec, actions)
        clone = None
        if parent:
            self.network.set_weights(parent.weights)
            clone = build_network(self.architecture, self.spec, actions)
            clone.set_weights(parent.weights)
        demonstrated = demonstrated_beside(config, parent)
        memory_size = self.architecture.state_size
        self.change = Update(config, self.network, clone, self.action_set, demonstrated, memory_size=memory_size)
        self.update_number = 0
        demonstrations = find_demonstrations(config, config.starts)
        self.sampler = sampler_along(demonstrations, config)
        layout = PoolLayout(
            env=config.env(self.spec),
            num_envs=config.num_envs,
            steps=config.rollout_length,
            seed=config.seed,
            parameters=parameter_count(self.architecture, self.spec, actions),
            demonstrations=demonstrations,
            memory_size=memory_size,
        )
        actor = NetworkActor(self.architecture, self.spec, self.action_set)
        self.pool = RolloutPool(layout, actor, config.crew, buffers=config.lag + 1)
        self.ordered: deque[Ordered] = deque()  # the oldest first

    @property
    def steps(self) -> int:
        return self.update_number * self.config.steps_per_update

    def update(self) -> tuple[dict[str, float], list[Episode]]:
        """The gradient steps on the oldest rollout, while the workers play those after it."""
        began = time.monotonic()
        self._order_up_to(self.update_number)
        trajectories, episodes = self.pool.finish()
        acting = self.pool.seconds
        self.sampler.add(episodes)
        # beyond the run's last update nobody would learn from it
        self._order_up_to(min(self.update_number + self.config.lag, self.config.updates - 1))
        played = self.ordered.popleft()
        waited = time.monotonic()
        metrics = self.change(trajectories, self.update_number)
        metrics |= self._ages(played)
        self.update_number += 1
        learning = time.monotonic() - waited
        metrics |= {"time/acting": acting, "time/waiting": waited - began, "time/learning": learning}
        return metrics, episodes

    def _order_up_to(self, last: int) -> None:
        """Let all rollouts up to this number be played that are not yet, with the weights as they are."""
        following = self.update_number
        if self.ordered:
            following = self.ordered[-1].rollout + 1
        for rollout in range(following, last + 1):
            weights = flatten(self.network.get_weights())
            self._order(Ordered(rollout, self.update_number, self.sampler.starts, weights))

    def _order(self, order: Ordered) -> None:
        self.pool.begin(order.rollout, order.weights, order.starts)
        self.ordered.append(order)

    def _ages(self, played: Ordered) -> dict[str, float]:
        """How many gradient steps (IMPALA's updates) the weights that played are behind those that learn, in this update."""
        steps = self.config.gradient_steps
        oldest = (self.update_number - played.update) * steps
        ages = oldest + np.arange(steps)
        return {"loss/age_mean": float(ages.mean()), "loss/age_largest": float(ages.max())}

    def save(self, path: Path, metrics: Mapping[str, float]) -> None:
        info = CheckpointInfo(
            game=self.config.game,
            frame_skip=self.config.frame_skip,
            observation=self.spec,
            network=self.architecture,
            action_set=self.action_set,
            step=self.steps,
            metrics=dict(metrics),
            parent=portable(self.parent.path) if self.parent else "",
            extra={
                "update": self.update_number,
                "sampler": self.sampler.get_state(),
                "episodes": self.pool.get_state(),
                "ordered": [order.to_json() for order in self.ordered],
            },
        )
        optimizers = [variable.numpy() for variable in self.change.variables]
        state = named(OPTIMIZERS, optimizers) | named(ACTING, [order.weights for order in self.ordered])
        save_checkpoint(path, info, named("w", self.network.get_weights()), state)

    def restore(self, path: Path) -> None:
        checkpoint = load_checkpoint(path)
        extra = checkpoint.info.extra
        self.network.set_weights(checkpoint.weights)
        assign(self.change.variables, _beginning_with(OPTIMIZERS, checkpoint.state))
        self.update_number = extra["update"]
        self.sampler.set_state(extra["sampler"])
        self.pool.set_state(extra["episodes"])
        self.ordered.clear()
        # what was under way is played again, with the weights of then
        for values, weights in zip(extra["ordered"], _beginning_with(ACTING, checkpoint.state), strict=True):
            self._order(Ordered.from_json(values, weights))

    def close(self) -> None:
        self.pool.close()


def _beginning_with(letter: str, state: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    """The arrays that `named` gave this letter."""
    return from_named({name: array for name, array in state.items() if name.startswith(letter)})


make_learner = Impala
