"""Cloning a network with a memory, from sequences: what it is taught, and that it goes on where it stood."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from dataset.loader import Dataset
from dataset.store import IDENTITY
from dataset.windows import Windows
from game.observation import ObservationSpec
from policy.architecture import NetworkConfig
from policy.numpy_network import NumpyNetwork
from supervised.config import Config

pytestmark = pytest.mark.filterwarnings("ignore")

SPEC = ObservationSpec(height=36, width=36, stack=1)
STEPS = 8
"""Windows of a movie."""
LABELS = (2, 5)
EPOCHS = 60


def cued(movies: int) -> Dataset:
    """Movies whose first picture is one of two, which decides what is pressed to the end; all others show a third."""
    cues = np.arange(movies) % 2
    pictures = np.random.default_rng(0).integers(0, 256, (3, *SPEC.frame_shape), dtype=np.uint8)
    cache = np.broadcast_to(pictures[2], (movies, STEPS, *SPEC.frame_shape)).copy()
    cache[:, 0] = pictures[cues]
    count = movies * STEPS
    windows = Windows(
        stacks=np.arange(count, dtype=np.int32)[:, None],
        labels=np.repeat(np.array(LABELS, np.uint8)[cues], STEPS),
        changes=np.zeros(count, bool),
        steady=np.zeros(count, bool),
        movies=np.repeat(np.arange(movies, dtype=np.int32), STEPS),
        phases=np.zeros(count, np.uint8),
    )
    return Dataset(
        path=Path("cued-v0"),
        game="quillrush",
        observation=SPEC,
        frame_skip=1,
        cache=cache.reshape(-1, *SPEC.frame_shape),
        windows=windows,
        names=[f"movie{number}" for number in range(movies)],
        acts=["EmeraldHillZone.Act1"] * movies,
        attributes=[{"player": "search", **dict.fromkeys(IDENTITY, 0)} for _ in range(movies)],
    )


def learner(lstm: int):
    from supervised.train import Cloning

    config = Config(
        game="quillrush", frame_skip=1, network=NetworkConfig(hidden=16, lstm=lstm), sequence_steps=STEPS, shift=0,
        epochs=EPOCHS, batch_size=64, learning_rate=0.002, precision="float32", steady_share=1.0,
        validation=0.5,
    )  # fmt: skip
    made = Cloning(config, cued(32))
    bias = np.full(23, -6.0)
    bias[list(LABELS)] = 0.0  # only which of the two is left to learn
    made.network.get_layer("logits").bias.assign(bias)
    return made


def test_what_a_movie_showed_first_is_cloned_to_its_end() -> None:
    """On held-out movies; without a memory, the pictures after the first tell nothing."""
    remembering, forgetful = learner(lstm=8), learner(lstm=0)
    for cloning in (remembering, forgetful):
        for number in range(EPOCHS):
            batches = cloning.batches_of(number)
            for place in range(len(batches)):
                cloning._train_on_batch(*batches[place])
    assert remembering.report(remembering.validation).accuracy > 0.95
    # all later pictures get one answer; the first ones may be right
    alike = np.bincount(forgetful.validation.labels).max() / len(forgetful.validation)
    assert forgetful.report(forgetful.validation).accuracy <= alike + 1 / STEPS < 0.9


def test_it_answers_as_the_player_that_plays_it_does(tmp_path: Path) -> None:
    cloning = learner(lstm=8)
    network = NumpyNetwork(cloning.config.network, cloning.network.get_weights())
    observations, _, counts = cloning.batches_of(0)[0]
    assert counts.all()  # every sequence is a whole movie
    logits = cloning._logits(tf.constant(observations), training=False).numpy().reshape(-1, STEPS, 23)
    sequences = observations.reshape(-1, STEPS, *SPEC.shape)
    states = np.zeros((len(sequences), 16), np.float32)
    for step in range(STEPS):
        (expected, _), states = network.step(sequences[:, step], states)
        np.testing.assert_allclose(logits[:, step], expected, atol=1e-4)


def test_a_restored_learner_goes_on_to_the_same_numbers(tmp_path: Path) -> None:
    whole, resumed = learner(lstm=8), learner(lstm=8)
    whole.update()
    whole.save(tmp_path / "checkpoint", {})
    expected, _ = whole.update()
    resumed.restore(tmp_path / "checkpoint")
    received, _ = resumed.update()
    assert expected == received
    for one, other in zip(whole.network.get_weights(), resumed.network.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_what_does_not_count_teaches_nothing() -> None:
    """Whatever its label is, as in the burn-in and where a sequence is filled up."""
    cloning = learner(lstm=8)
    assert len(cloning.sequences) == len(set(cloning.training.movies.tolist()))
    assert cloning.batches_per_epoch == -(-len(cloning.sequences) // 8)
    observations, labels, counts = cloning.batches_of(0)[0]
    wrong = labels.copy()
    wrong[STEPS - 1 :: STEPS] = sum(LABELS) - labels[STEPS - 1 :: STEPS]  # the other one
    counts[STEPS - 1 :: STEPS] = 0
    cloning.network.get_layer("logits").bias.assign(np.arange(23.0))  # so that no two labels cost the same
    before = cloning.network.get_weights()

    def loss(asked: np.ndarray, counted: np.ndarray) -> float:
        cloning.network.set_weights(before)
        return float(cloning._train_on_batch(observations, asked, counted))

    assert loss(wrong, counts) == pytest.approx(loss(labels, counts))
    assert loss(wrong, np.ones_like(counts)) != pytest.approx(loss(labels, np.ones_like(counts)), rel=1e-4)
