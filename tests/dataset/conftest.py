"""Disks that are nearly full or read-only; tests that need one are skipped by name where mounting is not allowed."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest


def _mounted(*arguments: str) -> bool:
    try:
        return subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder that is a disk of 2 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if not _mounted("-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)):
        pytest.skip("a small tmpfs cannot be mounted here (it takes root)")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def read_only() -> Callable[[Path], None]:
    """Makes a tiny disk read-only."""

    def forbid(disk: Path) -> None:
        if not _mounted("-o", "remount,ro", str(disk)):
            pytest.skip("the disk cannot be made read-only here")

    return forbid
