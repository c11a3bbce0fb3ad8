"""Opening zips: a directory of any size is refused before it is read."""

import struct
import time
import zipfile
from pathlib import Path

import pytest

from game.zips import open_zip

LIMIT = 1 << 20


def write_crowd(path: Path, members: int, claimed: int) -> None:
    """A zip of this many members without content; its last record claims another number, which zipfile ignores."""
    name = b"a.md"
    member = struct.pack(
        "<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 0, 0, 0x21, 0, 0, 0, len(name), 0, 0, 0, 0, 0, 0
    ) + name  # fmt: skip
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, claimed, claimed, members * len(member), 0, 0)
    with path.open("wb") as file:
        for _ in range(members // 1_000):
            file.write(member * 1_000)
        file.write(member * (members % 1_000) + end)


@pytest.mark.parametrize("claimed", [3, 65_535])
def test_a_huge_directory_is_refused_at_once(claimed: int, tmp_path: Path) -> None:
    write_crowd(tmp_path / "crowd.zip", 500_000, claimed)
    begun = time.process_time()
    expected = r"a directory of at most 1048576 bytes \(22795 members\)\. Received: 25000000"
    with pytest.raises(ValueError, match=expected), open_zip(tmp_path / "crowd.zip", LIMIT):
        pass
    assert time.process_time() - begun < 0.5


def test_a_directory_just_within_the_limit_is_read(tmp_path: Path) -> None:
    write_crowd(tmp_path / "crowd.zip", LIMIT // 50, claimed=3)
    with open_zip(tmp_path / "crowd.zip", LIMIT) as archive:
        assert len(archive.infolist()) == LIMIT // 50


def test_members_may_be_larger_than_the_directory(tmp_path: Path) -> None:
    content = bytes(range(256)) * 40_000
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a", content)
        archive.comment = b"c" * 65_535  # the longest: the directory's place is looked for behind it
    with open_zip(tmp_path / "a.zip", directory_limit=100) as archive:
        assert archive.read("a") == content


def test_the_file_is_closed_whatever_happens(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"no zip")
    with pytest.raises(zipfile.BadZipFile), open_zip(tmp_path / "a.zip", LIMIT):
        pass  # a file left open is an error in these tests (filterwarnings)
    with zipfile.ZipFile(tmp_path / "b.zip", "w"):
        pass
    with pytest.raises(KeyError), open_zip(tmp_path / "b.zip", LIMIT) as archive:
        archive.read("nothing")
    assert archive.fp is None
