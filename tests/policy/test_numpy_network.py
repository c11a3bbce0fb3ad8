"""The NumPy forward pass against Keras, and the order of the weights."""

import numpy as np
import pytest

from game.actions import COMBO_COUNT
from game.observation import NO_COMBO, draw_combos
from policy.architecture import (
    ATOMS,
    TORSOS,
    NetworkConfig,
    factorised_noise,
    flatten,
    inherited_count,
    mean_places,
    noise_size,
    parameter_count,
    parameter_shapes,
    unflatten,
)
from policy.numpy_network import LstmLayer, NormLayer, NumpyNetwork, action_values
from tests.policy.made_up import SPEC, TINY, observations, random_weights


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("torso", TORSOS)
@pytest.mark.parametrize("actions", [23, 7])
def test_numpy_equals_keras(torso: str, actions: int) -> None:
    from policy.keras_network import build_network

    config = NetworkConfig(torso=torso, hidden=32)
    weights = random_weights(config, actions=actions)
    model = build_network(config, SPEC, actions)
    assert [w.shape for w in model.get_weights()] == parameter_shapes(config, SPEC, actions)
    model.set_weights(weights)
    batch = observations(3)
    expected_logits, expected_values = model(batch)
    logits, values = NumpyNetwork(config, weights)(batch)
    np.testing.assert_allclose(logits, expected_logits, atol=1e-4)
    np.testing.assert_allclose(values, np.asarray(expected_values)[:, 0], atol=1e-4)


@pytest.mark.parametrize("torso", TORSOS)
def test_every_combo_of_an_action_history_is_seen(torso: str) -> None:
    """Drawn along the bottom it was not: there, strides leave rows out."""
    config = NetworkConfig(torso=torso, hidden=32)
    batch = np.repeat(observations(1), COMBO_COUNT + 1, axis=0)
    for frame in range(SPEC.stack):
        combos = np.full((COMBO_COUNT + 1, SPEC.stack), NO_COMBO, np.uint8)
        combos[1:, frame] = np.arange(COMBO_COUNT)
        draw_combos(np.moveaxis(batch, -1, 1), combos)
        logits, _ = NumpyNetwork(config, random_weights(config))(batch)
        assert len(np.unique(logits, axis=0)) == COMBO_COUNT + 1


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("noisy", [False, True])
def test_numpy_equals_keras_with_a_normalised_layer(noisy: bool) -> None:
    from policy.keras_network import build_network

    config = NetworkConfig(hidden=32, layer_norm=True, noisy=noisy)
    weights = random_weights(config)
    model = build_network(config, SPEC)
    assert [w.shape for w in model.get_weights()] == parameter_shapes(config, SPEC)
    model.set_weights(weights)
    batch = observations(3)
    noise = factorised_noise(np.random.default_rng(2), noise_size(config, SPEC)) if noisy else None
    expected_logits, expected_values = model((batch, noise[None]) if noisy else batch)
    logits, values = NumpyNetwork(config, weights)(batch, noise)
    np.testing.assert_allclose(logits, expected_logits, atol=1e-4)
    np.testing.assert_allclose(values, np.asarray(expected_values)[:, 0], atol=1e-4)


def test_a_normalised_row_by_hand() -> None:
    rows = np.array([[1.0, 3.0], [-2.0, -2.0]], np.float32)
    norm = NormLayer(scale=np.array([2.0, 1.0], np.float32), shift=np.array([0.5, 0.0], np.float32))
    np.testing.assert_allclose(norm(rows), [[-1.5, 1.0], [0.5, 0.0]], atol=1e-4)


def test_where_the_weights_of_a_normalised_noisy_network_are_those_without_noise() -> None:
    noisy = NetworkConfig(hidden=16, layer_norm=True, noisy=True)
    weights = random_weights(noisy)
    quiet = [weights[place] for place in mean_places(noisy, SPEC)]
    plain = NetworkConfig(hidden=16, layer_norm=True)
    assert [array.shape for array in quiet] == parameter_shapes(plain, SPEC)
    batch = observations(2)
    for expected, received in zip(NumpyNetwork(noisy, weights)(batch), NumpyNetwork(plain, quiet)(batch), strict=True):
        np.testing.assert_allclose(received, expected, atol=1e-6)
    assert inherited_count(plain, SPEC) == len(quiet) - 4  # logits and value have a pair each


