"""Real human movies of Sonic 2, converted under the stub image; skipped by name where they are not at hand."""

import json
import re
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from dataset import convert
from dataset.cli import main
from dataset.inspection import inspect_file
from game import emulator
from game.actions import BIT, COMBO_OF_MASK
from game.games import GAMES, Game
from game.movie import read_movie
from game.tasks import Outcome
from tests.conftest import ROOT

FOLDER = ROOT / "../shared/human-movies"
NAMES = {  # frames, spin dashes on the pad, frames changed by the mapping
    "SonicTheHedgehog2-Genesis-EmeraldHillZone.Act1-0000": (4583, 0, 7),
    "SonicTheHedgehog2-Genesis-MetropolisZone.Act1-0000": (11404, 8, 39),
    "SonicTheHedgehog2-Genesis-OilOceanZone.Act2-0000": (11286, 7, 69),
}
every_movie = pytest.mark.parametrize("name", NAMES)
ALL_THERE = all((FOLDER / f"{name}.bk2").is_file() for name in NAMES)


def movie_file(name: str) -> Path:
    path = FOLDER / f"{name}.bk2"
    if not path.is_file():
        pytest.skip(f"no human movie {name}.bk2 in ../shared/human-movies")
    return path


def log_masks(path: Path) -> list[int]:
    """The masks of a log read in another way than the reader's: column by column from its key line."""
    text = zipfile.ZipFile(path).read("Input Log.txt").decode()
    keys = re.findall(r"P1 (\w+)\|", text)
    pads = re.findall(r"^\|\.\.\|(.{12})\|$", text, re.MULTILINE)
    return [sum(BIT[key.upper()] for key, cell in zip(keys, pad, strict=True) if cell != ".") for pad in pads]


@every_movie
def test_inspection_needs_no_rom(name: str) -> None:
    (figures,) = inspect_file(movie_file(name))
    frames, dashes, changed = NAMES[name]
    assert (figures.game, figures.frames, figures.changed_frames) == ("sonic2", frames, changed)
    assert len(figures.spin_dashes) == dashes
    assert sum(figures.raw_pads.values()) == sum(figures.combos.values()) == frames
    assert sum(change["frames"] for change in figures.changes) == changed
    assert 0.94 < figures.repeat_last[1] < 0.98
    assert figures.runs["longest"] <= frames


@every_movie
def test_the_reader_agrees_with_the_log(name: str) -> None:
    path = movie_file(name)
    assert read_movie(path).masks.tolist() == log_masks(path)


@pytest.fixture(scope="module")
def converted(stub_sonic2: Game, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole folder converted by the one command of the docs, in this process (a worker would not know the stub)."""
    if not ALL_THERE:
        pytest.skip(f"no human movies {', '.join(NAMES)} in ../shared/human-movies")
    folder = tmp_path_factory.mktemp("human")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setitem(GAMES, "sonic2", stub_sonic2)
        patch.setattr(emulator, "_shared", None)
        patch.setattr(convert, "run_tasks", lambda run, tasks, _: (Outcome(task, run(task)) for task in tasks))
        try:
            assert main(["convert", "--movies", str(FOLDER), "--name", "human-v0"]) == 0
        finally:
            if emulator._shared is not None:
                emulator._shared.close()
    return folder / "data" / "human-v0"


@every_movie
def test_every_line_of_the_log_is_a_labelled_frame(converted: Path, name: str) -> None:
    masks = np.array(log_masks(movie_file(name)))
    with h5py.File(converted / "data" / "movies" / f"{name}.hdf5") as file:
        episode = file["episode"]
        np.testing.assert_array_equal(episode["infos/pad_mask"][:-1], masks)
        np.testing.assert_array_equal(episode["actions"][()], COMBO_OF_MASK[masks])
        assert episode["observations"].shape == (len(masks) + 1, 96, 96)
        assert f"{episode.attrs['act'].decode()}-0000" in name
        assert episode.attrs["game"] == b"sonic2"
        assert not episode["rewards"][()].any()


def test_the_data_set_holds_no_memory_of_the_emulator(converted: Path) -> None:
    """States stay in the movies: what is published are frames, labels and named variables."""
    metadata = json.loads((converted / "data" / "metadata.json").read_text())
    assert metadata["total_steps"] == sum(frames for frames, _, _ in NAMES.values())
    stray = read_movie(movie_file(next(iter(NAMES)))).state[500_000:500_064]
    assert not any(stray in path.read_bytes() for path in converted.rglob("*.hdf5"))


def test_a_converted_movie_is_inspected_from_ram(converted: Path) -> None:
    figures = inspect_file(converted)
    assert [len(movie.spin_dashes) for movie in figures] == [0, 0, 0]  # the stub stands still
    assert {movie.spin_dashes_from for movie in figures} == {"RAM"}
    assert [movie.frames for movie in figures] == [frames for frames, _, _ in NAMES.values()]
