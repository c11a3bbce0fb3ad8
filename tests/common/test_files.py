"""Whole files: the new one, the old one, or none; never half of one, and nothing left beside."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from common.files import read_bounded, whole_file, whole_folder
from tests.conftest import ROOT


def test_a_file_takes_its_place_when_the_block_ends(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file"
    with whole_file(path) as beside:
        beside.write_text("whole")
        assert not path.exists()
    assert path.read_text() == "whole"
    assert list(path.parent.iterdir()) == [path]


def test_an_error_leaves_the_old_file_and_nothing_beside(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")

    def write_half() -> None:
        with whole_file(path) as beside:
            beside.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_half()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_name_that_is_taken_is_refused_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(FileExistsError), whole_file(path, replace=False) as beside:
        beside.write_text("new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_kill_in_the_middle_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    code = (
        "import os, pathlib, signal; from common.files import whole_file\n"
        f"with whole_file(pathlib.Path({str(path)!r})) as beside:\n"
        "    beside.write_text('half'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=os.environ, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert path.read_text() == "old"


def test_a_file_that_is_too_long_is_refused_not_cut(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    assert read_bounded(tmp_path / "a", 5) == b"12345"
    with pytest.raises(ValueError, match="expected at most 4 bytes"):
        read_bounded(tmp_path / "a", 4)


def test_a_folder_takes_the_place_of_an_empty_one_when_the_block_ends(tmp_path: Path) -> None:
    path = tmp_path / "folder"
    path.mkdir()
    with whole_folder(path) as beside:
        (beside / "a").write_text("new")
        assert not list(path.iterdir())
    assert (path / "a").read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_leaves_no_folder_and_nothing_beside(tmp_path: Path) -> None:
    def write_half() -> None:
        with whole_folder(tmp_path / "folder") as beside:
            (beside / "a").write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_half()
    assert not list(tmp_path.iterdir())
