"""The curves of a run, as its own file and as TensorBoard reads them."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from experiment.metrics import FileMetrics, add_image, read_hparams, read_metrics
from tests.conftest import ROOT

CONFIG = {"seed": 1, "force": True, "rate": 0.25, "acts": ["a", "b"], "network": {"hidden": 512}}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run directory that was just begun."""
    folder = tmp_path / "runs" / "finetune" / "r"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"format": 2, "learner": "ppo", "inputs": "none", "config": CONFIG}))
    return folder


def test_metrics_survive_a_kill_and_drop_what_will_be_written_again(run: Path) -> None:
    metrics = FileMetrics(run)
    for step in (1, 2, 3):
        metrics.write(step, {"loss/train": step / 2})
    metrics.close()
    with (run / "metrics.jsonl").open("a") as file:
        file.write('{"step": 4, "loss/tr')
    assert [line["step"] for line in read_metrics(run / "metrics.jsonl")] == [1, 2, 3]
    resumed = FileMetrics(run, resume_step=2)
    resumed.write(3, {"loss/train": 9.0})
    resumed.close()
    lines = read_metrics(run / "metrics.jsonl")
    assert [line["loss/train"] for line in lines] == [0.5, 1.0, 9.0]


@pytest.mark.filterwarnings("ignore")
def test_tensorboard_shows_curves_the_best_so_far_pictures_and_hparams(run: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.plugins.hparams import metadata

    metrics = FileMetrics(run, resume_step=-1)
    for step, progress in enumerate((0.25, 0.5, 0.75)):
        metrics.write(step, {"loss/train": float(step), "eval/progress": progress})
    metrics.close()
    resumed = FileMetrics(run, resume_step=1)
    resumed.write(2, {"loss/train": 8.0, "eval/progress": 0.125})
    resumed.close()
    red = np.zeros((20, 30, 3), np.uint8) + np.array([255, 0, 0], np.uint8)
    add_image(run, 2, "confusion", red)

    shown = EventAccumulator(str(run))
    shown.Reload()
    curves = {}
    for tag in shown.Tags()["scalars"]:
        curves[tag] = [(point.step, point.value) for point in shown.Scalars(tag)]
    assert curves == {
        "loss/train": [(0, 0.0), (1, 1.0), (2, 8.0)],
        "eval/progress": [(0, 0.25), (1, 0.5), (2, 0.125)],
        "best/progress": [(0, 0.25), (1, 0.5), (2, 0.5)],
    }
    (picture,) = shown.Images("confusion")
    assert (picture.width, picture.height) == (30, 20)
    (content,) = shown.PluginTagToContent("hparams").values()
    info = metadata.parse_session_start_info_plugin_data(content)
    assert info.group_name == "r"
    assert info.hparams["network.hidden"].number_value == 512
    assert info.hparams["force"].bool_value is True


def test_a_config_becomes_a_flat_table(run: Path, tmp_path: Path) -> None:
    assert read_hparams(run) == {
        "stage": "finetune",
        "learner": "ppo",
        "inputs": "none",
        "seed": 1,
        "force": True,
        "rate": 0.25,
        "acts": '["a", "b"]',
        "network.hidden": 512,
    }
    assert read_hparams(tmp_path) == {}


def test_metrics_are_written_without_tensorflow(run: Path) -> None:
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from experiment.metrics import FileMetrics\n"
        "metrics = FileMetrics(Path(sys.argv[1]))\n"
        "metrics.write(1, {'loss/train': 0.5})\n"
        "metrics.close()\n"
        "assert 'tensorflow' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, str(run)], cwd=ROOT, check=True)
    assert len(list(run.glob("events.out.tfevents*"))) == 1
