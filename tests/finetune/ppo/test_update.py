"""One update of PPO against an independent implementation in NumPy; signs and directions by a world that must be learnt."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

from finetune.actor_critic import ADAM_EPSILON
from finetune.ppo.config import Config
from finetune.ppo.consistency import moved
from finetune.ppo.update import Batch, Update, ppo_losses
from game.actions import ACTION_SETS
from training.losses import kl_divergence

pytestmark = pytest.mark.filterwarnings("ignore")

ACTIONS = "jerk4"
SHAPE = (2, 2, 1)
HIDDEN = 6


@pytest.fixture(autouse=True)
def float32():
    """Keras's policy is global; another test may have left it elsewhere."""
    before = keras.mixed_precision.dtype_policy()
    keras.mixed_precision.set_global_policy("float32")
    yield
    keras.mixed_precision.set_global_policy(before)


def small_network(seed: int = 0) -> keras.Model:
    """Four pixels, one hidden layer, four logits and a value: small enough to differentiate by hand."""
    keras.utils.set_random_seed(seed)
    inputs = keras.Input(SHAPE, dtype="uint8")
    x = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(inputs))
    x = keras.layers.Dense(HIDDEN, activation="relu", bias_initializer="random_normal", name="hidden")(x)
    logits = keras.layers.Dense(len(ACTION_SETS[ACTIONS]), name="logits")(x)
    value = keras.layers.Dense(1, name="value")(x)
    return keras.Model(inputs, (logits, value))


def config(**changed) -> Config:
    small = {
        "num_envs": 3, "rollout_length": 4, "epochs": 2, "batch_size": 6, "total_steps": 1200, "critic_warmup": 0.0,
        "entropy_weight": 0.02, "kl_weight": 0.3, "learning_rate": 0.01, "critic_learning_rate": 0.03, "seed": 3,
    }  # fmt: skip
    return Config(**small | changed)


def rollout(seed: int = 0) -> SimpleNamespace:
    """Made-up trajectories [3, 4] with a termination and a truncation."""
    rng = np.random.default_rng(seed)
    shape = (3, 4)
    terminated = np.zeros(shape, bool)
    truncated = np.zeros(shape, bool)
    terminated[0, 1] = True
    truncated[1, 2] = True
    combos = np.array(ACTION_SETS[ACTIONS], np.uint8)
    return SimpleNamespace(
        observations=rng.integers(0, 256, (*shape, *SHAPE), dtype=np.uint8),
        actions=combos[rng.integers(0, 4, shape)],
        log_probs=np.log(rng.uniform(0.1, 0.6, shape)).astype(np.float32),
        values=rng.normal(size=shape).astype(np.float32),
        rewards=rng.normal(size=shape).astype(np.float32),
        terminated=terminated,
        truncated=truncated,
        truncation_values=(rng.normal(size=shape) * truncated).astype(np.float32),
        bootstrap_values=rng.normal(size=3).astype(np.float32),
        memories=np.zeros((3, 1, 0), np.float32),
    )


# The independent implementation: term by term, one sample at a time where that is clearer.


def slow_advantages(t: SimpleNamespace, gamma: float, gae_lambda: float) -> np.ndarray:
    advantages = np.zeros((3, 4))
    for e in range(3):
        for t0 in range(4):
            factor = 1.0
            for k in range(t0, 4):
                following = t.values[e, k + 1] if k < 3 else t.bootstrap_values[e]
                if t.terminated[e, k]:
                    following = 0.0
                if t.truncated[e, k]:
                    following = t.truncation_values[e, k]
                delta = t.rewards[e, k] + gamma * following - t.values[e, k]
                advantages[e, t0] += factor * delta
                if t.terminated[e, k] or t.truncated[e, k]:
                    break
                factor *= gamma * gae_lambda
    return advantages


