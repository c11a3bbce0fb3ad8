"""Windows of demonstrations for the cloning loss: in the action set's numbers, the same for the same update."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from dataset.selection import Selection
from dataset.windows import Windows
from experiment.run import Run
from finetune.demonstrated import DemonstratedWindows, Taught, find_demonstrated, taught_to
from game.actions import ACTION_SETS
from policy.checkpoint import load_checkpoint, save_checkpoint
from tests.dataset.small import SPEC, make_dataset
from tests.finetune.clones import clone_run

COUNT = 60


def made_up() -> SimpleNamespace:
    """A data set whose frame n is grey n, and whose window n shows frames n to n + 3 and is labelled n % 20."""
    labels = (np.arange(COUNT) % 20).astype(np.uint8)
    windows = Windows(
        stacks=(np.arange(COUNT)[:, None] + np.arange(4)).astype(np.int32),
        labels=labels,
        changes=np.zeros(COUNT, bool),
        steady=np.zeros(COUNT, bool),
        movies=np.zeros(COUNT, np.int32),
        phases=np.zeros(COUNT, np.uint8),
    )
    cache = np.arange(COUNT + 3, dtype=np.uint8)[:, None, None] * np.ones((1, 8, 8), np.uint8)
    return SimpleNamespace(cache=cache, combos=None, windows=windows, frame_skip=1, attributes=[{"player": "search"}])


def test_actions_are_those_of_the_windows_shown() -> None:
    shown = DemonstratedWindows(made_up(), "all", rare_combo_power=0.4, seed=1)
    observations, actions, _ = shown.draw(update=3, count=200)
    assert observations.shape == (200, 8, 8, 4)
    assert (observations[:, 0, 0, 0] % 20 == actions).all()
    assert len(set(actions.tolist())) == 20


def test_a_memory_is_shown_windows_that_follow_each_other() -> None:
    shown = DemonstratedWindows(made_up(), "all", rare_combo_power=0.4, seed=1, steps=16)
    observations, actions, counts = shown.draw(update=3, count=64)
    np.testing.assert_array_equal(counts.reshape(4, 16), np.tile(np.repeat([0, 1], [4, 12]), (4, 1)))  # burn-in first
    newest = observations[:, 0, 0, -1].reshape(4, 16).astype(int)
    np.testing.assert_array_equal(newest, newest[:, :1] + np.arange(16))
    assert (observations[:, 0, 0, 0] % 20 == actions).all()
    assert len(set(newest[:, 0].tolist())) > 1
    with pytest.raises(ValueError, match="61 steps of play on end"):
        DemonstratedWindows(made_up(), "all", rare_combo_power=0.4, seed=1, steps=COUNT + 1)


def test_combos_outside_the_action_set_are_left_out() -> None:
    shown = DemonstratedWindows(made_up(), "jerk4", rare_combo_power=0.4, seed=1)
    observations, actions, _ = shown.draw(update=0, count=100)
    combos = np.array(ACTION_SETS["jerk4"])
    assert (observations[:, 0, 0, 0] % 20 == combos[actions]).all()
    assert shown.weights.shape == (4,)


def test_every_update_draws_its_own_and_the_same_again() -> None:
    shown = DemonstratedWindows(made_up(), "all", rare_combo_power=0.4, seed=1)
    first, *_ = shown.draw(update=5, count=50)
    np.testing.assert_array_equal(shown.draw(update=5, count=50)[0], first)
    assert (shown.draw(update=6, count=50)[0] != first).any()
    other = DemonstratedWindows(made_up(), "all", rare_combo_power=0.4, seed=2)
    assert (other.draw(update=5, count=50)[0] != first).any()


def test_steady_windows_are_drawn_less_often_and_count_for_more() -> None:
    data = made_up()
    data.windows.steady[: COUNT // 2] = True
    shown = DemonstratedWindows(data, "all", rare_combo_power=0.4, seed=1, steady_share=0.25)
    observations, _, counts = shown.draw(update=0, count=4_000)
    is_steady = observations[:, 0, 0, 0] < COUNT // 2
    assert is_steady.mean() == pytest.approx(0.2, abs=0.03)  # a quarter beside a whole
    np.testing.assert_array_equal(counts, np.where(is_steady, 4.0, 1.0))


def test_a_players_windows_come_as_often_as_they_count() -> None:
    data = made_up()
    data.attributes = [{"player": "search"}, {"player": "takeover"}]
    data.windows = replace(data.windows, movies=(np.arange(COUNT) >= COUNT // 2).astype(np.int32))
    shown = DemonstratedWindows(data, "all", rare_combo_power=0.4, seed=1)
    observations, _, _ = shown.draw(update=0, count=9_000)
    assert (observations[:, 0, 0, 0] >= COUNT // 2).mean() == pytest.approx(8 / 9, abs=0.02)


def test_the_cloning_loss_is_shown_nothing_of_held_out_acts_under_the_split(workdir: Path) -> None:
    acts = {"a": "HillTopZone.Act1", "b": "HillTopZone.Act2"}
    of_acts = {name: {"act": act, "player": "search"} for name, act in acts.items()}
    make_dataset(Path("data") / "quillrush-v0", dict.fromkeys(acts, [0] * 64), **of_acts)
    everything = find_demonstrated("quillrush-v0", SPEC, 4, Selection())
    without = find_demonstrated("quillrush-v0", SPEC, 4, Selection(contest_split=True))
    assert everything is not None
    assert everything.acts == list(acts.values())
    assert without is not None
    assert without.acts == ["HillTopZone.Act1"]
    assert set(without.windows.movies) == {0}


def test_what_a_clone_was_shown_is_known_to_all_that_come_from_it(workdir: Path, capsys) -> None:
    clone = load_checkpoint(clone_run(workdir, check="pass"))
    assert taught_to(clone) == Taught("quillrush-v0")  # its run does not say
    run = Run(clone.path.parents[1])
    shown = {"data": "mine-v0", "select": {"players": "human"}, "human_weight": 2.0, "epochs": 3}
    (run.path / "config.json").write_text(json.dumps({"format": 2, "config": shown, "inputs": ""}))
    expected = Taught("mine-v0", Selection(players="human"), human_weight=2.0)
    assert taught_to(clone) == expected
    tuned = workdir / "runs" / "finetune" / "tuned" / "checkpoints" / "000002"
    save_checkpoint(tuned, replace(clone.info, parent=str(clone.path)), clone.arrays)
    whole = {"format": 2, "config": {"game": "quillrush"}, "inputs": ""}
    (tuned.parents[1] / "config.json").write_text(json.dumps(whole))
    assert taught_to(load_checkpoint(tuned)) == expected
    shown["human_weight"] = "many"
    (run.path / "config.json").write_text(json.dumps({"format": 2, "config": shown, "inputs": ""}))
    assert taught_to(clone) == Taught("quillrush-v0")
    assert "what the clone was shown is not known" in capsys.readouterr().out
