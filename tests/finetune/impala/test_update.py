"""One update of IMPALA against an independent implementation in NumPy; signs and directions by a world that must be learnt."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

from finetune.impala.config import Config
from finetune.impala.update import Batch, Update, impala_losses
from game.actions import ACTION_SETS
from tests.finetune.ppo.test_update import (
    ACTIONS,
    SHAPE,
    Shown,
    SlowAdam,
    bandit,
    rates_of,
    small_network,
    snapshot,
    softmax,
)
from tests.finetune.ppo.test_update import rollout as rollout_of_ppo
from tests.finetune.test_vtrace import slow_targets

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(autouse=True)
def float32():
    """Keras's policy is global; another test may have left it elsewhere."""
    before = keras.mixed_precision.dtype_policy()
    keras.mixed_precision.set_global_policy("float32")
    yield
    keras.mixed_precision.set_global_policy(before)


def config(**changed) -> Config:
    small = {
        "num_envs": 3, "rollout_length": 4, "epochs": 2, "batch_unrolls": 2, "total_steps": 1200, "critic_warmup": 0.0,
        "entropy_weight": 0.02, "kl_weight": 0.3, "learning_rate": 0.01, "critic_learning_rate": 0.03,
        "seed": 3, "c_clip": 0.8, "rho_clip": 1.5,
        "trace_lambda": 0.9,
    }  # fmt: skip
    return Config(**small | changed)


def with_last_observations(t: SimpleNamespace, seed: int) -> SimpleNamespace:
    rng = np.random.default_rng(seed)
    t.bootstrap_observations = rng.integers(0, 256, (3, *SHAPE), dtype=np.uint8)
    return t


def rollout(seed: int = 0) -> SimpleNamespace:
    """Made-up trajectories [3, 4] with a termination and a truncation."""
    return with_last_observations(rollout_of_ppo(seed), seed + 100)


def forward(weights: list[np.ndarray], observations: np.ndarray) -> tuple[np.ndarray, ...]:
    """(pixels, what goes into the hidden layer, what comes out, logits, values)."""
    w1, b1, w2, b2, w3, b3 = weights
    x = observations.reshape(-1, 4) / 255.0
    inner = x @ w1 + b1
    h = np.maximum(inner, 0.0)
    return x, inner, h, h @ w2 + b2, (h @ w3 + b3)[:, 0]


def slow_gradients(
    weights: list[np.ndarray], t: SimpleNamespace, chosen: list[int], clone, c: Config, kl_weight: float
):
    """Gradients of the whole loss on the unrolls of some environments, by hand."""
    ratios, advantages, targets = [], [], []
    for e in chosen:
        _, _, _, logits, values = forward(weights, t.observations[e])
        last = forward(weights, t.bootstrap_observations[e])[4][0]
        actions = [ACTION_SETS[ACTIONS].index(combo) for combo in t.actions[e]]
        ratio = softmax(logits)[np.arange(4), actions] / np.exp(t.log_probs[e])
        rewards = t.rewards[e] + c.gamma * t.truncation_values[e] * t.truncated[e]
        discounts = c.gamma * ~(t.terminated[e] | t.truncated[e])
        target = slow_targets(ratio, rewards, discounts, values, last, c.rho_clip, c.c_clip, c.trace_lambda)
        following = np.array([*target[1:], last])
        ratios.append(ratio)
        targets.append(target)
        advantages.append(np.minimum(c.rho_clip, ratio) * (rewards + discounts * following - values))
    advantage = np.concatenate(advantages)
    advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
    observations = t.observations[chosen]
    x, inner, h, logits, values = forward(weights, observations)
    actions = [ACTION_SETS[ACTIONS].index(combo) for combo in t.actions[chosen].reshape(-1)]
    p = softmax(logits)
    count = len(x)
    d_logits = -advantage[:, None] * (np.eye(4)[actions] - p)
    entropy = -(p * np.log(p)).sum(axis=1, keepdims=True)
    d_logits += c.entropy_weight * p * (np.log(p) + entropy)
    d_logits += kl_weight * (p - softmax(forward(clone, observations)[3]))
    d_value = c.value_weight * (values - np.concatenate(targets))[:, None]
    d_h = (d_logits @ weights[2].T + d_value @ weights[4].T) * (inner > 0)
    return [
        x.T @ d_h / count,
        d_h.mean(axis=0),
        h.T @ d_logits / count,
        d_logits.mean(axis=0),
        h.T @ d_value / count,
        d_value.mean(axis=0),
    ]


def test_an_update_equals_an_independent_implementation() -> None:
    """V-trace anew at each gradient step, losses, gradients, clipping, optimizers, rate and KL schedules: two updates."""
    c = config()
    network = small_network()
    clone = small_network(seed=9)
    update = Update(c, network, clone, ACTIONS)
    weights = [w.astype(np.float64) for w in network.get_weights()]
    adam = SlowAdam([w.shape for w in weights])
    for number in (0, 1):
        t = rollout(number)
        update(t, number)
        done = number / c.updates
        minibatches = update.minibatches(number).numpy()
        assert minibatches.shape == (c.gradient_steps, 2) == (3, 2)
        for chosen in minibatches.tolist():
            kl_weight = c.kl_weight * 0.5 ** (done / c.kl_half_life)
            gradients = slow_gradients(weights, t, chosen, clone.get_weights(), c, kl_weight)
            norm = np.sqrt(sum((g**2).sum() for g in gradients))
            gradients = [g * min(1.0, c.max_gradient_norm / norm) for g in gradients]
            weights = adam.step(weights, gradients, rates_of(c, done))
    for expected, received in zip(weights, network.get_weights(), strict=True):
        np.testing.assert_allclose(received, expected, atol=1e-5)