def softmax(x: np.ndarray) -> np.ndarray:
    exponentials = np.exp(x - x.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def slow_gradients(weights: list[np.ndarray], sample: dict[str, np.ndarray], c: Config, kl_weight: float):
    """Gradients of the whole loss with respect to all weights, by hand."""
    w1, b1, w2, b2, w3, b3 = weights
    x = sample["observations"].reshape(-1, 4) / 255.0
    count = len(x)
    inner = x @ w1 + b1
    h = np.maximum(inner, 0.0)
    logits = h @ w2 + b2
    value = (h @ w3 + b3)[:, 0]
    p = softmax(logits)
    rows = np.arange(count)
    advantage = sample["advantages"]
    ratio = p[rows, sample["actions"]] / np.exp(sample["log_probs"])
    bounded = np.clip(ratio, 1 - c.clip_ratio, 1 + c.clip_ratio)
    unclipped = ratio * advantage <= bounded * advantage
    chosen = np.eye(4)[sample["actions"]]
    d_logits = (-advantage * ratio * unclipped)[:, None] * (chosen - p)
    entropy = -(p * np.log(p)).sum(axis=1, keepdims=True)
    d_logits += c.entropy_weight * p * (np.log(p) + entropy)
    d_logits += kl_weight * (p - softmax(sample["clone_logits"]))
    d_value = c.value_weight * (value - sample["targets"])[:, None]
    d_h = (d_logits @ w2.T + d_value @ w3.T) * (inner > 0)
    return [
        x.T @ d_h / count,
        d_h.mean(axis=0),
        h.T @ d_logits / count,
        d_logits.mean(axis=0),
        h.T @ d_value / count,
        d_value.mean(axis=0),
    ]


class SlowAdam:
    """Kingma & Ba 2015 (arXiv:1412.6980), with the bias correction folded into the rate as in their section 2."""

    def __init__(self, shapes) -> None:
        self.m = [np.zeros(shape) for shape in shapes]
        self.v = [np.zeros(shape) for shape in shapes]
        self.t = 0

    def step(self, weights, gradients, rates: list[float]) -> list[np.ndarray]:
        self.t += 1
        after = []
        for i, (weight, gradient, rate) in enumerate(zip(weights, gradients, rates, strict=True)):
            alpha = rate * np.sqrt(1 - 0.999**self.t) / (1 - 0.9**self.t)
            self.m[i] = 0.9 * self.m[i] + 0.1 * gradient
            self.v[i] = 0.999 * self.v[i] + 0.001 * gradient**2
            after.append(weight - alpha * self.m[i] / (np.sqrt(self.v[i]) + ADAM_EPSILON))
        return after


def rates_of(c: Config, done: float) -> list[float]:
    """Of torso and logits, then of the value's kernel and bias."""
    return [rate * (1 - 0.9 * done) for rate in 4 * [c.learning_rate] + 2 * [c.critic_learning_rate]]


def test_an_update_equals_an_independent_implementation() -> None:
    """Advantages, losses, gradients, clipping, both optimizers, rate and KL schedules: two updates, to 1e-5."""
    c = config()
    network = small_network()
    clone = small_network(seed=9)
    update = Update(c, network, clone, ACTIONS)
    weights = [w.astype(np.float64) for w in network.get_weights()]
    clone_weights = clone.get_weights()
    adam = SlowAdam([w.shape for w in weights])  # the policy's and the value's step counts are equal without a warm-up
    for number in (0, 1):
        t = rollout(number)
        update(t, number)
        done = number / c.updates
        advantages = slow_advantages(t, c.gamma, c.gae_lambda)
        normalised = (advantages - advantages.mean()) / (advantages.std() + 1e-8)
        observations = t.observations.reshape(-1, *SHAPE)
        h = np.maximum(observations.reshape(-1, 4) / 255.0 @ clone_weights[0] + clone_weights[1], 0.0)
        batch = {
            "observations": observations,
            "actions": np.array([ACTION_SETS[ACTIONS].index(combo) for combo in t.actions.reshape(-1)]),
            "log_probs": t.log_probs.reshape(-1),
            "advantages": normalised.reshape(-1),
            "targets": (advantages + t.values).reshape(-1),
            "clone_logits": h @ clone_weights[2] + clone_weights[3],
        }
        for indices in update.minibatches(number).numpy():
            sample = {name: values[indices] for name, values in batch.items()}
            kl_weight = c.kl_weight * 0.5 ** (done / c.kl_half_life)
            gradients = slow_gradients(weights, sample, c, kl_weight)
            norm = np.sqrt(sum((g**2).sum() for g in gradients))
            gradients = [g * min(1.0, c.max_gradient_norm / norm) for g in gradients]
            weights = adam.step(weights, gradients, rates_of(c, done))
    for expected, received in zip(weights, network.get_weights(), strict=True):
        np.testing.assert_allclose(received, expected, atol=1e-5)


def test_losses_by_hand() -> None:
    logits = tf.constant([[0.0, np.log(3.0)]], tf.float32)  # probabilities 1/4, 3/4
    batch = Batch(
        observations=tf.zeros(1),
        actions=tf.constant([1]),
        log_probs=tf.constant([np.log(0.5)], tf.float32),  # ratio 1.5, clipped at 1.2
        values=tf.constant([0.0]),
        noise=tf.zeros((1, 0)),
        begins=tf.constant([False]),
        memories=tf.zeros((1, 0)),
        advantages=tf.constant([2.0]),
        targets=tf.constant([3.0]),
        clone_logits=tf.constant([[0.0, 0.0]]),
        shifts=tf.zeros((1, 2), tf.int32),
    )
    losses = {name: float(value) for name, value in ppo_losses(logits, tf.constant([1.0]), batch, 0.2).items()}
    assert losses["policy"] == pytest.approx(-2.4)
    assert losses["value"] == pytest.approx(2.0)
    assert losses["entropy"] == pytest.approx(-(0.25 * np.log(0.25) + 0.75 * np.log(0.75)))
    assert losses["kl"] == pytest.approx(0.5 * np.log(0.5 / 0.25) + 0.5 * np.log(0.5 / 0.75))
    assert losses["clipped"] == 1.0
    # the acting critic said 0, so a value of 1 counts as 0.1, which is further from 3
    clipped = ppo_losses(logits, tf.constant([1.0]), batch, 0.2, value_clip=0.1)
    assert float(clipped["value"]) == pytest.approx(0.5 * 2.9**2)
    # and one of 8 as itself, because a clip must not make an error smaller
    beyond = ppo_losses(logits, tf.constant([8.0]), batch, 0.2, value_clip=0.1)
    assert float(beyond["value"]) == pytest.approx(0.5 * 5.0**2)


def snapshot(variables: list) -> list[np.ndarray]:
    return [variable.numpy().copy() for variable in variables]


def test_while_the_critic_warms_up_nothing_else_moves_and_the_first_step_after_is_ordinary() -> None:
    c = config(critic_warmup=0.05, epochs=1, batch_size=12)  # one gradient step per update, 5 of 100 updates
    assert c.warmup_steps == 5 * c.steps_per_update
    update = Update(c, small_network(), small_network(seed=9), ACTIONS)
    policy = snapshot(update.policy_variables)
    for number in range(5):
        value = snapshot(update.value_variables)
        update(rollout(number), number)
        for before, after in zip(policy, snapshot(update.policy_variables), strict=True):
            np.testing.assert_array_equal(before, after)
        assert all((a != b).any() for a, b in zip(value, snapshot(update.value_variables), strict=True))
    update(rollout(5), 5)
    steps = [np.abs(a - b).max() for a, b in zip(policy, snapshot(update.policy_variables), strict=True)]
    rate = c.learning_rate * (1 - 0.9 * 5 / c.updates)
    assert (
        0.5 * rate < max(steps) <= 1.001 * rate
    )  # Adam's first step is the rate; with a stale count it was 2.5 times it


def test_from_scratch_there_is_no_warm_up_and_no_kl() -> None:
    update = Update(config(critic_warmup=0.5), small_network(), None, ACTIONS)
    policy = snapshot(update.policy_variables)
    update(rollout(), 0)
    assert any((a != b).any() for a, b in zip(policy, snapshot(update.policy_variables), strict=True))


def test_rates_and_the_hold_of_the_clone_fall() -> None:
    c = config(total_steps=120)
    update = Update(c, small_network(), small_network(seed=9), ACTIONS)
    rates = []
    for number in range(c.updates):
        update(rollout(number), number)
        rates.append(float(update.policy_optimizer.learning_rate))
    assert rates[0] == pytest.approx(c.learning_rate)
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] < 0.25 * c.learning_rate


