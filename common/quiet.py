"""Libraries that print while they are loaded: what is known to be noise is kept back, everything else is passed on.

TensorFlow's C++ parts write to file descriptor 2 before any setting of theirs is read, in words that read like a failure
("failed call to cuInit" on a machine without a GPU).
"""

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

NOISE = re.compile(
    rb"""
    ^WARNING:\ All\ log\ messages\ before\ absl::InitializeLog
    | oneDNN\ custom\ operations\ are\ on
    | Could\ not\ find\ cuda\ drivers
    | TF-TRT\ Warning
    | Cannot\ dlopen\ some\ GPU\ libraries
    | This\ TensorFlow\ binary\ is\ optimized | ^To\ enable\ the\ following\ instructions
    | failed\ call\ to\ cuInit
    | Unable\ to\ register\ cu\w+\ factory
    """,
    re.VERBOSE,
)
"""Lines that say what every machine without a GPU, or without TensorFlow built for it alone, is told."""


@contextmanager
def without_noise() -> Iterator[None]:
    """Keeps back the lines of NOISE that C++ writes to the standard error inside the block; the rest comes after it.

    For an import or a first look at the devices, no more: a process that is started inside would write to the same place,
    and a crash takes what was written with it.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    sys.stderr.flush()
    real = os.dup(2)
    with tempfile.TemporaryFile() as kept:
        os.dup2(kept.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(real, 2)
            _pass_on(kept, real)
            os.close(real)


def _pass_on(kept: IO[bytes], to: int) -> None:
    """Write every line that is not noise to a file descriptor."""
    kept.seek(0)
    for line in kept:
        if not NOISE.search(line):
            os.write(to, line)
