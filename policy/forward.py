"""The network's shape, and its forward pass in NumPy: acting in workers and in the recorder needs no TensorFlow.

Equal to the Keras network (policy.network) within 1e-4; a test holds them together. B is a batch.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from game.actions import COMBO_COUNT
from game.observation import ObservationSpec

NATURE_CONVOLUTIONS = ((32, 8, 4), (64, 4, 2), (48, 3, 1))
"""(filters, kernel, stride), no padding."""

RESIDUAL_FILTERS = (16, 32, 32)
"""Each: a 3x3 convolution, a 3x3/2 maximum pool, two residual blocks (IMPALA, Espeholt et al. 2018)."""


@dataclass(frozen=True)
class NetworkConfig:
    """The architecture; travels in checkpoints."""

    torso: Literal["nature", "residual"] = "nature"
    """nature: three plain convolutions. residual: the deeper IMPALA torso, several times slower."""
    hidden: int = 512
    """Units of the dense layer below both heads."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def parameter_shapes(config: NetworkConfig, spec: ObservationSpec) -> list[tuple[int, ...]]:
    """Shapes of all weights in Keras's order: kernel and bias of every layer, policy head, value head last."""
    shapes: list[tuple[int, ...]] = []
    height, width, channels = spec.shape
    if config.torso == "nature":
        for filters, kernel, stride in NATURE_CONVOLUTIONS:
            shapes += [(kernel, kernel, channels, filters), (filters,)]
            height, width, channels = (height - kernel) // stride + 1, (width - kernel) // stride + 1, filters
    else:
        for filters in RESIDUAL_FILTERS:
            shapes += [(3, 3, channels, filters), (filters,)] + 4 * [(3, 3, filters, filters), (filters,)]
            height, width, channels = -(-height // 2), -(-width // 2), filters
    shapes += [(height * width * channels, config.hidden), (config.hidden,)]
    shapes += [(config.hidden, COMBO_COUNT), (COMBO_COUNT,), (config.hidden, 1), (1,)]
    return shapes


def parameter_count(config: NetworkConfig, spec: ObservationSpec) -> int:
    return sum(int(np.prod(shape)) for shape in parameter_shapes(config, spec))


def flatten(weights: Sequence[np.ndarray]) -> np.ndarray:
    """All weights as one float32 vector."""
    return np.concatenate([np.asarray(w, np.float32).reshape(-1) for w in weights])


def unflatten(vector: np.ndarray, shapes: Sequence[tuple[int, ...]]) -> list[np.ndarray]:
    """The inverse of `flatten`. ValueError when the length is not that of the shapes."""
    sizes = [int(np.prod(shape)) for shape in shapes]
    if len(vector) != sum(sizes):
        raise ValueError(f"Expected {sum(sizes)} parameters. Received: {len(vector)}")
    pieces = np.split(vector, np.cumsum(sizes)[:-1])
    return [piece.reshape(shape) for piece, shape in zip(pieces, shapes, strict=True)]


def convolve(x: np.ndarray, kernel: np.ndarray, bias: np.ndarray, stride: int = 1) -> np.ndarray:
    """Valid 2-D convolution: x [B, h, w, c], kernel [k, k, c, f] -> [B, h', w', f]."""
    k, _, channels, filters = kernel.shape
    windows = sliding_window_view(x, (k, k), axis=(1, 2))[:, ::stride, ::stride]  # [B, h', w', c, k, k]
    batch, height, width = windows.shape[:3]
    columns = windows.transpose(0, 1, 2, 4, 5, 3).reshape(batch * height * width, k * k * channels)
    return (columns @ kernel.reshape(-1, filters) + bias).reshape(batch, height, width, filters)


def pool(x: np.ndarray) -> np.ndarray:
    """3x3 maximum with stride 2 and Keras's "same" padding: [B, h, w, c] -> [B, ceil(h/2), ceil(w/2), c]."""
    pads = [(0, 0)]
    for size in x.shape[1:3]:
        total = max((-(-size // 2) - 1) * 2 + 3 - size, 0)
        pads.append((total // 2, total - total // 2))
    padded = np.pad(x, [*pads, (0, 0)], constant_values=-np.inf)
    return sliding_window_view(padded, (3, 3), axis=(1, 2))[:, ::2, ::2].max(axis=(-1, -2))


def relu(x: np.ndarray) -> np.ndarray:
    return np.maximum(x, 0.0)


class NumpyNetwork:
    """The forward pass for given weights (arrays in the order of `parameter_shapes`)."""

    def __init__(self, config: NetworkConfig, weights: Sequence[np.ndarray]) -> None:
        self._config = config
        self._weights = [np.ascontiguousarray(w, np.float32) for w in weights]

    def __call__(self, observations: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """observations uint8 [B, height, width, stack] -> (logits float32 [B, 23], values float32 [B])."""
        weights = iter(self._weights)
        x = observations.astype(np.float32) * np.float32(1 / 255)
        x = self._nature(x, weights) if self._config.torso == "nature" else self._residual(x, weights)
        x = relu(x.reshape(len(x), -1) @ next(weights) + next(weights))
        logits = x @ next(weights) + next(weights)
        values = x @ next(weights) + next(weights)
        return logits, values[:, 0]

    @staticmethod
    def _nature(x: np.ndarray, weights: Iterator[np.ndarray]) -> np.ndarray:
        for _, _, stride in NATURE_CONVOLUTIONS:
            x = relu(convolve(x, next(weights), next(weights), stride))
        return x

    @staticmethod
    def _residual(x: np.ndarray, weights: Iterator[np.ndarray]) -> np.ndarray:
        def same(x: np.ndarray) -> np.ndarray:
            return convolve(np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0))), next(weights), next(weights))

        for _ in RESIDUAL_FILTERS:
            x = pool(same(x))
            for _ in range(2):
                x = x + same(relu(same(relu(x))))
        return relu(x)


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Log-probabilities along the last axis."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
