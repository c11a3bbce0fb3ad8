"""PPO of a network with a memory: what learns remembers what the actors did, over resets and from rollout to rollout."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

from finetune.actor_critic import Shown
from finetune.ppo.config import Config
from finetune.ppo.learner import PPO
from finetune.ppo.update import Batch, Update
from game.actions import ACTION_SETS
from game.rollouts import Trajectories
from policy.architecture import NetworkConfig, flatten
from policy.checkpoint import Checkpoint, load_checkpoint
from policy.keras_network import Lstm
from policy.numpy_network import NumpyNetwork
from tests.finetune.clones import clone_run

pytestmark = pytest.mark.filterwarnings("ignore")

NETWORK = NetworkConfig(hidden=16, lstm=8)
SMALL = {
    "game": "quillrush", "num_envs": 2, "rollout_length": 32, "batch_size": 16, "bptt_steps": 8, "epochs": 1,
    "max_frames": 48,  # 12 steps: episodes end inside pieces, and with the third rollout
    "precision": "float32", "starts": "none", "workers": 1, "cloning_weight": 0.0, "critic_warmup": 0.0,
    "total_steps": 640,
}  # fmt: skip


@pytest.fixture
def learner(workdir: Path):
    made = PPO(Config(**SMALL), loud_parent(workdir))
    yield made
    made.close()


def loud_parent(workdir: Path) -> Checkpoint:
    """A clone whose memory decides: the weights of its LSTM and of its heads are large."""
    parent = load_checkpoint(clone_run(workdir, check="pass", network=NETWORK))
    loud = [*parent.weights[:-6], *[10 * array for array in parent.weights[-6:]]]
    return replace(parent, arrays=dict(zip(sorted(parent.arrays), loud, strict=True)))


def played(learner: PPO, rollout: int) -> Trajectories:
    trajectories, _ = learner.pool.collect(rollout, flatten(learner.network.get_weights()), learner.starts)
    return trajectories


def recomputed(learner: PPO, batch: Batch, **changed: tf.Tensor) -> np.ndarray:
    """Log-probabilities of what was pressed, [B], as a gradient step sees them."""
    seen = batch._replace(**changed)
    begins = tf.reshape(seen.begins, (-1, 8))
    logits, _ = learner.change.outputs(seen.observations, begins, seen.memories, tf.zeros((1, 0)))
    return tf.gather(tf.nn.log_softmax(logits), batch.actions, batch_dims=1).numpy()


def test_before_anything_is_learnt_the_update_computes_what_the_actors_recorded(learner: PPO) -> None:
    """Over episode ends, and in rollouts that go on with episodes begun before; without either it computes something else."""
    for rollout in range(3):
        trajectories = played(learner, rollout)
        assert trajectories.truncated.any()
        batch = learner.change.prepare_batch(trajectories, 0)
        np.testing.assert_allclose(recomputed(learner, batch), batch.log_probs, atol=1e-5)
    for forgotten in ({"begins": tf.zeros_like(batch.begins)}, {"memories": tf.zeros_like(batch.memories)}):
        assert np.abs(recomputed(learner, batch, **forgotten) - batch.log_probs).max() > 1e-3


def test_values_before_an_update_are_the_actors_too(learner: PPO) -> None:
    """The value after the last step is that of the next rollout's first, which the memory after the last step decides."""
    first = played(learner, 0).bootstrap_values.copy()
    trajectories = played(learner, 1)
    np.testing.assert_allclose(trajectories.values[:, 0], first, atol=1e-6)
    batch = learner.change.prepare_batch(trajectories, 0)
    begins = tf.reshape(batch.begins, (-1, 8))
    _, values = learner.change.outputs(batch.observations, begins, batch.memories, tf.zeros((1, 0)))
    np.testing.assert_allclose(values[:, 0], batch.values, atol=1e-5)


