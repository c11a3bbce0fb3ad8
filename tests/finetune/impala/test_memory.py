"""IMPALA of a network with a memory: an unroll is replayed from what was remembered when it began."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from finetune.impala.config import Config
from finetune.impala.learner import Impala
from finetune.impala.update import Batch
from game.rollouts import Trajectories
from policy.architecture import flatten
from policy.numpy_network import NumpyNetwork
from tests.finetune.ppo.test_memory import NETWORK, loud_parent

pytestmark = pytest.mark.filterwarnings("ignore")

STEPS = 32
SMALL = {
    "game": "quillrush", "num_envs": 2, "rollout_length": STEPS, "batch_unrolls": 1, "total_steps": 640,
    "max_frames": 48,  # 12 steps: episodes end inside unrolls, and with the third rollout
    "precision": "float32", "starts": "none", "workers": 1, "cloning_weight": 0.0, "critic_warmup": 0.0,
}  # fmt: skip


@pytest.fixture
def learner(workdir: Path):
    made = Impala(Config(**SMALL), loud_parent(workdir))
    yield made
    made.close()


def played(learner: Impala, rollout: int) -> Trajectories:
    trajectories, _ = learner.pool.collect(rollout, flatten(learner.network.get_weights()), learner.sampler.starts)
    return trajectories


def recomputed(learner: Impala, batch: Batch, **changed: tf.Tensor) -> tuple[np.ndarray, np.ndarray]:
    """(log-probabilities of what was pressed [U, T], values [U, T + 1]) as a gradient step sees them."""
    seen = batch._replace(**changed)
    logits, values = learner.change._unroll(seen.observations, seen.begins, seen.memories)
    log_probs = tf.gather(tf.nn.log_softmax(logits), batch.actions, batch_dims=2)
    return log_probs.numpy(), values.numpy()


def test_before_anything_is_learnt_the_update_computes_what_actors_and_clone_did(learner: Impala) -> None:
    """The bootstrap value, too, which is that of the memory after the last step; over episode ends, rollout after rollout."""
    clone = NumpyNetwork(NETWORK, learner.parent.weights)
    states = np.zeros((2, NETWORK.state_size), np.float32)
    for rollout in range(4):
        t = played(learner, rollout)
        batch = learner.change.prepare_batch(t, 0)
        log_probs, values = recomputed(learner, batch)
        np.testing.assert_allclose(log_probs, t.log_probs, atol=1e-5)
        np.testing.assert_allclose(values[:, :-1], t.values, atol=1e-5)
        np.testing.assert_allclose(values[:, -1], t.bootstrap_values, atol=1e-5)
        for step in range(STEPS):
            (logits, _), states = clone.step(t.observations[:, step], states)
            np.testing.assert_allclose(batch.clone_logits[:, step], logits, atol=1e-4)
            states[(t.terminated | t.truncated)[:, step]] = 0.0
        if rollout == 1:  # episodes begun before go on, and end inside
            for forgotten in ({"begins": tf.zeros_like(batch.begins)}, {"memories": tf.zeros_like(batch.memories)}):
                assert np.abs(recomputed(learner, batch, **forgotten)[0] - t.log_probs).max() > 1e-3


def test_a_restored_learner_goes_on_to_the_same_numbers(workdir: Path, tmp_path: Path, learner: Impala) -> None:
    """With a rollout under way, which is played again from what was remembered before it."""
    resumed = Impala(Config(**SMALL), learner.parent)
    try:
        for _ in range(2):
            learner.update()
        learner.save(tmp_path / "checkpoint", {})
        assert learner.ordered
        resumed.restore(tmp_path / "checkpoint")
        for _ in range(2):
            expected, _ = learner.update()
            received, _ = resumed.update()
        kept = [{tag: value for tag, value in m.items() if "time" not in tag} for m in (expected, received)]
        assert kept[0] == kept[1]
        for one, other in zip(learner.network.get_weights(), resumed.network.get_weights(), strict=True):
            np.testing.assert_array_equal(one, other)
        np.testing.assert_array_equal(learner.change.clone_memories, resumed.change.clone_memories)
    finally:
        resumed.close()
