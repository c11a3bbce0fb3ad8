"""A packed data set: the same movies, opened by Minari, with a card, and nothing else of the folder it lay in."""

from pathlib import Path

import numpy as np
import pytest

from dataset.loader import open_dataset
from share.card import PERSONS_PLAY
from share.cli import main
from tests.dataset.small import make_dataset
from tests.share.test_policy import front_of

PACK = ["dataset", "t-v0"]


@pytest.fixture
def data(workdir: Path) -> Path:
    """A data set of two movies by a person, with a cache and a movie that it does not link to."""
    path = workdir / "data" / "t-v0"
    make_dataset(path, {"a": [0] * 40, "b": [1] * 30})
    (path / "cache").mkdir()
    (path / "cache" / "frames-0.npy").write_bytes(b"0")
    (path / "data" / "movies" / "left-over.hdf5").write_bytes(b"0")
    return path


def test_what_is_linked_is_packed_and_opens_as_before(data: Path, workdir: Path) -> None:
    assert main(PACK) == 0
    folder = workdir / "runs" / "share" / "t-v0"
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    expected = {"README.md", "data/main_data.hdf5", "data/metadata.json", "data/movies/a.hdf5", "data/movies/b.hdf5"}
    assert files == expected
    np.testing.assert_array_equal(open_dataset(folder).attributes[1]["movie"], "b")


@pytest.mark.filterwarnings("ignore")
def test_minari_opens_it(data: Path, workdir: Path) -> None:
    minari = pytest.importorskip("minari")
    assert main(PACK) == 0
    dataset = minari.MinariDataset(workdir / "runs/share/t-v0/data")
    assert [len(episode.actions) for episode in dataset] == [40, 30]


def test_the_card_says_what_it_is_and_whose(data: Path, workdir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*PACK, "--licence", "cc-by-4.0"]) == 0
    assert PERSONS_PLAY in capsys.readouterr().err
    card = (workdir / "runs/share/t-v0/README.md").read_text()
    front = front_of(card)
    assert front["license"] == "cc-by-4.0"
    assert front["size_categories"] == ["n<1K"]
    assert "2 movies of quillrush as frames and pads: 70 frames" in card
    assert "| a | human | 40 | a |" in card
    assert PERSONS_PLAY in card
    assert "hf://NAME/t-v0" in card


def test_a_data_set_that_is_not_there_is_named(workdir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dataset", "nothing-v0"]) == 2
    assert "No data set at data/nothing-v0" in capsys.readouterr().err
    assert main(["dataset"]) == 2
    assert "-v0" in capsys.readouterr().err


def test_the_hub_reads_the_card(data: Path, workdir: Path) -> None:
    hub = pytest.importorskip("huggingface_hub")
    assert main(PACK) == 0
    read = hub.DatasetCard.load("runs/share/t-v0/README.md").data
    assert read.task_categories == ["reinforcement-learning"]
    assert read.license == "unknown"