def bandit(update: Update, rewards: dict[int, float], number: int, rng: np.random.Generator) -> SimpleNamespace:
    """One-step episodes on black pictures, acted by the network as it is; each combo pays what it pays."""
    logits, _ = update.network(np.zeros((1, *SHAPE), np.uint8))
    p = softmax(np.asarray(logits))[0]
    t = rollout(number)
    t.observations[:] = 0
    choices = rng.choice(4, size=(3, 4), p=p)
    t.actions = np.array(ACTION_SETS[ACTIONS], np.uint8)[choices]
    t.log_probs = np.log(p)[choices].astype(np.float32)
    t.rewards = np.vectorize(rewards.get)(t.actions).astype(np.float32)
    t.terminated = np.ones((3, 4), bool)
    t.truncated = np.zeros((3, 4), bool)
    t.values = np.zeros((3, 4), np.float32)
    return t


@pytest.mark.parametrize("best", [0, 2])
def test_a_bandit_is_learnt(best: int) -> None:
    """The sign of the advantage, of the ratio and of the entropy: what pays most is pressed in the end, and valued."""
    rewards = {combo: float(place == best) for place, combo in enumerate(ACTION_SETS[ACTIONS])}
    c = config(total_steps=12 * 60, learning_rate=0.05, entropy_weight=0.0, epochs=3)
    update = Update(c, small_network(), None, ACTIONS)
    rng = np.random.default_rng(0)
    for number in range(60):
        update(bandit(update, rewards, number, rng), number)
    logits, value = update.network(np.zeros((1, *SHAPE), np.uint8))
    assert softmax(np.asarray(logits))[0, best] > 0.9
    assert float(value[0, 0]) == pytest.approx(1.0, abs=0.2)


