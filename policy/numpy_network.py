"""The network's forward pass in NumPy: acting in workers and in the recorder needs no TensorFlow.

Equal to the Keras network (policy.keras_network) within 1e-4; a test holds them together. B is a batch.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from policy.architecture import (
    HEADS,
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
)


def pool(x: np.ndarray) -> np.ndarray:
    """3x3 maximum with stride 2 and Keras's "same" padding: [B, h, w, c] -> [B, ceil(h/2), ceil(w/2), c]."""
    padded = pad_same(x, kernel=3, stride=2, value=-np.inf)
    return sliding_window_view(padded, (3, 3), axis=(1, 2))[:, ::2, ::2].max(axis=(-1, -2))


_BYTE = np.float32(1 / 255)


class LinearLayer:
    """A convolution without padding (kernel [k, k, c, f]) or a dense layer (kernel [c, f]), with its own work space.

    What it returns lies in that work space and is overwritten by the next call: fresh arrays of this size would cost as much
    as a quarter of the sums.
    """

    def __init__(self, kernel: np.ndarray, bias: np.ndarray, stride: int = 1, relu: bool = True) -> None:
        self._size = kernel.shape[0]
        self._stride = stride
        self._relu = relu
        self._is_dense = kernel.ndim == 2
        self._kernel = np.ascontiguousarray(kernel.reshape(-1, kernel.shape[-1]), np.float32)
        self._bias = np.ascontiguousarray(bias, np.float32)
        self._columns = np.zeros((0, 0), np.float32)
        self._sums = np.zeros((0, 0), np.float32)

    @property
    def units(self) -> int:
        """Outputs (channels)."""
        return len(self._bias)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """x, float32 or uint8 (which counts as 0 to 1): [B, h, w, c] -> float32 [B, h', w', f], or [B, c] -> [B, f]."""
        if self._is_dense:
            return self._weigh(x, (len(x),))
        windows = self._windows(np.ascontiguousarray(x))
        batch, down, right = windows.shape[:3]
        count = batch * down * right
        # batches of one size follow each other, so the work space is made once
        if len(self._columns) != count:
            self._columns = np.empty((count, len(self._kernel)), np.float32)
        columns = self._columns.reshape(windows.shape)
        if x.dtype == np.uint8:
            np.multiply(windows, _BYTE, out=columns)
        else:
            np.copyto(columns, windows)
        return self._weigh(self._columns, (batch, down, right))

    def _windows(self, x: np.ndarray) -> np.ndarray:
        """All windows of a convolution, without copying: [B, h, w, c] -> [B, h', w', k, k x c]."""
        batch, height, width, channels = x.shape
        down = (height - self._size) // self._stride + 1
        right = (width - self._size) // self._stride + 1
        # the pixels of a window's row lie side by side in memory, so a row is one axis of k x c numbers
        shape = (batch, down, right, self._size, self._size * channels)
        by_image, by_row, by_column, by_channel = x.strides
        strides = (by_image, self._stride * by_row, self._stride * by_column, by_row, by_channel)
        return np.ndarray(shape, x.dtype, buffer=x, offset=0, strides=strides)

    def _weigh(self, columns: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
        if len(self._sums) != len(columns):
            self._sums = np.empty((len(columns), len(self._bias)), np.float32)
        # a convolution is one product of all its windows with the kernel (im2col)
        np.matmul(columns, self._kernel, out=self._sums)
        np.add(self._sums, self._bias, out=self._sums)
        if self._relu:
            np.maximum(self._sums, 0.0, out=self._sums)
        return self._sums.reshape(*shape, -1)


Pair = tuple[np.ndarray, np.ndarray]
"""Kernel and bias of a layer."""
Arrays = Iterator[np.ndarray]
"""All weights of a network that no layer has taken yet, in Keras's order."""


def next_pair(weights: Arrays) -> Pair:
    """Kernel and bias of the next layer."""
    kernel = next(weights)
    return kernel, next(weights)


class NoisyLayer:
    """A dense layer with factorised noise on its weights (policy.keras_network.NoisyDense)."""

    def __init__(self, mean: Pair, scale: Pair, relu: bool) -> None:
        self.inputs, self.units = mean[0].shape
        self._mean = LinearLayer(*mean, relu=False)
        self._scale = LinearLayer(*scale, relu=False)
        self._relu = relu
        self._noise: np.ndarray | None = None

    def set_noise(self, noise: np.ndarray | None) -> None:
        """Of the next passes, float32 [inputs + units]; None plays the mean weights."""
        self._noise = noise

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """float32 [B, inputs] -> [B, units]"""
        sums = self._mean(x)
        if self._noise is not None:
            of_inputs, of_units = np.split(self._noise, [self.inputs])
            sums += of_units * self._scale(x * of_inputs)
        if self._relu:
            np.maximum(sums, 0.0, out=sums)
        return sums


class NormLayer:
    """Every row less its mean, over its standard deviation, then scaled and shifted (Ba et al. 2016, arXiv:1607.06450)."""

    def __init__(self, scale: np.ndarray, shift: np.ndarray) -> None:
        self._scale = scale
        self._shift = shift

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """float32 [B, units] -> [B, units]"""
        centred = x - x.mean(axis=1, keepdims=True)
        variance = np.square(centred).mean(axis=1, keepdims=True)
        return centred / np.sqrt(variance + np.float32(NORM_EPSILON)) * self._scale + self._shift


class LstmLayer:
    """One step of an LSTM (policy.keras_network.Lstm)."""

    def __init__(self, kernel: np.ndarray, bias: np.ndarray) -> None:
        self._gates = LinearLayer(kernel, bias, relu=False)

    def __call__(self, x: np.ndarray, state: np.ndarray) -> np.ndarray:
        """float32 [B, inputs], [B, 2 units] -> the state after the step, whose first half is the layer's output."""
        output, cells = np.split(state, 2, axis=1)
        sums = self._gates(np.concatenate([x, output], axis=1))
        input_gate, forget_gate, content, output_gate = np.split(sums, 4, axis=1)
        cells = sigmoid(forget_gate) * cells + sigmoid(input_gate) * np.tanh(content)
        output = sigmoid(output_gate) * np.tanh(cells)
        return np.concatenate([output, cells], axis=1)


class NumpyNetwork:
    """The forward pass for given weights (arrays in the order of `architecture.parameter_shapes`)."""

    def __init__(self, config: NetworkConfig, weights: Sequence[np.ndarray]) -> None:
        # every layer takes its own arrays from the iterator, in Keras's order
        arrays = iter(weights)
        self._torso = [_applying(layer, arrays) for layer in TORSOS[config.torso]]
        self._noisy_layers: list[NoisyLayer] = []
        self._is_noisy = config.noisy
        self._hidden = self._dense(arrays, relu=not config.layer_norm)
        self._norm = NormLayer(*next_pair(arrays)) if config.layer_norm else None
        self._lstm = LstmLayer(*next_pair(arrays)) if config.lstm else None
        self._features = config.features
        self._heads = [self._head(head, arrays) for head in HEADS[config.heads]]

    def __call__(self, observations: np.ndarray, noise: np.ndarray | None = None) -> tuple[np.ndarray, ...]:
        """The heads' outputs for uint8 [B, height, width, stack], as float32 in memory of their own.

        actor_critic: (logits [B, actions], values [B]). Of action values: ([B, actions],) or ([B, actions, atoms],).

        Args:
            noise: float32 [noise_size] of a noisy network, shared by the batch; None plays its mean weights.
        """
        if self._lstm:
            raise ValueError("Expected step(), with a state, of a network that has a memory.")
        self._set_noise(noise)
        return self.outputs(self.features(observations))

    def step(self, observations: np.ndarray, states: np.ndarray) -> tuple[tuple[np.ndarray, ...], np.ndarray]:
        """One step of B episodes, for a network with a memory or without: (the heads' outputs, the states after it).

        Args:
            observations: uint8 [B, height, width, stack].
            states: float32 [B, state_size], before the step; zeros where an episode begins.
        """
        features = self.features(observations)
        if self._lstm:
            states = self._lstm(features, states)
            features = states[:, : self._features]
        return self.outputs(features), states

    def features(self, observations: np.ndarray) -> np.ndarray:
        """uint8 [B, height, width, stack] -> the hidden layer, float32 [B, hidden]; the next call overwrites it.

        It is what the heads see, unless there is a memory between.
        """
        x = observations
        for layer in self._torso:
            x = layer(x)
        hidden = self._hidden(x.reshape(len(x), -1))
        return relu(self._norm(hidden)) if self._norm else hidden

    def outputs(self, features: np.ndarray) -> tuple[np.ndarray, ...]:
        """What the heads see, float32 [B, features] -> their outputs, as the network itself gives them."""
        return tuple(head(features) for head in self._heads)

    def _set_noise(self, noise: np.ndarray | None) -> None:
        first = 0
        for layer in self._noisy_layers:
            last = first + layer.inputs + layer.units
            layer.set_noise(None if noise is None else noise[first:last])
            first = last

    def _dense(self, weights: Arrays, relu: bool = False) -> LinearLayer | NoisyLayer:
        """The next dense layer."""
        mean = next_pair(weights)
        if not self._is_noisy:
            return LinearLayer(*mean, relu=relu)
        layer = NoisyLayer(mean, next_pair(weights), relu)
        self._noisy_layers.append(layer)
        return layer

    def _head(self, head: Head, weights: Arrays) -> Callable[[np.ndarray], np.ndarray]:
        """A head as a function of what it sees, [B, features]."""
        own = self._dense(weights)
        shared = self._dense(weights) if head.shared else None

        def apply(x: np.ndarray) -> np.ndarray:
            output = own(x).reshape(len(x), -1, head.atoms)  # [B, actions, atoms]
            if shared is not None:
                of_state = shared(x).reshape(len(x), 1, head.atoms)
                output = of_state + output - output.mean(axis=1, keepdims=True)
            if head.atoms == 1:
                output = output[:, :, 0]
            if not head.per_action:
                output = output[:, 0]
            return output.copy()  # out of the work space

        return apply


def action_values(output: np.ndarray) -> np.ndarray:
    """What actions are worth by a head of action values, float32 [B, actions]: [B, actions] as they are.

    Of distributions, logits [B, actions, atoms], the means, on atoms that lie evenly from 0 to 1: where they really lie
    is the learner's affair, and makes no other action the best.
    """
    if output.ndim == 2:
        return output
    atoms = np.linspace(0.0, 1.0, output.shape[-1], dtype=np.float32)
    return np.exp(log_softmax(output)) @ atoms


def _applying(layer: Layer, weights: Arrays) -> Callable[[np.ndarray], np.ndarray]:
    """A torso's layer as a function [B, h, w, c] -> [B, h', w', c'], its weights taken from the iterator."""
    match layer:
        case Convolution(same=True):
            convolution = LinearLayer(*next_pair(weights), layer.stride, layer.relu)
            return lambda x: convolution(pad_same(x, layer.kernel, layer.stride))
        case Convolution():
            return LinearLayer(*next_pair(weights), layer.stride, layer.relu)
        case SeparableConvolution():
            # [k, k, c, 1] x [1, 1, c, f]: one after the other, the two are a convolution with the product as its kernel
            kernel = next(weights) * next(weights)
            whole = LinearLayer(kernel, next(weights), layer.stride)
            return lambda x: whole(pad_same(x, layer.kernel, layer.stride))
        case Pool():
            return pool
        case ResidualBlock():
            inner = LinearLayer(*next_pair(weights), relu=False)
            outer = LinearLayer(*next_pair(weights), relu=False)
            return lambda x: x + outer(pad_same(relu(inner(pad_same(relu(x), 3))), 3))
        case Relu():
            return relu
        case Mean():
            return lambda x: x.mean(axis=(1, 2), keepdims=True)


def relu(x: np.ndarray) -> np.ndarray:
    """max(x, 0)"""
    return np.maximum(x, 0.0)


def sigmoid(x: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x)), by a function that never overflows."""
    return 0.5 + 0.5 * np.tanh(0.5 * x)


def pad_same(x: np.ndarray, kernel: int, stride: int = 1, value: float = 0) -> np.ndarray:
    """What Keras's "same" padding puts around each picture, so that size / stride, rounded up, outputs come of it.

    [B, h, w, c] -> [B, h + ..., w + ..., c]; an odd one goes below and to the right.
    """
    pads = [(0, 0)]
    for size in x.shape[1:3]:
        outputs = -(-size // stride)
        total = max((outputs - 1) * stride + kernel - size, 0)
        pads.append((total // 2, total - total // 2))
    return np.pad(x, [*pads, (0, 0)], constant_values=value)


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Log-probabilities along the last axis."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
