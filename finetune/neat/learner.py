"""NEAT: networks that are bred, their shape and all, by how they play (finetune.neat.breeding says what breeds them).

Every genome of a generation plays the same acts with the same episode seeds, sticky frames included; its fitness is the
mean over them. A genome sees what any player sees, the observation, as few pixels (0 to 1) and, if wanted, what changed in
each since the frame before; the action is that of the largest output. It begins from scratch: nothing of a clone is used.

Departures from the system before us (andruschak/openai-gym-retro): scaled inputs, where 0 to 255 saturated every node; one
output for each action, where a button was pressed only at exactly 1; sums only, where products overflowed; new episodes in
every generation, where one take was learnt by heart; and a bound on species, with the two fittest kept for ever, where all
could die out. Its formula of fitness is a choice: --fitness reward --reward fitness.
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from msgspec import Meta

from common.ranges import Count, Positive, Share
from experiment.charts import PLAYING, Chart
from finetune.config import StageConfig
from finetune.neat.breeding import Breeding
from finetune.neat.genes import express
from finetune.neat.rules import Rules
from game.actions import ACTION_SETS
from game.acts import training_acts
from game.env import EnvConfig
from game.observation import ObservationSpec
from game.rollout import Episode, play, summarise
from game.seeds import Stream, stream, training_seed
from game.tasks import run_all
from policy.checkpoint import Checkpoint, CheckpointInfo, load_checkpoint, save_checkpoint
from policy.episodes import EpisodeWorker
from policy.genome import Genome, input_count
from policy.players import GenomePlayer

Pixels = Annotated[int, Meta(ge=1, le=256)]


@dataclass(frozen=True)
class Config(StageConfig):
    """Breed networks by NEAT, from scratch; the best checkpoint is the fittest genome of some generation."""

    init: str = "none"
    """NEAT begins from scratch."""
    max_frames: Positive = 4_500
    """Frames per episode."""
    stall_frames: Count = 500
    """Frames without new ground after which a training episode is cut short (0: never)."""
    evaluate_every: Positive = 250_000
    """Agent steps between two evaluations, each followed by a checkpoint."""
    population: Positive = 60
    """Genomes per generation."""
    episodes: Positive = 2
    """Episodes of each genome, on acts drawn for the generation."""
    fitness: Literal["score", "reward"] = "score"
    """score: the contest's. reward: the sum of what --reward pays."""
    inputs: Literal["picture", "motion"] = "motion"
    """picture: the newest frame, averaged down. motion: also what changed in each pixel since the frame before."""
    rows: Pixels = 14
    """Of the picture that is fed in."""
    columns: Pixels = 20
    """Of the picture that is fed in."""
    action_set: Literal["all", "merged", "contest7", "jerk4"] = "contest7"
    """What a genome chooses from, one output each."""
    connection_share: Share = 0.01
    """Of all connections from an input to an output, in a genome of the first generation."""
    add_node: Share = 0.2
    """Chance that a child splits a connection by a new node."""
    add_connection: Share = 0.5
    """Chance that a child connects two places anew."""
    species: Positive = 6
    """The most at once; how different two species are follows from it."""
    stagnation: Positive = 20
    """Generations without a better member after which a species ends."""


PRESETS: Mapping[str, Config] = {
    "full": Config(total_steps=5_000_000),
    "demo": Config(total_steps=500_000, evaluate_every=100_000, finalists=1),
    "one-act": Config(total_steps=1_000_000, evaluate_every=100_000, acts="EmeraldHillZone.Act1"),
    "smoke": Config(
        finalists=2,
        final_episodes=1,
        total_steps=360,
        max_frames=120,
        evaluate_every=180,
        evaluate_episodes=1,
        population=6,
        episodes=1,
        species=2,
        acts="EmeraldHillZone.Act1,WingFortressZone",
        trial=True,
    ),
}

CHARTS = (
    PLAYING,
    Chart(
        "Fitness of a generation",
        {"loss/fitness_best": "fittest genome", "loss/fitness_mean": "mean"},
        note="Every generation has other episodes, so the fittest may fall.",
    ),
    Chart("Species", {"loss/species": "alive"}),
    Chart("How different species are", {"loss/threshold": "distance from which on"}),
    Chart("The fittest genome's network", {"loss/nodes": "nodes", "loss/connections": "connections"}),
)


