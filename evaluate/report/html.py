"""Pieces of HTML that the report's sections share. Strings are escaped here; `body` arguments are HTML as it stands."""

import re
from collections.abc import Callable, Mapping, Sequence
from html import escape

from evaluate.results import Results
from evaluate.table import Table

Colours = Mapping[str, str]
"""Player's label -> the CSS class that carries its colour, everywhere in the report."""

_CONTROL_CLASSES = ("n0", "n1", "n2")
_OTHER_CLASSES = ("v2", "v3", "v4", "v5")
_OWN_CLASSES = {"clone": "v0", "finetuned": "v1"}


def colours_of(results: Results) -> Colours:
    """Greys for controls, the clone and the fine-tuned player always alike, further colours for further checkpoints."""
    colours: dict[str, str] = {}
    controls = others = 0
    for player in results.players:
        if player.player.is_control:
            colours[player.label] = _CONTROL_CLASSES[controls % len(_CONTROL_CLASSES)]
            controls += 1
        elif player.label in _OWN_CLASSES:
            colours[player.label] = _OWN_CLASSES[player.label]
        else:
            colours[player.label] = _OTHER_CLASSES[others % len(_OTHER_CLASSES)]
            others += 1
    return colours


def act_name(act: str) -> tuple[str, str]:
    """A state's name for people: "EmeraldHillZone.Act1" -> ("Emerald Hill", "1"); "" for a zone's only act."""
    zone, _, number = act.partition(".")
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", zone.removesuffix("Zone"))
    return spaced, number.removeprefix("Act")


def full_act_name(act: str) -> str:
    """ "EmeraldHillZone.Act1" -> "Emerald Hill 1"."""
    return " ".join(act_name(act)).strip()


def section(anchor: str, heading: str, introduction: str, *body: str) -> str:
    """A card of the page; the introduction is plain text."""
    inside = "\n".join(body)
    return f'<section id="{anchor}"><h2>{escape(heading)}</h2><p>{escape(introduction)}</p>\n{inside}</section>'


def wide(svg: str) -> str:
    """A chart across the page, scrolled sideways on a small screen."""
    return f'<figure class="scroll wide" tabindex="0">{svg}</figure>'


def chip(css: str) -> str:
    """A small square in a series' colour."""
    return f'<span class="chip {css}" aria-hidden="true"></span>'


def legend(items: Sequence[tuple[str, str]]) -> str:
    """Labels with their colours: (label, css) pairs, css possibly with "dashed"."""
    entries = (f'<li class="{css}">{chip(css)}{escape(label)}</li>' for label, css in items)
    return f'<ul class="legend">{"".join(entries)}</ul>'


def html_table(table: Table, decorate: Callable[[str], str] = escape) -> str:
    """A table as HTML; `decorate` turns the text of a heading or a first cell into HTML."""
    head = "".join(f'<th scope="col">{decorate(column)}</th>' for column in table.columns)
    rows = []
    for name, *cells in table.rows:
        figures = "".join(f"<td>{_figure(cell)}</td>" for cell in cells)
        rows.append(f'<tr><th scope="row">{decorate(name)}</th>{figures}</tr>')
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'


def _figure(cell: str) -> str:
    """A cell with its interval set smaller."""
    value, bracket, interval = cell.partition(" [")
    return f"{escape(value)} <small>[{escape(interval)}</small>" if bracket else escape(cell)
