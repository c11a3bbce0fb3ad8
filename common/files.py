"""Files that are whole or not there, and JSON from anywhere that is what it should be or refused.

Writing: beside its place, forced to the disk, then renamed. Reading: no more than a stated size, parsed by declared types.
"""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec

JSON_LIMIT = 1 << 20
"""Bytes of a JSON file, unless its reader allows more."""

Kind = TypeVar("Kind")


@contextmanager
def whole_file(path: Path, replace: bool = True) -> Iterator[Path]:
    """Yields a path beside `path` to write to; when the block ends well, what was written takes its place at once.

    A kill at any moment leaves the old file, or none, but never half of one. When the block raises, nothing is left.

    Args:
        replace: False refuses to take the place of a file that is there already.

    Raises:
        FileExistsError: `replace` is off and there is such a file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with naming_full_disk(path):
            yield beside
        # a rename may reach the disk before the content does; the other way round is harmless
        sync(beside)
        if replace:
            beside.replace(path)
        else:
            os.link(beside, path)  # unlike a rename, this fails when the name is taken
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Yields an empty folder beside `path` to fill; when the block ends well, it takes the place of `path` at once.

    There may be an empty folder already, and nothing else. When the block raises, nothing is left.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        beside.mkdir(parents=True)
        yield beside
        beside.rename(path)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def remove_leftovers(folder: Path, below: bool = True) -> None:
    """Remove what killed processes were writing, files and folders. Only while the folder is held.

    Whether a process still shows in the system's table says nothing: one that nobody has waited for does, too.

    Args:
        below: in all folders below, too.
    """
    pattern = "**/*.part" if below else "*.part"
    for beside in list(folder.glob(pattern)):
        if beside.is_dir() and not beside.is_symlink():
            shutil.rmtree(beside)
        else:
            beside.unlink(missing_ok=True)


@contextmanager
def naming_full_disk(path: Path) -> Iterator[None]:
    """Inside, an OSError of a full disk says which file was being written, and how much room there is."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        free = shutil.disk_usage(path.parent).free
        text = f"the disk is full: cannot write {path} ({free / 1e6:.1f} MB free there). Make room, then type it again"
        raise OSError(error.errno, text) from error


def sync(path: Path) -> None:
    """Force a file's content, or a folder's list of names, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_bounded(path: Path, limit: int) -> bytes:
    """A file's content. ValueError when it is longer than `limit` bytes (which an endless device is); OSError as usual."""
    with path.open("rb") as file:
        # one byte more tells a long file from one that just fits
        content = file.read(limit + 1)
    if len(content) > limit:
        raise ValueError(f"{path}: expected at most {limit} bytes. Received: more")
    return content


def read_json(path: Path, kind: type[Kind], limit: int = JSON_LIMIT) -> Kind:
    """A JSON file as a value of a declared type (dataclass, TypedDict, dict[str, int] …), nested types checked too.

    Raises:
        ValueError: too long, no JSON, or a field of another type; names the file, the field, expected and received.
        OSError: it cannot be read.
    """
    return parse_json(read_bounded(path, limit), kind, str(path))


def parse_json(content: bytes | str, kind: type[Kind], name: str) -> Kind:
    """The same for JSON that is at hand; `name` is what the message calls it."""
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"{name}: {error}") from error
