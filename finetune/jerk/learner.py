"""JERK, "just enough retained knowledge": the scripted baseline of the Retro Contest (Nichol et al. 2018, arXiv:1804.03720).

Per act: explore by running and jumping, keep the sequences of combos that paid, and replay the most promising one, more
often the more of the run is done. Nothing is seen and no network is trained; what comes out is one sequence per act.

Departures from openai/retro-baselines' jerk_agent.py, because of what went wrong there: a sequence's estimate is the mean
over its replays, and its margin decides what is replayed and kept (finetune.jerk.sequences); after a sequence's end the
episode goes on with blocks, where the baseline stood still; the number of sequences is bounded. By option: mutation, blocks
played by the parent, and an episodic memory over its features.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from common.cores import core_count
from experiment.run import portable
from finetune.jerk.config import Config
from finetune.jerk.episode import Played, Task, play_episode
from finetune.jerk.memory import EpisodicMemory, returns_from
from finetune.jerk.mutation import mutate
from finetune.jerk.sequences import KnownSequence, Repertoire
from game.acts import training_acts
from game.observation import ObservationSpec
from game.rollout import Episode
from game.seeds import Stream, stream, training_seed
from game.tasks import TaskPool
from policy.checkpoint import Checkpoint, CheckpointInfo, load_checkpoint, save_checkpoint

NOTHING = np.zeros(0, np.uint8)
ALIKE = 1e-6
"""Returns nearer than this are the same; sums of the same ground by other steps differ in their last digits."""


@dataclass(frozen=True)
class Plan:
    """An episode to come, and why.

    Attributes:
        replayed: the sequence whose worth it measures, None for an episode that explores.
        is_mutant: whether it begins with a changed copy of a sequence.
    """

    task: Task
    replayed: KnownSequence | None = None
    is_mutant: bool = False


class JERK:
    """Restored from a checkpoint, it goes on to the same numbers (training.loop.Learner)."""

    def __init__(self, config: Config, parent: Checkpoint | None) -> None:
        self.config = config
        # which of two moments is nearer may hang on the order of a sum, and that on the threads that share it
        self.device: dict[str, Any] = {"threads": core_count()} if config.memory else {}
        self.parent = _policy_parent(config, parent)
        self.spec = self.parent.info.observation if self.parent else ObservationSpec()
        self.acts = [act.name for act in training_acts(config.acts, config.contest_split)]
        self.turns = self.acts * config.episodes_per_act
        self.repertoires = {act: Repertoire(config.kept_sequences) for act in self.acts}
        self.memories: dict[str, EpisodicMemory] = {}
        if config.memory and self.parent:
            hidden = self.parent.info.network.hidden
            self.memories = {act: _new_memory(config, hidden) for act in self.acts}
        self.steps = 0
        self.update_number = 0
        self.pool = TaskPool(play_episode, config.crew, len(self.turns))

    def update(self) -> tuple[dict[str, float], list[Episode]]:
        """`episodes_per_act` episodes of every act, and what is learnt from them, in a fixed order."""
        began = time.monotonic()
        plans = [self._plan(number, act) for number, act in enumerate(self.turns)]
        played = self._play([plan.task for plan in plans])
        acted = time.monotonic()
        shortfalls: list[float] = []
        for plan, result in zip(plans, played, strict=True):
            self._learn(plan, result)
            if plan.replayed:
                shortfalls.append(plan.replayed.found - result.return_after(len(plan.replayed.combos)))
        self.update_number += 1
        self.steps += sum(len(result.combos) for result in played)
        metrics = self._metrics(plans, played)
        if shortfalls:
            metrics["loss/replay_shortfall"] = float(np.mean(shortfalls))
            metrics["loss/replays_exact"] = float(np.mean(np.abs(shortfalls) < ALIKE))
        metrics |= {"time/acting": acted - began, "time/learning": time.monotonic() - acted}
        return metrics, [result.episode for result in played]

    def _plan(self, number: int, act: str) -> Plan:
        """What the episode at this place of the update is to be: a replay, a mutant, or something new."""
        config = self.config
        rng = stream(Stream.JERK, config.seed, self.update_number, number)
        seed = training_seed(rng)
        repertoire = self.repertoires[act]
        done = self.steps / config.planned_steps
        replays = rng.random() < config.exploit_bias + done
        mutates = rng.random() < config.mutation
        if repertoire.sequences and replays:
            chosen = repertoire.promising
            return Plan(self._task(number, act, seed, chosen.combos), replayed=chosen)
        if repertoire.sequences and mutates:
            original = repertoire.draw(rng)
            worth = original.mean if original.replays else original.found
            mutant = mutate(original.combos, worth / config.perfect_return, rng)
            return Plan(self._task(number, act, seed, mutant, config.stall_steps), is_mutant=True)
        return Plan(self._task(number, act, seed, NOTHING))

    def _task(self, number: int, act: str, seed: int, sequence: np.ndarray, stall_steps: int = 0) -> Task:
        return Task(
            number=number,
            act=act,
            seed=seed,
            env=self.config.env(self.spec),
            config=self.config,
            sequence=sequence,
            stall_steps=stall_steps,
            policy=str(self.parent.path) if self.parent else "",
            memory=self.memories.get(act),
        )

    def _play(self, tasks: list[Task]) -> list[Played]:
        """The episodes in the tasks' order, whichever process played them. RuntimeError when one could not be."""
        found: dict[int, Played] = {}
        for outcome in self.pool.run(tasks):
            if outcome.error:
                raise RuntimeError(f"JERK on {outcome.task.act}: {outcome.error}")
            found[outcome.task.number] = outcome.result
        return [found[task.number] for task in tasks]

    def _learn(self, plan: Plan, played: Played) -> None:
        """Count a replay; keep what the episode found; remember its moments when it was either."""
        act = plan.task.act
        length = played.best_length
        replayed = plan.replayed
        is_worth_remembering = replayed is not None
        if replayed:
            replayed.add_replay(played.return_after(len(replayed.combos)))
        # a replay finds something only where it won more after the sequence's end
        known_length = len(replayed.combos) if replayed else 0
        if length > known_length:
            is_kept = self.repertoires[act].add(played.combos[:length], played.return_after(length))
            is_worth_remembering = is_worth_remembering or is_kept
        if act in self.memories and is_worth_remembering:
            values = returns_from(played.rewards, self.config.memory_gamma)
            self.memories[act].add(played.features[:length], played.combos[:length], values[:length])

    def _metrics(self, plans: list[Plan], played: list[Played]) -> dict[str, float]:
        """Shares of the episodes; the best sequences' returns and lengths, as means over acts; sizes; how often memory knew.

        An act whose best was not replayed yet adds nothing to best_mean. What best_found is above it was luck.
        """
        known = [repertoire.best for repertoire in self.repertoires.values()]
        best = [sequence for sequence in known if sequence]
        acts = len(self.acts)
        metrics = {
            "loss/replayed": float(np.mean([plan.replayed is not None for plan in plans])),
            "loss/mutated": float(np.mean([plan.is_mutant for plan in plans])),
            "loss/best_mean": sum(sequence.mean for sequence in best) / acts,
            "loss/best_found": sum(sequence.found for sequence in best) / acts,
            "loss/best_length": sum(len(sequence.combos) for sequence in best) / acts,
            "loss/sequences": float(sum(len(repertoire.sequences) for repertoire in self.repertoires.values())),
        }
        if self.memories:
            lookups = sum(result.lookups for result in played)
            metrics["loss/memory_size"] = float(sum(memory.size for memory in self.memories.values()))
            metrics["loss/memory_lookups"] = float(lookups)
            metrics["loss/memory_hits"] = sum(result.hits for result in played) / max(lookups, 1)
        return metrics

    def save(self, path: Path, metrics: Mapping[str, float]) -> None:
        arrays: dict[str, np.ndarray] = {}
        state: dict[str, np.ndarray] = {}
        for act, repertoire in self.repertoires.items():
            best = repertoire.best
            arrays[act] = best.combos if best else NOTHING
            state |= _with_prefix(f"{act}/sequences", repertoire.arrays())
        for act, memory in self.memories.items():
            state |= _with_prefix(f"{act}/memory", memory.arrays())
        info = CheckpointInfo(
            kind="sequences",
            game=self.config.game,
            frame_skip=self.config.frame_skip,
            observation=self.spec,
            step=self.steps,
            metrics=dict(metrics),
            parent=portable(self.parent.path) if self.parent else "",
            extra={
                "update": self.update_number,
                "sequences": {act: repertoire.figures() for act, repertoire in self.repertoires.items()},
            },
        )
        save_checkpoint(path, info, arrays, state)

    def restore(self, path: Path) -> None:
        checkpoint = load_checkpoint(path)
        self.steps = checkpoint.info.step
        self.update_number = checkpoint.info.extra["update"]
        for act, figures in checkpoint.info.extra["sequences"].items():
            self.repertoires[act].restore(figures, _without_prefix(f"{act}/sequences", checkpoint.state))
        for act, memory in self.memories.items():
            memory.restore(_without_prefix(f"{act}/memory", checkpoint.state))

    def close(self) -> None:
        self.pool.close()


def _policy_parent(config: Config, parent: Checkpoint | None) -> Checkpoint | None:
    """The parent whose network is asked; None where none is. ValueError when one is needed and there is none."""
    if not config.needs_policy:
        return None
    asked = "--memory" if config.memory else "--blocks policy"
    if parent is None:
        raise ValueError(f"{asked} needs a clone or another network to begin from. Received: --init none")
    if parent.info.kind != "network":
        raise ValueError(f"{asked} needs a network to begin from. Received: {parent.path}, of kind {parent.info.kind}")
    return parent


def _new_memory(config: Config, features: int) -> EpisodicMemory:
    return EpisodicMemory(
        features=features,
        capacity=config.memory_capacity,
        neighbours=config.memory_neighbours,
        reach=config.memory_distance,
        merge_distance=config.memory_merge,
    )


def _with_prefix(prefix: str, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {f"{prefix}/{name}": array for name, array in arrays.items()}


def _without_prefix(prefix: str, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The inverse of `_with_prefix`, among others."""
    return {name.removeprefix(f"{prefix}/"): array for name, array in arrays.items() if name.startswith(f"{prefix}/")}


make_learner = JERK