def test_the_clone_holds_and_entropy_spreads() -> None:
    """Without rewards, the KL alone pulls towards the clone, and the entropy bonus alone towards indifference."""
    rng = np.random.default_rng(0)
    flat = {combo: 0.0 for combo in ACTION_SETS[ACTIONS]}
    black = np.zeros((1, *SHAPE), np.uint8)
    clone = small_network(seed=9)
    clone.get_layer("logits").bias.assign([3.0, 0.0, 0.0, 0.0])
    held = Update(config(kl_weight=5.0, kl_half_life=100.0, entropy_weight=0.0), small_network(), clone, ACTIONS)
    spread = Update(config(entropy_weight=5.0), small_network(), None, ACTIONS)
    spread.network.get_layer("logits").bias.assign([3.0, 0.0, 0.0, 0.0])
    for number in range(60):
        held(bandit(held, flat, number, rng), number)
        spread(bandit(spread, flat, number, rng), number)
    assert softmax(np.asarray(held.network(black)[0]))[0, 0] > 0.7
    assert softmax(np.asarray(spread.network(black)[0]))[0].max() < 0.4


def test_every_update_shuffles_anew_and_every_epoch_takes_each_sample_once() -> None:
    update = Update(config(), small_network(), None, ACTIONS)
    first = update.minibatches(0).numpy()
    assert first.shape == (4, 6)  # two epochs of twelve samples
    for epoch in (first[:2], first[2:]):
        assert sorted(epoch.reshape(-1)) == list(range(12))
    assert not np.array_equal(first, update.minibatches(1).numpy())
    np.testing.assert_array_equal(first, update.minibatches(0).numpy())


BLACK = np.zeros((1, *SHAPE), np.uint8)


