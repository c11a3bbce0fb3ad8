"""Training episodes of one environment, one after the other: which act, which seed, and how each stands.

A running episode is known by how it began and what was pressed since: everything is deterministic, so playing that again
restores it exactly, in another process and on another machine.
"""

from dataclasses import asdict, dataclass
from typing import Any

import gymnasium
import numpy as np

from game.env import ActEnv
from game.rollout import Episode, EpisodeSummary, Step
from game.seeds import Stream, stream, training_seed


@dataclass(frozen=True)
class Order:
    """What a worker is asked to play: one rollout of each of its environments."""

    rollout: int
    """Its number in the run; with the seed it decides every action drawn."""
    acts: tuple[str, ...]
    """What new episodes are drawn from, ..."""
    act_weights: tuple[float, ...]
    """... and how likely each is, relatively."""


@dataclass(frozen=True)
class EpisodeStart:
    """How an episode of training began; with its actions, all there is to know about it."""

    number: int
    """Episodes this environment began before."""
    act: str
    seed: int


EpisodeState = dict[str, Any]
"""A running episode as JSON values: how it began (the fields of EpisodeStart), and every combo pressed since."""


class EpisodeStream:
    """One environment that plays episode after episode; the acts are drawn from (seed, index, episode number)."""

    def __init__(self, env: gymnasium.Env, index: int, seed: int) -> None:
        self.env = env
        self.index = index
        self.start: EpisodeStart | None = None
        self.actions: list[int] = []
        self.observation = np.zeros(0)
        self._bare: ActEnv = env.unwrapped  # type: ignore[assignment]
        self._seed = seed
        self._frozen = b""
        self._summary = EpisodeSummary("", 0)

    def begin(self, order: Order) -> None:
        """Begin the next episode, in an act drawn by weight."""
        number = self.start.number + 1 if self.start else 0
        rng = stream(Stream.EPISODE, self._seed, self.index, number)
        weights = np.asarray(order.act_weights)
        act = order.acts[rng.choice(len(order.acts), p=weights / weights.sum())]
        self._begin(EpisodeStart(number, act, training_seed(rng)))

    def _begin(self, start: EpisodeStart) -> None:
        self.start = start
        self.actions = []
        self._summary = EpisodeSummary(start.act, start.seed)
        self.observation, _ = self.env.reset(seed=start.seed, options={"act": start.act})

    def step(self, action: int) -> Step:
        """One step of the current episode; the next observation lies in `observation`."""
        observation = self.observation
        self.observation, reward, terminated, truncated, info = self.env.step(action)
        step = Step(
            observation=observation,
            action=action,
            reward=float(reward),
            terminated=terminated,
            truncated=truncated,
            info=info,
        )
        self.actions.append(int(action))
        self._summary.add(step)
        return step

    def episode(self) -> Episode:
        """The summary of the episode so far."""
        return self._summary.episode()

    def suspend(self) -> None:
        """Leave the emulator to another environment."""
        self._frozen = self._bare.emulator.get_state()

    def resume(self) -> None:
        """Take the emulator back where `suspend` left it."""
        self._bare.emulator.set_state(self._frozen)

    def get_state(self) -> EpisodeState:
        """How the episode began, and what was pressed."""
        start = asdict(self.start) if self.start else None
        return {"start": start, "actions": list(self.actions)}

    def set_state(self, state: EpisodeState) -> None:
        """Play a saved episode again up to where it stood; everything is deterministic, so this restores it exactly."""
        self._begin(EpisodeStart(**state["start"]))
        for action in state["actions"]:
            self.step(action)
        self.suspend()
