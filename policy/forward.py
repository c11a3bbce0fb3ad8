"""The network's shape, and its forward pass in NumPy: acting in workers and in the recorder needs no TensorFlow.

Equal to the Keras network (policy.keras_network) within 1e-4; a test holds them together. B is a batch.
"""

from collections.abc import Sequence
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


def pool(x: np.ndarray) -> np.ndarray:
    """3x3 maximum with stride 2 and Keras's "same" padding: [B, h, w, c] -> [B, ceil(h/2), ceil(w/2), c]."""
    pads = [(0, 0)]
    for size in x.shape[1:3]:
        total = max((-(-size // 2) - 1) * 2 + 3 - size, 0)
        pads.append((total // 2, total - total // 2))
    padded = np.pad(x, [*pads, (0, 0)], constant_values=-np.inf)
    return sliding_window_view(padded, (3, 3), axis=(1, 2))[:, ::2, ::2].max(axis=(-1, -2))


_BYTE = np.float32(1 / 255)


class Layer:
    """A convolution without padding (kernel [k, k, c, f]) or a dense layer (kernel [c, f]), with its own work space.

    What it returns lies in that work space and is overwritten by the next call: fresh arrays of this size would cost as much
    as a quarter of the sums.
    """

    def __init__(self, kernel: np.ndarray, bias: np.ndarray, stride: int = 1, relu: bool = True) -> None:
        self._size, self._stride, self._relu = kernel.shape[0], stride, relu
        self._is_dense = kernel.ndim == 2
        self._kernel = np.ascontiguousarray(kernel.reshape(-1, kernel.shape[-1]), np.float32)
        self._bias = np.ascontiguousarray(bias, np.float32)
        self._columns = self._sums = np.zeros((0, 0), np.float32)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """x, float32 or uint8 (which counts as 0 to 1): [B, h, w, c] -> float32 [B, h', w', f], or [B, c] -> [B, f]."""
        if self._is_dense:
            return self._weigh(x, (len(x),))
        batch, height, width, channels = x.shape
        down, right = ((size - self._size) // self._stride + 1 for size in (height, width))
        x = np.ascontiguousarray(x)
        by_image, by_row, by_column, by_channel = x.strides
        steps = (by_image, self._stride * by_row, self._stride * by_column, by_row, by_channel)
        row = self._size * channels  # the pixels of a window's row lie side by side
        windows = np.ndarray((batch, down, right, self._size, row), x.dtype, x, 0, steps)
        count = batch * down * right
        if len(self._columns) != count:
            self._columns = np.empty((count, self._size * row), np.float32)
        if x.dtype == np.uint8:
            np.multiply(windows, _BYTE, out=self._columns.reshape(windows.shape))
        else:
            np.copyto(self._columns.reshape(windows.shape), windows)
        return self._weigh(self._columns, (batch, down, right))

    def _weigh(self, columns: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
        if len(self._sums) != len(columns):
            self._sums = np.empty((len(columns), len(self._bias)), np.float32)
        np.matmul(columns, self._kernel, out=self._sums)
        np.add(self._sums, self._bias, out=self._sums)
        if self._relu:
            np.maximum(self._sums, 0.0, out=self._sums)
        return self._sums.reshape(*shape, -1)


class NumpyNetwork:
    """The forward pass for given weights (arrays in the order of `parameter_shapes`)."""

    def __init__(self, config: NetworkConfig, weights: Sequence[np.ndarray]) -> None:
        *torso, hidden, logits, value = zip(weights[::2], weights[1::2], strict=True)
        if config.torso == "nature":
            self._torso = self._nature
            strides = [stride for _, _, stride in NATURE_CONVOLUTIONS]
            self._layers = [Layer(*pair, stride) for pair, stride in zip(torso, strides, strict=True)]
        else:
            self._torso = self._residual
            self._layers = [Layer(*pair, relu=False) for pair in torso]
        self._hidden = Layer(*hidden)
        self._logits, self._value = Layer(*logits, relu=False), Layer(*value, relu=False)

    def __call__(self, observations: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """observations uint8 [B, height, width, stack] -> (logits float32 [B, 23], values float32 [B])."""
        x = self._torso(observations)
        x = self._hidden(x.reshape(len(x), -1))
        return self._logits(x).copy(), self._value(x)[:, 0].copy()

    def _nature(self, x: np.ndarray) -> np.ndarray:
        for layer in self._layers:
            x = layer(x)
        return x

    def _residual(self, x: np.ndarray) -> np.ndarray:
        layers = iter(self._layers)

        def same(x: np.ndarray) -> np.ndarray:
            return next(layers)(np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0))))

        for _ in RESIDUAL_FILTERS:
            x = pool(same(x))
            for _ in range(2):
                x = x + same(np.maximum(same(np.maximum(x, 0.0)), 0.0))
        return np.maximum(x, 0.0)


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Log-probabilities along the last axis."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
