"""The NumPy forward pass against Keras, and the order of the weights."""

import numpy as np
import pytest

from policy.architecture import TORSOS, NetworkConfig, flatten, parameter_count, parameter_shapes, unflatten
from policy.numpy_network import NumpyNetwork
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


def test_outputs_of_the_features_are_those_of_the_network() -> None:
    network = NumpyNetwork(TINY, random_weights(TINY))
    batch = observations(3)
    features = network.features(batch).copy()
    assert features.shape == (3, TINY.hidden)
    assert (features >= 0).all()
    for expected, received in zip(network(batch), network.outputs(features), strict=True):
        np.testing.assert_array_equal(expected, received)


def test_flat_weights_round_trip() -> None:
    weights = random_weights(TINY)
    vector = flatten(weights)
    assert len(vector) == parameter_count(TINY, SPEC)
    for expected, received in zip(weights, unflatten(vector, parameter_shapes(TINY, SPEC)), strict=True):
        np.testing.assert_array_equal(expected, received)
    with pytest.raises(ValueError, match=r"Received: 3"):
        unflatten(np.zeros(3, np.float32), parameter_shapes(TINY, SPEC))
