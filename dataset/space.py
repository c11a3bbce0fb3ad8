"""What a disk says when nothing can be written, as one line: what, where, how much is needed and how much is free."""

import errno
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

FULL = (errno.ENOSPC, errno.EDQUOT)
FORBIDDEN = (errno.EROFS, errno.EACCES, errno.EPERM)


class DiskError(OSError):
    """Nothing can be written there: the disk is full or the folder read-only. The message is for the user."""


@contextmanager
def disk_errors_named(place: Path, needed: Callable[[], int] | None = None) -> Iterator[None]:
    """Turns what goes wrong with the disk inside the block into a DiskError; everything else passes.

    Args:
        place: what is being written.
        needed: how many bytes it takes, asked for only when they are not there.
    """
    try:
        yield
    except DiskError:
        raise
    except (OSError, RuntimeError) as error:  # HDF5 raises either, with the cause in its text only
        if _is(error, FULL):
            raise DiskError(_full(place, needed)) from error
        if _is(error, FORBIDDEN):
            raise DiskError(
                f"{place} cannot be written ({_reason(error)}). Give yourself the right to, or work in another folder."
            ) from error
        raise


def _is(error: BaseException, codes: tuple[int, ...]) -> bool:
    """Whether an error, or one that it came of, has one of these codes."""
    cause: BaseException | None = error
    while cause is not None:
        text = f"{cause} "
        if getattr(cause, "errno", None) in codes or any(f"errno = {code}," in text for code in codes):
            return True
        cause = cause.__context__
    return False


def _reason(error: BaseException) -> str:
    return getattr(error, "strerror", None) or str(error)


def _full(place: Path, needed: Callable[[], int] | None) -> str:
    """The line about a full disk."""
    free = free_bytes(place) / 1e6
    if needed is None:
        expected = "more room"
    else:
        expected = f"about {needed() / 1e6:.1f} MB"
    return (
        f"{place}: the disk is full. Expected: {expected}. Received: {free:.1f} MB free. "
        "Make room there and give the same command again; nothing that is finished is lost."
    )


def free_bytes(place: Path) -> int:
    """Free space where a file is or would be."""
    while not place.exists():
        place = place.parent
    return shutil.disk_usage(place).free
