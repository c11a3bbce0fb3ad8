"""A study through its real command line: processes, records, what is shared, what fails, what others hold."""

import _thread
import json
import signal
import threading
import time
from pathlib import Path

import pytest

from experiment.commands import main
from experiment.lock import exclusive
from experiment.run import RUNS, Run
from experiment.study.chain import StageFailed, _episodes_of_last, run_step
from experiment.study.definition import Step
from experiment.study.records import PROGRESS, SCORE, read_record

TINY = """
about = "Whether anything runs."
seeds = [1]
base = "base"
last = ["base", "same"]

[stages]
finetune = "ppo --preset smoke --game quillrush --init none --network.hidden 16 --acts WingFortressZone --total-steps 256"
evaluate = "--preset smoke --game quillrush --acts WingFortressZone --episodes 2 --no-report"

[arms.base]

[arms.same]

[arms.wrong]
finetune = "--clip-ratio -1"
"""


@pytest.fixture
def study(workdir: Path) -> Path:
    (workdir / "studies").mkdir()
    (workdir / "studies" / "tiny.toml").write_text(TINY)
    return workdir


def test_a_study_runs_and_goes_on_where_it_was(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["study", "tiny", "--arms", "base"]) == 0
    record = read_record(Path("results/tiny/base-s1.json"))
    assert list(record.episodes["finetune"]) == ["WingFortressZone"]
    assert len(record.episodes["finetune"]["WingFortressZone"]) == 2
    assert record.curves["finetune"][-1][0] == 256
    assert record.seconds["finetune"] > 1
    assert record.commands["finetune"].startswith("python -m finetune ppo --preset smoke")
    assert record.facts["finetune"]["steps"] == 256
    # an arm with the same options shares the training, and is told its true cost
    assert main(["study", "tiny", "--arms", "base", "same"]) == 0
    told = capsys.readouterr().out
    assert "done: results/tiny/base-s1.json" in told
    same = read_record(Path("results/tiny/same-s1.json"))
    assert same.commands == record.commands
    assert same.seconds == record.seconds
    assert same.episodes == record.episodes
    assert len(record.episodes["last"]["WingFortressZone"]) == 2
    assert main(["table", "tiny"]) == 0
    assert "| same | 1 |" in capsys.readouterr().out
    assert Path("runs/study/tiny/curves.png").is_file()


CONTEST = """
about = "Whether a contest runs."
seeds = [1]
base = "jerk"

[stages]
contest = "jerk --preset smoke --game quillrush --init none --acts TestZone.Act1,TestZone.Act2 --total-steps 300"

[arms.jerk]
"""


