"""What a clone with an action history is taught on is what it sees when it plays."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dataset.batches import Epoch, observations_of
from dataset.config import ConvertConfig
from dataset.convert import convert
from dataset.loader import Dataset, open_dataset
from dataset.sequences import SequenceEpoch, cut
from dataset.store import DatasetError
from dataset.windows import combos_before
from game.actions import COMBO_COUNT, COMBO_NAMES, MERGED_COMBO, mask_of
from game.certificate import Sidecar, certify, write_sidecar
from game.emulator import Emulator
from game.env import EnvConfig, make_env
from game.movie import write_movie
from game.observation import HISTORY_ROWS, NO_COMBO, ObservationSpec
from policy.episodes import movie_of
from tests.dataset.small import make_dataset

ACT = "EmeraldHillZone.Act1"
STEPS = 60
SEEN = ObservationSpec(action_history=True)


@pytest.fixture
def played(emulator: Emulator, workdir: Path) -> list[np.ndarray]:
    """The observations of an episode of random combos, whose movie becomes the data set data/t-v0."""
    env = make_env(EnvConfig(act=ACT, observation=SEEN, stick_probability=0.0), emulator)
    observation, _ = env.reset(seed=0)
    observations = [observation]
    # a label never says A where B does the same
    meant = [combo for combo in range(COMBO_COUNT) if MERGED_COMBO[combo] == combo]
    for combo in np.random.default_rng(1).choice(meant, STEPS).tolist():
        observations.append(env.step(combo)[0])
    path = Path("in") / ACT / "one.bk2"
    write_movie(path, movie_of(env))
    write_sidecar(path, Sidecar("search", certify(emulator, movie_of(env)), {"act": ACT, "frames": 1 + 4 * STEPS}))
    assert convert(ConvertConfig(game="quillrush", movies=("in",), name="t-v0", workers=1)) == 0
    return observations


def test_pictures_of_a_data_set_are_those_of_play(played: list[np.ndarray]) -> None:
    dataset = open_dataset(Path("data/t-v0"), action_history=True)
    assert dataset.observation == SEEN
    own = dataset.windows.of_phases(1, 4)
    assert len(own) == STEPS
    shown = observations_of(dataset, own.stacks, np.zeros((STEPS, 2), np.int8))
    np.testing.assert_array_equal(shown, played[:STEPS])
    # each step's newest frame has the block of the step before, at its place
    blocks = shown[1:, 0, ::4, -1][:, :COMBO_COUNT] == 255
    np.testing.assert_array_equal(blocks.argmax(axis=1), own.labels[:-1])
    assert (blocks.sum(axis=1) == 1).all()


def test_without_a_history_nothing_is_drawn(played: list[np.ndarray]) -> None:
    dataset = open_dataset(Path("data/t-v0"))
    assert dataset.combos is None
    own = dataset.windows.of_phases(1, 4)
    shown = observations_of(dataset, own.stacks, np.zeros((STEPS, 2), np.int8))
    np.testing.assert_array_equal(shown[:, HISTORY_ROWS:], np.array(played[:STEPS])[:, HISTORY_ROWS:])
    assert not np.isin(shown[:, :HISTORY_ROWS], (0, 255)).all()


def bare(tmp_path: Path) -> Dataset:
    """Two movies, small and grey, in which everything is held for four frames."""
    masks = np.repeat([mask_of(("RIGHT",)), mask_of(("B",)), 0, mask_of(("DOWN",))] * 20, 4).tolist()
    make_dataset(tmp_path / "t-v0", {"one": masks, "two": masks[::-1]})
    opened = open_dataset(tmp_path / "t-v0")
    wide = np.repeat(opened.cache, 4, axis=2)  # [F, 8, 32]: its own 8 columns are too few for a history
    combos = np.concatenate([combos_before(np.array(pads), 4) for pads in (masks, masks[::-1])])
    return replace(opened, cache=wide, observation=ObservationSpec(8, 32, action_history=True), combos=combos)


def has_history(observations: np.ndarray) -> np.ndarray:
    """bool [B]: whether any frame has a block."""
    return (observations[:, :HISTORY_ROWS] == 255).any(axis=(1, 2, 3))


def test_dropout_hides_a_share_of_the_histories_and_nothing_else(tmp_path: Path) -> None:
    dataset = bare(tmp_path)
    windows = dataset.windows

    def epoch(share: float) -> np.ndarray:
        made = Epoch(dataset, windows, len(windows), seed=1, epoch=0, hide_history=share)
        return made[0][0]

    all_shown, half, none = epoch(0.0), epoch(0.5), epoch(1.0)
    first_steps = 2 * 4  # of two movies, cut in four ways: nothing is known of before
    assert has_history(all_shown).sum() == len(windows) - first_steps
    assert not has_history(none).any()
    assert 0.4 < has_history(half).mean() < 0.6
    for found in (half, none):
        np.testing.assert_array_equal(found[:, HISTORY_ROWS:], all_shown[:, HISTORY_ROWS:])


def test_a_sequences_history_is_hidden_as_a_whole(tmp_path: Path) -> None:
    dataset = bare(tmp_path)
    sequences = cut(dataset.windows, 4, 8)
    made = SequenceEpoch(dataset, dataset.windows, sequences, 8 * len(sequences), seed=1, epoch=0, hide_history=0.5)
    by_sequence = has_history(made[0][0]).reshape(len(sequences), 8)[:, 1:]
    assert (by_sequence.all(axis=1) | ~by_sequence.any(axis=1)).all()
    assert 0.2 < by_sequence[:, 0].mean() < 0.8


def test_combos_before_by_hand() -> None:
    """Five frames of B behind four of RIGHT, cut in four ways: where B goes down, the label is B."""
    right, b = mask_of(("RIGHT",)), mask_of(("B",))
    combos = combos_before(np.array([right] * 4 + [b] * 5), 4)
    names = [COMBO_NAMES[combo] if combo != NO_COMBO else "" for combo in combos]
    assert names == ["", "", "", "", "RIGHT", "B", "B", "B", "B", "B"]


def test_a_data_set_holds_no_history(workdir: Path) -> None:
    with pytest.raises(DatasetError, match="no action history"):
        convert(ConvertConfig(game="quillrush", observation=SEEN))
