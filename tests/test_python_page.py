"""docs/python.md: every block of it is run as it stands there."""

import importlib.util
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from game.movie import read_movie, write_movie
from tests.conftest import MOVIES, ROOT
from tests.finetune.clones import clone_run

FRAMES = read_movie(MOVIES / "EmeraldHillZone.Act1" / "EmeraldHillZone.Act1-search-000.bk2").frames
PAGE = (ROOT / "docs" / "python.md").read_text()
BLOCKS = {
    heading: re.findall(r"```(python|bash)\n(.*?)```", text, re.DOTALL)
    for heading, text in re.findall(r"^## (.*?)$(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
}


@pytest.fixture
def project(workdir: Path, shipped_movie: Path) -> Path:
    """A folder that looks like the project's: a movie, and the data set and the clone made of it."""
    act = workdir / "movies" / "quillrush" / "EmeraldHillZone.Act1"
    write_movie(act / f"{act.name}-search-000.bk2", read_movie(shipped_movie))
    shutil.copy(shipped_movie.with_suffix(".json"), act)
    clone_run(workdir, check="pass")
    return workdir


@pytest.fixture
def data(project: Path) -> Path:
    """The project with its data set."""
    run(project, [sys.executable, "-m", "dataset", "convert", "--game", "quillrush"])
    return project


def run(folder: Path, command: list[str]) -> str:
    """What a command prints; it must succeed and have nothing to complain about."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_block(folder: Path, heading: str, number: int = 0, **changes: str) -> str:
    """What a block prints; `changes` puts one's own names in place of the page's."""
    language, code = BLOCKS[heading][number]
    for old, new in changes.items():
        assert old in code
        code = code.replace(old, new)
    if language == "bash":
        return run(folder, [sys.executable, *shlex.split(code)[1:]])
    (folder / "block.py").write_text(code)
    return run(folder, [sys.executable, "block.py"])


def test_the_environment(project: Path) -> None:
    x, progress, score, dashes = run_block(project, "The environment").split()
    assert int(x) > 0
    assert 0 <= float(progress) < 0.2
    assert float(score) < 2000
    assert dashes.isdigit()


def test_minari_and_its_recovered_environment(data: Path) -> None:
    pytest.importorskip("minari")
    sizes, same = run_block(data, "The data set in Minari").splitlines()
    assert sizes.startswith(f"1 ({FRAMES + 1}, 96, 96) ({FRAMES},)")
    assert same == "1.0"


def test_plain_h5py(data: Path) -> None:
    assert f"EmeraldHillZone.Act1: {FRAMES} frames, up to x" in run_block(data, "The data set in plain h5py")


def test_another_librarys_agent(project: Path) -> None:
    if not importlib.util.find_spec("stable_baselines3"):
        pytest.skip("stable-baselines3 is not installed (make install-bench)")
    run_block(project, "Another library's agent")
    assert (project / "runs" / "sb3-ppo.zip").is_file()


def test_a_checkpoint_as_a_player(project: Path) -> None:
    """The clone is made up, so it is not given five minutes."""
    short = {"NAME": "clone", 'Quillrush-v0"': 'Quillrush-v0", max_frames=600'}
    assert "%" in run_block(project, "A checkpoint of ours as a player", **short)


def test_movies_in_stable_retros_playback(project: Path) -> None:
    heading = "Movies in stable-retro's own playback"
    from_script = run_block(project, heading, 0)
    x, rings, score = run_block(project, heading, 1).split()
    assert f"(x {x}, rings {rings}, score {score})" in from_script
    assert int(x) > 0x2A40  # beyond the contest's end


def test_no_block_is_left_out() -> None:
    assert {heading: len(blocks) for heading, blocks in BLOCKS.items()} == {
        "The environment": 1,
        "The data set in Minari": 1,
        "The data set in plain h5py": 1,
        "Another library's agent": 1,
        "A checkpoint of ours as a player": 1,
        "Movies in stable-retro's own playback": 2,
    }
