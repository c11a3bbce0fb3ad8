"""The frames of a data set's movies as one memory-mapped file, made once; two trainings that open it at once share it.

Every frame has its row, but only those that a window can show are in it: most of a correction's movie is the policy's play,
which teaches nothing. Where the file system can leave holes in a file, the others take no room, on the disk or in memory.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np

from common.files import remove_leftovers, whole_file
from dataset.space import disk_errors_named
from dataset.store import DatasetError
from experiment.lock import exclusive


def frame_cache(
    folder: Path,
    key: str,
    shape: tuple[int, int, int],
    shown: Callable[[], Sequence[range]],
    read: Callable[[range], Iterator[np.ndarray]],
) -> np.ndarray:
    """The cache of this key, made when it is not there: uint8 `shape`, memory-mapped, read-only.

    Args:
        key: changes with whatever the frames are made of; caches of other keys are removed when one is made.
        shape: [frames, height, width].
        shown: the rows that it is to have, in ranges that do not overlap; all others are black.
        read: the frames of such a range, uint8 [n, height, width] at a time.

    Raises:
        DatasetError: there are more or fewer frames than were to be read; nothing is kept of them.
        DiskError: there is no room for it. All of it is reserved before it is mapped: what a full disk does to a mapped
            file without room is to kill the process.
    """
    path = folder / f"frames-{key}.npy"
    found = _opened(path, shape)
    if found is not None:
        return found
    ranges: Sequence[range] = ()
    frame_bytes = shape[1] * shape[2]
    with (
        disk_errors_named(folder, lambda: frame_bytes * sum(len(rows) for rows in ranges)),
        exclusive(folder, wait=-1),
    ):
        found = _opened(path, shape)  # by now another process may have made it
        if found is None:
            _remove_others(folder, path)
            ranges = shown()
            _make(path, shape, ranges, read)
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


def _make(
    path: Path, shape: tuple[int, int, int], ranges: Sequence[range], read: Callable[[range], Iterator[np.ndarray]]
) -> None:
    with whole_file(path) as beside:
        with beside.open("wb") as file:
            header = {"descr": np.lib.format.dtype_to_descr(np.dtype(np.uint8)), "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(file, header)
            _reserve(file, shape, ranges)
        frames = np.load(beside, mmap_mode="r+", allow_pickle=False)
        for rows in ranges:
            row = rows.start
            for piece in read(rows):
                if row + len(piece) > rows.stop:  # where no room was reserved
                    raise _wrong_count(path, len(rows), "more")
                frames[row : row + len(piece)] = piece
                row += len(piece)
            if row != rows.stop:
                raise _wrong_count(path, len(rows), str(row - rows.start))
        frames.flush()


def _reserve(file: BinaryIO, shape: tuple[int, int, int], ranges: Sequence[range]) -> None:
    """Make a file as long as frames of this shape make it, with room on the disk for these rows. OSError when there is none."""
    file.flush()
    first_row = file.tell()
    frame_bytes = shape[1] * shape[2]
    file.truncate(first_row + shape[0] * frame_bytes)
    for rows in ranges:
        start = first_row + rows.start * frame_bytes
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file.fileno(), start, len(rows) * frame_bytes)
        else:
            file.seek(start)
            for _ in rows:
                file.write(bytes(frame_bytes))


def _wrong_count(path: Path, expected: int, received: str) -> DatasetError:
    return DatasetError(
        f"{path}: expected {expected} frames in a movie's file. Received: {received}. Run `make dataset` again."
    )