def test_the_clone_remembers_beside_the_agent(learner: PPO) -> None:
    """Its logits are those it has when it is shown every episode from its start, whatever the agent has become."""
    for variable in learner.network.trainable_variables:
        variable.assign(0.5 * variable)
    clone = NumpyNetwork(NETWORK, learner.parent.weights)
    states = np.zeros((2, NETWORK.state_size), np.float32)
    for rollout in range(4):
        trajectories = played(learner, rollout)
        found = learner.change.prepare_batch(trajectories, 0).clone_logits.numpy().reshape(2, 32, -1)
        for t in range(32):
            (logits, _), states = clone.step(trajectories.observations[:, t], states)
            np.testing.assert_allclose(found[:, t], logits, atol=1e-4)
            states[(trajectories.terminated | trajectories.truncated)[:, t]] = 0.0


def test_a_restored_learner_goes_on_to_the_same_numbers(learner: PPO, tmp_path: Path) -> None:
    """What actors and clone remember is in the checkpoint: weights have changed since, so it could not be made again."""
    resumed = PPO(Config(**SMALL), learner.parent)
    try:
        for _ in range(2):
            learner.update()
        learner.save(tmp_path / "checkpoint", {})
        assert any(np.any(state["memory"]) for state in learner.pool.get_state())
        resumed.restore(tmp_path / "checkpoint")
        expected, _ = learner.update()
        received, _ = resumed.update()
        kept = [{tag: value for tag, value in m.items() if "time" not in tag} for m in (expected, received)]
        assert kept[0] == kept[1]
        for one, other in zip(learner.network.get_weights(), resumed.network.get_weights(), strict=True):
            np.testing.assert_array_equal(one, other)
        np.testing.assert_array_equal(learner.change.clone_memories, resumed.change.clone_memories)
    finally:
        resumed.close()


def test_minibatches_are_whole_pieces(learner: PPO) -> None:
    chosen = learner.change.minibatches(0).numpy()
    assert chosen.shape == (4, 16)
    pieces = chosen.reshape(-1, 8)
    np.testing.assert_array_equal(pieces - pieces[:, :1], np.tile(np.arange(8), (8, 1)))
    assert sorted(pieces[:, 0]) == list(range(0, 64, 8))
    assert not np.array_equal(chosen, learner.change.minibatches(1).numpy())


@pytest.mark.parametrize("wrong", [{"rollout_length": 20}, {"batch_size": 20}])
def test_a_rollout_and_a_minibatch_are_a_whole_number_of_pieces(wrong: dict[str, int]) -> None:
    config = Config(**SMALL | wrong)
    with pytest.raises(ValueError, match=r"--bptt-steps 8: expected a divisor"):
        config.piece(NETWORK)
    assert config.piece(NetworkConfig(hidden=16)) == 1


ACTIONS = "jerk4"
STEPS, EPISODE = 8, 4
"""A rollout is one piece of two episodes."""
UNITS = 6


