"""Tables as Markdown and on the terminal."""

import dataclasses
from collections.abc import Callable

import pytest

from evaluate.results import Results
from evaluate.table import Table, act_table, as_markdown, show, summary_table

NBSP = "\u00a0"


def test_summary_has_one_row_per_player(results: Results) -> None:
    table = summary_table(results)
    assert [row[0] for row in table.rows] == ["random", "right-and-jump", "clone", "finetuned"]
    estimate = results.players[2].progress
    interval = estimate.mean_interval
    assert interval is not None
    expected = f"{100 * estimate.mean:.1f}{NBSP}% [{100 * interval.low:.1f}, {100 * interval.high:.1f}]"
    assert table.rows[2][1] == expected
    score = results.players[2].score
    interval = score.mean_interval
    assert interval not in (None, score.iqm_interval)
    assert table.rows[2][3] == f"{score.mean:.0f} [{interval.low:.0f}, {interval.high:.0f}]"


def test_passed_and_completed_have_their_own_columns(results: Results) -> None:
    player = results.players[0]
    player = dataclasses.replace(player, rates=dataclasses.replace(player.rates, passed_rate=0.75, completion_rate=0.5))
    table = summary_table(dataclasses.replace(results, players=(player,)))
    cells = dict(zip(table.columns, table.rows[0], strict=True))
    assert cells["passed end"] == f"75.0{NBSP}%"
    assert cells["completed"] == f"50.0{NBSP}%"


def test_act_table_has_one_column_per_player_and_a_mean(results: Results) -> None:
    table = act_table(results)
    assert table.columns == ("act", "random", "right-and-jump", "clone", "finetuned")
    assert [row[0] for row in table.rows] == ["EmeraldHillZone.Act1", "WingFortressZone", "mean"]
    act = results.players[3].acts[0]
    completed = sum(episode.finished for episode in act.episodes)
    assert (f"✓{completed}/3" in table.rows[0][4]) == (completed > 0)


def test_no_interval_with_one_episode_per_act(results_of: Callable[..., Results]) -> None:
    table = summary_table(results_of(("random",), ("WingFortressZone",), episodes=1))
    assert "[" not in table.rows[0][1]
    assert "1 act, 1 episode per act" in table.title


def test_markdown() -> None:
    table = Table("Scores", ("player", "score"), (("a|b", "1"),))
    assert as_markdown(table) == "### Scores\n\n| player | score |\n| --- | ---: |\n| a\\|b | 1 |\n"


def test_terminal_shows_brackets_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    show(Table("T [bold]", ("player", "score"), (("[red]x", "12 [11, 13]"),)))
    out = capsys.readouterr().out
    assert "T [bold]" in out
    assert "[red]x" in out
    assert "12 [11, 13]" in out
