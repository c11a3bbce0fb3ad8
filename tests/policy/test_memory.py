"""What only a memory can do: answer throughout an episode what was shown in its first step."""

import keras
import numpy as np
import pytest

from policy.architecture import NetworkConfig
from policy.keras_network import Lstm

pytestmark = pytest.mark.filterwarnings("ignore")

UNROLLS, STEPS = 64, 12
"""Sequences of two episodes each."""


def episodes(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(x [U x T, 1], begins [U, T], answers [U x T]): the cue, shown in an episode's first step only.

    Where nothing is shown (0), the answer is no; the step before may have been another episode's.
    """
    begins = np.zeros((UNROLLS, STEPS), bool)
    begins[:, 0] = True
    # at any step, so that nobody can count to it
    begins[np.arange(UNROLLS), rng.integers(3, 10, UNROLLS)] = True
    cues = rng.choice([-1.0, 0.0, 1.0], (UNROLLS, 2)).astype(np.float32)
    shown = np.take_along_axis(cues, begins.cumsum(axis=1) - 1, axis=1)
    return (shown * begins).reshape(-1, 1), begins, (shown > 0).reshape(-1)


def share_answered(units: int) -> float:
    """How often a network of so many LSTM units (0: none) is right where nothing is shown, after 120 gradient steps."""
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    x = keras.Input((1,))
    begins = keras.Input((None,), dtype="bool")
    states = keras.Input((NetworkConfig(lstm=units).state_size,))
    seen = keras.layers.Dense(8, activation="relu")(x)
    if units:
        seen, _ = Lstm(units, "orthogonal")([seen, begins, states])
    network = keras.Model((x, begins, states), keras.layers.Dense(1)(seen))
    network.compile(keras.optimizers.Adam(0.03), keras.losses.BinaryCrossentropy(from_logits=True))
    no_states = np.zeros((UNROLLS * STEPS, 2 * units), np.float32)
    for _ in range(120):
        shown, starts, answers = episodes(rng)
        network.train_on_batch((shown, starts, no_states), answers[:, None])
    shown, starts, answers = episodes(rng)
    right = (np.asarray(network((shown, starts, no_states)))[:, 0] > 0) == answers
    return float(right[~starts.reshape(-1)].mean())


def test_only_an_lstm_answers_what_was_shown_steps_ago() -> None:
    assert share_answered(8) > 0.97
    assert share_answered(0) < 0.8
