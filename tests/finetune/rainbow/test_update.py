"""Rainbow's losses by hand: which action is chosen, by whom its value is given, and what priorities follow."""

import numpy as np
import pytest

from finetune.rainbow.config import Config
from game.actions import ACTION_SETS
from game.observation import ObservationSpec
from policy.architecture import ATOMS, noise_size

pytestmark = pytest.mark.filterwarnings("ignore")
SPEC = ObservationSpec(height=36, width=36, stack=1)
COMBOS = ACTION_SETS["jerk4"]


def make_update(**options):
    from finetune.rainbow.update import Update
    from policy.keras_network import build_network

    config = Config(hidden=4, action_set="jerk4", value_min=-10.0, value_max=10.0, **options)
    architecture = config.network(None)
    network = build_network(architecture, SPEC, len(COMBOS))
    target = build_network(architecture, SPEC, len(COMBOS))
    return Update(config, network, target, "jerk4", noise_size(architecture, SPEC, len(COMBOS)))


def batch_of(actions: list[int], returns: list[float], discounts: list[float]):
    from finetune.rainbow.update import Batch

    blank = np.zeros((len(actions), *SPEC.shape), np.uint8)
    return Batch(
        observations=blank,
        actions=np.array(actions, np.int32),
        returns=np.array(returns, np.float32),
        discounts=np.array(discounts, np.float32),
        next_observations=blank,
        weights=np.ones(len(actions), np.float32),
    )


ONLINE = np.array([[1.0, 5.0, 2.0, 0.0]] * 2, np.float32)
TARGET = np.array([[7.0, 3.0, 9.0, 1.0]] * 2, np.float32)
PREDICTED = np.array([[0.0, 4.0, 0.0, 0.0], [0.0, 0.0, 0.5, 0.0]], np.float32)


@pytest.mark.parametrize(("double", "following"), [(True, 3.0), (False, 9.0)])
def test_the_online_network_chooses_and_the_target_network_says_what_that_is_worth(double, following) -> None:
    """Van Hasselt et al. 2016, eq. 4: the target's own choice would be its largest value, 9."""
    update = make_update(distributional=False, noisy=False, double=double)
    found = update.losses(PREDICTED, ONLINE, TARGET, batch_of([1, 2], [2.0, 1.0], [0.5, 0.0]))
    # the first goes on, the second ended
    np.testing.assert_allclose(found.errors, [abs(2.0 + 0.5 * following - 4.0), 0.5], atol=1e-6)
    np.testing.assert_allclose(found.values, [4.0, 0.5])
    assert float(found.losses[1]) == pytest.approx(0.125)  # half the square, up to 1
    far = update.losses(PREDICTED, ONLINE, TARGET, batch_of([1, 2], [20.0, 1.0], [0.0, 0.0]))
    assert float(far.losses[0]) == pytest.approx(15.5)  # linear beyond


def peaks(values: np.ndarray) -> np.ndarray:
    """Logits [B, actions, atoms] of distributions that are all but sure of these returns."""
    support = np.linspace(-10.0, 10.0, ATOMS)
    return (-50.0 * np.abs(support - values[..., None])).astype(np.float32)


@pytest.mark.parametrize(("double", "following"), [(True, 3.2), (False, 9.2)])
def test_distributions_are_chosen_by_their_means(double: bool, following: float) -> None:
    update = make_update(noisy=False, double=double)
    # 0.4 lies between two atoms, so all returns are on atoms
    target = peaks(TARGET + 0.2)
    returns = [2.0 - 0.5 * following + 2.0, -3.0]
    found = update.losses(peaks(PREDICTED), peaks(ONLINE), target, batch_of([1, 2], returns, [0.5, 0.0]))
    np.testing.assert_allclose(found.values, [4.0, 0.4], atol=0.11)
    assert found.losses[0] < 0.1  # predicted as it came
    assert found.losses[1] > 50.0
    np.testing.assert_array_equal(found.errors, np.maximum(found.losses, 0.0))


def test_a_gradient_step_learns_and_importance_weights_count() -> None:
    update = make_update(learning_rate=0.01)
    batch = batch_of([1, 2], [5.0, -5.0], [0.0, 0.0])._replace(weights=np.array([1.0, 0.0], np.float32))
    noise = np.zeros((3, 1, update.noise_size), np.float32)
    before = update.train_on_batch(batch, noise)
    for _ in range(30):
        after = update.train_on_batch(batch, noise)
    assert float(after.losses[0]) < 0.7 * float(before.losses[0])
    assert float(after.values[0]) > float(before.values[0]) + 0.3
    assert float(after.losses[1]) > 0.9 * float(before.losses[1])  # of weight 0


def test_the_target_network_stands_still_until_it_is_copied() -> None:
    update = make_update(noisy=False, learning_rate=0.01)
    first = [weights.copy() for weights in update.target.get_weights()]
    update.train_on_batch(batch_of([1], [5.0], [0.0]), np.zeros((3, 1, 0), np.float32))
    for expected, received in zip(first, update.target.get_weights(), strict=True):
        np.testing.assert_array_equal(expected, received)
    update.copy_to_target()
    changed = [not np.array_equal(a, b) for a, b in zip(first, update.target.get_weights(), strict=True)]
    assert any(changed)


def test_an_untrained_network_expects_nothing() -> None:
    from finetune.distributional import expected_values, expecting_nothing, support_of

    support = support_of(-5.0, 45.0, ATOMS)
    assert float(expected_values(expecting_nothing(support), support)) == pytest.approx(0.0, abs=0.05)
