"""Progress in a log: what was done, how fast, how long it will take; nothing that is not known."""

import pytest

from experiment import progress
from experiment.progress import ProgressBar


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds, as ProgressBar sees them."""
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_a_log_has_rate_and_time_left_of_this_process(clock: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressBar("converting", 20, "movies", done=4) as bar:
        clock[0] += 12
        bar.advance(6, "a movie")
    assert capsys.readouterr().out.splitlines() == [
        "converting: 16 movies to do, 4 done already",
        "converting: 10/20 movies, 0.5/s, 20 s left a movie",
        "converting: 10 movies done in 12 s",
    ]


def test_one_is_not_many_and_nothing_done_is_not_told(clock: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressBar("converting", 1, "movies") as bar:
        clock[0] += 2
        bar.advance()
    assert capsys.readouterr().out.splitlines() == ["converting: 1 movie to do", "converting: 1 movie done in 2 s"]


def test_without_progress_there_is_no_rate_to_show(clock: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressBar("converting", 20, "movies") as bar:
        bar.advance(1)  # no time has passed
        bar.advance(-1)
        clock[0] += 12
        bar.advance(0, "waiting")
    out = capsys.readouterr().out
    assert "converting: 0/20 movies waiting" in out
    assert "inf" not in out
    assert "nan" not in out


def test_lines_come_every_few_seconds_only(clock: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressBar("converting", 20, "movies") as bar:
        for _ in range(20):
            clock[0] += 2
            bar.advance(1)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 + 4


def test_a_terminal_shows_a_bar(
    clock: list[float], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress.sys.stdout, "isatty", lambda: True, raising=False)
    with ProgressBar("converting", 20, "movies") as bar:
        bar.advance(0, "waiting")
        clock[0] += 1
        bar.advance(5, "a movie")
        bar.say("REFUSED b.bk2")
    out = capsys.readouterr().out
    assert "REFUSED b.bk2" in out
    assert "inf" not in out
