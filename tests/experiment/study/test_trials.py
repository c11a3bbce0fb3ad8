"""A sweep goes by progress on the schedule's seeds, and on from its records."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from experiment.commands import main
from experiment.run import write_json
from experiment.study.definition import Cell, StudyError, find_study
from experiment.study.records import read_record, read_records, record_path, write_record
from experiment.study.sweep import read_trials
from experiment.study.table import study_tables
from experiment.study.tpe import HOW_TO_INSTALL
from experiment.study.trials import next_cell, objective, ranked
from tests.experiment.study.made_up import record

TPE = """
about = "Which rate."
seeds = [1, 2]
[stages]
finetune = "ppo"
[sweep]
sampler = "tpe"
trials = 14
[sweep.options.finetune]
learning-rate = { low = 1e-5, high = 1e-3, log = true }
"""
TINY = """
about = "Whether anything runs."
seeds = [1]
[stages]
finetune = "jerk --preset smoke --game quillrush --init none --acts WingFortressZone --total-steps 200"
[sweep]
sampler = "random"
trials = 1
[sweep.options.finetune]
jump-steps = { low = 2, high = 6 }
"""
TRIALS = Path("results/tried/trials.json")


@pytest.fixture
def tried(workdir: Path) -> Path:
    (workdir / "studies").mkdir()
    file = workdir / "studies" / "tried.toml"
    file.write_text(TPE)
    return file


def unscored(cell: Cell, last: float) -> None:
    """A record of a training that ended at this progress, and was better once."""
    made = record(cell.arm, cell.seed, 0.0)
    curve = [(0.0, 0.0, 0.1), (1000.0, 60.0, last + 0.1), (2000.0, 120.0, last)]
    machine = {"device": "a processor"}
    write_record(replace(made, study="tried", episodes={}, curves={"finetune": curve}, machine=machine))


def test_a_trial_is_worth_what_its_training_was_on_schedule(tried: Path) -> None:
    sweep = find_study("tried").sweep
    unscored(Cell("base", 1), 0.4)
    found = read_record(record_path("tried", Cell("base", 1)))
    assert objective(sweep, found) == 0.4
    tried.write_text(TPE.replace("trials = 14", 'trials = 14\nobjective = "best"'))
    assert objective(find_study("tried").sweep, found) == 0.5
    with pytest.raises(StudyError, match="evaluated during training"):
        objective(sweep, replace(found, curves={}))


def test_trials_stand_best_first(tried: Path) -> None:
    tried.write_text(
        TPE.replace('sampler = "tpe"\ntrials = 14', "").replace("{ low = 1e-5, high = 1e-3, log = true }", "[0.1, 0.2]")
    )
    for arm, lasts in (("base", (0.3, 0.5)), ("learning-rate-0.1", (0.2, 0.4)), ("learning-rate-0.2", (0.6, 0.6))):
        for seed, last in enumerate(lasts, 1):
            unscored(Cell(arm, seed), last)
    study = find_study("tried")
    order = ranked(study, study.sweep, read_records(study))
    assert [one.arm for one in order] == ["learning-rate-0.2", "base", "learning-rate-0.1"]
    assert [one.progress.mean for one in order] == pytest.approx([0.6, 0.4, 0.3])
    assert order[0].gain.mean == pytest.approx(0.2)
    assert order[1].gain is None
    text = study_tables(study, read_records(study))
    assert "| learning-rate-0.2 | 2 | 60.0 %" in text
    assert "6 of 6 cells, not scored; 1.0 hours of training and scoring on device a processor" in text


def test_the_estimator_goes_on_from_records_and_finds_the_better_end(tried: Path) -> None:
    pytest.importorskip("optuna")
    while (found := next_cell("tried", set())) is not None:
        _, cell = found
        trials = read_trials(TRIALS)
        rate = trials[-1]["finetune"]["learning-rate"] if trials else 1e-5
        unscored(cell, 0.5 + 100 * rate)
    rates = [trial["finetune"]["learning-rate"] for trial in read_trials(TRIALS)]
    assert len(rates) == 14
    assert all(1e-5 <= rate <= 1e-3 for rate in rates)
    # the first ten are drawn blindly; what follows looks where it was good
    assert sorted(rates[10:])[1] > sorted(rates[:10])[5]
    # from the same records, the same trial again
    last = read_trials(TRIALS)[-1]
    write_json(TRIALS, read_trials(TRIALS)[:-1])
    next_cell("tried", set())
    assert read_trials(TRIALS)[-1] == last


def test_a_trial_asked_for_is_gone_on_with_after_a_kill(tried: Path) -> None:
    pytest.importorskip("optuna")
    base = {Cell("base", 1), Cell("base", 2)}
    _, first = next_cell("tried", base)
    assert next_cell("tried", base)[1] == first  # nobody has a record of it yet
    # another process that has it in its hands leaves this one the other seed, then the next trial
    assert next_cell("tried", base | {first})[1] == Cell(first.arm, 2)
    second = next_cell("tried", base | {first, Cell(first.arm, 2)})[1]
    assert second.arm != first.arm
    assert len(read_trials(TRIALS)) == 2


def test_without_optuna_it_says_how_to_get_it(tried: Path, monkeypatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    assert main(["sweep", "tried"]) == 2
    assert not Path("runs").exists()  # nothing was trained before it said so
    assert HOW_TO_INSTALL in capsys.readouterr().err
    assert main(["table", "tried"]) == 0  # everything else does without
    assert "No records yet." in capsys.readouterr().out


def test_a_sweep_runs_and_goes_on_where_it_was(tried: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tried.write_text(TINY)
    assert main(["sweep", "tried"]) == 0
    told = capsys.readouterr().out
    arms = list(find_study("tried").arms)
    assert len(arms) == 2
    found = read_record(record_path("tried", Cell(arms[1], 1)))
    assert found.episodes == {}
    assert found.curves["finetune"][-1][0] >= 200
    assert "best of 2: " in told
    assert main(["sweep", "tried"]) == 0
    assert "-s1" not in capsys.readouterr().out.replace("best of 2", "")  # nothing was left to run
    assert main(["page", "tried"]) == 0
    assert "Trials, best first" in Path("runs/study/tried/page.html").read_text()


def test_a_study_without_a_sweep_has_nothing_to_try(tried: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tried.write_text(TPE.partition("[sweep]")[0] + "[arms.base]\n")
    assert main(["sweep", "tried"]) == 2
    assert "expected a [sweep] table" in capsys.readouterr().err
