"""A study's file: what is read, what is refused, and which commands its cells are."""

from pathlib import Path

import pytest

from experiment.study.definition import Cell, Side, StudyError, find_study, read_study

WHOLE = """
about = "Whether shifting helps."
seeds = [1, 2]
base = "base"

[stages]
dataset = "--preset demo"
supervised = "--preset demo"
finetune = "ppo --preset demo"
evaluate = "--preset demo --episodes 2"

[arms.base]

[arms.no-shift]
supervised = "--shift 0"

[arms.slow]
finetune = "--learning-rate 1e-4"

[arms.scratch]
supervised = "none"
finetune = "--init none"
"""


def study(tmp_path: Path, text: str = WHOLE):
    file = tmp_path / "shifts.toml"
    file.write_text(text)
    return read_study(file)


def test_cells_come_seed_by_seed(tmp_path: Path) -> None:
    cells = study(tmp_path).cells
    assert [cell.name for cell in cells[:4]] == ["base-s1", "no-shift-s1", "slow-s1", "scratch-s1"]
    assert [cell.seed for cell in cells] == [1] * 4 + [2] * 4


def test_a_cell_is_a_chain_of_commands_that_name_each_others_runs(tmp_path: Path) -> None:
    dataset, clone, tuned, scored = study(tmp_path).steps(Cell("no-shift", 2))
    assert dataset.command == "python -m dataset convert --preset demo"
    assert clone.command == f"python -m supervised --preset demo --shift 0 --seed 2 --name {clone.run}"
    assert tuned.command == f"python -m finetune ppo --preset demo --init {clone.run} --seed 2 --name {tuned.run}"
    assert scored.words[-5:] == ("--players", clone.run, tuned.run, "--name", scored.run)
    assert "--seed" not in scored.words  # every cell is scored on the same episodes


def test_arms_share_what_is_the_same_and_nothing_else(tmp_path: Path) -> None:
    read = study(tmp_path)
    base, other, slow = (read.steps(Cell(arm, 1)) for arm in ("base", "no-shift", "slow"))
    assert base[1].run == slow[1].run
    assert base[1].run != other[1].run
    assert len({steps[2].run for steps in (base, other, slow)}) == 3
    assert base[1].run != read.steps(Cell("base", 2))[1].run


def test_a_stage_that_an_arm_leaves_out_is_left_out(tmp_path: Path) -> None:
    stages = [step.stage for step in study(tmp_path).steps(Cell("scratch", 1))]
    assert stages == ["dataset", "finetune", "evaluate"]
    tuned = study(tmp_path).steps(Cell("scratch", 1))[1]
    assert tuned.words.count("--init") == 1


def test_claims_name_arms_and_a_stage_where_it_is_not_the_last(tmp_path: Path) -> None:
    pairs = '[pairs]\n"slow is better" = ["slow", "base"]\n"tuned is better" = ["slow", "base/supervised"]\n[stages]'
    first, second = study(tmp_path, WHOLE.replace("[stages]", pairs, 1)).claims
    assert (first.name, first.ours, first.theirs) == (
        "slow is better",
        Side("slow", "finetune"),
        Side("base", "finetune"),
    )
    assert second.theirs == Side("base", "supervised")


def test_the_last_checkpoint_is_a_player_where_it_is_asked_for(tmp_path: Path) -> None:
    pairs = 'last = ["slow"]\n[pairs]\n"chosen is better" = ["slow", "slow/last"]\n[stages]'
    read = study(tmp_path, WHOLE.replace("[stages]", pairs, 1))
    *_, tuned, scored = read.steps(Cell("slow", 1))
    assert scored.words[-3:-2] == (f"runs/finetune/{tuned.run}/last",)
    assert read.claims[0].theirs == Side("slow", "last")
    assert not any("/last" in step.command for step in read.steps(Cell("base", 1)))


def test_an_arm_that_trains_nothing_is_its_player(tmp_path: Path) -> None:
    alone = '[arms.random]\ndataset = "none"\nsupervised = "none"\nfinetune = "none"\n'
    (scored,) = study(tmp_path, WHOLE + alone + 'evaluate = "--players random"\n').steps(Cell("random", 2))
    assert scored.command.endswith(f"evaluate --preset demo --episodes 2 --players random --name {scored.run}")
    with pytest.raises(StudyError, match="random: expected a training stage, or evaluate with --players"):
        study(tmp_path, WHOLE + alone)


def test_a_contest_is_a_command_of_fine_tuning(tmp_path: Path) -> None:
    text = WHOLE.replace('evaluate = "--preset demo --episodes 2"', 'contest = "jerk --preset quick"')
    *_, tuned, held = study(tmp_path, text).steps(Cell("base", 1))
    assert held.command == (
        f"python -m finetune contest jerk --preset quick --init {tuned.run} --seed 1 --name {held.run}"
    )
    with pytest.raises(StudyError, match="the stage contest, which scores by itself, or evaluate"):
        study(tmp_path, WHOLE.replace("[arms.base]", 'contest = "jerk"\n[arms.base]', 1))


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('base = "base"', 'base = "bass"', "expected base to be one of the arms"),
        ("seeds = [1, 2]", "seeds = [1, 1]", "every seed once"),
        ("seeds = [1, 2]", "seeds = []", "length >= 1"),
        ("seeds = [1, 2]", "seeds = [-1]", ">= 0"),
        ('supervised = "--shift 0"', 'supervise = "--shift 0"', "no-shift: expected stages among"),
        ("[arms.base]", "[arms.'../base']", "matching regex"),
        ('about = "Whether shifting helps."', "", "about"),
        ("seeds = [1, 2]", "seeds = [1, 2", "shifts.toml"),
        ("seeds = [1, 2]", "seeds = [1, 2]\nseed = 3", "unknown field"),
        ("[stages]", '[pairs]\n"better" = ["slow", "bass"]\n[stages]', "pairs, better: expected an arm of the study"),
        ("[stages]", '[pairs]\n"better" = ["slow", "base/evaluate"]\n[stages]', "Received: 'base/evaluate'"),
        ("[stages]", '[pairs]\n"better" = ["slow"]\n[stages]', "length 2"),
        ("[stages]", '[pairs]\n"better" = ["slow", "slow/last"]\n[stages]', "Received: 'slow/last'"),
        (
            "[stages]",
            'last = ["bass"]\n[stages]',
            "last: expected arms that fine-tune and are evaluated. Received: 'bass'",
        ),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, before: str, after: str, told: str) -> None:
    assert before in WHOLE
    with pytest.raises(StudyError, match=told):
        study(tmp_path, WHOLE.replace(before, after, 1))


def test_an_unknown_study_names_the_nearest(workdir: Path) -> None:
    (workdir / "studies").mkdir()
    (workdir / "studies" / "starts.toml").write_text(WHOLE)
    with pytest.raises(StudyError, match="Did you mean starts"):
        find_study("start")
    with pytest.raises(StudyError, match="Unknown study"):
        find_study("../studies/starts")
