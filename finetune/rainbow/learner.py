"""Rainbow across all acts (Hessel et al. 2018, arXiv:1710.02298), as the loop wants it (training.loop.Learner).

Every environment plays short rollouts in its own process with a NumPy copy of the network; their steps go into a replay, and
so many gradient steps follow as are due. What a gradient step does stands in finetune.rainbow.update, what the replay can be
filled with before that in finetune.preload.

From a clone, torso and hidden layer are its own, and the heads are new: a policy's logits are no values of actions. From
another Rainbow checkpoint with the same heads and actions, everything is.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from dataset.selection import Selection
from experiment.finding import find_checkpoint, run_of
from experiment.run import portable
from finetune import preload
from finetune.distributional import expecting_nothing, support_of
from finetune.rainbow.actor import RainbowActor, packed
from finetune.rainbow.config import Config
from finetune.rainbow.update import Update
from finetune.replay import Replay
from finetune.sampler import StartSampler
from finetune.split import held_out_of, movies_beside
from finetune.steps import Steps, steps_of
from game.actions import ACTION_SETS
from game.acts import CONTEST, training_acts
from game.observation import ObservationSpec
from game.rollout import Episode
from game.rollouts import PoolLayout, RolloutPool, Trajectories
from policy.architecture import ATOMS, inherited_count, noise_size, parameter_count
from policy.baselines import BASELINES
from policy.checkpoint import (
    REPLAY,
    Checkpoint,
    CheckpointError,
    CheckpointInfo,
    check_compatible,
    from_named,
    load_checkpoint,
    load_replay,
    named,
    read_info,
    save_checkpoint,
)
from policy.device import assign, prepare
from policy.keras_network import build_network


class Rainbow:
    """Restored from a checkpoint, it goes on to the same numbers."""

    def __init__(self, config: Config, parent: Checkpoint | None) -> None:
        if parent and parent.info.kind != "network":
            raise ValueError(
                f"Rainbow begins from a network or from none. Received: a checkpoint of {parent.info.kind}"
            )
        if parent and parent.info.network.layer_norm:
            raise ValueError("Rainbow begins from a network without a normalised layer. Received: network.layer_norm")
        config.check()
        self.config = config
        self.parent = parent
        self.device = prepare(config.seed, config.precision)
        self.spec = parent.info.observation if parent else ObservationSpec()
        self.architecture = config.network(parent.info.network if parent else None)
        combos = ACTION_SETS[config.action_set]
        self.network = build_network(self.architecture, self.spec, len(combos))
        self.network.set_weights(self._first_weights(parent))
        target = build_network(self.architecture, self.spec, len(combos))
        noise = noise_size(self.architecture, self.spec, len(combos))
        self.change = Update(config, self.network, target, config.action_set, noise)
        self.replay = Replay(
            config.replay_capacity,
            config.num_envs,
            self.spec,
            combos,
            n_step=config.n_step,
            gamma=config.gamma,
            alpha=config.alpha,
            epsilon=config.priority_epsilon,
        )
        self.update_number = 0
        self.gradient_steps = 0
        acts = training_acts(config.acts, config.contest_split)
        self.sampler = StartSampler([act.name for act in acts], config.act_focus)
        self.pool = self._pool(len(combos))
        self._saved: list[Path] = []

    def _pool(self, actions: int) -> RolloutPool:
        layout = PoolLayout(
            env=self.config.env(self.spec),
            num_envs=self.config.num_envs,
            steps=self.config.rollout_length,
            seed=self.config.seed,
            # the last number is the share of random actions
            parameters=parameter_count(self.architecture, self.spec, actions) + 1,
        )
        actor = RainbowActor(self.architecture, self.spec, self.config.action_set)
        return RolloutPool(layout, actor, self.config.crew)

    def _first_weights(self, parent: Checkpoint | None) -> list[np.ndarray]:
        """The weights to begin with: the parent's as far as they fit, then the network's own, which expects no returns."""
        weights = self.network.get_weights()
        if self.config.distributional:
            # the last layer is the state's value, or gives all actions theirs
            bias = -3 if self.config.noisy else -1
            prior = expecting_nothing(support_of(self.config.value_min, self.config.value_max, ATOMS)).numpy()
            weights[bias] = np.tile(prior, len(weights[bias]) // ATOMS)
        if parent is None:
            return weights
        info = parent.info
        heads = (info.network, info.action_set, info.extra.get("support"))
        if heads == (self.architecture, self.config.action_set, self._support):
            return parent.weights
        count = inherited_count(self.architecture, self.spec)
        return parent.weights[:count] + weights[count:]

    @property
    def steps(self) -> int:
        return self.update_number * self.config.steps_per_update

    def update(self) -> tuple[dict[str, float], list[Episode]]:
        """One rollout of every environment into the replay, and the gradient steps that are due."""
        metrics: dict[str, float] = {}
        if self.update_number == 0:
            metrics |= self._preload()
        began = time.monotonic()
        trajectories, episodes = self._collect()
        self.sampler.add(episodes)
        before = self.steps
        self.update_number += 1
        self._remember(trajectories)
        acted = time.monotonic()
        if self.replay.size >= self.config.learning_starts:
            metrics |= self._learn(before)
        metrics |= {
            "loss/replay_size": float(self.replay.size),
            "loss/exploration": self.config.exploration(before),
            "time/acting": acted - began,
            "time/learning": time.monotonic() - acted,
        }
        return metrics, episodes

    def _collect(self) -> tuple[Trajectories, list[Episode]]:
        weights = packed(self.network.get_weights(), self.config.exploration(self.steps))
        return self.pool.collect(self.update_number, weights, self.sampler.starts)

    def _remember(self, t: Trajectories) -> None:
        """Put a rollout into the replay, each environment's steps into its own lane."""
        for lane in range(self.config.num_envs):
            steps = steps_of(
                observations=t.observations[lane],
                combos=t.actions[lane],
                rewards=t.rewards[lane],
                terminated=t.terminated[lane],
                truncated=t.truncated[lane],
                begins=self.replay.is_between_episodes(lane),
            )
            self.replay.append(lane, steps, self.steps)

    def _learn(self, before: int) -> dict[str, float]:
        """The gradient steps that are due since agent step `before`, and a new target network when that is."""
        c = self.config
        count = self.steps // c.train_every - before // c.train_every
        metrics = self.change(self.replay, self.gradient_steps, count, self.steps) if count else {}
        self.gradient_steps += count
        # counted over the whole run, wherever it was interrupted
        if self.steps // c.target_every > before // c.target_every:
            self.change.copy_to_target()
        return metrics | {"loss/gradient_steps": float(count)}

    def _preload(self) -> dict[str, float]:
        """Fill the replay as the options have it."""
        began = time.monotonic()
        most = min(self.config.preload_steps, self.config.replay_capacity)
        count = preload.fill(self.replay, self._experience(most), most)
        return {"loss/preloaded": float(count), "time/preloading": time.monotonic() - began}

    def _experience(self, most: int) -> Iterator[Steps]:
        """What the options say is to be learnt from before anything is played, at least so many steps if there are."""
        c = self.config
        env = c.env(self.spec)
        acts = self.sampler.acts
        if c.preload == "movies":
            places = list(filter(None, map(str.strip, c.preload_from.split(","))))
            # in a contest the act that is learnt is nobody's to show
            select = movies_beside(c) if c.acts.startswith(CONTEST) else Selection(acts=",".join(acts))
            # a way back takes a demonstration longer than a training episode may
            unhurried = replace(env, stall_frames=0)
            return preload.from_movies(places, select, unhurried, most, c.seed, c.crew)
        if c.preload == "player":
            return preload.from_player(self._player(), acts, env, most, c.seed, c.crew)
        if c.preload == "run":
            return preload.from_replay(self._kept(), self.spec)
        return iter(())

    def _player(self) -> str:
        """The player whose episodes are preloaded: a baseline's name or a checkpoint folder."""
        place = self.config.preload_from
        if place in BASELINES:
            return place
        if not place and self.parent:
            return str(self.parent.path)
        return str(find_checkpoint(place, ("supervised",), self.config.game, trials=self.config.trial))

    def _kept(self) -> Path:
        """The checkpoint whose replay is preloaded: the one that is meant, or, where that has none any more, the newest of its
        run. CheckpointError when it was paid otherwise."""
        place = self.config.preload_from or "rainbow"
        if place == "rainbow" and self.parent and self.parent.info.network.gives_values:
            place = str(self.parent.path)
        kept = find_checkpoint(place, ("finetune",), self.config.game, trials=self.config.trial)
        run = run_of(kept)
        if run and not (kept / REPLAY).is_file():
            kept = run.linked("last") or kept
        info = read_info(kept)
        check_compatible(info, kept, self.config.game, self.config.frame_skip, self.spec)
        paid = info.extra.get("paid")
        if paid != self._paid:
            raise CheckpointError(f"{kept}: expected a replay paid by {self._paid}. Received: {paid}")
        if run and self.config.contest_split:
            held_out = held_out_of(run)
            if held_out:
                raise CheckpointError(f"{kept}: expected no steps of held-out acts. Received: {', '.join(held_out)}")
        return kept

    @property
    def _paid(self) -> list:
        """What rewards are, as JSON values: experience that was paid otherwise would teach other values."""
        return [self.config.reward, self.config.reward_scale, self.config.life_price]

    @property
    def _support(self) -> list:
        """What returns the atoms stand for, as JSON values."""
        return [self.config.value_min, self.config.value_max]

    def save(self, path: Path, metrics: Mapping[str, float]) -> None:
        info = CheckpointInfo(
            game=self.config.game,
            frame_skip=self.config.frame_skip,
            observation=self.spec,
            network=self.architecture,
            action_set=self.config.action_set,
            step=self.steps,
            metrics=dict(metrics),
            parent=portable(self.parent.path) if self.parent else "",
            extra={
                "update": self.update_number,
                "gradient_steps": self.gradient_steps,
                "sampler": self.sampler.get_state(),
                "episodes": self.pool.get_state(),
                "paid": self._paid,
                "support": self._support,
            },
        )
        optimizer = named("o", [variable.numpy() for variable in self.change.optimizer.variables])
        target = named("t", self.change.target.get_weights())
        weights = named("w", self.network.get_weights())
        save_checkpoint(path, info, weights, optimizer | target, self.replay.get_state())
        self._drop_older_replays(path)

    def _drop_older_replays(self, newest: Path) -> None:
        """A replay is kept beside the newest checkpoint, and beside the one before it: until the loop has linked the newest
        as the last, a killed run goes on from there."""
        self._saved = [path for path in self._saved if path != newest and path.exists()]
        for path in self._saved[:-1]:
            (path / REPLAY).unlink(missing_ok=True)
        self._saved = [*self._saved[-1:], newest]

    def restore(self, path: Path) -> None:
        checkpoint = load_checkpoint(path)
        self.network.set_weights(checkpoint.weights)
        state = checkpoint.state
        assign(self.change.optimizer.variables, from_named(_beginning("o", state)))
        self.change.target.set_weights(from_named(_beginning("t", state)))
        self.update_number = checkpoint.info.extra["update"]
        self.gradient_steps = checkpoint.info.extra["gradient_steps"]
        self.sampler.set_state(checkpoint.info.extra["sampler"])
        self.pool.set_state(checkpoint.info.extra["episodes"])
        self.replay.set_state(load_replay(path))
        self._saved = [path]

    def close(self) -> None:
        self.pool.close()


def _beginning(letter: str, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays whose names begin with a letter."""
    return {name: array for name, array in arrays.items() if name.startswith(letter)}


make_learner = Rainbow
