"""Made-up weights and observations for the tests of this room."""

import numpy as np

from game.observation import ObservationSpec
from policy.architecture import NetworkConfig, parameter_shapes

SPEC = ObservationSpec()
TINY = NetworkConfig(hidden=16)


def random_weights(config: NetworkConfig, seed: int = 0, actions: int = 23) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.normal(0, 0.05, shape).astype(np.float32) for shape in parameter_shapes(config, SPEC, actions)]


def observations(count: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (count, *SPEC.shape), dtype=np.uint8)
