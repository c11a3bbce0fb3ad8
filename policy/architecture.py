"""What a network is: a torso, a dense layer and heads, in one table from which Keras, NumPy and the shapes are all made.

To add a torso or heads, add a line to TORSOS or HEADS; policy.keras_network and policy.numpy_network need no change as long
as it is made of the layers below.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from common.ranges import Positive
from game.actions import COMBO_COUNT
from game.observation import ObservationSpec


@dataclass(frozen=True)
class Convolution:
    """A convolution with bias: no padding, unless `same`."""

    filters: int
    kernel: int
    stride: int = 1
    same: bool = False
    relu: bool = True
    initial: Literal["orthogonal", "glorot"] = "orthogonal"


@dataclass(frozen=True)
class Pool:
    """A 3x3 maximum with stride 2 and "same" padding."""


@dataclass(frozen=True)
class ResidualBlock:
    """x + two 3x3 convolutions of relu(x), "same" padding."""

    filters: int


@dataclass(frozen=True)
class Relu:
    """max(x, 0)"""


Layer = Convolution | Pool | ResidualBlock | Relu


def _impala_section(filters: int) -> tuple[Layer, ...]:
    first = Convolution(filters, kernel=3, same=True, relu=False, initial="glorot")
    return (first, Pool(), ResidualBlock(filters), ResidualBlock(filters))


TORSOS: dict[str, tuple[Layer, ...]] = {
    # Mnih et al. 2015 (doi:10.1038/nature14236), with 48 instead of 64 filters at the top
    "nature": (Convolution(32, kernel=8, stride=4), Convolution(64, kernel=4, stride=2), Convolution(48, kernel=3)),
    # IMPALA's deeper torso, Espeholt et al. 2018 (arXiv:1802.01561, figure 3)
    "residual": (*_impala_section(16), *_impala_section(32), *_impala_section(32), Relu()),
}


@dataclass(frozen=True)
class Head:
    """A linear layer above the hidden one.

    Attributes:
        per_action: one output for every action, else a single one.
        gain: of its orthogonal initial weights; near 0, an untrained policy plays every action alike.
    """

    name: str
    per_action: bool
    gain: float

    def units(self, actions: int) -> int:
        """Outputs, for a network with this many actions."""
        return actions if self.per_action else 1


HEADS: dict[str, tuple[Head, ...]] = {
    "actor_critic": (Head("logits", per_action=True, gain=0.01), Head("value", per_action=False, gain=1.0)),
}

HIDDEN_GAIN = 2**0.5
"""Of the initial weights before a ReLU (He et al. 2015, arXiv:1502.01852)."""


@dataclass(frozen=True)
class NetworkConfig:
    """The architecture; travels in checkpoints."""

    torso: Literal["nature", "residual"] = "nature"
    """nature: three plain convolutions. residual: the deeper IMPALA torso, several times slower."""
    hidden: Positive = 512
    """Units of the dense layer below the heads."""
    heads: Literal["actor_critic"] = "actor_critic"
    """actor_critic: logits of the actions, and the state's value."""

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


def parameter_shapes(config: NetworkConfig, spec: ObservationSpec, actions: int = COMBO_COUNT) -> list[tuple[int, ...]]:
    """Shapes of all weights in Keras's order: kernel and bias of every layer, from the first to the last head."""
    shapes: list[tuple[int, ...]] = []
    height, width, channels = spec.shape
    for layer in TORSOS[config.torso]:
        match layer:
            case Convolution(filters, kernel, stride, same):
                shapes += [(kernel, kernel, channels, filters), (filters,)]
                channels = filters
                if not same:
                    height = (height - kernel) // stride + 1
                    width = (width - kernel) // stride + 1
            case Pool():
                height = -(-height // 2)
                width = -(-width // 2)
            case ResidualBlock(filters):
                shapes += 2 * [(3, 3, filters, filters), (filters,)]
    shapes += [(height * width * channels, config.hidden), (config.hidden,)]
    for head in HEADS[config.heads]:
        units = head.units(actions)
        shapes += [(config.hidden, units), (units,)]
    return shapes


def parameter_count(config: NetworkConfig, spec: ObservationSpec, actions: int = COMBO_COUNT) -> int:
    """How many numbers a network's weights are."""
    return sum(int(np.prod(shape)) for shape in parameter_shapes(config, spec, actions))


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
