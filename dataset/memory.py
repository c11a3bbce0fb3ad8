"""A bound on memory while a library reads what may be hostile: HDF5 allocates what a file claims before it looks."""

import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

EXTRA_BYTES = 256 << 20
"""So much more than it has may a process take inside the block."""
_STATM = Path("/proc/self/statm")
_lock = threading.RLock()
_depth = 0


@contextmanager
def memory_bounded(extra: int = EXTRA_BYTES) -> Iterator[None]:
    """Lets larger allocations fail inside the block (MemoryError, or the library's own error) where Linux can tell sizes.

    One thread at a time: the limit is the process's. Blocks may lie inside each other; the outermost counts.
    """
    global _depth
    with _lock:
        before = resource.getrlimit(resource.RLIMIT_AS)
        _depth += 1
        try:
            if _depth == 1 and _STATM.is_file():
                _limit(extra, before)
            yield
        finally:
            _depth -= 1
            resource.setrlimit(resource.RLIMIT_AS, before)


def _limit(extra: int, before: tuple[int, int]) -> None:
    pages = int(_STATM.read_text().split()[0])
    soft, hard = before
    wanted = pages * resource.getpagesize() + extra
    if soft == resource.RLIM_INFINITY or wanted < soft:
        resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))
