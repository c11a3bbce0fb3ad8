"""What a network is: a torso, a dense layer, maybe an LSTM, and heads, from which Keras, NumPy and the shapes are all made.

To add a torso or heads, add a line to TORSOS or HEADS; policy.keras_network and policy.numpy_network need no change as long
as it is made of the layers below.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from common.ranges import Count, Positive
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
class SeparableConvolution:
    """A convolution of every channel by itself, then a 1x1 convolution over channels with bias and ReLU; "same" padding."""

    filters: int
    kernel: int
    stride: int = 1


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


@dataclass(frozen=True)
class Mean:
    """The mean of every channel over the whole picture."""


Layer = Convolution | SeparableConvolution | Pool | ResidualBlock | Relu | Mean


def _impala_section(filters: int) -> tuple[Layer, ...]:
    first = Convolution(filters, kernel=3, same=True, relu=False, initial="glorot")
    return (first, Pool(), ResidualBlock(filters), ResidualBlock(filters))


# IMPALA's deeper torso, Espeholt et al. 2018 (arXiv:1802.01561, figure 3)
_RESIDUAL = (*_impala_section(16), *_impala_section(32), *_impala_section(32), Relu())

TORSOS: dict[str, tuple[Layer, ...]] = {
    # Mnih et al. 2015 (doi:10.1038/nature14236), with 48 instead of 64 filters at the top
    "nature": (Convolution(32, kernel=8, stride=4), Convolution(64, kernel=4, stride=2), Convolution(48, kernel=3)),
    "residual": _RESIDUAL,
    # Trumpp et al. 2025 (arXiv:2503.05546)
    "pooled": (*_RESIDUAL, Mean()),
    # of aborghi's entry to the Retro Contest (fastlearner), as torinrettig took it over
    "separable": (
        SeparableConvolution(32, kernel=8, stride=4),
        SeparableConvolution(64, kernel=4, stride=2),
        SeparableConvolution(48, kernel=3),
    ),
}


ATOMS = 51
"""Of a distribution over returns (Bellemare et al. 2017, arXiv:1707.06887, who call it C51 for this number)."""


@dataclass(frozen=True)
class Head:
    """A linear layer above the hidden one, or two that are put together.

    Attributes:
        per_action: one output for every action, else a single one.
        gain: of its orthogonal initial weights; near 0, an untrained policy plays every action alike.
        atoms: numbers in an output: logits of a distribution where they are more than one.
        shared: name of a second layer that gives the state's own value, which all actions share; the first then gives
            advantages, and the output is shared + advantages - their mean (dueling: Wang et al. 2016, arXiv:1511.06581,
            eq. 9). "" for none.
    """

    name: str
    per_action: bool
    gain: float
    atoms: int = 1
    shared: str = ""

    def units(self, actions: int) -> int:
        """Outputs of its first layer, for a network with this many actions."""
        return self.atoms * (actions if self.per_action else 1)

    def layers(self, actions: int) -> dict[str, int]:
        """Name -> outputs of each of its linear layers."""
        own = {self.name: self.units(actions)}
        return own | ({self.shared: self.atoms} if self.shared else {})


_VALUES_GAIN = 0.01

HEADS: dict[str, tuple[Head, ...]] = {
    "actor_critic": (Head("logits", per_action=True, gain=0.01), Head("value", per_action=False, gain=1.0)),
    # what each action is worth, as numbers or as distributions
    "values": (Head("action_values", True, _VALUES_GAIN),),
    "dueling": (Head("action_values", True, _VALUES_GAIN, shared="state_value"),),
    "distributional": (Head("action_values", True, _VALUES_GAIN, ATOMS),),
    "rainbow": (Head("action_values", True, _VALUES_GAIN, ATOMS, shared="state_value"),),
}

HIDDEN_GAIN = 2**0.5
"""Of the initial weights before a ReLU (He et al. 2015, arXiv:1502.01852)."""

NORM_EPSILON = 1e-5
"""Added to the variance that a layer's sums are normalised by."""

NOISE_SCALE = 0.5
"""Initial standard deviation of a noisy weight, times the root of its layer's inputs (Fortunato et al. 2018,
arXiv:1706.10295, section 3.2)."""


@dataclass(frozen=True)
class NetworkConfig:
    """The architecture; travels in checkpoints."""

    torso: Literal["nature", "residual", "pooled", "separable"] = "nature"
    """nature: three plain convolutions. residual: the deeper IMPALA torso, several times slower. pooled: the same, each channel
    averaged over the picture, so that few weights lie below the dense layer. separable: three depthwise separable convolutions,
    few weights below a wide dense layer."""
    hidden: Positive = 512
    """Units of the dense layer below the heads."""
    layer_norm: bool = False
    """Normalise the dense layer's sums before their ReLU (Ba et al. 2016, arXiv:1607.06450)."""
    heads: Literal["actor_critic", "values", "dueling", "distributional", "rainbow"] = "actor_critic"
    """actor_critic: logits of the actions, and the state's value; the others are for learners of action values."""
    noisy: bool = False
    """Noise on the weights of the hidden layer and the heads, whose size is learnt, to explore with."""
    lstm: Count = 0
    """Units of an LSTM over steps between the dense layer and the heads, a memory within an episode (0: none)."""

    def __post_init__(self) -> None:
        if self.has_memory and (self.noisy or self.gives_values):
            raise ValueError(
                "Expected heads actor_critic without noisy layers beside a memory (network.lstm). "
                f"Received: heads {self.heads}, noisy {self.noisy}"
            )

    @property
    def has_memory(self) -> bool:
        """Whether it carries a state from step to step of an episode."""
        return self.state_size > 0

    @property
    def state_size(self) -> int:
        """Numbers in that state; all are 0 where an episode begins. The LSTM's output of the step before, and its cells."""
        return 2 * self.lstm

    @property
    def features(self) -> int:
        """Numbers that the heads see."""
        return self.lstm or self.hidden

    @property
    def gives_values(self) -> bool:
        """Whether it says what each action is worth, so that one takes the best, instead of a policy to draw from."""
        return HEADS[self.heads][0].name == "action_values"

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)

    def check_memoryless(self, user: str) -> None:
        """ValueError unless every step is seen alone, which is all that this user can do."""
        if self.has_memory:
            raise ValueError(f"{user}: expected a network without a memory. Received: network.lstm {self.lstm}")

    def check_policy(self, may_be_noisy: bool = False) -> None:
        """ValueError unless it is a policy to draw from; without noisy layers, where they are not asked for."""
        if self.gives_values or (self.noisy and not may_be_noisy):
            kind = f"heads {self.heads}" + (", noisy layers" if self.noisy else "")
            allowed = "" if may_be_noisy else " without noisy layers"
            raise ValueError(f"expected a network with a policy (heads actor_critic){allowed}. Received: {kind}")


