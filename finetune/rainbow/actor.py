"""Rainbow inside a rollout worker (game.rollouts.Actor); no TensorFlow."""

from collections.abc import Sequence

import numpy as np

from game.actions import ACTION_SETS
from game.observation import ObservationSpec
from policy.architecture import NetworkConfig, factorised_noise, flatten, noise_size, parameter_shapes, unflatten
from policy.numpy_network import NumpyNetwork, action_values


def packed(weights: Sequence[np.ndarray], exploration: float) -> np.ndarray:
    """What the actor loads, float32 [parameters + 1]: the network's weights, and the share of random actions."""
    return np.append(flatten(weights), np.float32(exploration))


class RainbowActor:
    """Takes the action of the largest mean, with noise drawn anew for every step, or at random now and then."""

    def __init__(self, config: NetworkConfig, spec: ObservationSpec, action_set: str) -> None:
        self._config = config
        self._combos = ACTION_SETS[action_set]
        self._shapes = parameter_shapes(config, spec, len(self._combos))
        self._noise_size = noise_size(config, spec, len(self._combos))
        self._network: NumpyNetwork | None = None
        self._exploration = 0.0
        self.memory = np.zeros(0, np.float32)  # a network of action values has none

    def load(self, weights: np.ndarray) -> None:
        # copied: the shared memory is overwritten while the next update is learnt
        self._network = NumpyNetwork(self._config, unflatten(weights[:-1].copy(), self._shapes))
        self._exploration = float(weights[-1])

    def begin(self, rng: np.random.Generator) -> None:
        """Nothing: noise is drawn anew for every step."""

    def decide(self, observation: np.ndarray, rng: np.random.Generator) -> tuple[int, float, float]:
        """(combo, 0 for a log-probability that nobody asks for, the action's value between the support's ends)."""
        if self._network is None:
            raise RuntimeError("Expected load() before decide().")
        noise = factorised_noise(rng, self._noise_size) if self._noise_size else None
        (output,) = self._network(observation[None], noise)
        values = action_values(output)[0]
        action = int(values.argmax())
        if rng.random() < self._exploration:
            action = int(rng.integers(len(self._combos)))
        return self._combos[action], 0.0, float(values[action])

    def value(self, observation: np.ndarray) -> float:
        """0: what is learnt is bootstrapped by the network as it is when the steps are sampled."""
        return 0.0