class Neat:
    """Restored from a checkpoint, it goes on to the same numbers."""

    def __init__(self, config: Config, parent: Checkpoint | None) -> None:
        if parent is not None:
            raise ValueError(f"NEAT begins from scratch (--init none). Received: {parent.path}")
        self.config = config
        self.device: dict[str, str] = {}
        self.acts = [act.name for act in training_acts(config.acts, config.contest_split)]
        self.spec = ObservationSpec()
        self.breeding = Breeding(rules_of(config), config.seed)
        self.champion = self._express()[0]  # nothing has been played: one is as good as another
        self.steps = 0

    def update(self) -> tuple[dict[str, float], list[Episode]]:
        """One generation: its episodes, and the next one bred from them."""
        began = time.monotonic()
        config = self.config
        genomes = self._express()
        episodes: list[Episode] = run_all(play_trial, self._trials(genomes), config.crew)
        acted = time.monotonic()
        by_episode = np.array([FITNESS[config.fitness](episode) for episode in episodes])
        fitness = by_episode.reshape(len(genomes), -1).mean(axis=1)
        self.champion = genomes[int(fitness.argmax())]
        metrics = {
            "loss/fitness_best": float(fitness.max()),
            "loss/fitness_mean": float(fitness.mean()),
            "loss/species": float(self.breeding.species_count),
            "loss/threshold": self.breeding.threshold,
            "loss/nodes": float(len(self.champion.biases)),
            "loss/connections": float(len(self.champion.weights)),
        }
        self.breeding.breed(fitness.tolist())
        self.steps += sum(math.ceil(episode.frames / config.frame_skip) for episode in episodes)
        return metrics | {"time/acting": acted - began, "time/learning": time.monotonic() - acted}, episodes

    def _express(self) -> list[Genome]:
        """This generation as what plays."""
        config = self.config
        picture = (config.rows, config.columns)
        return [express(genome, picture, config.inputs == "motion") for genome in self.breeding.genomes]

    def _trials(self, genomes: list[Genome]) -> list["Trial"]:
        """Genome by genome, the generation's episodes, which are the same for all."""
        config = self.config
        rng = stream(Stream.TRIALS, config.seed, self.breeding.generation)
        # an act comes twice only where there are fewer acts than episodes
        acts = rng.choice(self.acts, config.episodes, replace=config.episodes > len(self.acts)).tolist()
        seeds = [training_seed(rng) for _ in acts]
        env = config.env(self.spec)
        trials = []
        for genome in genomes:
            player = GenomePlayer(genome, ACTION_SETS[config.action_set])
            trials += [Trial(player, act, seed, env) for act, seed in zip(acts, seeds, strict=True)]
        return trials

    def save(self, path: Path, metrics: Mapping[str, float]) -> None:
        info = CheckpointInfo(
            game=self.config.game,
            frame_skip=self.config.frame_skip,
            observation=self.spec,
            step=self.steps,
            metrics=dict(metrics),
            extra={"generation": self.breeding.generation},
            kind="genome",
            action_set=self.config.action_set,
        )
        save_checkpoint(path, info, self.champion.to_arrays(), self.breeding.get_state())

    def restore(self, path: Path) -> None:
        checkpoint = load_checkpoint(path)
        self.champion = Genome.from_arrays(checkpoint.arrays, len(checkpoint.info.combos))
        self.breeding.set_state(checkpoint.state)
        self.steps = checkpoint.info.step

    def close(self) -> None:
        pass  # its processes live no longer than an update


make_learner = Neat


def rules_of(config: Config) -> Rules:
    """What the breeding needs to know of the options."""
    return Rules(
        inputs=input_count(config.rows, config.columns, config.inputs == "motion"),
        outputs=len(ACTION_SETS[config.action_set]),
        population=config.population,
        species=config.species,
        connection_share=config.connection_share,
        add_node=config.add_node,
        add_connection=config.add_connection,
        stagnation=config.stagnation,
    )


@dataclass(frozen=True, eq=False)
class Trial:
    """One episode of one genome. Picklable."""

    player: GenomePlayer
    act: str
    seed: int
    env: EnvConfig


_worker = EpisodeWorker()


def play_trial(trial: Trial) -> Episode:
    """Play it in this process; the environment is kept for the next."""
    played = play(_worker.env(trial.env), trial.player, trial.act, trial.seed)
    return summarise(played, trial.act, trial.seed)


FITNESS: dict[str, Callable[[Episode], float]] = {
    "score": lambda episode: episode.score,
    "reward": lambda episode: episode.episode_return,
}
