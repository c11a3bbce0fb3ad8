"""Writing: chunk by chunk gives what was given, and nothing half-written is left."""

import os
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from common.files import remove_leftovers
from dataset.reading import read_attributes, read_infos, read_observations
from dataset.store import CHUNK_FRAMES, dataset_path, episode_file
from tests.conftest import ROOT
from tests.dataset.small import SPEC, attributes_of, make_movie_file, pictures


@pytest.mark.parametrize("frames", [1, CHUNK_FRAMES - 2, CHUNK_FRAMES - 1, CHUNK_FRAMES, 3 * CHUNK_FRAMES + 5])
def test_what_is_added_is_read(tmp_path: Path, frames: int) -> None:
    path = tmp_path / "a.hdf5"
    masks = (np.arange(frames) % 4096).tolist()
    make_movie_file(path, masks)
    np.testing.assert_array_equal(np.concatenate(list(read_observations(path))), pictures(frames, 0))
    infos = read_infos(path, ("x", "pad_mask", "labelled"))
    assert infos["x"].tolist() == list(range(96, 97 + frames))
    assert infos["pad_mask"].tolist() == [*masks, 0]
    assert infos["labelled"].tolist() == [1] * frames + [0]
    assert read_attributes(path).items() <= attributes_of("a", frames).items()
    with h5py.File(path) as file:
        assert file["episode/rewards"][()].tolist() == list(range(1, frames + 1))
        assert file["episode/truncations"][()].tolist() == [False] * (frames - 1) + [True]
        assert not file["episode/terminations"][()].any()


def test_too_few_frames_leave_nothing(tmp_path: Path) -> None:
    def write() -> None:
        with episode_file(tmp_path / "a.hdf5", 3, SPEC.frame_shape) as writer:
            writer.attributes |= attributes_of("a", 3)
            writer.finish(np.zeros(3, np.uint16), np.ones(3, bool))

    with pytest.raises(ValueError, match=r"expected 4 observations\. Received: 0"):
        write()
    assert not list(tmp_path.iterdir())


FILL = """
import sys
from pathlib import Path
from dataset.space import DiskError
from tests.dataset.small import make_movie_file
import dataset.store as store
store.SPARE_BYTES = int(sys.argv[2])
try:
    make_movie_file(Path(sys.argv[1]) / "a.hdf5", [0] * 100)
except DiskError as error:
    print(error)
"""


@pytest.mark.parametrize("spare", [1 << 16, -(1 << 30)], ids=["seen before", "told by HDF5"])
def test_a_full_disk_is_a_line(tiny_disk: Path, spare: int) -> None:
    (tiny_disk / "rest").write_bytes(bytes(2_060_000))
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", FILL, str(tiny_disk), str(spare)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{tiny_disk}/a.hdf5: the disk is full. Expected: about ")
    assert done.stdout.count("\n") == 1
    assert [file.name for file in tiny_disk.iterdir()] == ["rest"]


def test_leftovers_go(tmp_path: Path) -> None:
    """Also of a killed worker that nobody has waited for yet, and which therefore still has a process id."""
    for name in (".a.hdf5.1.part", f".b.hdf5.{os.getpid()}.part", "c.hdf5"):
        (tmp_path / name).touch()
    remove_leftovers(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["c.hdf5"]


def test_names_that_minari_could_not_load() -> None:
    for name in ("mine", "../x-v0", "a/b-v0", "-v0", "x-v"):
        with pytest.raises(ValueError, match="Expected a data set name"):
            dataset_path(name)
