"""Cloning through the real main on the real emulator."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from dataset.cli import main as dataset_main
from dataset.loader import open_dataset, split_movies
from dataset.selection import Selection
from dataset.sequences import cut
from dataset.windows import Windows
from game.actions import mask_of
from game.acts import ACTS
from policy.architecture import NetworkConfig
from supervised.config import Config
from supervised.stage import evaluation_of
from tests.conftest import MOVIES
from tests.dataset.small import make_dataset
from tests.resuming import assert_same_run, finish, has_checkpoint, kill_when, numbers

ACT = "EmeraldHillZone.Act1"
RIGHT, DOWN = mask_of(("RIGHT",)), mask_of(("DOWN",))
TINY = [
    "--game", "quillrush", "--data", "t-v0", "--epochs", "2", "--phases", "1", "--network.hidden", "16",
    "--check-episodes", "1",
    "--max-frames", "80", "--play-every", "1", "--precision", "float32",
]  # fmt: skip


@pytest.fixture
def data(workdir: Path) -> Path:
    files = [str(MOVIES / ACT / f"{ACT}-search-{number:03d}.bk2") for number in range(2)]
    assert dataset_main(["convert", "--game", "quillrush", "--name", "t-v0", "--movies", *files]) == 0
    return workdir


def clone(name: str) -> list[str]:
    return [sys.executable, "-m", "supervised", *TINY, "--name", name]


@pytest.mark.filterwarnings("ignore")
def test_cloning_is_repeatable_and_resumable(data: Path) -> None:
    runs = data / "runs" / "supervised"
    finish(clone("whole"))
    kill_when(has_checkpoint(runs / "killed"), clone("killed"))
    finish(clone("killed"))
    assert_same_run(runs / "whole", runs / "killed")
    assert len(numbers(runs / "whole")) == 2
    summary = json.loads((runs / "whole" / "done.json").read_text())
    assert 0 < summary["report"]["episode/accuracy"] <= 1
    assert (runs / "whole" / "confusion.png").stat().st_size > 5000
    lines = json.loads((runs / "whole" / "spindash.json").read_text())
    assert [line["verdict"] for line in lines].count("no reference") == 17
    report = json.loads((runs / "whole" / "report.json").read_text())
    assert np.sum(report["confusion"]) == report["windows"]
    dataset = open_dataset(data / "data" / "t-v0")
    split = split_movies(dataset, validation=Config().validation, seed=Config().seed)
    assert split.held
    assert report["windows"] == len(dataset.windows.of(split.held)) != len(dataset.windows.of(split.training))


def test_checkpoints_are_compared_on_the_acts_that_are_taught() -> None:
    held_out = {act.name for act in ACTS if act.held_out}
    played = evaluation_of(Config(select=Selection(contest_split=True))).acts
    assert set(played) == {act.name for act in ACTS} - held_out
    assert evaluation_of(Config(select=Selection(acts="WingFortressZone"))).acts == ("WingFortressZone",)
    assert len(evaluation_of(Config()).acts) == 18


@pytest.mark.filterwarnings("ignore")
def test_predictions_are_compared_with_the_labels_of_their_own_windows(tmp_path: Path) -> None:
    """A network that names every window's label by its grey makes no mistake."""
    import tensorflow as tf

    from supervised.train import Cloning

    make_dataset(tmp_path / "t-v0", {"a": [0, RIGHT, DOWN, DOWN] * 10})
    dataset = open_dataset(tmp_path / "t-v0", frame_skip=1, stack=1)
    answers = np.zeros((256, 23), np.float32)
    answers[dataset.cache[dataset.windows.stacks[:, -1], 0, 0], dataset.windows.labels] = 50.0

    def network(observations: tf.Tensor, training: bool) -> tuple[tf.Tensor, None]:
        return tf.gather(answers, tf.cast(observations[:, 0, 0, 0], tf.int32)), None

    stand_in = SimpleNamespace(dataset=dataset, sequences=None, _logits=lambda x, training: network(x, training)[0])
    assert Cloning.report(stand_in, dataset.windows).accuracy == 1.0
    # the same in sequences, with burn-in and a last one that is filled up
    stand_in.sequences = ()
    stand_in._cut = lambda shown: cut(shown, 1, 6)
    report = Cloning.report(stand_in, dataset.windows)
    assert (report.accuracy, report.windows) == (1.0, 40)


