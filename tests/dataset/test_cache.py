"""The frame cache: made once, by one of several, of as many frames as there are labels for, or not at all."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from dataset import cache
from dataset.cache import frame_cache
from dataset.space import DiskError
from dataset.store import DatasetError
from tests.conftest import ROOT

SHAPE = (40, 8, 8)
FRAMES = np.random.default_rng(0).integers(0, 256, SHAPE).astype(np.uint8)


def everything() -> list[range]:
    return [range(25), range(25, 40)]


def pieces(rows: range) -> Iterator[np.ndarray]:
    middle = rows.start + 7
    yield FRAMES[rows.start : middle]
    yield FRAMES[middle : rows.stop]


def never(*_: range) -> Iterator[np.ndarray]:
    raise AssertionError("made again")


def test_it_is_made_once(tmp_path: Path) -> None:
    np.testing.assert_array_equal(frame_cache(tmp_path, "k", SHAPE, everything, pieces), FRAMES)
    again = frame_cache(tmp_path, "k", SHAPE, never, never)
    np.testing.assert_array_equal(again, FRAMES)
    assert isinstance(again, np.memmap)
    assert not again.flags.writeable


def test_what_nobody_shows_takes_no_room(tmp_path: Path) -> None:
    shape = (4000, 96, 96)
    shown = [range(100, 140), range(3000, 3010)]
    grey = frame_cache(
        tmp_path, "k", shape, lambda: shown, lambda rows: iter([np.full((len(rows), 96, 96), 9, np.uint8)])
    )
    assert np.flatnonzero(grey[:, 0, 0]).tolist() == [*shown[0], *shown[1]]
    assert grey.shape == shape
    assert (tmp_path / "frames-k.npy").stat().st_blocks * 512 < 60 * 96 * 96


def test_another_key_takes_its_place(tmp_path: Path) -> None:
    old = frame_cache(tmp_path, "old", SHAPE, everything, pieces)
    frame_cache(tmp_path, "new", (25, 8, 8), lambda: [range(25)], pieces)
    assert [file.name for file in tmp_path.glob("*.npy")] == ["frames-new.npy"]
    np.testing.assert_array_equal(old, FRAMES)  # who has it mapped keeps it


@pytest.mark.parametrize("frames", [24, 26])
def test_as_many_frames_as_expected_or_none(tmp_path: Path, frames: int) -> None:
    with pytest.raises(DatasetError, match="expected 25 frames in a movie's file"):
        frame_cache(tmp_path, "k", SHAPE, everything, lambda rows: iter([FRAMES[:frames]]))
    assert not list(tmp_path.glob("*.npy"))
    assert not list(tmp_path.glob(".*.part"))


@pytest.mark.parametrize("content", [b"", b"no array", b"\x93NUMPY\x01\x00"])
def test_a_damaged_one_is_made_again(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "frames-k.npy").write_bytes(content)
    np.testing.assert_array_equal(frame_cache(tmp_path, "k", SHAPE, everything, pieces), FRAMES)
    np.save(tmp_path / "frames-k.npy", FRAMES[:9])
    np.testing.assert_array_equal(frame_cache(tmp_path, "k", SHAPE, everything, pieces), FRAMES)


def test_what_killed_processes_left_goes(tmp_path: Path) -> None:
    """The cache is held while it is made, so nobody else can be at work there."""
    part = tmp_path / ".frames-other.npy.17.part"
    part.touch()
    frame_cache(tmp_path, "k", SHAPE, everything, pieces)
    assert not part.exists()


OPEN = """
import os, sys, time
from pathlib import Path
import numpy as np
from dataset.cache import frame_cache
folder, key = Path(sys.argv[1]), sys.argv[2]
(folder / f"started-{os.getpid()}").touch()
def read(rows):
    (folder / f"made-{os.getpid()}").touch()
    while len(list(folder.glob("started-*"))) < 2:
        time.sleep(0.01)
    time.sleep(0.5)  # the other one is about to look for the cache
    for i in range(40):
        yield np.full((1, 8, 8), i, np.uint8)
found = frame_cache(folder / "cache", key, (40, 8, 8), lambda: [range(40)], read)
assert found[:, 0, 0].tolist() == list(range(40))
"""


@pytest.mark.parametrize("keys", [("k", "k"), ("k", "other")])
def test_two_trainings_at_once(tmp_path: Path, keys: tuple[str, str]) -> None:
    """The same data set, and one that is converted again in between."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    commands = [[sys.executable, "-c", OPEN, str(tmp_path), key] for key in keys]
    both = [subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) for command in commands]
    for process in both:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    assert len(list(tmp_path.glob("made-*"))) == len(set(keys))  # the same is made once


def test_a_full_disk_is_a_line_and_no_killed_process(tiny_disk: Path) -> None:
    """The memory map of a sparse file on a full disk dies by SIGBUS; this one has its room before it is mapped."""
    shape = (400, 96, 96)
    program = f"""
from pathlib import Path
import numpy as np
from dataset.cache import frame_cache
from dataset.space import DiskError
try:
    ones = [np.ones({shape}, np.uint8)]
    frame_cache(Path({str(tiny_disk / "cache")!r}), "k", {shape}, lambda: [range(400)], lambda rows: iter(ones))
except DiskError as error:
    print(error)
"""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "the disk is full. Expected: about 3.7 MB. Received: " in done.stdout
    assert str(tiny_disk / "cache") in done.stdout
    assert not list((tiny_disk / "cache").glob("*.npy")) + list((tiny_disk / "cache").glob(".*.part"))


def test_a_read_only_folder_is_a_line(tiny_disk: Path, read_only) -> None:
    read_only(tiny_disk)
    with pytest.raises(DiskError, match=r"cache cannot be written \(Read-only file system\)"):
        frame_cache(tiny_disk / "cache", "k", SHAPE, everything, pieces)


def test_a_finished_cache_opens_in_a_read_only_folder(tiny_disk: Path, read_only) -> None:
    del_me = frame_cache(tiny_disk / "cache", "k", SHAPE, everything, pieces)
    del del_me
    read_only(tiny_disk)
    np.testing.assert_array_equal(frame_cache(tiny_disk / "cache", "k", SHAPE, never, never), FRAMES)


def test_room_is_reserved_without_the_systems_help(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(cache.os, "posix_fallocate")
    np.testing.assert_array_equal(frame_cache(tmp_path, "k", SHAPE, everything, pieces), FRAMES)
