"""Window labels, stacks, splits, order: by hand and by property."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataset.batches import Epoch, forget, gather, tf_batches, windows_drawn
from dataset.loader import Dataset, open_dataset, spin_dashes_per_movie, split_movies
from dataset.selection import Selection
from dataset.store import IDENTITY, DatasetError
from dataset.windows import Windows, far_from, label_weights, window_labels, window_stacks
from game.actions import COMBO_NAMES, JUMP_BITS, MASK_OF_COMBO, mask_of
from game.observation import ObservationSpec
from tests.dataset.small import make_dataset

RIGHT, B_RIGHT, A, DOWN, B_DOWN = (mask_of(c) for c in (("RIGHT",), ("B", "RIGHT"), ("A",), ("DOWN",), ("B", "DOWN")))


def names(masks: list[int], phase: int = 0, **options) -> list[str]:
    return [COMBO_NAMES[label] for label in window_labels(np.array(masks), phase, 4, **options)]


def test_the_combo_held_longest_is_the_label() -> None:
    assert names([0, RIGHT, RIGHT, RIGHT, 0, 0, 0, RIGHT]) == ["RIGHT", "none"]


def test_a_tie_goes_to_the_first() -> None:
    assert names([0, 0, RIGHT, RIGHT]) == ["none"]


def test_a_jump_press_is_never_lost() -> None:
    assert names([RIGHT, RIGHT, RIGHT, B_RIGHT]) == ["B+RIGHT"]
    assert names([DOWN, B_DOWN, DOWN, DOWN, DOWN, DOWN, DOWN, DOWN]) == ["B+DOWN", "DOWN"]


def test_a_jump_held_on_follows_the_majority() -> None:
    assert names([B_RIGHT] * 4 + [B_RIGHT, RIGHT, RIGHT, RIGHT]) == ["B+RIGHT", "RIGHT"]


def test_a_and_b_are_merged_unless_told_otherwise() -> None:
    assert names([A] * 4) == ["B"]
    assert names([A] * 4, merge=False) == ["A"]


@settings(deadline=None)
@given(st.lists(st.integers(0, 4095), max_size=60), st.integers(0, 3))
def test_labels_of_any_play(masks: list[int], phase: int) -> None:
    array = np.array(masks, int)
    labels = window_labels(array, phase, 4)
    assert len(labels) == max(len(masks) - phase, 0) // 4
    for i, label in enumerate(labels):
        block = array[phase + 4 * i : phase + 4 * i + 4]
        before = np.concatenate([[0], array])[phase + 4 * i : phase + 4 * i + 4]
        if ((block & JUMP_BITS != 0) & (before & JUMP_BITS == 0)).any():
            assert MASK_OF_COMBO[label] & JUMP_BITS


def test_stacks_lie_one_step_apart_and_begin_with_repeats() -> None:
    assert window_stacks(3, 1, 4, 4).tolist() == [[1, 1, 1, 1], [1, 1, 1, 5], [1, 1, 5, 9]]


def tiny_dataset() -> Dataset:
    cache = np.arange(40, dtype=np.uint8)[:, None, None] * np.ones((1, 8, 8), np.uint8)
    stacks = np.arange(40)[:, None] * np.ones((1, 2), int)
    windows = Windows(
        stacks,
        np.arange(40, dtype=np.uint8) % 23,
        np.zeros(40, bool),
        np.arange(40) >= 20,
        np.arange(40) // 4,
        np.zeros(40, np.uint8),
    )
    acts = ["one", "two"] * 5
    spec = ObservationSpec(8, 8, 2)
    return Dataset(
        "x", "quillrush", spec, 4, cache, windows, [f"m{i}" for i in range(10)], acts, [{"player": "search"}] * 10
    )


def test_order_depends_on_seed_and_epoch_only() -> None:
    dataset = tiny_dataset()

    def labels(seed: int, epoch: int) -> list[int]:
        stream = Epoch(dataset, dataset.windows, 16, seed, epoch, shift=2)
        return [int(label) for _, batch, _ in stream for label in batch]

    assert labels(1, 0) == labels(1, 0)
    assert labels(1, 0) != labels(1, 1)
    assert sorted(labels(1, 0)) == sorted(labels(2, 0))


def test_steady_windows_are_thinned_anew_each_epoch_and_count_for_those_left_out() -> None:
    dataset = tiny_dataset()  # twenty windows of forty are steady

    def drawn(epoch: int) -> tuple[list[int], list[float]]:
        batches = list(Epoch(dataset, dataset.windows, 16, seed=1, epoch=epoch, steady_share=0.25))
        frames = np.concatenate([observations[:, 0, 0, 0] for observations, _, _ in batches])
        return frames.tolist(), np.concatenate([counts for _, _, counts in batches]).tolist()

    frames, counts = drawn(epoch=0)
    assert len(frames) == len(set(frames)) == windows_drawn(dataset.windows, 0.25) == 25
    assert set(range(20)) <= set(frames)
    assert all(count == (4.0 if frame >= 20 else 1.0) for frame, count in zip(frames, counts, strict=True))
    assert set(drawn(epoch=1)[0]) != set(frames)


def test_far_from_a_change_is_steady() -> None:
    changes = np.array([0, 0, 0, 0, 1, 0, 0, 0, 0, 0], bool)
    assert far_from(changes, 2).tolist() == [True, True] + [False] * 5 + [True] * 3
    assert far_from(changes[:2], 2).all()  # a movie shorter than the margins


def test_batches_hold_the_stacks_newest_last() -> None:
    dataset = tiny_dataset()
    observations, _, _ = Epoch(dataset, dataset.windows, 4, 0, 0, shuffle=False)[0]
    assert observations.shape == (4, 8, 8, 2)
    assert (observations[3] == 3).all()


def test_shifts_move_whole_stacks() -> None:
    cache = np.arange(2 * 9, dtype=np.uint8).reshape(2, 3, 3) + 1
    moved = gather(cache, np.array([[0, 1], [1, 1]]), np.array([[1, -1], [0, 0]]))
    np.testing.assert_array_equal(moved[0, ..., 0], [[0, 0, 0], [2, 3, 0], [5, 6, 0]])
    np.testing.assert_array_equal(moved[0, ..., 1], moved[0, ..., 0] + 9 * (moved[0, ..., 0] > 0))
    np.testing.assert_array_equal(moved[1, ..., 0], cache[1])


def test_a_mapped_cache_is_let_go_of_and_read_again(tmp_path: Path) -> None:
    """The pages a reader has touched do not count as its memory for ever; what it reads stays the same."""
    dataset = tiny_dataset()
    np.save(tmp_path / "frames.npy", dataset.cache)
    mapped = replace(dataset, cache=np.load(tmp_path / "frames.npy", mmap_mode="r"))
    pairs = zip(Epoch(dataset, dataset.windows, 4, 1, 1), Epoch(mapped, mapped.windows, 4, 1, 1), strict=True)
    for ours, theirs in pairs:
        forget(mapped.cache)
        np.testing.assert_array_equal(ours[0], theirs[0])


def test_tensors_come_in_the_epochs_order() -> None:
    dataset = tiny_dataset()
    expected = list(Epoch(dataset, dataset.windows, 16, 1, 2, shift=2))
    found = list(tf_batches(Epoch(dataset, dataset.windows, 16, 1, 2, shift=2)))
    assert len(found) == len(expected)
    for ours, theirs in zip(expected, found, strict=True):
        np.testing.assert_array_equal(ours[0], theirs[0])
        np.testing.assert_array_equal(ours[1], theirs[1])


def test_splits_are_by_movie_and_cover_every_act() -> None:
    dataset = tiny_dataset()
    training, held = split_movies(dataset, 0.2, seed=3)
    assert training | held == set(range(10))
    assert not training & held
    assert {dataset.acts[i] for i in held} == {"one", "two"}
    assert (training, held) == split_movies(dataset, 0.2, seed=3)
    assert split_movies(dataset, 0.0, seed=3)[1] == set()


def test_rare_combos_weigh_more_with_mean_one() -> None:
    labels = np.array([2] * 90 + [5] * 10)
    weights = label_weights(labels, 0.5)
    assert weights[5] > weights[2] > 0
    assert weights[labels].mean() == np.float32(1.0)
    assert (label_weights(labels, 0.0)[[2, 5]] == 1).all()


def in_cache(shown: list[np.ndarray]) -> np.ndarray:
    """The pictures of movies whose every frame is a label; behind the last frame no window begins."""
    return np.concatenate([np.concatenate([pictures[:-1], np.zeros_like(pictures[:1])]) for pictures in shown])


def test_every_movies_labels_stand_beside_its_own_pictures(tmp_path: Path) -> None:
    """The greys of the pictures count on from movie to movie, so a row out of place shows."""
    pads = {"a": [0, RIGHT, DOWN] * 4, "b": [DOWN, 0, RIGHT] * 3 + [0], "c": [RIGHT, RIGHT, DOWN] * 5}
    shown = make_dataset(tmp_path / "t-v0", pads)
    dataset = open_dataset(tmp_path / "t-v0", frame_skip=1, stack=1)
    np.testing.assert_array_equal(dataset.cache, in_cache(shown))
    for number, masks in enumerate(pads.values()):
        windows = dataset.windows.of({number})
        observations, labels, _ = Epoch(dataset, windows, len(windows), 0, 0, shuffle=False)[0]
        np.testing.assert_array_equal(observations[..., 0], shown[number][:-1])
        np.testing.assert_array_equal(labels, window_labels(np.array(masks), 0, 1))


def test_a_changed_movie_makes_the_cache_anew(tmp_path: Path) -> None:
    path = tmp_path / "t-v0"
    make_dataset(path, {"a": [0] * 9, "b": [0] * 9})
    first = open_dataset(path)
    for name in IDENTITY:
        if name == "observation_spec":
            continue
        other: dict[str, object] = {name: 2 if name == "label_rule" else "other"}
        (path / "data/movies/a.hdf5").unlink()
        (path / "data/movies/b.hdf5").unlink()
        shown = make_dataset(path, {"a": [0] * 9, "b": [0] * 9}, b=other)
        again = open_dataset(path)
        assert again.fingerprint != first.fingerprint, name
        assert again.cache.filename != first.cache.filename, name
        np.testing.assert_array_equal(again.cache, in_cache(shown))


def test_families_stay_on_one_side(tmp_path: Path) -> None:
    cut, drill = {"origin": "a"}, {"origin": "a-cut", "skill": "spindash"}
    pads = {name: [0] * 9 for name in ("a", "a-cut", "a-drill", "b", "c")}
    make_dataset(tmp_path / "t-v0", pads, **{"a-cut": cut, "a-drill": drill})
    dataset = open_dataset(tmp_path / "t-v0")
    assert dataset.families == ["a", "a", "a", "b", "c"]
    sides = [split_movies(dataset, 0.4, seed) for seed in range(20)]
    assert all(len({0, 1, 2} & split.held) in (0, 3) for split in sides)
    assert any(split.held == {0, 1, 2} for split in sides)
    assert all(split.is_validated for split in sides)


def test_nothing_held_out_is_said(tmp_path: Path) -> None:
    make_dataset(tmp_path / "t-v0", {"a": [0] * 9, "a-cut": [0] * 9}, **{"a-cut": {"origin": "a"}})
    split = split_movies(open_dataset(tmp_path / "t-v0"), 0.5, seed=0)
    assert split == ({0, 1}, set())
    assert "no movie held out" in split.note


def test_spin_dashes_are_those_of_whole_plays_of_the_act(tmp_path: Path) -> None:
    """Not of other acts, nor of drills, parts of other movies, takeovers and a policy's own movies."""
    movies = {
        "a": {"spin_dashes": 4},
        "b": {"spin_dashes": 1},
        "c": {"spin_dashes": 50, "act": "EmeraldHillZone.Act2"},
        "d": {"spin_dashes": 50, "skill": "spindash"},
        "e": {"spin_dashes": 50, "player": "takeover"},
        "f": {"spin_dashes": 50, "player": "policy"},
        "g": {"spin_dashes": 50, "origin": "a"},
    }
    make_dataset(tmp_path / "t-v0", {name: [0] * 9 for name in movies}, **movies)
    dataset = open_dataset(tmp_path / "t-v0")
    assert spin_dashes_per_movie(dataset, "EmeraldHillZone.Act1") == 2.5
    assert spin_dashes_per_movie(dataset, "HillTopZone.Act1") is None


