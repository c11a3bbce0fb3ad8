"""What an older or a bare Python is told."""

import ast
import subprocess
import sys

import pytest

from tests.conftest import ROOT

ROOMS = ("game", "record", "dataset", "supervised", "finetune", "evaluate")


def run(program: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *options, "-c", f"import runpy, sys; sys.path.insert(0, '.'); {program}"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("room", ROOMS)
def test_an_older_python_is_told_which_it_should_be(room: str) -> None:
    done = run(f"sys.version_info = (3, 8, 10); runpy.run_module('{room}', run_name='__main__')")
    assert done.returncode == 2
    assert done.stderr.startswith(f"{room}: expected Python 3.11, 3.12 or 3.13. Received: 3.8 (")
    assert "make install PYTHON=" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("room", [room for room in ROOMS if room != "game"])  # the doctor runs all the same
def test_a_bare_python_is_told_to_install(room: str) -> None:
    done = run(f"sys.argv[1:] = ['--help']; runpy.run_module('{room}', run_name='__main__')", "-I", "-S")
    assert done.returncode == 2
    assert (
        f"is not installed for {sys.executable}. Run `make install`, then `.venv/bin/python -m {room}`" in done.stderr
    )
    assert "Traceback" not in done.stderr


def test_a_module_of_ours_that_is_missing_is_a_bug() -> None:
    done = run("from common.start import start; start('game.no_such_module')")
    assert "Traceback" in done.stderr


def test_ctrl_c_at_the_very_start_is_no_traceback() -> None:
    fake = "import types; slow = types.ModuleType('game.slow'); sys.modules['game.slow'] = slow"
    main = "slow.main = lambda: (_ for _ in ()).throw(KeyboardInterrupt)"
    done = run(f"{fake}; {main}; from common.start import start; start('game.slow')")
    assert (done.returncode, done.stderr) == (130, "")


def test_an_old_python_can_read_what_it_runs_first() -> None:
    files = [ROOT / "common" / "__init__.py", ROOT / "common" / "start.py"]
    files += [ROOT / room / name for room in ROOMS for name in ("__init__.py", "__main__.py")]
    for file in files:
        ast.parse(file.read_text(), feature_version=(3, 6))
