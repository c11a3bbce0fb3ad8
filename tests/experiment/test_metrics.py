"""The curves of a run."""

from pathlib import Path

import pytest

from experiment.metrics import FileMetrics, read_metrics


@pytest.mark.filterwarnings("ignore")
def test_metrics_survive_a_kill_and_drop_what_will_be_written_again(tmp_path: Path) -> None:
    metrics = FileMetrics(tmp_path)
    for step in (1, 2, 3):
        metrics.write(step, {"loss/train": step / 2})
    metrics.close()
    with (tmp_path / "metrics.jsonl").open("a") as file:
        file.write('{"step": 4, "loss/tr')
    assert [line["step"] for line in read_metrics(tmp_path / "metrics.jsonl")] == [1, 2, 3]
    resumed = FileMetrics(tmp_path, resume_step=2)
    resumed.write(3, {"loss/train": 9.0})
    resumed.close()
    lines = read_metrics(tmp_path / "metrics.jsonl")
    assert [line["loss/train"] for line in lines] == [0.5, 1.0, 9.0]
    assert list(tmp_path.glob("events.out.tfevents*"))
