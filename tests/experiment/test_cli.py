"""The one shell around every stage: a line and an exit status for everything a user can meet."""

import os
import signal

import pytest

from experiment import cli


def raising(error: BaseException):
    def work() -> None:
        raise error

    return work


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (ValueError("no such act"), 2, "stage: no such act"),
        (OSError(28, "No space left on device"), 2, "No space left on device"),
        (RuntimeError("3 episodes could not be played"), 1, "stage: 3 episodes"),
        (KeyboardInterrupt(), 130, "stage: stopped; type it again"),
    ],
)
def test_what_a_stage_raises_becomes_a_line_and_a_status(error, status: int, line: str, capsys) -> None:
    assert cli.run("stage", raising(error), "type it again") == status
    assert line in capsys.readouterr().err


def test_sigterm_ends_a_stage_like_ctrl_c(capsys) -> None:
    before = signal.getsignal(signal.SIGTERM)
    try:
        status = cli.run("stage", lambda: os.kill(os.getpid(), signal.SIGTERM), "type it again")
    finally:
        signal.signal(signal.SIGTERM, before)
    assert status == 143
    assert "type it again" in capsys.readouterr().err


def test_a_bug_is_not_hidden() -> None:
    with pytest.raises(KeyError):
        cli.run("stage", raising(KeyError("x")))


def test_a_status_is_handed_on() -> None:
    assert cli.run("stage", lambda: 1) == 1
    assert cli.run("stage", lambda: None) == 0


def test_commands_may_be_left_out(capsys) -> None:
    commands = {"play": 1, "list": 2}
    assert cli.split_command(["--fast"], commands, default="play", usage="how") == ("play", ["--fast"])
    assert cli.split_command(["list", "x"], commands, default="play", usage="how") == ("list", ["x"])
    with pytest.raises(ValueError, match=r"unknown command 'lst'. Expected:\nhow"):
        cli.split_command(["lst"], commands, default="play", usage="how")
    cli.split_command(["--help"], commands, default="play", usage="how")
    assert "how" in capsys.readouterr().out
