"""Zips from anywhere, opened only when their directory is of a reasonable size.

Python's zipfile reads the whole directory when it opens a file, whatever it claims to hold: 4 million members take two
minutes and 1.7 GB before the first can be looked at.
"""

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_MEMBER_BYTES = 46
"""A member's least share of the directory; its name is as much again."""
_END_BYTES = (1 << 16) + 22
"""What zipfile reads from the file's end to find the directory: the longest comment and the record before it."""


class _BoundedReader(io.BufferedReader):
    """A file of which no more than `limit` bytes can be read at once. zipfile reads a directory at once.

    So the very size that zipfile believes is the one compared; parsing the file's end here might find another.
    """

    limit: int | None = None

    def read(self, size: int | None = -1, /) -> bytes:
        if self.limit is None:
            return super().read(size)
        if size is None or size < 0:  # to the file's end, where zipfile looks for the directory's place
            size = self.limit
        if size > self.limit:
            most = f"{self.limit} bytes ({self.limit // _MEMBER_BYTES} members)"
            raise ValueError(f"expected a directory of at most {most}. Received: {size}")
        return super().read(size)


@contextmanager
def open_zip(path: Path, directory_limit: int) -> Iterator[zipfile.ZipFile]:
    """A zip to read. What a directory of this size takes: 10 times its bytes in memory, less than a second per million bytes.

    Args:
        directory_limit: bytes its list of members may take; at least 65,558.

    Raises:
        ValueError: the list is longer; nothing of it was read.
        Exception: zipfile raises a dozen kinds for a hostile directory, some undocumented.
    """
    with _BoundedReader(io.FileIO(path)) as file:
        file.limit = max(directory_limit, _END_BYTES)
        with zipfile.ZipFile(file) as archive:
            file.limit = None
            yield archive
