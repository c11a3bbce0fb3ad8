"""PPO from the clone (or from nothing, INIT=none) across all acts, as the loop wants it (training.loop.Learner).

Every environment plays whole rollouts in its own process with a NumPy copy of the policy; acts are drawn anew for every
episode, so a rollout holds many. What is learnt from a rollout stands in finetune.ppo.update.
"""

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np

from experiment.run import portable
from finetune.demonstrated import demonstrated_beside
from finetune.ppo.config import Config
from finetune.ppo.update import Update
from finetune.starts import find_demonstrations, sampler_along
from game.actions import ACTION_SETS
from game.acts import training_acts
from game.observation import ObservationSpec
from game.rollout import Episode
from game.rollouts import PoolLayout, RolloutPool
from game.training_episodes import Demonstrations, Starts
from policy.architecture import NetworkConfig, flatten, mean_places, noise_size, parameter_count
from policy.checkpoint import Checkpoint, CheckpointInfo, from_named, load_checkpoint, named, save_checkpoint
from policy.device import assign, prepare
from policy.keras_network import build_network
from policy.players import NetworkActor


class PPO:
    """Restored from a checkpoint, it goes on to the same numbers."""

    def __init__(self, config: Config, parent: Checkpoint | None) -> None:
        self.config = config
        self.parent = parent
        self.device = prepare(config.seed, config.precision)
        self.spec = parent.info.observation if parent else ObservationSpec()
        if config.consistency_weight and self.spec.action_history:
            raise ValueError(
                "--consistency-weight: expected a policy without an action history, which cannot be moved with the picture. "
                "Received: one with it"
            )
        base = parent.info.network if parent else config.network
        self.architecture = replace(base, noisy=base.noisy or config.noisy)
        self.architecture.check_policy(may_be_noisy=True)
        self.action_set = parent.info.action_set if parent else config.action_set
        actions = len(ACTION_SETS[self.action_set])
        self.network = build_network(self.architecture, self.spec, actions, config.noise_scale)
        clone = None
        if parent:
            self.network.set_weights(_first_weights(self.network.get_weights(), self.architecture, parent))
            clone = _without_noise(parent)
        self.change = Update(
            config,
            self.network,
            clone,
            self.action_set,
            demonstrated_beside(config, parent),
            noise_size=noise_size(self.architecture, self.spec, actions),
            memory_size=self.architecture.state_size,
        )
        self.update_number = 0
        config.check(acts=len(training_acts(config.acts, config.contest_split)))
        demonstrations = find_demonstrations(config, config.starts)
        self.sampler = sampler_along(demonstrations, config)
        self.pool = self._pool(config.piece(self.architecture), demonstrations)

    def _pool(self, piece: int, demonstrations: Demonstrations) -> RolloutPool:
        """Who plays: in pieces of so many steps, from the acts' starts or along demonstrations."""
        config = self.config
        layout = PoolLayout(
            env=config.env(self.spec),
            num_envs=config.num_envs,
            steps=config.rollout_length,
            seed=config.seed,
            parameters=parameter_count(self.architecture, self.spec, len(ACTION_SETS[self.action_set])),
            demonstrations=demonstrations,
            memory_size=self.architecture.state_size,
            piece=piece,
        )
        return RolloutPool(layout, NetworkActor(self.architecture, self.spec, self.action_set), config.crew)

    @property
    def steps(self) -> int:
        return self.update_number * self.config.steps_per_update

    @property
    def starts(self) -> Starts:
        """What the next episodes are drawn from: all acts, or the one whose turn it is."""
        starts = self.sampler.starts
        if not self.config.serial:
            return starts
        acts = self.sampler.acts
        turn = self.update_number * self.config.serial * len(acts) // self.config.updates
        return starts.only(acts[turn % len(acts)])

    def update(self) -> tuple[dict[str, float], list[Episode]]:
        """One rollout of every environment, and the gradient steps on it."""
        began = time.monotonic()
        trajectories, episodes = self.pool.collect(self.update_number, flatten(self.network.get_weights()), self.starts)
        self.sampler.add(episodes)
        acted = time.monotonic()
        metrics = self.change(trajectories, self.update_number)
        self.update_number += 1
        metrics |= {"time/acting": acted - began, "time/learning": time.monotonic() - acted}
        return metrics, episodes

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
            },
        )
        optimizers = [variable.numpy() for variable in self.change.variables]
        save_checkpoint(path, info, named("w", self.network.get_weights()), named("o", optimizers))

    def restore(self, path: Path) -> None:
        checkpoint = load_checkpoint(path)
        self.network.set_weights(checkpoint.weights)
        assign(self.change.variables, from_named(checkpoint.state))
        self.update_number = checkpoint.info.extra["update"]
        self.sampler.set_state(checkpoint.info.extra["sampler"])
        self.pool.set_state(checkpoint.info.extra["episodes"])

    def close(self) -> None:
        self.pool.close()


make_learner = PPO


def _first_weights(weights: list[np.ndarray], config: NetworkConfig, parent: Checkpoint) -> list[np.ndarray]:
    """The parent's weights; where it has no noise and the network has, its weights are the means."""
    info = parent.info
    if info.network == config:
        return parent.weights
    places = mean_places(config, info.observation, len(info.combos))
    first = list(weights)
    for place, array in zip(places, parent.weights, strict=True):
        first[place] = array
    return first


def _without_noise(parent: Checkpoint) -> keras.Model:
    """The parent's network as it is scored."""
    info = parent.info
    network = build_network(replace(info.network, noisy=False), info.observation, len(info.combos))
    places = mean_places(info.network, info.observation, len(info.combos))
    network.set_weights([parent.weights[place] for place in places])
    return network
