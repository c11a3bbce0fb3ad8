"""The actor of the rollouts: noise, random actions, and no TensorFlow."""

import numpy as np
import pytest

from finetune.rainbow.actor import RainbowActor, packed
from game.actions import ACTION_SETS
from policy.architecture import NetworkConfig, factorised_noise, noise_size
from policy.numpy_network import NumpyNetwork, action_values
from tests.policy.made_up import SPEC, observations, random_weights

COMBOS = ACTION_SETS["contest7"]


def make_actor(config: NetworkConfig, exploration: float) -> tuple[RainbowActor, list[np.ndarray]]:
    weights = random_weights(config, actions=7)
    actor = RainbowActor(config, SPEC, "contest7")
    actor.load(packed(weights, exploration))
    return actor, weights


def test_noise_is_drawn_anew_for_every_step() -> None:
    config = NetworkConfig(hidden=16, heads="rainbow", noisy=True)
    actor, weights = make_actor(config, 0.0)
    network = NumpyNetwork(config, weights)
    observation = observations(1)[0]
    rng = np.random.default_rng(0)
    decided = [actor.decide(observation, rng) for _ in range(30)]
    again = np.random.default_rng(0)
    for combo, log_prob, value in decided:
        noise = factorised_noise(again, noise_size(config, SPEC, 7))
        values = action_values(network(observation[None], noise)[0])[0]
        again.random()
        assert (combo, log_prob, value) == (COMBOS[int(values.argmax())], 0.0, pytest.approx(values.max()))
    assert len({combo for combo, _, _ in decided}) > 1


def test_without_noise_the_best_is_taken_but_for_a_share_of_random_actions() -> None:
    config = NetworkConfig(hidden=16, heads="values")
    actor, weights = make_actor(config, 0.5)
    observation = observations(1)[0]
    best = COMBOS[int(NumpyNetwork(config, weights)(observation[None])[0].argmax())]
    rng = np.random.default_rng(0)
    combos = [actor.decide(observation, rng)[0] for _ in range(600)]
    assert combos.count(best) / 600 == pytest.approx(0.5 + 0.5 / 7, abs=0.06)
    assert set(combos) == set(COMBOS)
    assert actor.value(observation) == 0.0
