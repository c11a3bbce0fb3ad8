"""Metrics to W&B and MLflow, whose modules are stood in for here: what they are told, by run, step and tag."""

import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from experiment.metrics import FileMetrics, read_metrics

Calls = list[tuple[Any, ...]]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "runs" / "finetune" / "r"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"format": 2, "inputs": "", "config": {"seed": 1}}))
    return folder


@pytest.fixture
def calls() -> Calls:
    return []


@pytest.fixture
def wandb(calls: Calls, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = ModuleType("wandb")

    def init(**told: Any) -> SimpleNamespace:
        calls.append(("init", told))
        return SimpleNamespace(
            log=lambda values, step: calls.append(("log", step, values)), finish=lambda: calls.append(("finish",))
        )

    module.init = init  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "wandb", module)
    monkeypatch.setenv("TRACKER", "wandb")
    monkeypatch.delenv("WANDB_PROJECT", raising=False)
    return module


@pytest.fixture
def mlflow(calls: Calls, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = ModuleType("mlflow")

    def start_run(**told: Any) -> SimpleNamespace:
        calls.append(("start_run", told))
        return SimpleNamespace(info=SimpleNamespace(run_id="abc"))

    module.start_run = start_run  # type: ignore[attr-defined]
    module.log_params = lambda params: calls.append(("params", params))  # type: ignore[attr-defined]
    module.log_metrics = lambda values, step: calls.append(("log", step, values))  # type: ignore[attr-defined]
    module.end_run = lambda: calls.append(("end",))  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "mlflow", module)
    monkeypatch.setenv("TRACKER", "mlflow")
    return module


def write(run: Path, step: int, resume_step: int = 0) -> None:
    metrics = FileMetrics(run, resume_step)
    metrics.write(step, {"loss/train": step / 2})
    metrics.close()


def test_wandb_gets_every_metric_in_one_run_that_is_found_again(wandb: ModuleType, run: Path, calls: Calls) -> None:
    write(run, 1)
    write(run, 2, resume_step=1)
    (_, first), *rest = calls
    (_, again) = calls[3]
    assert first == again
    assert (first["project"], first["group"], first["name"]) == ("sonic2-imitation", "finetune", "r")
    assert first["config"]["seed"] == 1
    assert first["resume"] == "allow"
    assert rest[:2] == [("log", 1, {"loss/train": 0.5}), ("finish",)]
    assert calls[4:] == [("log", 2, {"loss/train": 1.0}), ("finish",)]


def test_mlflow_goes_on_in_the_run_it_began(mlflow: ModuleType, run: Path, calls: Calls) -> None:
    write(run, 1)
    write(run, 2, resume_step=1)
    assert calls == [
        ("start_run", {"run_name": "finetune/r"}),
        ("params", {"stage": "finetune", "inputs": "", "seed": 1}),
        ("log", 1, {"loss/train": 0.5}),
        ("end",),
        ("start_run", {"run_id": "abc"}),
        ("log", 2, {"loss/train": 1.0}),
        ("end",),
    ]


def test_nobody_is_told_unless_asked(
    wandb: ModuleType, run: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TRACKER")
    write(run, 1)
    assert calls == []


def test_a_tracker_that_fails_costs_no_training(
    mlflow: ModuleType, run: Path, calls: Calls, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(values: Any, step: int) -> None:
        raise ConnectionError("no server")

    mlflow.log_metrics = fail  # type: ignore[attr-defined]
    metrics = FileMetrics(run)
    metrics.write(1, {"loss/train": 0.5})
    metrics.write(2, {"loss/train": 1.0})
    metrics.close()
    assert capsys.readouterr().err.count("mlflow gets no more metrics of this run (no server)") == 1
    assert [line["step"] for line in read_metrics(run / "metrics.jsonl")] == [1, 2]
    assert ("end",) not in calls


@pytest.mark.parametrize("name", ["wandb", "mlflow"])
def test_a_missing_library_is_named_before_anything_is_written(
    name: str, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setenv("TRACKER", name)
    with pytest.raises(ValueError, match=rf"pip install {name}`, or unset TRACKER"):
        FileMetrics(run)
    assert not (run / "metrics.jsonl").exists()
    monkeypatch.setenv("TRACKER", "tensorbord")
    with pytest.raises(ValueError, match=r"one of wandb, mlflow, or unset. Received: tensorbord"):
        FileMetrics(run)