def small_network() -> keras.Model:
    """Two pixels, an LSTM, four logits and a value."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input((2, 1, 1), dtype="uint8")
    begins = keras.Input((None,), dtype="bool")
    states = keras.Input((2 * UNITS,))
    x = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(inputs))
    x, after = Lstm(UNITS, "orthogonal", name="lstm")([x, begins, states])
    logits = keras.layers.Dense(len(ACTION_SETS[ACTIONS]), name="logits")(x)
    return keras.Model((inputs, begins, states), (logits, keras.layers.Dense(1, name="value")(x), after))


def cue_update() -> Update:
    keras.mixed_precision.set_global_policy("float32")
    config = Config(
        num_envs=16, rollout_length=STEPS, bptt_steps=STEPS, batch_size=64, epochs=3, total_steps=12_800,
        learning_rate=0.02, critic_learning_rate=0.02, entropy_weight=0.0, init="none",
    )  # fmt: skip
    return Update(config, small_network(), None, ACTIONS, memory_size=2 * UNITS)


def shown(rng: np.random.Generator, envs: int) -> tuple[np.ndarray, np.ndarray]:
    """(observations uint8 [envs, STEPS, 2, 1, 1], the pixel that was lit in each episode's first step [envs, STEPS])."""
    cues = rng.integers(2, size=(envs, STEPS // EPISODE))
    observations = np.zeros((envs, STEPS, 2, 1, 1), np.uint8)
    observations[:, ::EPISODE, 0, 0, 0] = 255 * (cues == 0)
    observations[:, ::EPISODE, 1, 0, 0] = 255 * (cues == 1)
    return observations, np.repeat(cues, EPISODE, axis=1)


BEGINS = np.tile(np.arange(STEPS) % EPISODE == 0, (16, 1))


def answers(update: Update, observations: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(log-policy [envs, STEPS, actions], values [envs, STEPS])"""
    memories = tf.zeros((16 * STEPS, 2 * UNITS))
    seen = tf.constant(observations.reshape(-1, 2, 1, 1))
    logits, values = update.outputs(seen, tf.constant(BEGINS), memories, tf.zeros((1, 0)))
    log_policy = tf.nn.log_softmax(logits).numpy()
    return log_policy.reshape(16, STEPS, -1), values.numpy().reshape(16, STEPS)


def test_what_an_episode_showed_first_is_acted_on_to_its_end() -> None:
    """Only gradients through time can teach it: no later picture tells which of two actions pays."""
    update = cue_update()
    rng = np.random.default_rng(0)
    combos = np.array(ACTION_SETS[ACTIONS], np.uint8)
    for number in range(60):
        observations, cues = shown(rng, 16)
        log_policy, values = answers(update, observations)
        actions = (log_policy + rng.gumbel(size=log_policy.shape)).argmax(axis=-1)
        ends = np.roll(BEGINS, -1, axis=1)
        played = SimpleNamespace(
            observations=observations,
            actions=combos[actions],
            log_probs=np.take_along_axis(log_policy, actions[..., None], axis=-1)[..., 0],
            values=values,
            rewards=(actions == cues).astype(np.float32),
            terminated=ends,
            truncated=np.zeros_like(ends),
            truncation_values=np.zeros_like(values),
            bootstrap_values=np.zeros(16, np.float32),
            memories=np.zeros((16, 1, 2 * UNITS), np.float32),
        )
        update(played, number)
    observations, cues = shown(rng, 16)
    log_policy, _ = answers(update, observations)
    right = np.exp(np.take_along_axis(log_policy, cues[..., None], axis=-1))
    assert right[~BEGINS].mean() > 0.9


def test_nothing_leaks_over_the_start_of_an_episode() -> None:
    """Another first episode changes what is answered in it, and nothing in the second."""
    update = cue_update()
    observations, _ = shown(np.random.default_rng(0), 16)
    others = observations.copy()
    others[:, 0] = 255 - others[:, 0]
    before, after = answers(update, observations)[0], answers(update, others)[0]
    assert (np.abs(before - after)[:, :EPISODE].max(axis=(0, 2)) > 1e-4).all()
    np.testing.assert_array_equal(before[:, EPISODE:], after[:, EPISODE:])


class Demonstrated:
    """Demonstrations of which only the weights of the actions matter here."""

    weights = np.ones(4, np.float32)


def test_the_cloning_loss_is_of_sequences_from_an_empty_memory_past_their_burn_in() -> None:
    c = Config(num_envs=1, bptt_steps=8, cloning_batch=40, init="none")
    update = Update(c, small_network(), None, ACTIONS, Demonstrated(), memory_size=2 * UNITS)
    assert update.cloning_batch == 32  # two sequences of sixteen
    rng = np.random.default_rng(0)
    observations = rng.integers(0, 256, (64, 2, 1, 1), dtype=np.uint8)
    actions = rng.integers(4, size=64).astype(np.int32)
    losses = []
    for first in (32, 48):  # of the second gradient step
        sequence = slice(first, first + 16)
        begins = np.zeros((1, 16), bool)
        logits, _, _ = update.network((observations[sequence], begins, np.zeros((16, 2 * UNITS), np.float32)))
        log_policy = tf.nn.log_softmax(logits).numpy()
        losses += (-log_policy[np.arange(16), actions[sequence]]).tolist()[4:]
    counts = np.tile(np.repeat([0.0, 1.0], [4, 12]), 4).astype(np.float32)  # as they are drawn: a quarter is burn-in
    by_step = [values.reshape(2, 32, *values.shape[1:]) for values in (observations, actions, counts)]
    shown_now = Shown(*map(tf.constant, by_step))
    assert float(update.cloning_loss(shown_now, tf.constant(1))) == pytest.approx(np.mean(losses), rel=1e-5)