def test_losses_by_hand() -> None:
    """Two steps that end an episode each: advantages are reward minus value, times the weight."""
    logits = tf.constant([[[0.0, np.log(3.0)], [0.0, np.log(3.0)]]], tf.float32)  # probabilities 1/4, 3/4
    batch = Batch(
        observations=tf.zeros(1),
        actions=tf.constant([[1, 0]]),
        log_probs=tf.constant([[np.log(0.5), np.log(0.5)]], tf.float32),  # ratios 1.5, cut to 1, and 0.5
        rewards=tf.constant([[3.0, 5.0]]),
        discounts=tf.zeros((1, 2)),
        begins=tf.zeros((1, 3), tf.bool),
        memories=tf.zeros((1, 0)),
        clone_logits=tf.zeros((1, 2, 2)),
    )
    values = tf.constant([[1.0, 1.0, 9.0]])
    losses = {name: float(value) for name, value in impala_losses(logits, values, batch, Config()).items()}
    # both advantages are 2; normalised, 0
    assert losses["policy"] == pytest.approx(0.0, abs=1e-5)
    assert losses["value"] == pytest.approx(0.5 * 2.0**2)
    assert losses["entropy"] == pytest.approx(-(0.25 * np.log(0.25) + 0.75 * np.log(0.75)))
    assert losses["kl"] == pytest.approx(0.5 * np.log(0.5 / 0.25) + 0.5 * np.log(0.5 / 0.75))
    assert losses["ratio"] == pytest.approx(1.0)
    assert losses["clipped"] == 0.5


def test_while_the_critic_warms_up_nothing_else_moves() -> None:
    c = config(critic_warmup=0.01)  # one of 100 updates
    update = Update(c, small_network(), small_network(seed=9), ACTIONS)
    policy, value = snapshot(update.policy_variables), snapshot(update.value_variables)
    update(rollout(0), 0)
    for before, after in zip(policy, snapshot(update.policy_variables), strict=True):
        np.testing.assert_array_equal(before, after)
    assert all((a != b).any() for a, b in zip(value, snapshot(update.value_variables), strict=True))
    update(rollout(1), 1)
    assert any((a != b).any() for a, b in zip(policy, snapshot(update.policy_variables), strict=True))


@pytest.mark.parametrize("best", [0, 2])
def test_a_bandit_is_learnt_from_what_older_weights_played(best: int) -> None:
    """What pays most is pressed in the end, and valued, though every rollout was played two updates before."""
    rewards = {combo: float(place == best) for place, combo in enumerate(ACTION_SETS[ACTIONS])}
    c = config(total_steps=12 * 60, learning_rate=0.05, entropy_weight=0.0, c_clip=1.0, rho_clip=1.0, epochs=3)
    update = Update(c, small_network(), None, ACTIONS)
    rng = np.random.default_rng(0)
    played = []
    for number in range(60):
        t = with_last_observations(bandit(update, rewards, number, rng), number)
        played.append(t)
        update(played[max(number - 2, 0)], number)
    black = np.zeros((1, *SHAPE), np.uint8)
    logits, value = update.network(black)
    assert softmax(np.asarray(logits))[0, best] > 0.9
    assert float(value[0, 0]) == pytest.approx(1.0, abs=0.2)


def test_the_cloning_loss_pulls_towards_what_demonstrations_press() -> None:
    c = config(kl_weight=0.0, entropy_weight=0.0, cloning_weight=2.0, cloning_half_life=100.0, cloning_batch=5)
    update = Update(c, small_network(), small_network(seed=9), ACTIONS, Shown(action=2))
    rng = np.random.default_rng(0)
    flat = {combo: 0.0 for combo in ACTION_SETS[ACTIONS]}
    losses = []
    for number in range(30):
        t = with_last_observations(bandit(update, flat, number, rng), number)
        losses.append(update(t, number)["loss/cloning"])
    assert softmax(np.asarray(update.network(np.zeros((1, *SHAPE), np.uint8))[0]))[0, 2] > 0.8
    assert losses[-1] < 0.3 < losses[0]


def test_every_epoch_takes_each_unroll_once() -> None:
    update = Update(config(batch_unrolls=1), small_network(), None, ACTIONS)
    first = update.minibatches(0).numpy()[:, 0]
    assert sorted(first[:3]) == sorted(first[3:]) == [0, 1, 2]
    orders = {tuple(update.minibatches(number).numpy()[:, 0]) for number in range(5)}
    assert len(orders) > 1
    np.testing.assert_array_equal(first, update.minibatches(0).numpy()[:, 0])
