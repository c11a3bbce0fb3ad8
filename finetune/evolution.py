"""Evolution strategies on the clone's last layer (Salimans et al. 2017, arXiv:1703.03864), as the learner of a run.

The torso stays as cloning left it; only the layer from its features to the logits moves (with 512 features and 23 actions,
11,799 numbers). An update tries N antithetic pairs of heads, theta + sigma e and theta - sigma e, each for an episode of
every act drawn for the update, and steps along the estimated gradient of the expected return. Both members of a pair play
the same acts with the same episode seeds (common random numbers), so that what tells them apart is the head; other pairs
have other seeds, so that an update sees much of the game's chance.

Departures from the paper: returns are shaped act by act, so that an act that pays more does not count more; equal returns
share a rank, so that a pair that played alike moves nothing; and no weight decay, which would pull away from the clone.
Acting draws from the policy, as it does when it is scored.

The step is Adam's. Nearly all of such an estimate is noise, of one size in every weight; Adam divides by that size, so that
one learning rate fits any sigma, shaping and number of pairs, and its momentum averages over some ten updates.
"""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np

from common.ranges import AboveZero, Positive
from experiment.charts import Chart
from experiment.run import portable
from finetune.antithetic import SHAPINGS, Adam, antithetic_gradient
from finetune.config import StageConfig
from game.acts import training_acts
from game.env import EnvConfig
from game.rollout import Episode, play, summarise
from game.seeds import Stream, stream, training_seed
from game.tasks import run_all
from policy.architecture import HEADS
from policy.checkpoint import Checkpoint, load_checkpoint, named, save_checkpoint
from policy.episodes import EpisodeWorker
from policy.players import NetworkPlayer


@dataclass(frozen=True)
class Config(StageConfig):
    """Evolve the clone's last layer with antithetic pairs of weights; the best checkpoint is kept."""

    total_steps: Positive = 10_000_000
    """Agent steps in all."""
    max_frames: Positive = 4_500
    """Frames per episode."""
    evaluate_every: Positive = 500_000
    """Agent steps between two evaluations, each followed by a checkpoint."""
    head: Literal["clone", "new"] = "clone"
    """Where the layer begins: clone, as the clone has it; new, at zero, where every action is as likely as any other."""
    pairs: Positive = 32
    """Antithetic pairs per update."""
    acts_per_update: Positive = 2
    """Acts drawn for an update; every member of every pair plays one episode of each."""
    sigma: AboveZero = 0.02
    """Standard deviation of what is added to each weight."""
    learning_rate: AboveZero = 0.002
    """Of Adam: about how far a weight may move in one update."""
    shaping: Literal["ranks", "z-scores"] = "ranks"
    """What counts of the returns in an act: ranks, from -1/2 to 1/2, heed no outliers; z-scores keep their distances."""

    @property
    def begins_as_parent(self) -> bool:
        """A new head plays otherwise."""
        return self.head == "clone"


PRESETS: Mapping[str, Config] = {
    "full": Config(),
    "demo": Config(total_steps=1_000_000, evaluate_every=250_000, finalists=1),
    "smoke": Config(
        finalists=2,
        final_episodes=1,
        total_steps=300,
        max_frames=160,
        evaluate_every=150,
        evaluate_episodes=1,
        pairs=2,
        acts_per_update=1,
        acts="EmeraldHillZone.Act1,WingFortressZone",
        trial=True,
    ),
}

CHARTS = (
    Chart(
        "Fitness as progress",
        {"eval/progress": "centre, when evaluated", "episode/progress": "pairs"},
        share=True,
        note="The centre is what is kept; the pairs around it are tried on the acts drawn for an update.",
    ),
    Chart(
        "Fitness of pairs, return",
        {"loss/return": "mean", "loss/return_best": "fittest member"},
        note="Means over the update's acts, so it swings with what was drawn.",
    ),
    Chart("Spread of the members' returns", {"loss/return_spread": "standard deviation"}),
    Chart(
        "Pairs that tell something",
        {"loss/pairs_apart": "share whose two members were paid differently"},
        share=True,
    ),
    Chart("Norm of the step", {"loss/step_norm": "of the update"}),
    Chart(
        "Distance from the start",
        {"loss/distance": "norm"},
        note="Of a random walk it grows with the root of the steps.",
    ),
    Chart("Norm of the gradient", {"loss/gradient_norm": "estimated"}),
)


