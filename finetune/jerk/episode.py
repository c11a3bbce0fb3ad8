"""One episode of JERK in a worker process: a known sequence or none, then blocks to the end."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import gymnasium
import numpy as np

from finetune.jerk.blocks import Blocks, ParentPolicy
from finetune.jerk.config import Config
from finetune.jerk.memory import EpisodicMemory
from game.env import EnvConfig
from game.rollout import Episode, EpisodeSummary, play
from game.seeds import Stream, stream
from policy.checkpoint import load_checkpoint
from policy.episodes import EpisodeWorker


@dataclass(frozen=True)
class Task:
    """An episode to play; everything that decides it, so that any process plays it to the same numbers.

    Attributes:
        number: its place in the update.
        seed: the episode's, from the training range.
        sequence: the combos to begin with, uint8 [steps].
        stall_steps: steps without new ground after which the sequence is left for blocks; 0: it is played to its end.
        policy: the parent's checkpoint folder; "" where no network is asked.
        memory: the act's memory, or None without one.
    """

    number: int
    act: str
    seed: int
    env: EnvConfig
    config: Config
    sequence: np.ndarray
    stall_steps: int = 0
    policy: str = ""
    memory: EpisodicMemory | None = None


@dataclass(frozen=True)
class Played:
    """What an episode of T steps was.

    Attributes:
        combos: uint8 [T]; rewards: float64 [T].
        features: of the observation that each combo was chosen from, float16 [T, D]; [0, 0] without a memory.
        lookups: steps in which memory was asked; hits: in which it answered.
    """

    episode: Episode
    combos: np.ndarray
    rewards: np.ndarray
    features: np.ndarray
    lookups: int
    hits: int

    @property
    def best_length(self) -> int:
        """Steps up to the highest return of the episode, where that was first reached; 0 when nothing was won."""
        returns = np.cumsum(self.rewards)
        first = int(returns.argmax())
        return first + 1 if returns[first] > 0 else 0

    def return_after(self, steps: int) -> float:
        """The return up to this step, or to the episode's end where that came before."""
        return float(self.rewards[:steps].sum())


class Performer:
    """Plays a sequence and then blocks (game.rollout.Player), and keeps what was pressed and paid."""

    def __init__(self, task: Task, policy: ParentPolicy | None) -> None:
        self.combos: list[int] = []
        self.rewards: list[float] = []
        self.features: list[np.ndarray] = []
        self._sequence = task.sequence.tolist()
        self._stall_steps = task.stall_steps
        self._policy = policy
        self._remembers = task.memory is not None
        self._config = task.config
        self._memory = task.memory
        self.reset(task.act, task.seed)

    def reset(self, act: str, seed: int) -> None:
        rng = stream(Stream.JERK_BLOCKS, seed)
        self.blocks = Blocks(self._config, rng, self._policy, self._memory)
        self._is_exploring = False
        self._return = 0.0
        self._best_return = 0.0
        self._best_step = 0

    def act(self, observation: np.ndarray) -> int:
        if self._policy is not None:
            self._policy.see(observation)
            if self._remembers:
                self.features.append(self._policy.features.astype(np.float16))
        step = len(self.combos)
        if not self._is_exploring:
            self._is_exploring = step >= len(self._sequence) or self._has_stalled(step)
        combo = self.blocks.act() if self._is_exploring else self._sequence[step]
        self.combos.append(combo)
        return combo

    def pay(self, reward: float) -> None:
        """What the last step paid."""
        self.rewards.append(reward)
        self._return += reward
        if self._return > self._best_return:
            self._best_return = self._return
            self._best_step = len(self.rewards)
        if self._is_exploring:
            self.blocks.pay(reward)

    def _has_stalled(self, step: int) -> bool:
        return 0 < self._stall_steps <= step - self._best_step


_worker = EpisodeWorker()


def play_episode(task: Task) -> Played:
    """Play one episode in this process; environment and policy are kept for the next."""
    return play_in(_worker.env(task.env), task)


def play_in(env: gymnasium.Env, task: Task) -> Played:
    """The same in an environment that is there already."""
    performer = Performer(task, _policy(task.policy) if task.policy else None)
    summary = EpisodeSummary(task.act, task.seed)
    for step in play(env, performer, task.act, task.seed):
        performer.pay(step.reward)
        summary.add(step)
    return Played(
        episode=summary.episode(),
        combos=np.array(performer.combos, np.uint8),
        rewards=np.array(performer.rewards),
        features=np.array(performer.features) if performer.features else np.zeros((0, 0), np.float16),
        lookups=performer.blocks.lookups,
        hits=performer.blocks.hits,
    )


@lru_cache(maxsize=1)
def _policy(folder: str) -> ParentPolicy:
    return ParentPolicy(load_checkpoint(Path(folder)))