def test_only_the_movies_meant_give_windows_and_they_stand_beside_their_own_pictures(tmp_path: Path) -> None:
    """The cache holds the others, too, so that it is the same for every selection."""
    pads = {"a": [0, RIGHT, DOWN] * 4, "b": [DOWN, 0, RIGHT] * 3 + [0], "c": [RIGHT, RIGHT, DOWN] * 5}
    shown = make_dataset(tmp_path / "t-v0", pads, a={"player": "search"}, b={"player": "search"})
    everything = open_dataset(tmp_path / "t-v0", frame_skip=1, stack=1)
    own = open_dataset(tmp_path / "t-v0", 1, stack=1, select=Selection(players="human", least_seconds=0))
    assert own.names == ["c"]
    assert own.left_out == {"a": "not by a person", "b": "not by a person"}
    assert own.fingerprint != everything.fingerprint
    assert own.cache.filename == everything.cache.filename
    observations, labels, _ = Epoch(own, own.windows, len(own.windows), 0, 0, shuffle=False)[0]
    np.testing.assert_array_equal(observations[..., 0], shown[2][:-1])
    np.testing.assert_array_equal(labels, window_labels(np.array(pads["c"]), 0, 1))
    with pytest.raises(DatasetError, match=r"none of its 3 movies is meant: .*1 movie shorter than 5 s \(c\)"):
        open_dataset(tmp_path / "t-v0", select=Selection(players="human"))