class Evolution:
    """Restored from a checkpoint, it goes on to the same numbers."""

    def __init__(self, config: Config, parent: Checkpoint | None) -> None:
        if parent is None or parent.info.kind != "network":
            received = "--init none" if parent is None else f"a checkpoint of kind {parent.info.kind}"
            raise ValueError(f"Evolution strategies need a network whose features they can use. Received: {received}")
        parent.info.network.check_policy()
        self.config = config
        self.parent = parent
        self.device: dict[str, str] = {}
        self.acts = [act.name for act in training_acts(config.acts, config.contest_split)]
        start = head_of(parent)
        self.ascent = Ascent(start if config.head == "clone" else np.zeros_like(start), config)
        self.update_number = 0
        self.steps = 0

    def update(self) -> tuple[dict[str, float], list[Episode]]:
        """One episode of every member of every pair on every act of this update, and one step."""
        began = time.monotonic()
        config = self.config
        trials = self._trials()
        episodes: list[Episode] = run_all(play_trial, trials, config.crew)
        acted = time.monotonic()
        returns = np.array([episode.episode_return for episode in episodes])
        metrics = self.ascent.climb(self.update_number, returns.reshape(config.pairs, 2, -1))
        self.update_number += 1
        self.steps += sum(math.ceil(episode.frames / config.frame_skip) for episode in episodes)
        return metrics | {"time/acting": acted - began, "time/learning": time.monotonic() - acted}, episodes

    def _trials(self) -> list["Trial"]:
        """All episodes of the update: pair by pair, plus before minus, act by act."""
        config = self.config
        rng = stream(Stream.TRIALS, config.seed, self.update_number)
        acts = rng.choice(self.acts, min(config.acts_per_update, len(self.acts)), replace=False).tolist()
        env = config.env(self.parent.info.observation)
        trials = []
        for pair in range(config.pairs):
            rng = stream(Stream.TRIALS, config.seed, self.update_number, pair)
            seeds = [training_seed(rng) for _ in acts]
            for head in self.ascent.pair(self.update_number, pair):
                for act, seed in zip(acts, seeds, strict=True):
                    trials.append(Trial(self.parent.path, head, act, seed, env))
        return trials

    def save(self, path: Path, metrics: Mapping[str, float]) -> None:
        info = replace(
            self.parent.info,
            step=self.steps,
            metrics=dict(metrics),
            parent=portable(self.parent.path),
            extra={"update": self.update_number},
        )
        adam = self.ascent.adam
        state = {"mean": adam.mean, "square": adam.square}
        save_checkpoint(path, info, with_head(self.parent, self.ascent.centre).arrays, state)

    def restore(self, path: Path) -> None:
        checkpoint = load_checkpoint(path)
        self.update_number = checkpoint.info.extra["update"]
        self.steps = checkpoint.info.step
        self.ascent.centre = head_of(checkpoint)
        self.ascent.adam.restore(self.update_number, checkpoint.state["mean"], checkpoint.state["square"])

    def close(self) -> None:
        pass  # its processes live no longer than an update


make_learner = Evolution


@dataclass(frozen=True, eq=False)
class Trial:
    """One episode of one head. Picklable.

    Attributes:
        clone: folder of the checkpoint that the rest of the network is from.
        head: float32 [D], as `head_of` orders it.
    """

    clone: Path
    head: np.ndarray
    act: str
    seed: int
    env: EnvConfig


_worker = EpisodeWorker()
_clone = lru_cache(maxsize=1)(load_checkpoint)


def play_trial(trial: Trial) -> Episode:
    """Play it in this process; environment and clone are kept for the next."""
    player = NetworkPlayer(with_head(_clone(trial.clone), trial.head))
    return summarise(play(_worker.env(trial.env), player, trial.act, trial.seed), trial.act, trial.seed)


def head_of(checkpoint: Checkpoint) -> np.ndarray:
    """The layer that gives the logits: float32 [D], kernel before bias; D = (features + 1) x actions."""
    place = _head_place(checkpoint)
    kernel, bias = checkpoint.weights[place : place + 2]
    return np.concatenate([kernel.reshape(-1), bias])


def with_head(checkpoint: Checkpoint, head: np.ndarray) -> Checkpoint:
    """The same network with another such layer, float32 [D]."""
    place = _head_place(checkpoint)
    weights = list(checkpoint.weights)
    kernel = weights[place]
    weights[place] = head[: kernel.size].reshape(kernel.shape)
    weights[place + 1] = head[kernel.size :]
    return replace(checkpoint, arrays=named("w", weights))


def _head_place(checkpoint: Checkpoint) -> int:
    """Where the logits' kernel stands among a network's weights; its bias comes next, then the heads after it."""
    names = [head.name for head in HEADS[checkpoint.info.network.heads]]
    if "logits" not in names:
        raise ValueError(f"{checkpoint.path}: expected a network with the head logits. Received: {', '.join(names)}")
    following = len(names) - names.index("logits")
    return len(checkpoint.weights) - 2 * following


class Ascent:
    """The search: which heads to try, and where to go once it is known what they were paid.

    Attributes:
        centre: float32 [D], where it stands.
    """

    def __init__(self, start: np.ndarray, config: Config) -> None:
        self.centre = start.astype(np.float32)
        self.adam = Adam(len(start), config.learning_rate)
        self._start = self.centre
        self._config = config

    def noise(self, update: int, pair: int) -> np.ndarray:
        """What a pair of an update adds and subtracts, in units of sigma: float32 [D]."""
        rng = stream(Stream.PERTURBATION, self._config.seed, update, pair)
        return rng.standard_normal(len(self.centre), np.float32)

    def pair(self, update: int, pair: int) -> tuple[np.ndarray, np.ndarray]:
        """The two points of a pair, float32 [D] each."""
        shift = np.float32(self._config.sigma) * self.noise(update, pair)
        return self.centre + shift, self.centre - shift

    def climb(self, update: int, returns: np.ndarray) -> dict[str, float]:
        """Step uphill.

        Args:
            returns: float [N, 2, A] of all pairs, plus before minus, in every act.
        """
        pairs, _, acts = returns.shape
        shape = SHAPINGS[self._config.shaping]
        shaped = np.stack([shape(returns[..., a].reshape(-1)) for a in range(acts)], axis=-1)
        fitness = shaped.mean(axis=-1).reshape(pairs, 2)
        noise = np.stack([self.noise(update, pair) for pair in range(pairs)])
        gradient = antithetic_gradient(fitness, noise, self._config.sigma)
        step = self.adam.step(gradient)
        self.centre = (self.centre + step).astype(np.float32)
        return {
            "loss/return": float(returns.mean()),
            "loss/return_best": float(returns.mean(axis=-1).max()),
            "loss/return_spread": float(returns.mean(axis=-1).std()),
            "loss/pairs_apart": float((returns[:, 0] != returns[:, 1]).mean()),
            "loss/gradient_norm": float(np.linalg.norm(gradient)),
            "loss/step_norm": float(np.linalg.norm(step)),
            "loss/distance": float(np.linalg.norm(self.centre - self._start)),
        }
