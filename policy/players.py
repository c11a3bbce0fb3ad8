"""Players and actors made from a network, in NumPy."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from game.actions import COMBO_COUNT
from game.observation import ObservationSpec
from policy.checkpoint import Checkpoint, load_checkpoint
from policy.forward import NetworkConfig, NumpyNetwork, log_softmax, parameter_shapes, unflatten


class NetworkPlayer:
    """Plays a checkpoint by drawing from its policy; the draws come from the episode's seed.

    Args:
        temperature: 1 draws from the policy as it is, 0 takes the likeliest combo.
    """

    def __init__(self, checkpoint: Checkpoint, temperature: float = 1.0) -> None:
        self._network = checkpoint.numpy_network()
        self._temperature = temperature
        self._rng = np.random.default_rng(0)

    def reset(self, act: str, seed: int) -> None:
        self._rng = np.random.default_rng([seed, 2])

    def act(self, observation: np.ndarray) -> int:
        logits, _ = self._network(observation[None])
        if self._temperature == 0:
            return int(logits[0].argmax())
        return draw(logits[0] / self._temperature, self._rng)

    @classmethod
    def load(cls, path: Path, temperature: float = 1.0) -> "NetworkPlayer":
        return cls(load_checkpoint(path), temperature)


class SequencePlayer:
    """Plays a fixed list of combos, then stands still."""

    def __init__(self, combos: Sequence[int]) -> None:
        self._combos = list(combos)
        self._next = 0

    def reset(self, act: str, seed: int) -> None:
        self._next = 0

    def act(self, observation: np.ndarray) -> int:
        self._next += 1
        return self._combos[self._next - 1] if self._next <= len(self._combos) else 0


class NetworkActor:
    """The policy inside a rollout worker (game.vector.Actor): weights come in flat with every rollout."""

    def __init__(self, config: NetworkConfig, spec: ObservationSpec) -> None:
        self._config, self._spec = config, spec
        self._network: NumpyNetwork | None = None

    def load(self, weights: np.ndarray) -> None:
        pieces = unflatten(weights.copy(), parameter_shapes(self._config, self._spec))
        self._network = NumpyNetwork(self._config, pieces)

    def decide(self, observation: np.ndarray, rng: np.random.Generator) -> tuple[int, float, float]:
        logits, values = self._forward(observation)
        combo = draw(logits, rng)
        return combo, float(log_softmax(logits)[combo]), values

    def value(self, observation: np.ndarray) -> float:
        return self._forward(observation)[1]

    def _forward(self, observation: np.ndarray) -> tuple[np.ndarray, float]:
        if self._network is None:
            raise RuntimeError("Expected load() before decide() or value().")
        logits, values = self._network(observation[None])
        return logits[0], float(values[0])


def draw(logits: np.ndarray, rng: np.random.Generator) -> int:
    """A combo drawn from softmax(logits), float32 [23], by the Gumbel-maximum trick."""
    return int((logits + rng.gumbel(size=COMBO_COUNT)).argmax())
