"""One process at a time in a folder."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from experiment.lock import Busy, exclusive
from experiment.run import Run
from tests.conftest import ROOT


@dataclass(frozen=True)
class Config:
    game: str = "quillrush"


HOLD = (
    "import sys, time; from pathlib import Path; from experiment.lock import exclusive\n"
    "with exclusive(Path(sys.argv[1])):\n"
    "    print('held', flush=True); time.sleep(60)"
)


@pytest.fixture
def holder(tmp_path: Path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, env=os.environ, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_the_second_is_told_who_holds_it(holder, tmp_path: Path) -> None:
    with (
        pytest.raises(Busy, match=rf"in use by process {holder.pid} \(.*\), since .*stop it first"),
        exclusive(tmp_path),
    ):
        pass


def test_a_dead_holder_holds_nothing(holder, tmp_path: Path) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with exclusive(tmp_path):
        assert (tmp_path / ".holder.json").is_file()
    assert not (tmp_path / ".holder.json").exists()


def test_one_may_wait(holder, tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(Busy), exclusive(tmp_path, wait=0.3):
        pass
    assert 0.3 <= time.monotonic() - began < 5


def test_a_run_is_held_by_one_process(workdir: Path) -> None:
    run = Run.open("finetune", Config(), "", name="r")
    with run.held(), pytest.raises(Busy, match="in use"), Run(run.path).held():
        pass
    with run.held():
        pass
