"""Pieces of HTML that the report's sections share. Strings are escaped here; `body` arguments are HTML as it stands."""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from itertools import cycle
from pathlib import Path

from evaluate.results import Results
from evaluate.table import Table
from game.acts import act_title
from game.games import GAMES

Colours = Mapping[str, str]
"""Player's label -> the CSS class that carries its colour, everywhere in the report."""

_BASELINE_CLASSES = ("n0", "n1", "n2")
_OTHER_CLASSES = ("v2", "v3", "v4", "v5")
TEACHER_CLASS = "demo"
_OWN_CLASSES = {"clone": "v0", "finetuned": "v1"}  # their learning curves have the same (evaluate.report.curves)


def colours_of(results: Results) -> Colours:
    """Greys for baselines, one colour each for clone, fine-tuned and teacher in every report, further ones for others."""
    colours = colours_of_labels([(player.label, player.player.is_baseline) for player in results.players])
    if results.teacher is not None:
        colours[results.teacher.label] = TEACHER_CLASS
    return colours


def colours_of_labels(players: Sequence[tuple[str, bool]]) -> dict[str, str]:
    """The same for (label, whether it is a baseline) pairs."""
    greys = cycle(_BASELINE_CLASSES)
    further = cycle(_OTHER_CLASSES)
    colours: dict[str, str] = {}
    for label, is_baseline in players:
        if is_baseline:
            colours[label] = next(greys)
        elif label in _OWN_CLASSES:
            colours[label] = _OWN_CLASSES[label]
        else:
            colours[label] = next(further)
    return colours


def act_name(act: str, game: str) -> tuple[str, str]:
    """(zone, number) as charts show them, by the game's own titles; "" for a zone's only act.

    "EmeraldHillZone.Act1" -> ("Emerald Hill", "1") in sonic2, ("Fernfall", "1") in quillrush.
    """
    zones = GAMES[game].zones if game in GAMES else {}
    zone, _, number = act_title(act, zones).partition(", Act ")
    return zone.removesuffix(" Zone"), number


def full_act_name(act: str, game: str) -> str:
    """ "EmeraldHillZone.Act1" -> "Emerald Hill 1", or the game's own title."""
    zone, number = act_name(act, game)
    return f"{zone} {number}".strip()


def document(title: str, head: str, below: str) -> str:
    """A whole page that needs nothing besides itself; `head` and `below` (what follows the header) are HTML."""
    style = Path(__file__).with_name("report.css").read_text()
    # The empty icon keeps browsers from asking for a /favicon.ico.
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<link rel="icon" href="data:,">
<style>
{style}</style>
</head>
<body>
<header><div>
{head}
</div></header>
{below}
</body>
</html>
"""


def section(anchor: str, heading: str, introduction: str, *body: str) -> str:
    """A card of the page; the introduction is plain text."""
    inside = "\n".join(body)
    return f'<section id="{anchor}"><h2>{escape(heading)}</h2><p>{escape(introduction)}</p>\n{inside}</section>'


def drawings(wide: str, phone: str) -> str:
    """A chart across the page in its two shapes; the style sheet shows the one that fits the screen."""
    return f'<figure class="across"><div class="wide">{wide}</div><div class="phone">{phone}</div></figure>'


def chip(css: str) -> str:
    """A small square in a series' colour."""
    return f'<span class="chip {css}" aria-hidden="true"></span>'


def legend(items: Sequence[tuple[str, str]]) -> str:
    """Labels with their colours: (label, css) pairs, css possibly with "dashed"."""
    entries = [f'<li class="{css}">{chip(css)}{escape(label)}</li>' for label, css in items]
    return f'<ul class="legend">{"".join(entries)}</ul>'


def html_table(table: Table, decorate: Callable[[str], str] = escape, name: str = "") -> str:
    """A table as HTML; on a phone its rows are cards in which every figure has its column's name.

    Args:
        decorate: turns the text of a heading or a first cell into HTML.
        name: what a screen reader calls it; by default its title.
    """
    # The roles say again what the tags say: laid out as cards, a table would be none to a screen reader.
    headings = [f'<th scope="col" role="columnheader">{decorate(column)}</th>' for column in table.columns]
    rows = []
    for first, *cells in table.rows:
        figures = []
        for column, cell in zip(table.columns[1:], cells, strict=True):
            figures.append(f'<td role="cell" data-name="{escape(column)}">{_figure(cell)}</td>')
        head = f'<th scope="row" role="rowheader">{decorate(first)}</th>'
        rows.append(f'<tr role="row">{head}{"".join(figures)}</tr>')
    head = f'<thead role="rowgroup"><tr role="row">{"".join(headings)}</tr></thead>'
    body = f'<tbody role="rowgroup">{"".join(rows)}</tbody>'
    label = escape(name or table.title)
    # tabindex: what can take the focus can be scrolled with the keyboard.
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{label}">'
        f'<table role="table" aria-label="{label}">{head}{body}</table></div>'
    )


def _figure(cell: str) -> str:
    """A cell with its interval set smaller."""
    value, bracket, interval = cell.partition(" [")
    if not bracket:
        return escape(cell)
    return f"{escape(value)} <small>[{escape(interval)}</small>"
