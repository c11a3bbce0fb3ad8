"""One process at a time in a folder: the second is told who holds it, and a dead one's hold is gone with it."""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from common.files import read_json


class Busy(ValueError):
    """Another process is at work on the same thing; the message says which."""


@contextmanager
def exclusive(folder: Path, wait: float = 0.0) -> Iterator[None]:
    """Hold a folder for as long as the block lasts. The operating system frees the hold of a process that dies.

    Args:
        wait: seconds to wait for another process to finish (-1: as long as it takes).

    Raises:
        Busy: another process holds it still.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # an flock: it dies with its process, however that ends
    lock = FileLock(folder / ".lock")
    holder = folder / ".holder.json"
    try:
        lock.acquire(timeout=wait)
    except Timeout as error:
        raise Busy(f"{folder} is in use by {_describe(holder)}. Wait for it, or stop it first.") from error
    try:
        about = {"pid": os.getpid(), "command": " ".join(sys.argv), "since": time.strftime("%H:%M:%S")}
        # written in place: half of it reads as "another process", and a kill leaves nothing that nobody removes
        holder.write_text(json.dumps(about))
        yield
    finally:
        # first the name, then the lock: nobody is ever told of a holder that has gone
        holder.unlink(missing_ok=True)
        lock.release()


def _describe(holder: Path) -> str:
    """Who holds a folder, as far as it has said so yet."""
    try:
        about = read_json(holder, dict[str, str | int])
    except (OSError, ValueError):
        return "another process"
    return f"process {about.get('pid')} ({about.get('command')}), since {about.get('since')}"
