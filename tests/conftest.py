"""Shared fixtures: the embedded game, its emulator (one to a process), and working folders of their own."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
# as worker processes have it; else the threads of two test processes wait for each other's cores
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest

from game.emulator import Emulator
from game.games import Game, find_game
from tests.stub_rom import make_stub_game

ROOT = Path(__file__).resolve().parent.parent
MOVIES = ROOT / "movies" / "quillrush"


@pytest.fixture(autouse=True)
def float32_keras() -> Iterator[None]:
    """Keras's precision is global: a training that a test ran in this process must not change the next test's."""
    yield
    if "keras" in sys.modules:
        sys.modules["keras"].mixed_precision.set_global_policy("float32")


@pytest.fixture(scope="session")
def quillrush() -> Game:
    return find_game("quillrush")


@pytest.fixture(scope="session")
def stub_sonic2(tmp_path_factory: pytest.TempPathFactory) -> Game:
    """sonic2 with an image of our own: its real states show their real picture and RAM, and stand still."""
    return make_stub_game(tmp_path_factory.mktemp("stub"))


@pytest.fixture
def emulator(quillrush: Game) -> Iterator[Emulator]:
    with Emulator(quillrush) as emulator:
        yield emulator


@pytest.fixture
def workdir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory; runs/, data/ and movies/ of the test lie there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return tmp_path


@pytest.fixture(scope="session")
def shipped_movie() -> Path:
    """A demonstration shipped with the project."""
    return MOVIES / "EmeraldHillZone.Act1" / "EmeraldHillZone.Act1-search-000.bk2"
