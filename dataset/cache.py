"""The frames of a data set's movies as one memory-mapped file, made once; two trainings that open it at once share it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from common.files import remove_leftovers, whole_file
from dataset.space import disk_errors_named
from dataset.store import DatasetError
from experiment.lock import exclusive


def frame_cache(
    folder: Path, key: str, shape: tuple[int, int, int], pieces: Callable[[], Iterator[np.ndarray]]
) -> np.ndarray:
    """The cache of this key, made when it is not there: uint8 `shape`, memory-mapped, read-only.

    Args:
        key: changes with whatever the frames are made of; caches of other keys are removed when one is made.
        shape: [frames, height, width].
        pieces: the frames, uint8 [n, height, width] at a time.

    Raises:
        DatasetError: there are more or fewer frames than `shape` says; nothing is kept of them.
        DiskError: there is no room for it. All of it is reserved before it is mapped: what a full disk does to a mapped
            file without room is to kill the process.
    """
    path = folder / f"frames-{key}.npy"
    found = _opened(path, shape)
    if found is not None:
        return found
    size = int(np.prod(shape))
    with disk_errors_named(folder, lambda: size), exclusive(folder, wait=-1):
        found = _opened(path, shape)  # by now another process may have made it
        if found is None:
            _remove_others(folder, path)
            _make(path, shape, pieces())
            found = _opened(path, shape)
    if found is None:
        raise DatasetError(f"{path}: expected the frame cache just made. Received: nothing. Is the disk sound?")
    return found


def _opened(path: Path, shape: tuple[int, int, int]) -> np.ndarray | None:
    """The cache if it is there, whole and of this shape."""
    try:
        found = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    if not isinstance(found, np.ndarray) or found.shape != shape or found.dtype != np.uint8:
        return None
    return found


def _remove_others(folder: Path, path: Path) -> None:
    """Caches of other keys; a process that has one mapped keeps it for as long as it lives."""
    for old in folder.glob("frames-*.npy"):
        if old != path:
            old.unlink(missing_ok=True)
    remove_leftovers(folder)


def _make(path: Path, shape: tuple[int, int, int], pieces: Iterator[np.ndarray]) -> None:
    with whole_file(path) as beside:
        with beside.open("wb") as file:
            header = {"descr": np.lib.format.dtype_to_descr(np.dtype(np.uint8)), "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(file, header)
            _reserve(file, int(np.prod(shape)))
        frames = np.load(beside, mmap_mode="r+", allow_pickle=False)
        row = 0
        for piece in pieces:
            if row + len(piece) > shape[0]:
                raise _wrong_count(path, shape[0], "more")
            frames[row : row + len(piece)] = piece
            row += len(piece)
        if row != shape[0]:  # else every later movie's frames would stand beside another's labels
            raise _wrong_count(path, shape[0], str(row))
        frames.flush()


def _reserve(file: BinaryIO, size: int) -> None:
    """Make a file so much longer, with room on the disk for all of it. OSError when there is none."""
    if hasattr(os, "posix_fallocate"):
        file.flush()
        os.posix_fallocate(file.fileno(), file.tell(), size)
        return
    block = bytes(1 << 20)
    for start in range(0, size, len(block)):
        file.write(block[: size - start])


def _wrong_count(path: Path, expected: int, received: str) -> DatasetError:
    return DatasetError(
        f"{path}: expected {expected} frames in the movies' files. Received: {received}. Run `make dataset` again."
    )
