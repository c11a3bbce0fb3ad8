"""The doctor: every line, its advice, and the exit status for scripts."""

import dataclasses
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from game import cli, doctor
from game.games import GAMES, Game
from tests.conftest import ROOT

Found = dict[str, doctor.Check]


@pytest.fixture(autouse=True)
def no_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    """SDL is asked once, in its own test."""
    monkeypatch.setattr(
        doctor, "sdl_devices", lambda: {"display": ["dummy"], "sound": {"error": "no card"}, "pads": []}
    )


@pytest.fixture(scope="module")
def found() -> Found:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(doctor, "sdl_devices", lambda: {"error": "no SDL"})
        return {check.name: check for check in doctor.examine()}


def one(check: Callable, *arguments: str) -> Found:
    return {line.name: line for line in check(*arguments)}


def test_this_machine_is_ready(found: Found) -> None:
    assert {name: check.found for name, check in found.items() if check.status == "bad"} == {}
    wanted = {"Python", "packages", "core", "ROM sonic2", "ROM quillrush", "acts sonic2", "display", "sound", "gamepad"}
    assert wanted | {"disk", "folders", "processor", "GPU"} <= set(found)
    assert GAMES["sonic2"].sha1 in found["ROM sonic2"].found
    assert "frames a second" in found["core"].found


def test_every_line_that_is_not_ok_says_what_to_do(found: Found) -> None:
    assert all(check.advice for check in found.values() if check.status != "ok")
    text = doctor.as_text(list(found.values()))
    assert text.count("->") == sum(bool(check.advice) for check in found.values())
    assert text.splitlines()[-1].startswith("ready (")


def test_a_missing_rom_is_bad_only_when_its_game_is_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    missing = dataclasses.replace(GAMES["sonic2"], roms=(tmp_path / "rom.md",))
    monkeypatch.setitem(GAMES, "sonic2", missing)
    assert one(doctor.roms)["ROM sonic2"].status == "note"
    line = one(doctor.roms, "sonic2")["ROM sonic2"]
    assert line.status == "bad"
    assert "make rom ROM=path" in line.advice


def test_a_wrong_rom_names_both_sums(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "rom.md").write_bytes(b"wrong")
    monkeypatch.setitem(GAMES, "sonic2", dataclasses.replace(GAMES["sonic2"], roms=(tmp_path / "rom.md",)))
    line = one(doctor.roms)["ROM sonic2"]
    assert line.status == "bad"
    assert "SHA-1 1edcc0d45fb71cfbfbf2ae1ea9e57a1b7e28a7ad" not in line.found
    assert GAMES["sonic2"].sha1 in line.found


def test_the_right_rom_is_ok_and_becomes_the_default(monkeypatch: pytest.MonkeyPatch, stub_sonic2: Game) -> None:
    monkeypatch.setitem(GAMES, "sonic2", stub_sonic2)
    lines = one(doctor.roms, "sonic2")
    assert lines["ROM sonic2"].status == "ok"
    assert lines["default game"].found.startswith("sonic2")


def test_missing_and_other_packages_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "requirements.lock").write_text("# pins\nnumpy==0.1\nno-such-package==1.0\n")
    monkeypatch.setattr(doctor, "ROOT", tmp_path)
    assert one(doctor.packages)["packages"].found == "missing: no-such-package"
    (tmp_path / "requirements.lock").write_text("numpy==0.1\n")
    assert "(locked: 0.1)" in one(doctor.packages)["packages"].found


def test_a_missing_state_is_bad(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "integration"
    shutil.copytree(GAMES["quillrush"].integration, folder)
    (folder / "WingFortressZone.state").write_bytes(b"damaged")
    monkeypatch.setitem(GAMES, "quillrush", dataclasses.replace(GAMES["quillrush"], integration=folder))
    line = one(doctor.states)["acts quillrush"]
    assert line.status == "bad"
    assert "WingFortressZone" in line.found


@pytest.mark.parametrize(("free", "status"), [(1 << 20, "bad"), (2 << 30, "note"), (50 << 30, "ok")])
def test_disk(free: int, status: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(0, 0, free))
    assert one(doctor.disk)["disk"].status == status


def test_devices_that_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = {"display": ["x11", [1920, 1080]], "sound": [44100, -16, 2], "pads": ["Xbox Controller"]}
    monkeypatch.setattr(doctor, "sdl_devices", lambda: answer)
    monkeypatch.delenv("SDL_AUDIODRIVER", raising=False)
    assert {check.status for check in doctor.devices()} == {"ok"}


@pytest.mark.parametrize(("names", "status"), [([], "ok"), (["NVIDIA H200"], "note")])
def test_a_gpu_without_its_libraries_is_a_note(names: list[str], status: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "gpu_names", lambda: names)
    monkeypatch.setattr(doctor, "package_version", lambda name: "")
    assert one(doctor.gpu)["GPU"].status == status


def test_a_check_that_fails_is_a_bad_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def disk() -> list[doctor.Check]:
        raise RuntimeError("surprise")

    for name in ("python", "packages", "core", "states", "devices", "folders", "processor", "gpu"):
        monkeypatch.setattr(doctor, name, lambda: [])
    monkeypatch.setattr(doctor, "disk", disk)
    (line,) = (check for check in doctor.examine() if check.status == "bad")
    assert "surprise" in line.found


def test_the_exit_status_is_for_scripts(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    good = doctor.Check("a", "note", "x", "do")
    bad = doctor.Check("b", "bad", "y", "do")
    monkeypatch.setattr(doctor, "examine", lambda game: [good])
    assert cli.main(["doctor"]) == 0
    monkeypatch.setattr(doctor, "examine", lambda game: [good, bad])
    assert cli.main(["doctor", "--json"]) == 1
    out = capsys.readouterr().out
    assert json.loads(out[out.index("[\n") :])[1]["status"] == "bad"


def test_it_runs_where_nothing_is_installed() -> None:
    program = "import sys; sys.path.insert(0, '.'); from game.cli import main; main(['doctor'])"
    command = [sys.executable, "-I", "-S", "-c", program]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "run `make install`" in done.stdout
    assert "not ready: packages" in done.stdout
    assert "Traceback" not in done.stderr


def test_sdl_is_asked_for_real(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    answer = doctor.sdl_devices()
    assert answer["display"][0] == "dummy"
    assert isinstance(answer["pads"], list)
