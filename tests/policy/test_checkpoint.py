"""Checkpoints: whole or not there, checked when loaded, old ones still opened."""

import io
import json
import os
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest

from game.observation import ObservationSpec
from policy.checkpoint import CheckpointError, CheckpointInfo, check_compatible, load_checkpoint, named, save_checkpoint
from tests.policy.made_up import SPEC, TINY, random_weights


def test_a_checkpoint_comes_back_whole(checkpoint) -> None:
    loaded = load_checkpoint(checkpoint)
    assert loaded.info.network == TINY
    assert loaded.info.extra == {"update": 3}
    assert loaded.info.metrics == {"eval/progress": 0.5}
    np.testing.assert_array_equal(loaded.state["o000"], np.arange(3.0))
    for expected, received in zip(random_weights(TINY), loaded.weights, strict=True):
        np.testing.assert_array_equal(expected, received)


def test_saving_again_replaces_the_whole(checkpoint) -> None:
    save_checkpoint(checkpoint, CheckpointInfo("quillrush", 4, SPEC, TINY, 8), named("w", random_weights(TINY, 1)))
    assert load_checkpoint(checkpoint).info.step == 8
    assert [path.name for path in checkpoint.parent.iterdir()] == ["000007"]


def test_a_kill_between_the_renames_leaves_the_old_one_whole(checkpoint, monkeypatch) -> None:
    real = Path.rename

    def killed(path: Path, target: Path) -> Path:
        if target == checkpoint:
            raise KeyboardInterrupt
        return real(path, target)

    monkeypatch.setattr(Path, "rename", killed)
    with pytest.raises(KeyboardInterrupt):
        save_checkpoint(checkpoint, CheckpointInfo("quillrush", 4, SPEC, TINY, 8), named("w", random_weights(TINY, 1)))
    assert load_checkpoint(checkpoint.with_name(".000007.old")).info.step == 7


def test_damaged_and_foreign_checkpoints_are_refused(checkpoint, tmp_path) -> None:
    with pytest.raises(CheckpointError, match=r"not a checkpoint folder"):
        load_checkpoint(tmp_path / "nowhere")
    text = (checkpoint / "checkpoint.json").read_text()
    (checkpoint / "checkpoint.json").write_text(text.replace("B+RIGHT+DOWN", "A+RIGHT+DOWN"))
    with pytest.raises(CheckpointError, match=r"expected the actions"):
        load_checkpoint(checkpoint)
    (checkpoint / "checkpoint.json").write_text(text.replace('"hidden": 16', '"hidden": 17'))
    with pytest.raises(CheckpointError, match=r"expected weights of shapes"):
        load_checkpoint(checkpoint)
    (checkpoint / "checkpoint.json").write_text(text)
    (checkpoint / "weights.npz").write_bytes(b"cut off")
    with pytest.raises(CheckpointError, match=r"not a readable array file"):
        load_checkpoint(checkpoint)


def test_pickles_are_never_loaded(checkpoint) -> None:
    np.savez(checkpoint / "weights.npz", w000=np.array([object()]))
    with pytest.raises(CheckpointError, match=r"allow_pickle"):
        load_checkpoint(checkpoint)


def test_incompatible_checkpoints_name_both_sides(checkpoint) -> None:
    info = load_checkpoint(checkpoint).info
    check_compatible(info, checkpoint, "quillrush", 4, SPEC)
    with pytest.raises(CheckpointError, match=r"expected frame_skip 3. Received: 4"):
        check_compatible(info, checkpoint, "quillrush", 3, SPEC)
    with pytest.raises(CheckpointError, match=r"expected observation .*hide_hud=True.* Received: .*hide_hud=False"):
        check_compatible(info, checkpoint, "quillrush", 4, ObservationSpec(hide_hud=True))


