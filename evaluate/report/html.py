"""Pieces of HTML that the report's sections share. Strings are escaped here; `body` arguments are HTML as it stands."""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from itertools import cycle

from evaluate.results import Results
from evaluate.table import Table
from game.acts import act_title

Colours = Mapping[str, str]
"""Player's label -> the CSS class that carries its colour, everywhere in the report."""

_BASELINE_CLASSES = ("n0", "n1", "n2")
_OTHER_CLASSES = ("v2", "v3", "v4", "v5")
_OWN_CLASSES = {"clone": "v0", "finetuned": "v1"}  # their learning curves have the same (evaluate.report.curves)


def colours_of(results: Results) -> Colours:
    """Greys for baselines, one colour each for clone and fine-tuned in every report, further ones for other checkpoints."""
    greys = cycle(_BASELINE_CLASSES)
    further = cycle(_OTHER_CLASSES)
    colours: dict[str, str] = {}
    for player in results.players:
        if player.player.is_baseline:
            colours[player.label] = next(greys)
        elif player.label in _OWN_CLASSES:
            colours[player.label] = _OWN_CLASSES[player.label]
        else:
            colours[player.label] = next(further)
    return colours


def act_name(act: str) -> tuple[str, str]:
    """(zone, number) as charts show them: "EmeraldHillZone.Act1" -> ("Emerald Hill", "1"); "" for a zone's only act."""
    zone, _, number = act_title(act).partition(", Act ")
    return zone.removesuffix(" Zone"), number


def full_act_name(act: str) -> str:
    """ "EmeraldHillZone.Act1" -> "Emerald Hill 1"."""
    zone, number = act_name(act)
    return f"{zone} {number}".strip()


def section(anchor: str, heading: str, introduction: str, *body: str) -> str:
    """A card of the page; the introduction is plain text."""
    inside = "\n".join(body)
    return f'<section id="{anchor}"><h2>{escape(heading)}</h2><p>{escape(introduction)}</p>\n{inside}</section>'


def wide(svg: str) -> str:
    """A chart across the page, scrolled sideways on a small screen."""
    # tabindex: what can take the focus can be scrolled with the keyboard.
    return f'<figure class="scroll wide" tabindex="0">{svg}</figure>'


def chip(css: str) -> str:
    """A small square in a series' colour."""
    return f'<span class="chip {css}" aria-hidden="true"></span>'


def legend(items: Sequence[tuple[str, str]]) -> str:
    """Labels with their colours: (label, css) pairs, css possibly with "dashed"."""
    entries = [f'<li class="{css}">{chip(css)}{escape(label)}</li>' for label, css in items]
    return f'<ul class="legend">{"".join(entries)}</ul>'


def html_table(table: Table, decorate: Callable[[str], str] = escape) -> str:
    """A table as HTML; `decorate` turns the text of a heading or a first cell into HTML."""
    headings = [f'<th scope="col">{decorate(column)}</th>' for column in table.columns]
    rows = []
    for name, *cells in table.rows:
        figures = [f"<td>{_figure(cell)}</td>" for cell in cells]
        rows.append(f'<tr><th scope="row">{decorate(name)}</th>{"".join(figures)}</tr>')
    head = f"<thead><tr>{''.join(headings)}</tr></thead>"
    body = f"<tbody>{''.join(rows)}</tbody>"
    return f'<div class="scroll"><table>{head}{body}</table></div>'


def _figure(cell: str) -> str:
    """A cell with its interval set smaller."""
    value, bracket, interval = cell.partition(" [")
    if not bracket:
        return escape(cell)
    return f"{escape(value)} <small>[{escape(interval)}</small>"