def parameter_shapes(config: NetworkConfig, spec: ObservationSpec, actions: int = COMBO_COUNT) -> list[tuple[int, ...]]:
    """Shapes of all weights in Keras's order: kernel and bias of every layer, from the first to the last head.

    An LSTM is one layer here: its kernel's rows are those of its inputs, then those of its own output of the step before; its
    columns the input gate, the forget gate, the new content and the output gate.

    A noisy layer has four: kernel, bias, and the standard deviations of the noise on either. Normalisation has two of its own,
    scale and shift, behind those of the hidden layer.
    """
    shapes, _ = _torso(config, spec)
    hidden, *others = dense_sizes(config, spec, actions)
    shapes += _dense_shapes(hidden, config.noisy)
    if config.layer_norm:
        shapes += 2 * [(config.hidden,)]
    for sizes in others:
        shapes += _dense_shapes(sizes, config.noisy)
    return shapes


def _dense_shapes(sizes: tuple[int, int], noisy: bool) -> list[tuple[int, ...]]:
    """Of a layer of so many (inputs, outputs)."""
    shapes = [sizes, sizes[1:]]
    return 2 * shapes if noisy else shapes


def dense_sizes(config: NetworkConfig, spec: ObservationSpec, actions: int = COMBO_COUNT) -> list[tuple[int, int]]:
    """(inputs, outputs) of the dense layers: the hidden one, the LSTM where there is one, then those of the heads."""
    _, inputs = _torso(config, spec)
    sizes = [(inputs, config.hidden)]
    if config.lstm:
        sizes.append((config.hidden + config.lstm, 4 * config.lstm))
    for head in HEADS[config.heads]:
        sizes += [(config.features, units) for units in head.layers(actions).values()]
    return sizes


def mean_places(config: NetworkConfig, spec: ObservationSpec, actions: int = COMBO_COUNT) -> list[int]:
    """Which arrays are those of the same network without noise, in their order."""
    shapes, _ = _torso(config, spec)
    torso = len(shapes)
    arrays = 4 if config.noisy else 2  # of a dense layer
    places = list(range(torso))
    kernel = torso
    for layer in range(len(dense_sizes(config, spec, actions))):
        places += [kernel, kernel + 1]
        kernel += arrays
        if layer == 0 and config.layer_norm:
            places += [kernel, kernel + 1]
            kernel += 2
    return places


def inherited_count(config: NetworkConfig, spec: ObservationSpec) -> int:
    """How many arrays, from the first, are the torso's and the hidden layer's: what any heads can be put upon."""
    shapes, _ = _torso(config, spec)
    return len(shapes) + (4 if config.layer_norm else 2)


def _torso(config: NetworkConfig, spec: ObservationSpec) -> tuple[list[tuple[int, ...]], int]:
    """(shapes of the torso's weights, numbers in its output)."""
    shapes: list[tuple[int, ...]] = []
    height, width, channels = spec.shape
    for layer in TORSOS[config.torso]:
        match layer:
            case Convolution(filters, kernel, stride, same):
                shapes += [(kernel, kernel, channels, filters), (filters,)]
                channels = filters
                height = _outputs(height, kernel, stride, same)
                width = _outputs(width, kernel, stride, same)
            case SeparableConvolution(filters, kernel, stride):
                shapes += [(kernel, kernel, channels, 1), (1, 1, channels, filters), (filters,)]
                channels = filters
                height = _outputs(height, kernel, stride, same=True)
                width = _outputs(width, kernel, stride, same=True)
            case Pool():
                height = _outputs(height, 3, 2, same=True)
                width = _outputs(width, 3, 2, same=True)
            case ResidualBlock(filters):
                shapes += 2 * [(3, 3, filters, filters), (filters,)]
            case Mean():
                height = width = 1
    return shapes, height * width * channels


def _outputs(size: int, kernel: int, stride: int, same: bool) -> int:
    """How many outputs a convolution has along a side."""
    return -(-size // stride) if same else (size - kernel) // stride + 1


def noise_size(config: NetworkConfig, spec: ObservationSpec, actions: int = COMBO_COUNT) -> int:
    """How many random numbers the noise of one forward pass takes: one for each input and output of a noisy layer."""
    if not config.noisy:
        return 0
    return sum(inputs + units for inputs, units in dense_sizes(config, spec, actions))


def factorised_noise(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """float32 [*shape]: sgn(x) sqrt(|x|) of normal x, two of which make a weight's noise (Fortunato et al. 2018, eq. 10)."""
    normal = rng.standard_normal(shape, np.float32)
    return np.sign(normal) * np.sqrt(np.abs(normal))


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
