"""The studies that come with the project: every command of every arm would start, as its real command line reads it."""

import shlex
from typing import Any

import pytest

import dataset.cli
import evaluate.cli
import evaluate.score
import finetune.cli
import finetune.contest.stage
import finetune.stage
import supervised.cli
import supervised.stage
from experiment.study.definition import NONE, Cell, Study, find_study, study_names
from game.acts import training_acts
from game.games import find_game
from game.levels import contest_levels
from game.observation import ObservationSpec
from tests.conftest import ROOT

MAINS = {"dataset": dataset.cli, "supervised": supervised.cli, "finetune": finetune.cli, "evaluate": evaluate.cli}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The options that stages were called with, which do nothing here."""
    found: list[Any] = []
    for module, name in (
        (dataset.cli, "convert"),
        (supervised.stage, "clone"),
        (finetune.stage, "fine_tune"),
        (finetune.contest.stage, "hold_contest"),
        (evaluate.score, "evaluate"),
    ):
        monkeypatch.setattr(module, name, lambda *arguments: found.append(arguments[-1]))
    monkeypatch.chdir(ROOT)
    return found


def first_cells(study: Study) -> list[Cell]:
    return [cell for cell in study.cells if cell.seed == study.seeds[0]]


def commands(study: Study) -> list[str]:
    """Every command of the study's arms, each once."""
    return sorted({step.command for cell in first_cells(study) for step in study.steps(cell)})


def check_learner(config: Any, is_contest: bool) -> None:
    """What a learner would refuse before it learns anything."""
    config.env(ObservationSpec())
    if is_contest:
        assert contest_levels(find_game(config.game), config.acts)
        return
    acts = training_acts(config.acts, config.contest_split)
    if "serial" in vars(config):
        config.check(len(acts))
    elif hasattr(config, "check"):
        config.check()


@pytest.mark.parametrize("name", study_names())
def test_every_command_of_a_study_starts(name: str, asked: list[Any]) -> None:
    study = find_study(name)
    for command in commands(study):
        _, _, stage, *words = shlex.split(command)
        before = len(asked)
        MAINS[stage].main(words)
        assert len(asked) == before + 1, command
        config = asked[-1]
        assert config.game == "quillrush", command
        if stage == "finetune":
            check_learner(config, words[0] == "contest")


@pytest.mark.parametrize("name", ["learners", "contest"])
def test_arms_differ_and_take_a_clone_only_where_they_use_one(name: str, asked: list[Any]) -> None:
    study = find_study(name)
    seen: dict[tuple, str] = {}
    for arm in study.arms:
        steps = study.steps(Cell(arm, 1))
        commands_of_arm = tuple(step.run for step in steps)
        assert seen.setdefault(commands_of_arm, arm) == arm, f"{arm} is {seen[commands_of_arm]} once more"
        for step in steps:
            if step.stage in ("finetune", "contest"):
                finetune.cli.main(list(step.words[1:]))
                takes_a_clone = asked[-1].init != NONE
                assert takes_a_clone == any(other.stage == "supervised" for other in steps), arm
                if takes_a_clone:
                    assert asked[-1].uses_parent, arm


@pytest.mark.parametrize(("name", "steps"), [("learners", 100_000), ("contest", 40_000)])
def test_learners_are_compared_at_equal_steps(name: str, steps: int, asked: list[Any]) -> None:
    study = find_study(name)
    for arm in study.arms:
        last = [step for step in study.steps(Cell(arm, 1)) if step.stage == study.last_stage]
        for step in last:
            finetune.cli.main(list(step.words[1:]))
            assert asked[-1].total_steps == steps, arm
            assert 0.9 * steps <= asked[-1].planned_steps <= steps, arm
