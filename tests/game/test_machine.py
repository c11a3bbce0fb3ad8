"""What is known of the machine, on Linux and where there is no /proc."""

import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from game import machine

CPUINFO = """\
processor\t: 0
model name\t: Some CPU @ 2.0 GHz: fast
flags\t\t: fpu avx2 avx512_bf16
vmx flags\t: vnmi
processor\t: 1
model name\t: Another
"""


def test_the_first_core_speaks_for_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(CPUINFO)
    monkeypatch.setattr(machine, "CPUINFO", cpuinfo)
    assert machine.processor_name() == "Some CPU @ 2.0 GHz: fast"
    assert machine.cpu_flags() == {"fpu", "avx2", "avx512_bf16"}


def test_without_proc_the_architecture_remains(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "CPUINFO", tmp_path / "none")
    assert machine.processor_name() in (platform.processor(), platform.machine())
    assert machine.cpu_flags() == set()


def test_package_versions() -> None:
    assert machine.package_version("numpy") == np.__version__
    assert machine.package_version("no-such-package") == ""


def test_only_the_standard_library_is_needed() -> None:
    """-S leaves out site-packages, -I the rest: as on a machine where nothing is installed yet."""
    root = str(Path(machine.__file__).resolve().parent.parent)
    code = f"import sys; sys.path.insert(0, {root!r}); import game.machine as m; print(m.processor_name())"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == machine.processor_name()