@pytest.mark.filterwarnings("ignore")
def test_the_best_checkpoint_is_what_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from supervised import stage, train

    class Learner:
        def __init__(self, config: Config, dataset: object) -> None:
            self.restored = None

        def restore(self, path: Path) -> None:
            self.restored = path

    reported = []
    monkeypatch.setattr(train, "Cloning", Learner)
    monkeypatch.setattr(stage, "train", lambda *of: tmp_path / "best")
    monkeypatch.setattr(stage, "conclude", lambda run, best, learner, *of: reported.append((best, learner.restored)))
    stage._train(Config(), None, None)
    assert reported == [(tmp_path / "best", tmp_path / "best")]


def windows(labels: list[int], changes: list[bool]) -> Windows:
    zeros = np.zeros(len(labels), int)
    return Windows(zeros[:, None], np.array(labels, np.uint8), np.array(changes), zeros == 1, zeros, zeros)


@pytest.mark.filterwarnings("ignore")
def test_windows_come_as_often_as_their_movie_counts() -> None:
    from supervised.train import repeat_windows

    three = windows([2] * 300, [False] * 300)
    three = replace(three, movies=np.arange(300) // 100)
    counts = np.bincount(repeat_windows(three, np.array([1.0, 2.2, 0.0]), seed=1).movies, minlength=3)
    assert counts[0] == 100
    assert 205 <= counts[1] <= 235
    assert counts[2] == 0


@pytest.mark.filterwarnings("ignore")
def test_the_cloning_loss_by_hand() -> None:
    """A mean over the weights of the labels, not over the batch: rare combos count more, the size stays."""
    import tensorflow as tf

    from supervised.train import cloning_loss

    logits = tf.constant([[0.0, np.log(3.0)], [0.0, np.log(3.0)]], tf.float32)  # probabilities 1/4, 3/4
    loss = cloning_loss(logits, tf.constant([0, 1], tf.uint8), tf.constant([3.0, 1.0]))
    again = cloning_loss(logits, tf.constant([0, 1], tf.uint8), tf.constant([1.0, 1.0]), tf.constant([3.0, 1.0]))
    assert float(again) == pytest.approx(float(loss))  # a sample that stands for three
    assert float(loss) == pytest.approx((3 * np.log(4) + np.log(4 / 3)) / 4)


@pytest.mark.filterwarnings("ignore")
def test_the_clone_learns_from_other_movies_than_it_is_validated_on_and_slows_down(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from supervised import train

    dataset = open_dataset(data / "data" / "t-v0")
    config = Config(
        epochs=4, network=NetworkConfig(hidden=16), precision="float32", phases=1, shift=2, steady_share=0.5
    )
    learner = train.Cloning(config, dataset)
    split = split_movies(dataset, config.validation, config.seed)
    assert set(learner.training.movies.tolist()) == split.training
    assert set(learner.validation.movies.tolist()) == split.held
    rate = learner.optimizer._learning_rate  # the schedule; `learning_rate` is its value now
    total = config.epochs * learner.batches_per_epoch
    assert float(rate(0)) == pytest.approx(config.learning_rate)
    assert float(rate(total / 2)) == pytest.approx(0.525 * config.learning_rate, rel=0.01)
    assert float(rate(total)) == pytest.approx(0.05 * config.learning_rate)
    epochs, asked = train.Epoch, []
    monkeypatch.setattr(train, "Epoch", lambda *of, **more: asked.append(more) or epochs(*of, **more))
    monkeypatch.setattr(train, "tf_batches", lambda epoch: [])
    monkeypatch.setattr(learner, "report", lambda windows, most: SimpleNamespace(metrics=dict))
    for _ in range(2):
        learner.update()
    assert [more["epoch"] for more in asked] == [0, 1]
    assert all((more["seed"], more["shift"], more["steady_share"]) == (1, 2, 0.5) for more in asked)
