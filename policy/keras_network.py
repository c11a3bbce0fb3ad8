"""The network in Keras, for learning: grey stacks in, one output for each head."""

import keras
from keras import layers

from game.actions import COMBO_COUNT
from game.observation import ObservationSpec
from policy.architecture import (
    HEADS,
    HIDDEN_GAIN,
    TORSOS,
    Convolution,
    Layer,
    NetworkConfig,
    Pool,
    Relu,
    ResidualBlock,
)


def build_network(config: NetworkConfig, spec: ObservationSpec, actions: int = COMBO_COUNT) -> keras.Model:
    """uint8 [B, height, width, stack] -> (logits float32 [B, actions], values float32 [B, 1]).

    Heads are kept in float32 under a mixed-precision policy.
    """
    inputs = keras.Input(spec.shape, dtype="uint8")
    x = layers.Rescaling(1 / 255)(inputs)
    for layer in TORSOS[config.torso]:
        x = _apply(layer, x)
    x = layers.Flatten()(x)
    x = layers.Dense(config.hidden, activation="relu", kernel_initializer=_orthogonal(HIDDEN_GAIN), name="hidden")(x)
    outputs = []
    for head in HEADS[config.heads]:
        dense = layers.Dense(
            # in float32 whatever the policy: a bfloat16 log-probability is good to two digits only
            head.units(actions),
            kernel_initializer=_orthogonal(head.gain),
            dtype="float32",
            name=head.name,
        )
        outputs.append(dense(x))
    return keras.Model(inputs, tuple(outputs))


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