def test_a_study_of_the_contest_counts_all_episodes_on_the_way(
    workdir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (workdir / "studies").mkdir()
    (workdir / "studies" / "held.toml").write_text(CONTEST)
    assert main(["study", "held"]) == 0
    record = read_record(Path("results/held/jerk-s1.json"))
    (run,) = Path("runs/contest").iterdir()
    told = json.loads((run / "contest.json").read_text())
    assert [len(found) for found in record.episodes["contest"].values()] == [1, 1]
    expected = {f"{act['game']}-{act['act']}": act["figures"]["score"] for act in told["acts"]}
    scores = {act: found[0][SCORE] for act, found in record.episodes["contest"].items()}
    assert scores == pytest.approx(expected, abs=0.1)
    assert told["acts"][0]["figures"]["episodes"] > 1
    assert record.facts["contest"]["acts"] == 2
    capsys.readouterr()
    assert main(["table", "held"]) == 0
    table = capsys.readouterr().out
    assert "| jerk | 1 | " in table
    assert f" {told['score']:.0f} |" in table
    assert "all episodes that ended while it was learnt" in table
    assert "steps to 50 %" not in table


def test_the_last_checkpoint_is_scored_beside_the_chosen_one(workdir: Path) -> None:
    run = Run(RUNS / "finetune" / "tuned")
    checkpoints = [run.checkpoints / name for name in ("000000256", "000000512")]
    for checkpoint in checkpoints:
        checkpoint.mkdir(parents=True)
    run.link("best", checkpoints[0])
    run.link("last", checkpoints[1])

    def scored(checkpoint: Path, progress: float) -> dict:
        episode = {"score": 0, "progress": progress, "finished": False, "died": True, "frames": 9, "spin_dashes": 0}
        acts = [{"act": "WingFortressZone", "episodes": [episode]}]
        return {"player": {"source": str(checkpoint)}, "acts": acts}

    results = {"players": [scored(checkpoints[0], 0.5), scored(checkpoints[1], 0.25)]}
    (outcome,) = _episodes_of_last(results, run)["WingFortressZone"]
    assert outcome[PROGRESS] == 0.25
    with pytest.raises(StageFailed, match="000000512 among the evaluation's players"):
        _episodes_of_last({"players": results["players"][:1]}, run)


def test_an_arm_that_trains_nothing_is_scored_as_its_player(study: Path) -> None:
    text = (study / "studies" / "tiny.toml").read_text()
    random = '\n[arms.random]\nfinetune = "none"\nevaluate = "--players random"\n'
    (study / "studies" / "tiny.toml").write_text(text + random)
    assert main(["study", "tiny", "--arms", "random"]) == 0
    record = read_record(Path("results/tiny/random-s1.json"))
    assert len(record.episodes["finetune"]["WingFortressZone"]) == 2
    assert list(record.commands) == ["evaluate"]


def test_a_cell_that_fails_is_named_with_its_log(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["study", "tiny", "--arms", "wrong"]) == 1
    told = capsys.readouterr().err
    assert "ended with status 2; see runs/study/tiny/wrong-s1.log" in told
    assert "--clip-ratio" in Path("runs/study/tiny/wrong-s1.log").read_text()
    assert not Path("results").exists()


def test_a_cell_in_other_hands_is_left_to_them(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with exclusive(RUNS / "study" / "tiny" / ".base-s1"):
        assert main(["study", "tiny", "--arms", "base"]) == 0
    assert "left to others" in capsys.readouterr().out


def test_a_stage_that_outlived_its_study_is_waited_for(workdir: Path) -> None:
    run = Run(RUNS / "finetune" / "left-alone")
    run.path.mkdir(parents=True)
    held = threading.Event()

    def finish_alone() -> None:
        with exclusive(run.path):
            held.set()
            time.sleep(0.3)
            run.finish({})

    stage = threading.Thread(target=finish_alone)
    stage.start()
    held.wait()
    note = run_step(Step("finetune", ("no.such.stage",), run.path.name), workdir / "log")
    stage.join()
    assert note["seconds"] == 0  # it was finished, so nothing was started
    assert not (workdir / "log").exists()


def test_finished_scores_are_looked_at_again(workdir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They may be those of a run that was deleted and made anew; only their own stage knows."""
    ran = []
    monkeypatch.setattr("experiment.study.chain._run_process", lambda step, log: ran.append(step.stage) or 0)
    for stage in ("supervised", "evaluate"):
        run = workdir / "runs" / stage / "r"
        run.mkdir(parents=True)
        (run / "done.json").write_text("{}")
        (run / "study.json").write_text('{"seconds": 7.5, "commit": "abc1234"}')
        assert run_step(Step(stage, (stage,), "r"), workdir / "log")["seconds"] == 7.5
    assert ran == ["evaluate"]


def test_a_stage_is_stopped_as_a_cluster_stops_it(workdir: Path) -> None:
    """Ray interrupts a task's main thread, without a signal to its process."""
    sleeping = Step("finetune", ("timeit", "-n1", "-r1", "__import__('time').sleep(60)"))
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
    threading.Timer(1, _thread.interrupt_main).start()
    began = time.monotonic()
    try:
        with pytest.raises(KeyboardInterrupt):
            run_step(sleeping, workdir / "log")
    finally:
        signal.signal(signal.SIGINT, before)
    assert time.monotonic() - began < 30


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["study", "tinny"], "Did you mean tiny"),
        (["study", "tiny", "--arms", "bass"], "expected arms among base, same, wrong"),
        (["study", "tiny", "--seeds", "7"], "expected seeds among 1"),
        (["stud", "tiny"], "unknown command"),
        (["seeds", "many", "finetune"], "expected a number of seeds"),
    ],
)
def test_what_cannot_be_meant_is_said(
    study: Path, capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    assert main(words) == 2
    assert told in capsys.readouterr().err


def test_one_stage_with_several_seeds(study: Path) -> None:
    options = "--preset smoke --game quillrush --players random --acts WingFortressZone --no-report"
    assert main(["seeds", "2", "evaluate", *options.split()]) == 0
    found = [json.loads(path.read_text())["config"]["seed"] for path in Path("runs/evaluate").glob("*/config.json")]
    assert sorted(found) == [1, 2]


def test_the_studies_of_the_project_can_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    assert "clone-rate" in capsys.readouterr().out