class Shown:
    """Demonstrations that press one action on black pictures."""

    weights = np.ones(4, np.float32)

    def __init__(self, action: int) -> None:
        self.action = action

    def draw(self, update: int, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return np.zeros((count, *SHAPE), np.uint8), np.full(count, self.action, np.int32), np.ones(count, np.float32)


def probabilities(update: Update) -> np.ndarray:
    return softmax(np.asarray(update.network(BLACK)[0]))[0]


def test_the_cloning_loss_pulls_towards_what_demonstrations_press() -> None:
    c = config(kl_weight=0.0, entropy_weight=0.0, cloning_weight=2.0, cloning_half_life=100.0, cloning_batch=5)
    update = Update(c, small_network(), small_network(seed=9), ACTIONS, Shown(action=2))
    rng = np.random.default_rng(0)
    flat = {combo: 0.0 for combo in ACTION_SETS[ACTIONS]}
    losses = [update(bandit(update, flat, number, rng), number)["loss/cloning"] for number in range(40)]
    assert probabilities(update)[2] > 0.8
    assert losses[-1] < 0.3 < losses[0]


def test_the_first_cloning_loss_by_hand_and_its_weight_falls() -> None:
    c = config(cloning_weight=0.8, cloning_half_life=0.5, epochs=1, batch_size=12, critic_warmup=0.1)
    update = Update(c, small_network(), small_network(seed=9), ACTIONS, Shown(action=1))
    before = snapshot(update.policy_variables)
    expected = -np.log(probabilities(update)[1])
    metrics = update(rollout(), 0)
    assert metrics["loss/cloning"] == pytest.approx(expected, rel=1e-4)
    # while the critic learns alone, demonstrations teach nothing either
    for one, other in zip(before, snapshot(update.policy_variables), strict=True):
        np.testing.assert_array_equal(one, other)
    weights = [update.begin(number)[0] for number in (0, c.updates // 2, c.updates)]
    assert [float(falling.cloning) for falling in weights] == pytest.approx([0.8, 0.4, 0.2])


def test_a_discount_may_grow_with_its_horizon() -> None:
    config = Config(gamma=0.9, gamma_end=0.99)
    assert config.discount(0.0) == 0.9
    assert 1 / (1 - config.discount(0.5)) == pytest.approx(10 * 10**0.5)  # halfway from 10 steps to 100
    assert config.discount(1.0) == pytest.approx(0.99)
    assert Config(gamma=0.9).discount(0.7) == 0.9


def test_an_update_discounts_as_its_number_says() -> None:
    grown = Update(config(gamma=0.5, gamma_end=0.9), small_network(), None, ACTIONS)
    grown.begin(grown.config.updates)
    late = Update(config(gamma=0.9), small_network(), None, ACTIONS).prepare_batch(rollout(), 0)
    np.testing.assert_allclose(grown.prepare_batch(rollout(), 0).targets, late.targets, atol=1e-5)


def test_a_learning_rate_may_stay_as_it_is() -> None:
    c = config(total_steps=120, learning_rate_end=1.0)
    update = Update(c, small_network(), None, ACTIONS)
    update(rollout(), c.updates - 1)
    assert float(update.policy_optimizer.learning_rate) == pytest.approx(c.learning_rate)


def difference_when_moved(update: Update, observations: np.ndarray) -> float:
    """Mean KL between the policies of pictures and of the same moved one pixel down."""
    down = tf.tile([[1, 0]], (len(observations), 1))
    kept, other = (tf.nn.log_softmax(update.network(x)[0]) for x in (observations, moved(observations, down)))
    return float(tf.reduce_mean(kl_divergence(kept, other)))


@pytest.mark.parametrize("weight", [0.0, 20.0])
def test_consistency_makes_moved_pictures_alike(weight: float) -> None:
    c = config(kl_weight=0.0, entropy_weight=0.0, consistency_weight=weight)
    update = Update(c, small_network(), None, ACTIONS)
    update.network.get_layer("logits").kernel.assign(3.0 * update.network.get_layer("logits").kernel)
    observations = rollout().observations.reshape(-1, *SHAPE)
    before = difference_when_moved(update, observations)
    metrics = [update(rollout(), number) for number in range(100)]
    assert ("loss/consistency" in metrics[0]) == (weight > 0)
    after = difference_when_moved(update, observations)
    assert (after < 0.3 * before) == (weight > 0)


def test_value_epochs_teach_the_critic_and_hold_the_policy() -> None:
    """Beside an update that learns nothing else (every advantage is the same, so normalised it is 0)."""
    flat = rollout()
    flat.values[:] = 0.0
    flat.rewards[:] = 1.0
    flat.terminated[:] = True
    flat.truncated[:] = False
    quiet = {"entropy_weight": 0.0, "value_weight": 0.0, "learning_rate": 0.01, "critic_learning_rate": 1e-9}
    observations = flat.observations.reshape(-1, *SHAPE)

    def learnt(**options) -> tuple[float, float]:
        """(mean squared error of the values, mean KL from the first policy)."""
        update = Update(config(**quiet | options), small_network(), None, ACTIONS)
        first = tf.nn.log_softmax(update.network(observations)[0])
        for number in range(30):
            metrics = update(flat, number)
        assert ("loss/value_phase" in metrics) == bool(options)
        logits, values = update.network(observations)
        kl = tf.reduce_mean(kl_divergence(first, tf.nn.log_softmax(logits)))
        return float(tf.reduce_mean(tf.square(values - 1.0))), float(kl)

    without, _ = learnt()
    held, held_kl = learnt(value_epochs=3, value_kl_weight=100.0)
    free, free_kl = learnt(value_epochs=3, value_kl_weight=0.0)
    assert held < 0.1 * without
    assert free < 0.1 * without
    assert held_kl < 0.1 * free_kl


def test_value_epochs_wait_for_the_warm_up_and_are_kept_in_checkpoints() -> None:
    c = config(value_epochs=1, critic_warmup=0.5)
    update = Update(c, small_network(), small_network(seed=9), ACTIONS)
    before = snapshot(update.policy_variables)
    assert "loss/value_phase" not in update(rollout(), 0)
    for one, other in zip(before, snapshot(update.policy_variables), strict=True):
        np.testing.assert_array_equal(one, other)
    without = Update(config(), small_network(), small_network(seed=9), ACTIONS)
    own = len(update.value_phase.optimizer.variables)
    assert len(update.variables) == len(without.variables) + own > len(without.variables)
