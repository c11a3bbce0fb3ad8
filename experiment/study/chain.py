"""One cell of a study: its stages as processes, one after the other, and what came of them as a record.

Nothing of a stage is imported: it is a command, and its results are files. A cell that was stopped goes on where it was,
because every stage does.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from common.files import read_json
from experiment.lock import exclusive
from experiment.metrics import METRICS, PROGRESS, read_metrics
from experiment.run import RESULTS_LIMIT, RUNS, Run, write_json
from experiment.study.contest import contest_episodes, contest_machine
from experiment.study.definition import LAST, TRAINING_STAGES, Cell, Step, Study, last_checkpoint
from experiment.study.records import CurvePoint, Outcome, Record

NOTE = "study.json"
"""Beside a run that a study made: its seconds so far, and the commit it was begun at."""


class StageFailed(RuntimeError):
    """A stage of a cell ended with an error; the message names its log."""


def run_cell(study: Study, cell: Cell) -> Record:
    """Run what is missing of a cell, and read what it came to.

    Raises:
        StageFailed: a stage ended with an error.
        KeyboardInterrupt: stopped; the same call goes on.
    """
    steps = study.steps(cell)
    log = RUNS / "study" / study.name / f"{cell.name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    seconds = {}
    commits = {}
    for step in steps:
        # cells with the same stage share its run: whoever comes second waits, and finds it finished
        with exclusive(RUNS / "study" / "steps" / (step.run or step.stage), wait=-1):
            note = run_step(step, log)
        seconds[step.stage] = round(note["seconds"], 1)
        commits[step.stage] = note["commit"]
    return _record(study, cell, steps, seconds, commits)


def run_step(step: Step, log: Path) -> dict[str, Any]:
    """Run a stage unless it is finished; returns its note: the seconds it took so far, the commit it was begun at.

    Finished scores are looked at again by their own stage, which refuses those of other weights: a run before them may have
    been deleted and made anew.
    """
    run = Run(RUNS / step.stage / step.run) if step.run else None
    if run and run.path.is_dir():
        with exclusive(run.path, wait=-1):
            pass  # a stage whose study was killed runs on by itself: it is let finish, and not called a failure
    file = run.path / NOTE if run else None
    note: dict[str, Any] = {"seconds": 0.0, "commit": commit_here()}
    if file and file.is_file():
        note = read_json(file, dict[str, Any])
    was_finished = bool(run and run.finished)
    if was_finished and step.stage in TRAINING_STAGES:
        return note
    began = time.monotonic()
    try:
        status = _run_process(step, log)
    finally:
        if not was_finished:
            note["seconds"] += time.monotonic() - began
        if file and file.parent.is_dir():
            write_json(file, note)
    if status != 0:
        raise StageFailed(f"`{step.command}` ended with status {status}; see {log}")
    return note


def _run_process(step: Step, log: Path) -> int:
    """The exit status of a stage, whose output goes to the log. It is let finish its step when this process is stopped."""
    with log.open("a") as output:
        print(f"\n$ {step.command}", file=output, flush=True)
        # in a session of its own, so that Ctrl-C reaches it once, from here
        process = subprocess.Popen(
            [sys.executable, "-m", *step.words],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
            start_new_session=True,
        )
        try:
            # with a timeout it looks again and again: a cluster stops a cell without a signal, which would not wake it
            return process.wait(threading.TIMEOUT_MAX)
        except BaseException:
            process.send_signal(signal.SIGTERM)
            process.wait()
            raise


def commit_here() -> str:
    """The commit of the working tree, "+" behind it where something was changed since; "unknown" without git."""
    try:
        found = subprocess.run(
            ["git", "describe", "--always", "--dirty=+", "--exclude=*"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return found.stdout.strip()


def _record(study: Study, cell: Cell, steps: list[Step], seconds: dict[str, float], commits: dict[str, str]) -> Record:
    by_stage = {step.stage: step for step in steps}
    runs = {stage: Run(RUNS / stage / by_stage[stage].run) for stage in TRAINING_STAGES if stage in by_stage}
    results: dict[str, Any] = {}
    episodes: dict[str, dict[str, list[Outcome]]] = {}
    if "evaluate" in by_stage:
        file = RUNS / "evaluate" / by_stage["evaluate"].run / "results.json"
        results = read_json(file, dict[str, Any], RESULTS_LIMIT)
        machine = results["machine"]
        episodes = {stage: _episodes(results, run) for stage, run in runs.items()}
        if cell.arm in study.last:
            episodes[LAST] = _episodes_of_last(results, runs["finetune"])
        if not runs:
            episodes = {study.last_stage: _episodes_of(results["players"][0])}
    elif "contest" in runs:
        machine = contest_machine(runs["contest"])
        episodes = {"contest": contest_episodes(runs["contest"])}
    else:
        machine = list(runs.values())[-1].identity.get("machine", {})
    teacher = results.get("teacher")
    return Record(
        study=study.name,
        arm=cell.arm,
        seed=cell.seed,
        commands={step.stage: step.command for step in steps},
        commits=commits,
        seconds=seconds,
        machine=machine,
        episodes=episodes,
        curves={stage: _curve(run) for stage, run in runs.items()},
        facts={stage: _facts(run) for stage, run in runs.items()},
        teacher=teacher["score"]["mean"] if teacher else None,
    )


def _episodes(results: dict[str, Any], run: Run) -> dict[str, list[Outcome]]:
    """act -> the scored episodes of a run's player. StageFailed when the evaluation has no such player."""
    for player in results["players"]:
        if f"/{run.path.name}/" in f"/{player['player']['source']}":
            return _episodes_of(player)
    raise StageFailed(f"expected a player of {run.path} among the evaluation's. Received: none")


def _episodes_of_last(results: dict[str, Any], run: Run) -> dict[str, list[Outcome]]:
    """The same of the run's last checkpoint, which is one player with the chosen one where that was the last."""
    last = last_checkpoint(run.path.name).resolve()
    for player in results["players"]:
        if Path(player["player"]["source"]).resolve() == last:
            return _episodes_of(player)
    raise StageFailed(f"expected {last} among the evaluation's players. Received: none")


def _episodes_of(player: dict[str, Any]) -> dict[str, list[Outcome]]:
    return {act["act"]: list(map(_outcome, act["episodes"])) for act in player["acts"]}


def _outcome(episode: dict[str, Any]) -> Outcome:
    return (
        float(episode["score"]),
        float(episode["progress"]),
        float(episode["finished"]),
        float(episode["died"]),
        int(episode["frames"]),
        float(episode["spin_dashes"]),
    )


def _curve(run: Run) -> list[CurvePoint]:
    """A run's evaluations on schedule; the seconds are those of its updates alone."""
    curve: list[CurvePoint] = []
    seconds = 0.0
    before = 0.0
    for line in read_metrics(run.path / METRICS):
        speed = line.get("time/steps_per_second", 0.0)
        if speed > 0:
            seconds += (line["step"] - before) / speed
        before = line["step"]
        if PROGRESS in line:
            curve.append((line["step"], round(seconds, 1), round(line[PROGRESS], 4)))
    return curve


def _facts(run: Run) -> dict[str, Any]:
    """The closing figures of a run that are single values."""
    return {name: value for name, value in run.summary.items() if isinstance(value, str | int | float | bool)}
