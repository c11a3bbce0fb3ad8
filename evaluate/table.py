"""Results as text: a row a player, and a row an act; for the terminal and as Markdown."""

import sys
from dataclasses import dataclass

from rich import box
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from evaluate.results import ActResult, Results
from evaluate.statistics import Interval

LOG_WIDTH = 150
"""Columns where there is no terminal to ask."""


@dataclass(frozen=True)
class Table:
    """Cells of text; the first column is read as names, the others as figures."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def summary_table(results: Results) -> Table:
    """One row a player: what it comes to over all acts."""
    columns = ("player", "mean progress", "IQM progress", "contest score", "passed end", "completed", "spin dashes")
    rows = []
    for player in results.players:
        rows.append((
            player.label,
            percent(player.progress.mean) + between(player.progress.mean_interval, 100, 1),
            percent(player.progress.iqm) + between(player.progress.iqm_interval, 100, 1),
            points(player.score.mean) + between(player.score.mean_interval, 1, 0),
            percent(player.rates.passed_rate),
            percent(player.rates.completion_rate),
            f"{player.rates.spin_dashes:.1f}",
        ))  # fmt: skip
    return Table(_title(results), columns, tuple(rows))


def act_table(results: Results) -> Table:
    """One row an act, one column a player: contest score, progress, and how many episodes completed the act."""
    columns = ("act", *(player.label for player in results.players))
    rows = []
    for i, act in enumerate(results.acts):
        rows.append((act, *(act_cell(player.acts[i]) for player in results.players)))
    rows.append(("mean", *(f"{points(p.score.mean)} · {percent(p.progress.mean)}" for p in results.players)))
    return Table("Contest score · progress per act (✓ episodes in which the act was completed)", columns, tuple(rows))


def act_cell(result: ActResult) -> str:
    """One player on one act in a few characters."""
    done = sum(episode.finished for episode in result.episodes)
    ticks = f" ✓{done}/{len(result.episodes)}" if done else ""
    return f"{points(result.rates.score)} · {percent(result.rates.progress)}{ticks}"


def percent(share: float) -> str:
    """0.4127 -> "41.3 %", with a space that does not break."""
    return f"{100 * share:.1f}\u00a0%"


def points(score: float) -> str:
    """5734.2 -> "5734"."""
    return f"{score:.0f}"


def between(interval: Interval | None, factor: float, digits: int) -> str:
    """An interval as " [low, high]", its ends times a factor; nothing where there is none."""
    if interval is None:
        return ""
    return f" [{factor * interval.low:.{digits}f}, {factor * interval.high:.{digits}f}]"


def as_markdown(table: Table) -> str:
    """A GitHub table under a heading."""
    lines = [
        f"### {table.title}",
        "",
        _markdown_row(table.columns),
        _markdown_row(("---", *("---:" for _ in table.columns[1:]))),
        *(_markdown_row(row) for row in table.rows),
    ]
    return "\n".join(lines) + "\n"


def show(table: Table) -> None:
    """Print to the terminal, or to a log that is wide enough."""
    console = Console(width=None if sys.stdout.isatty() else LOG_WIDTH, highlight=False)
    drawn = RichTable(title=Text(table.title), title_justify="left", box=box.SIMPLE_HEAD, title_style="bold")
    for i, column in enumerate(table.columns):
        drawn.add_column(Text(column), justify="right" if i else "left", overflow="fold")
    for row in table.rows:
        drawn.add_row(*(Text(cell) for cell in row))
    console.print(drawn)


def _title(results: Results) -> str:
    config = results.config
    acts, episodes = len(results.acts), config["episodes"]
    return (
        f"{results.game}: {acts} act{'s' * (acts != 1)}, {episodes} episode{'s' * (episodes != 1)} an act "
        f"(means with 95 % bootstrap intervals)"
    )


def _markdown_row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