def test_the_separable_network_is_as_large_as_the_one_it_is_taken_from() -> None:
    """3,550,296 trainable variables with seven actions, as torinrettig's fast_architecture.py counts them."""
    assert parameter_count(NetworkConfig(torso="separable"), SPEC, actions=7) == 3_550_296


def test_outputs_of_the_features_are_those_of_the_network() -> None:
    network = NumpyNetwork(TINY, random_weights(TINY))
    batch = observations(3)
    features = network.features(batch).copy()
    assert features.shape == (3, TINY.hidden)
    assert (features >= 0).all()
    for expected, received in zip(network(batch), network.outputs(features), strict=True):
        np.testing.assert_array_equal(expected, received)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("heads", ["values", "dueling", "distributional", "rainbow"])
@pytest.mark.parametrize("noisy", [False, True])
def test_numpy_equals_keras_for_heads_of_action_values(heads: str, noisy: bool) -> None:
    from policy.keras_network import build_network

    config = NetworkConfig(hidden=32, heads=heads, noisy=noisy)
    weights = random_weights(config, actions=7)
    model = build_network(config, SPEC, 7)
    assert [w.shape for w in model.get_weights()] == parameter_shapes(config, SPEC, 7)
    model.set_weights(weights)
    batch = observations(3)
    noise = factorised_noise(np.random.default_rng(2), noise_size(config, SPEC, 7)) if noisy else None
    expected = model((batch, noise[None]) if noisy else batch)
    network = NumpyNetwork(config, weights)
    (received,) = network(batch, noise)
    np.testing.assert_allclose(received, expected, atol=1e-4)
    is_distribution = heads in ("distributional", "rainbow")
    assert received.shape == ((3, 7, ATOMS) if is_distribution else (3, 7))
    if noisy:
        quiet = model((batch, np.zeros_like(noise)[None]))
        np.testing.assert_allclose(network(batch)[0], quiet, atol=1e-4)
        assert np.abs(quiet - expected).max() > 0.01


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("torso", TORSOS)
def test_an_lstm_in_numpy_equals_keras_over_sequences_with_resets(torso: str) -> None:
    """Two sequences that begin in the middle of an episode; in the first, another begins at its third step."""
    from policy.keras_network import build_network

    config = NetworkConfig(torso=torso, hidden=32, lstm=8)
    rng = np.random.default_rng(3)
    weights = [10 * array for array in random_weights(config, actions=7)[-6:]]
    weights = random_weights(config, actions=7)[:-6] + weights  # what is remembered must count
    model = build_network(config, SPEC, 7)
    assert [w.shape for w in model.get_weights()] == parameter_shapes(config, SPEC, 7)
    model.set_weights(weights)
    batch = observations(10)
    begins = np.zeros((2, 5), bool)
    begins[0, 2] = True
    states = rng.normal(size=(10, config.state_size)).astype(np.float32)
    logits, values, after = model((batch, begins, states))
    network = NumpyNetwork(config, weights)
    for unroll in range(2):
        state = states[5 * unroll][None]
        for step in range(5):
            place = 5 * unroll + step
            if begins[unroll, step]:
                state = np.zeros_like(state)
            (own_logits, own_values), state = network.step(batch[place][None], state)
            np.testing.assert_allclose(own_logits[0], logits[place], atol=1e-4)
            np.testing.assert_allclose(own_values[0], values[place, 0], atol=1e-4)
        np.testing.assert_allclose(state[0], after[unroll], atol=1e-4)
    with pytest.raises(ValueError, match="Expected step"):
        network(batch)


def test_a_step_of_a_network_without_a_memory_is_a_pass() -> None:
    network = NumpyNetwork(TINY, random_weights(TINY))
    batch = observations(2)
    (logits, values), after = network.step(batch, np.zeros((2, 0), np.float32))
    np.testing.assert_array_equal(logits, network(batch)[0])
    np.testing.assert_array_equal(values, network(batch)[1])
    assert after.shape == (2, 0)