def test_a_persons_movies_and_the_searchs_are_split_apart(tmp_path: Path) -> None:
    names = [f"h{i}" for i in range(3)] + [f"s{i}" for i in range(6)]
    players = {name: {"player": "human" if name[0] == "h" else "search"} for name in names}
    make_dataset(tmp_path / "t-v0", {name: [0] * 9 for name in names}, **players)
    dataset = open_dataset(tmp_path / "t-v0")
    for seed in range(5):
        held = [dataset.names[i] for i in split_movies(dataset, 0.17, seed).held]
        assert sorted(name[0] for name in held) == ["h", "s"]


@pytest.mark.parametrize(("deaths", "taught"), [("cut", 0), ("keep", 9)])
def test_a_persons_last_seconds_before_a_death_are_not_taught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deaths: str, taught: int
) -> None:
    make_dataset(tmp_path / "t-v0", {"a": [0] * 9, "b": [0] * 9}, b={"player": "search"})
    monkeypatch.setattr("dataset.loader.before_deaths", lambda lives, frames: np.ones(len(lives) - 1, bool))
    dataset = open_dataset(tmp_path / "t-v0", 1, select=Selection(least_seconds=0, deaths=deaths))
    assert (dataset.windows.movies == 0).sum() == taught
    assert (dataset.windows.movies == 1).sum() == 9  # the search player's deaths, if it had any, are its own affair
