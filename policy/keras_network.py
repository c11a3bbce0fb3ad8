"""The network in Keras, for learning: grey stacks in, one output for each head."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from game.actions import COMBO_COUNT
from game.observation import ObservationSpec
from policy.architecture import (
    HEADS,
    HIDDEN_GAIN,
    NOISE_SCALE,
    TORSOS,
    Convolution,
    Head,
    Layer,
    NetworkConfig,
    Pool,
    Relu,
    ResidualBlock,
    SeparableConvolution,
    noise_size,
)


def build_network(
    config: NetworkConfig, spec: ObservationSpec, actions: int = COMBO_COUNT, noise_scale: float = NOISE_SCALE
) -> keras.Model:
    """A model from uint8 [B, height, width, stack] to its heads' outputs, all float32 whatever the policy.

    actor_critic: (logits [B, actions], values [B, 1]). The one head of action values: [B, actions], or [B, actions, atoms],
    the logits of distributions. A noisy network takes (observations, noise), noise float32 [1 or B, noise_size]
    (architecture.factorised_noise), zeros for none.

    Args:
        noise_scale: initial standard deviation of a noisy weight, times the root of its layer's inputs.
    """
    inputs = keras.Input(spec.shape, dtype="uint8")
    noise = _NoiseInput(noise_size(config, spec, actions), noise_scale)
    x = layers.Rescaling(1 / 255)(inputs)
    for layer in TORSOS[config.torso]:
        x = _apply(layer, x)
    x = layers.Flatten()(x)
    x = _dense(x, config.hidden, noise, gain=HIDDEN_GAIN, activation="relu", name="hidden")
    outputs = tuple(_apply_head(head, x, actions, noise) for head in HEADS[config.heads])
    return keras.Model((inputs, noise.tensor) if config.noisy else inputs, outputs)


class _NoiseInput:
    """The noise of a forward pass, from which the layers cut their shares, one after the other. Size 0: there is none."""

    def __init__(self, size: int, scale: float) -> None:
        self.scale = scale
        self.tensor: Any = keras.Input((size,), dtype="float32") if size else None
        self._used = 0

    def take(self, count: int) -> keras.KerasTensor:
        """The next so many numbers."""
        first = self._used
        self._used += count
        return self.tensor[:, first : self._used]


def _dense(x: keras.KerasTensor, units: int, noise: _NoiseInput, *, gain: float, **options: Any) -> keras.KerasTensor:
    """A dense layer, noisy where there is noise."""
    initial = _orthogonal(gain)
    if noise.tensor is None:
        return layers.Dense(units, kernel_initializer=initial, **options)(x)
    inputs = noise.take(x.shape[-1])
    outputs = noise.take(units)
    return NoisyDense(units, kernel_initializer=initial, noise_scale=noise.scale, **options)([x, inputs, outputs])


def _apply_head(head: Head, x: keras.KerasTensor, actions: int, noise: _NoiseInput) -> keras.KerasTensor:
    """A head's output for the hidden layer's, [B, hidden]."""
    # in float32 whatever the policy: a bfloat16 log-probability is good to two digits only
    found = {
        name: _dense(x, units, noise, gain=head.gain, dtype="float32", name=name)
        for name, units in head.layers(actions).items()
    }
    output = found[head.name]
    if head.atoms > 1:
        output = layers.Reshape((-1, head.atoms), dtype="float32")(output)  # [B, actions, atoms]
    if not head.shared:
        return output
    shared = found[head.shared]  # [B, atoms]
    if head.atoms > 1:
        shared = layers.Reshape((1, head.atoms), dtype="float32")(shared)
    # the advantages first: Keras orders weights as they are met on the way
    return (output - keras.ops.mean(output, axis=1, keepdims=True)) + shared


class NoisyDense(layers.Layer):
    """A dense layer with factorised Gaussian noise on its weights (Fortunato et al. 2018, arXiv:1706.10295, eq. 9 to 11).

        y = W x + b + (S * (e_out e_in^T)) x + s * e_out,   the noise being e_out * (S (e_in * x) + s)

    The noise comes in with the call, so that whoever draws it can repeat it. Means begin like those of a layer without
    noise, not uniformly as in the paper.
    """

    def __init__(
        self,
        units: int,
        kernel_initializer: Any,
        activation: str | None = None,
        noise_scale: float = NOISE_SCALE,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self._noise_scale = noise_scale
        self._units = units
        self._initializer = kernel_initializer
        self._activation = keras.activations.get(activation)

    def build(self, input_shape: Any) -> None:
        inputs = input_shape[0][-1]
        scale = keras.initializers.Constant(self._noise_scale / inputs**0.5)
        kernel_shape = (inputs, self._units)
        self.kernel = self.add_weight(name="kernel", shape=kernel_shape, initializer=self._initializer)
        self.bias = self.add_weight(name="bias", shape=(self._units,), initializer="zeros")
        self.kernel_scale = self.add_weight(name="kernel_scale", shape=kernel_shape, initializer=scale)
        self.bias_scale = self.add_weight(name="bias_scale", shape=(self._units,), initializer=scale)

    def call(self, inputs: Sequence[keras.KerasTensor]) -> keras.KerasTensor:
        """[x, e_in, e_out]: [B, inputs], [1 or B, inputs], [1 or B, units] -> [B, units]."""
        x, noise_in, noise_out = inputs
        mean = keras.ops.matmul(x, self.kernel) + self.bias
        noise = keras.ops.matmul(x * noise_in, self.kernel_scale) + self.bias_scale
        return self._activation(mean + noise_out * noise)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, int]:
        return (input_shape[0][0], self._units)


def split_variables(network: keras.Model) -> tuple[list, list]:
    """(variables of the policy: torso, hidden layer and logits; variables of the value head), in Keras's order."""
    # by path, because variables compare element by element
    value_head = {variable.path for variable in network.get_layer("value").trainable_variables}
    policy = [variable for variable in network.trainable_variables if variable.path not in value_head]
    value = [variable for variable in network.trainable_variables if variable.path in value_head]
    return policy, value


def _apply(layer: Layer, x: keras.KerasTensor) -> keras.KerasTensor:
    """One layer of a torso on its input [B, h, w, c]."""
    match layer:
        case Convolution():
            return layers.Conv2D(
                layer.filters,
                layer.kernel,
                layer.stride,
                padding="same" if layer.same else "valid",
                activation="relu" if layer.relu else None,
                kernel_initializer="glorot_uniform" if layer.initial == "glorot" else _orthogonal(HIDDEN_GAIN),
            )(x)
        case SeparableConvolution():
            return layers.SeparableConv2D(
                layer.filters,
                layer.kernel,
                layer.stride,
                padding="same",
                activation="relu",
                depthwise_initializer="he_normal",
                pointwise_initializer="he_normal",
            )(x)
        case Pool():
            return layers.MaxPooling2D(3, 2, padding="same")(x)
        case ResidualBlock(filters):
            inner = layers.Conv2D(filters, 3, padding="same")(layers.ReLU()(x))
            outer = layers.Conv2D(filters, 3, padding="same")(layers.ReLU()(inner))
            return layers.Add()([x, outer])
        case Relu():
            return layers.ReLU()(x)


def _orthogonal(gain: float) -> keras.initializers.Initializer:
    return keras.initializers.Orthogonal(gain)