def test_an_lstms_step_by_hand() -> None:
    """One unit, one input: gates i, f, g, o of x = 1 and h = 0.5, c = 2."""
    kernel = np.array([[0.1, 0.2, 0.3, 0.4], [1.0, -1.0, 0.5, 2.0]], np.float32)
    bias = np.array([0.0, 1.0, 0.0, -1.0], np.float32)
    after = LstmLayer(kernel, bias)(np.array([[1.0]], np.float32), np.array([[0.5, 2.0]], np.float32))

    def squash(x: float) -> float:
        return 1 / (1 + np.exp(-x))

    cell = squash(0.7) * 2.0 + squash(0.6) * np.tanh(0.55)
    np.testing.assert_allclose(after, [[squash(0.4) * np.tanh(cell), cell]], rtol=1e-5)


def test_a_memory_goes_with_a_policy_only() -> None:
    for wrong in ({"noisy": True}, {"heads": "values"}):
        with pytest.raises(ValueError, match=r"network\.lstm"):
            NetworkConfig(lstm=8, **wrong)
    with pytest.raises(ValueError, match="somebody: expected a network without a memory"):
        NetworkConfig(lstm=8).check_memoryless("somebody")
    TINY.check_memoryless("somebody")


def test_the_shared_value_is_the_mean_of_a_dueling_head() -> None:
    """Wang et al. 2016, eq. 9: advantages have the mean 0, so what is left of the mean is the state's value."""
    config = NetworkConfig(hidden=16, heads="dueling")
    weights = random_weights(config, actions=7)
    (values,) = NumpyNetwork(config, weights)(observations(2))
    weights[-4] += 1.0  # every advantage alike: nothing changes
    (same,) = NumpyNetwork(config, weights)(observations(2))
    np.testing.assert_allclose(same, values, atol=1e-5)
    weights[-1] += 5.0  # the bias of the state's value
    (higher,) = NumpyNetwork(config, weights)(observations(2))
    np.testing.assert_allclose(higher.mean(axis=1), values.mean(axis=1) + 5.0, atol=1e-5)


def test_the_value_of_a_distribution_is_its_mean() -> None:
    logits = np.log(np.array([[[0.5, 0.25, 0.25], [0.01, 0.01, 0.98]]]))
    np.testing.assert_allclose(action_values(logits), [[0.375, 0.985]])
    numbers = np.array([[3.0, -2.0]])
    np.testing.assert_array_equal(action_values(numbers), numbers)


@pytest.mark.filterwarnings("ignore")
def test_a_noisy_layers_output_has_the_moments_of_the_paper() -> None:
    """With independent weights' noise of deviation s, factorised: mean that of the mean weights; variance, by eq. 10 with
    E[f(e)^2] = E|e|, the sum over inputs of (s x E|e|)^2, and the bias's."""
    from policy.keras_network import NoisyDense

    layer = NoisyDense(2, "ones")
    x = np.array([[1.0, 2.0, -1.0]], np.float32)
    rng = np.random.default_rng(0)
    draws = 40_000
    noise = factorised_noise(rng, draws, 5)
    outputs = np.asarray(layer([np.repeat(x, draws, axis=0), noise[:, :3], noise[:, 3:]]))
    scale = 0.5 / 3**0.5
    mean_square = (2 / np.pi) ** 0.5  # E|e| = E[f(e)^2]
    variance = scale**2 * (mean_square**2 * 6.0 + mean_square)
    np.testing.assert_allclose(outputs.mean(axis=0), [2.0, 2.0], atol=0.02)
    np.testing.assert_allclose(outputs.var(axis=0), [variance, variance], rtol=0.05)
    assert layer.get_weights()[2] == pytest.approx(scale)


def test_flat_weights_round_trip() -> None:
    weights = random_weights(TINY)
    vector = flatten(weights)
    assert len(vector) == parameter_count(TINY, SPEC)
    for expected, received in zip(weights, unflatten(vector, parameter_shapes(TINY, SPEC)), strict=True):
        np.testing.assert_array_equal(expected, received)
    with pytest.raises(ValueError, match=r"Received: 3"):
        unflatten(np.zeros(3, np.float32), parameter_shapes(TINY, SPEC))
