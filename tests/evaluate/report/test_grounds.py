"""What a report says it rests on."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluate.report.grounds import what_it_rests_on
from evaluate.results import Results
from experiment.run import Run

ACTS = ("CasinoNightZone.Act1", "CasinoNightZone.Act2")


def run_of(folder: Path, stage: str, name: str, learner: str = "", **config: object) -> Run:
    run = Run(folder / stage / name)
    run.path.mkdir(parents=True)
    identity = {"format": 2, "config": config, "inputs": "x"}
    (run.path / "config.json").write_text(json.dumps(identity | ({"learner": learner} if learner else {})))
    return run


def test_one_training_of_each(results_of: Callable[..., Results], tmp_path: Path) -> None:
    results = results_of(("clone", "finetuned"), ACTS)
    clone = run_of(tmp_path, "supervised", "a", data="mine-v0")
    assert what_it_rests_on(results, [clone], print) == [
        "It rests on one training of each learner (cloning); the intervals are over episodes, not trainings.",
        "Learnt from the movies in mine-v0; whether an act was held out is not recorded.",
    ]
    tuned = run_of(tmp_path, "finetune", "b", "ppo", acts="all", contest_split=False)
    assert what_it_rests_on(results, [clone, tuned], print) == [
        "It rests on one training of each learner (cloning, ppo); the intervals are over episodes, not trainings.",
        "Trained on every act scored here (ppo); acts it never saw are not tested.",
    ]


def test_held_out_acts_and_several_trainings(results_of: Callable[..., Results], tmp_path: Path) -> None:
    results = results_of(("clone", "finetuned"), ACTS)
    runs = [run_of(tmp_path, "finetune", str(i), "ppo", acts="all", contest_split=True) for i in range(2)]
    assert what_it_rests_on(results, [*runs, run_of(tmp_path, "supervised", "c")], print) == [
        "It rests on 2 trainings by ppo, 1 training by cloning; the intervals are over episodes, not trainings.",
        "Held out from training (ppo): Neonmile 2; the other acts were trained on.",
    ]
    kept_away = run_of(tmp_path, "supervised", "e", data="x-v0", select={"acts": "all", "contest_split": True})
    assert "Held out from training (cloning): Neonmile 2; the other acts were trained on." in what_it_rests_on(
        results, [kept_away], print
    )
    elsewhere = run_of(tmp_path, "finetune", "d", "es", acts="WingFortressZone")
    assert "Every act scored here was held out from training (es)." in what_it_rests_on(results, [elsewhere], print)


@pytest.mark.parametrize("content", ["null", "{", '{"config": {"acts": 3}}', '{"config": {"acts": "NoSuchZone"}}'])
def test_damage_is_said_not_raised(results_of: Callable[..., Results], tmp_path: Path, content: str) -> None:
    run = run_of(tmp_path, "finetune", "b", "ppo")
    (run.path / "config.json").write_text(content)
    said: list[str] = []
    sentences = what_it_rests_on(results_of(("clone",), ACTS), [run], said.append)
    assert not any("act" in sentence.split() for sentence in sentences)
    assert len(said) == (0 if "NoSuchZone" in content else 1)


def test_test_acts_are_said_to_be_nobodys(results_of: Callable[..., Results], tmp_path: Path) -> None:
    results = results_of(("clone", "finetuned"), ("TestZone.Act1", "TestZone.Act5"))
    tuned = run_of(tmp_path, "finetune", "b", "ppo", acts="all", contest_split=False)
    zero_shot = "Zero-shot: nobody trains on these acts (Faraway 1, Faraway 5); no player has seen them before."
    assert what_it_rests_on(results, [], print) == [zero_shot]
    first, trainings = what_it_rests_on(results, [tuned], print)
    assert first == zero_shot
    assert trainings.startswith("It rests on one training")
    mixed = results_of(("clone", "finetuned"), ("TestZone.Act1", "WingFortressZone"))
    assert what_it_rests_on(mixed, [tuned], print)[1:] == [
        "Held out from training (ppo): Faraway 1; the other acts were trained on."
    ]


def test_who_learnt_on_a_test_act_in_the_contest_is_no_newcomer(
    results_of: Callable[..., Results], tmp_path: Path
) -> None:
    results = results_of(("clone", "finetuned"), ("TestZone.Act1", "TestZone.Act5"))
    learnt = run_of(tmp_path, "contest", "b", "ppo", acts="contest:TestZone.Act1", contest_split=False)
    first, trainings = what_it_rests_on(results, [learnt], print)
    assert first == "ppo learnt on TestZone.Act1 in the contest; there it is no newcomer."
    assert trainings.startswith("It rests on one training")


def test_another_build_of_the_game_is_said(results: Results) -> None:
    assert what_it_rests_on(results, [], print) == []
    other = dataclasses.replace(results, build="ROM c0ffee00 of there")
    assert what_it_rests_on(other, [], print) == ["Played on another build of the game: ROM c0ffee00 of there."]
