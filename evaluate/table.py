"""Results as text: one row per player, and one per act; for the terminal and as Markdown."""

import sys
from dataclasses import dataclass

from rich import box
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from common.words import counted
from evaluate.results import ActResult, PlayerResult, Results
from experiment.markdown import between, markdown_table
from game.rules import FRAMES_PER_SECOND

LOG_WIDTH = 150
"""Columns where there is no terminal to ask."""


@dataclass(frozen=True)
class Table:
    """Cells of text; the first column is read as names, the others as figures."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def summary_table(results: Results) -> Table:
    """One row per player, the teacher's last: its figures over all acts."""
    columns = (
        "player",
        "mean progress",
        "IQM progress",
        "contest score",
        "passed end",
        "completed",
        "spin dashes",
        "seconds",
    )
    rows = tuple(_summary_row(player) for player in results.rows)
    return Table(_title(results), columns, rows)


def _summary_row(player: PlayerResult) -> tuple[str, ...]:
    progress = player.progress
    score = player.score
    rates = player.rates
    return (
        player.label,
        percent(progress.mean) + between(progress.mean_interval, factor=100, digits=1),
        percent(progress.iqm) + between(progress.iqm_interval, factor=100, digits=1),
        points(score.mean) + between(score.mean_interval, factor=1, digits=0),
        percent(rates.passed_rate),
        percent(rates.completion_rate),
        f"{rates.spin_dashes:.1f}",
        f"{rates.frames / FRAMES_PER_SECOND:.0f}",
    )


def act_table(results: Results) -> Table:
    """One row per act, one column per player: contest score, progress, and how many episodes completed the act."""
    columns = ["act"]
    columns += [player.label for player in results.rows]
    rows = []
    for i, act in enumerate(results.acts):
        cells = [act_cell(player.acts[i]) for player in results.rows]
        rows.append((act, *cells))
    means = [f"{points(player.score.mean)} · {percent(player.progress.mean)}" for player in results.rows]
    rows.append(("mean", *means))
    title = "Contest score · progress per act (✓ episodes in which the act was completed)"
    return Table(title, tuple(columns), tuple(rows))


def act_cell(result: ActResult) -> str:
    """One player on one act in a few characters."""
    cell = f"{points(result.rates.score)} · {percent(result.rates.progress)}"
    if result.completed:
        cell += f" ✓{result.completed}/{len(result.episodes)}"
    return cell


def percent(share: float) -> str:
    """0.4127 -> "41.3 %", with a space that does not break."""
    return f"{100 * share:.1f}\u00a0%"


def points(score: float) -> str:
    """5734.2 -> "5734"."""
    return f"{score:.0f}"


def as_markdown(table: Table) -> str:
    """A GitHub table under a heading."""
    drawn = markdown_table(table.columns, table.rows, figures=len(table.columns) - 1)
    return f"### {table.title}\n\n{drawn}\n"


def show(table: Table) -> None:
    """Print to the terminal, or to a log that is wide enough."""
    # Text, not str: rich would read "[...]" in a cell as mark-up.
    drawn = RichTable(title=Text(table.title), title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    names, *figures = table.columns
    drawn.add_column(Text(names), justify="left", overflow="fold")
    for column in figures:
        drawn.add_column(Text(column), justify="right", overflow="fold")
    for row in table.rows:
        drawn.add_row(*[Text(cell) for cell in row])
    console = Console(highlight=False)
    if not sys.stdout.isatty():
        console.width = LOG_WIDTH
    console.print(drawn)


def _title(results: Results) -> str:
    acts = counted(len(results.acts), "acts")
    episodes = counted(results.config["episodes"], "episodes")
    game = f"{results.game} ({results.build})" if results.build else results.game
    return f"{game}: {acts}, {episodes} per act (means with 95 % bootstrap intervals)"
