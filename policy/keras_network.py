"""The network in Keras: grey stacks in, 23 logits and a value out. The only module of policy/ that imports TensorFlow."""

import keras
from keras import layers

from game.actions import COMBO_COUNT
from game.observation import ObservationSpec
from policy.forward import NATURE_CONVOLUTIONS, RESIDUAL_FILTERS, NetworkConfig


def build_network(config: NetworkConfig, spec: ObservationSpec) -> keras.Model:
    """uint8 [B, height, width, stack] -> (logits float32 [B, 23], values float32 [B, 1]).

    Heads are kept in float32 under a mixed-precision policy. The policy head starts near zero, so that an untrained
    network plays every combo alike.
    """
    inputs = keras.Input(spec.shape, dtype="uint8")
    x = layers.Rescaling(1 / 255)(inputs)
    x = _nature(x) if config.torso == "nature" else _residual(x)
    x = layers.Flatten()(x)
    x = layers.Dense(config.hidden, activation="relu", kernel_initializer=_orthogonal(2**0.5), name="hidden")(x)
    logits = layers.Dense(COMBO_COUNT, kernel_initializer=_orthogonal(0.01), dtype="float32", name="logits")(x)
    value = layers.Dense(1, kernel_initializer=_orthogonal(1.0), dtype="float32", name="value")(x)
    return keras.Model(inputs, (logits, value))


def _orthogonal(gain: float) -> keras.initializers.Initializer:
    return keras.initializers.Orthogonal(gain)


def _nature(x: keras.KerasTensor) -> keras.KerasTensor:
    for filters, kernel, stride in NATURE_CONVOLUTIONS:
        x = layers.Conv2D(filters, kernel, stride, activation="relu", kernel_initializer=_orthogonal(2**0.5))(x)
    return x


def _residual(x: keras.KerasTensor) -> keras.KerasTensor:
    def same(x: keras.KerasTensor, filters: int) -> keras.KerasTensor:
        return layers.Conv2D(filters, 3, padding="same")(x)

    for filters in RESIDUAL_FILTERS:
        x = layers.MaxPooling2D(3, 2, padding="same")(same(x, filters))
        for _ in range(2):
            residual = same(layers.ReLU()(x), filters)
            x = layers.Add()([x, same(layers.ReLU()(residual), filters)])
    return layers.ReLU()(x)