def test_weights_that_are_no_numbers_are_refused(checkpoint) -> None:
    """NaN would play as "none" for ever, without a word."""
    for bad, reason in ((np.nan, "finite"), (np.inf, "finite")):
        weights = random_weights(TINY)
        weights[3][0] = bad
        np.savez(checkpoint / "weights.npz", **named("w", weights))
        with pytest.raises(CheckpointError, match=reason):
            load_checkpoint(checkpoint)
    np.savez(checkpoint / "weights.npz", **named("w", [w.astype(np.float64) for w in random_weights(TINY)]))
    with pytest.raises(CheckpointError, match=r"expected float32 weights. Received: float64"):
        load_checkpoint(checkpoint)


def test_checkpoints_of_the_first_format_still_open(checkpoint) -> None:
    """They had no kind, no action set, no heads, and the optimizer in a file of its own."""
    file = checkpoint / "checkpoint.json"
    fields = json.loads(file.read_text())
    for new in ("kind", "action_set"):
        del fields[new]
    del fields["network"]["heads"]
    file.write_text(json.dumps(fields | {"format": 1}))
    os.rename(checkpoint / "state.npz", checkpoint / "optimizer.npz")
    loaded = load_checkpoint(checkpoint)
    assert (loaded.info.kind, loaded.info.action_set, loaded.info.network) == ("network", "all", TINY)
    assert not loaded.state


@pytest.mark.parametrize(("field", "value"), [("kind", "spreadsheet"), ("action_set", "most"), ("format", 9)])
def test_what_is_not_known_is_named(checkpoint, field: str, value: object) -> None:
    file = checkpoint / "checkpoint.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {field: value}))
    with pytest.raises(CheckpointError, match=rf"expected .* Received: .*{value}"):
        load_checkpoint(checkpoint)


def test_a_bomb_is_refused_before_it_unfolds(checkpoint, monkeypatch) -> None:
    """A learner's state may hold any arrays, so only their size can be looked at."""
    monkeypatch.setattr("policy.checkpoint.ARRAYS_LIMIT", 1 << 20)
    np.savez_compressed(checkpoint / "state.npz", o000=np.zeros(1 << 18))  # 2 MiB in 2 kB
    assert (checkpoint / "state.npz").stat().st_size < 10_000
    with pytest.raises(CheckpointError, match=r"expected at most 1048576 bytes of arrays. Received: 2097152"):
        load_checkpoint(checkpoint)


@pytest.mark.parametrize("hidden", ["w000", "w000.npy"])
def test_what_is_looked_at_is_what_is_read(checkpoint: Path, hidden: str) -> None:
    """NumPy takes NAME for NAME.npy, and the last of two of the same name for both."""
    with zipfile.ZipFile(checkpoint / "weights.npz") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    foreign = io.BytesIO()
    np.save(foreign, np.zeros(3))
    with zipfile.ZipFile(checkpoint / "weights.npz", "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile's own, of two members of one name
        archive.writestr(hidden, foreign.getvalue())
        for name, data in members.items():
            archive.writestr(name, data)
    with pytest.raises(CheckpointError, match=rf"arrays of different names, NAME.npy each. Received: {hidden}"):
        load_checkpoint(checkpoint)


def test_a_list_of_millions_of_arrays_is_not_read(checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policy.checkpoint.DIRECTORY_LIMIT", 1 << 16)
    with zipfile.ZipFile(checkpoint / "state.npz", "w") as archive:
        for number in range(1500):
            archive.writestr(f"o{number:04d}.npy", b"")
    with pytest.raises(CheckpointError, match=r"expected a directory of at most"):
        load_checkpoint(checkpoint)


@pytest.mark.parametrize("lstm", [-1, 1 << 20])
def test_an_lstm_of_no_possible_size_is_refused(checkpoint: Path, lstm: int) -> None:
    file = checkpoint / "checkpoint.json"
    fields = json.loads(file.read_text())
    fields["network"]["lstm"] = lstm
    file.write_text(json.dumps(fields))
    with pytest.raises(CheckpointError, match=r"lstm|>= 0"):
        load_checkpoint(checkpoint)
