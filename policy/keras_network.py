"""The network in Keras, for learning: grey stacks in, one output for each head."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf
from keras import layers

from game.actions import COMBO_COUNT
from game.observation import ObservationSpec
from policy.architecture import (
    HEADS,
    HIDDEN_GAIN,
    NOISE_SCALE,
    NORM_EPSILON,
    TORSOS,
    Convolution,
    Head,
    Layer,
    Mean,
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

    A network with a memory reads U sequences of T steps each, B = U x T, one after the other in the batch. It takes
    (observations, begins bool [U, T]: whether an episode begins with a step, states float32 [B, state_size]: before each step,
    of which only each sequence's first is read) and has one more output: the states after the sequences [U, state_size].

    Args:
        noise_scale: initial standard deviation of a noisy weight, times the root of its layer's inputs.
    """
    inputs = keras.Input(spec.shape, dtype="uint8")
    noise = _NoiseInput(noise_size(config, spec, actions), noise_scale)
    x = layers.Rescaling(1 / 255)(inputs)
    for layer in TORSOS[config.torso]:
        x = _apply(layer, x)
    x = layers.Flatten()(x)
    activation = None if config.layer_norm else "relu"
    x = _dense(x, config.hidden, noise, gain=HIDDEN_GAIN, activation=activation, name="hidden")
    if config.layer_norm:
        x = layers.ReLU()(layers.LayerNormalization(epsilon=NORM_EPSILON, name="norm")(x))
    if config.has_memory:
        begins = keras.Input((None,), dtype="bool")
        states = keras.Input((config.state_size,), dtype="float32")
        x, after = Lstm(config.lstm, _orthogonal(1.0), name="lstm")([x, begins, states])
        outputs = tuple(_apply_head(head, x, actions, noise) for head in HEADS[config.heads])
        return keras.Model((inputs, begins, states), (*outputs, after))
    outputs = tuple(_apply_head(head, x, actions, noise) for head in HEADS[config.heads])
    return keras.Model((inputs, noise.tensor) if config.noisy else inputs, outputs)


def without_past(observations: tf.Tensor, steps: int, state_size: int) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """What a network with a memory takes to see observations [B, ...] as sequences of so many steps, each from an empty one."""
    count = tf.shape(observations)[0]
    begins = tf.zeros((count // steps, steps), tf.bool)
    return observations, begins, tf.zeros((count, state_size))


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
    """A head's output for what it sees, [B, features]."""
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


def mean_noise_scale(network: keras.Model) -> float:
    """How large the noise on a network's weights is: the mean over its noisy layers, times the root of their inputs.

    So it begins at the `noise_scale` they were built with. ValueError for a network without a noisy layer.
    """
    scales = []
    for layer in network.layers:
        if isinstance(layer, NoisyDense):
            kernel_scale = keras.ops.convert_to_numpy(layer.kernel_scale)
            scales.append(float(abs(kernel_scale).mean()) * kernel_scale.shape[0] ** 0.5)
    if not scales:
        raise ValueError("Expected a network with noisy layers. Received: one without")
    return sum(scales) / len(scales)


class Lstm(layers.Layer):
    """An LSTM over steps that forgets where an episode begins (Hochreiter & Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735,
    with the forget gate of Gers et al. 2000, doi:10.1162/089976600300015015).

        i, f, g, o = W [x_t, h_{t-1}] + b;   c_t = sigma(f) c_{t-1} + sigma(i) tanh(g);   h_t = sigma(o) tanh(c_t)

    In float32 whatever the policy: what is summed up over an episode needs its digits. Keras's own LSTM knows no episode that
    ends inside a sequence, and has three arrays of weights where every other layer here has a kernel and a bias.
    """

    def __init__(self, units: int, kernel_initializer: Any, **options: Any) -> None:
        super().__init__(dtype="float32", **options)
        self._units = units
        self._initializer = kernel_initializer

    def build(self, input_shape: Any) -> None:
        self._inputs = input_shape[0][-1]
        gates = 4 * self._units
        self.kernel = self.add_weight(
            name="kernel", shape=(self._inputs + self._units, gates), initializer=self._initializer
        )
        self.bias = self.add_weight(name="bias", shape=(gates,), initializer=self._initial_bias)

    def _initial_bias(self, shape: Any, dtype: Any = None) -> Any:
        """1 for the forget gate, so that it begins by remembering (Jozefowicz et al. 2015)."""
        places = keras.ops.arange(shape[0])
        return keras.ops.cast(places // self._units == 1, dtype)

    def call(self, inputs: Sequence[keras.KerasTensor]) -> tuple[keras.KerasTensor, keras.KerasTensor]:
        """[x [B, inputs], begins [U, T], states [B, 2 units]], B = U x T -> outputs [B, units], states after [U, 2 units]."""
        x, begins, states = inputs
        unrolls, steps = keras.ops.shape(begins)
        of_inputs, of_outputs = keras.ops.split(self.kernel, [self._inputs])
        # what comes of the inputs needs no loop
        sums = keras.ops.reshape(keras.ops.matmul(x, of_inputs) + self.bias, (unrolls, steps, 4 * self._units))
        keep = 1.0 - keras.ops.cast(begins, "float32")
        first = keras.ops.reshape(states, (unrolls, steps, 2 * self._units))[:, 0]

        def step(state: tf.Tensor, now: tuple[tf.Tensor, tf.Tensor]) -> tf.Tensor:
            sums_of_inputs, keep_now = now
            output, cells = keras.ops.split(state * keep_now[:, None], 2, axis=1)
            gates = keras.ops.split(sums_of_inputs + keras.ops.matmul(output, of_outputs), 4, axis=1)
            input_gate, forget_gate, content, output_gate = gates
            cells = keras.ops.sigmoid(forget_gate) * cells + keras.ops.sigmoid(input_gate) * keras.ops.tanh(content)
            output = keras.ops.sigmoid(output_gate) * keras.ops.tanh(cells)
            return keras.ops.concatenate([output, cells], axis=1)

        by_time = (keras.ops.swapaxes(sums, 0, 1), keras.ops.transpose(keep))
        after = tf.scan(step, by_time, initializer=first)  # [T, U, 2 units]: the state after each step
        outputs = keras.ops.swapaxes(after[..., : self._units], 0, 1)
        return keras.ops.reshape(outputs, (-1, self._units)), after[-1]

    def compute_output_shape(self, input_shape: Any) -> tuple[tuple[int | None, int], tuple[int | None, int]]:
        return (input_shape[0][0], self._units), (input_shape[1][0], 2 * self._units)


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
        case Mean():
            return layers.GlobalAveragePooling2D(keepdims=True)(x)


def _orthogonal(gain: float) -> keras.initializers.Initializer:
    return keras.initializers.Orthogonal(gain)
