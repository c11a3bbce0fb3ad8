"""Savestates in files of their own, beside the movies that begin with them: one for many, of each of which it would be nine
tenths. A file is gzip, as stable-retro's .state files are, and is named after what it holds."""

import gzip
import hashlib
import io
import re
import zlib
from pathlib import Path

from common.files import whole_file
from game.savestate import CORE_STATE_BYTES

_NAME = re.compile(r"start-[0-9a-f]{16}\.state")
_LARGEST_FILE = CORE_STATE_BYTES + (1 << 10)


def state_file_name(state: bytes) -> str:
    """The name of a savestate's file."""
    return f"start-{hashlib.blake2b(state, digest_size=8).hexdigest()}.state"


def write_state_file(folder: Path, state: bytes) -> Path:
    """Write a savestate's file, if it is not there already; the same state always gives the same bytes."""
    path = folder / state_file_name(state)
    if not path.exists():
        with whole_file(path) as beside:
            beside.write_bytes(gzip.compress(state, compresslevel=9, mtime=0))
    return path


def read_state_file(folder: Path, name: str) -> bytes:
    """The savestate of this name in a folder, in bounded memory.

    Raises:
        ValueError: the name leads elsewhere, or the file is missing, damaged, or holds another state than it says.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"expected a state file named start-<16 hex digits>.state. Received: {name[:60]!r}")
    path = folder / name
    if not path.is_file():
        raise ValueError(f"it begins with the savestate {name}, which is not beside it: copy that file along")
    if path.stat().st_size > _LARGEST_FILE:
        raise ValueError(f"{name}: larger than {_LARGEST_FILE} bytes, which no state file is")
    try:
        with gzip.open(io.BytesIO(path.read_bytes())) as file:
            state = file.read(CORE_STATE_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"{name}: not a readable state file ({error})") from error
    if state_file_name(state) != name:
        raise ValueError(f"{name}: holds another savestate than its name says")
    return state
