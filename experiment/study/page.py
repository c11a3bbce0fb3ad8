"""A study as a page: one HTML file with everything in it, for any browser, offline, light and dark, on a phone too."""

from base64 import b64encode
from collections.abc import Mapping
from html import escape
from pathlib import Path

from common.files import whole_file
from experiment.study.curves import MOST_ARMS, curves_picture
from experiment.study.definition import Cell, Study
from experiment.study.records import Record
from experiment.study.table import Table, notes, tables

DARK = "(prefers-color-scheme: dark)"
NARROW = "(max-width: 719px)"


def write_page(study: Study, records: Mapping[Cell, Record], path: Path) -> Path:
    """Write a study's page, whole: learning curves, tables, what they rest on, what its arms are."""
    style = Path(__file__).with_name("page.css").read_text()
    sections = [_curves(study, records), *[_section(table) for table in tables(study, records)], _arms(study)]
    body = "\n".join(part for part in sections if part)
    text = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Study {escape(study.name)}</title>
<link rel="icon" href="data:,">
<style>
{style}</style>
</head>
<body>
<header>
<p class="kicker">Study</p>
<h1>{escape(study.name)}</h1>
<p class="lead">{escape(study.about.strip())}</p>
</header>
<main>
{body}
</main>
<footer><p>{escape(notes(study, records).strip())}</p></footer>
</body>
</html>
"""
    with whole_file(path) as beside:
        beside.write_text(text)
    return path


def _curves(study: Study, records: Mapping[Cell, Record]) -> str:
    """The learning curves as four pictures, of which a browser shows the one that fits; "" where there are none."""
    if not any(curve for record in records.values() for curve in record.curves.values()):
        return ""

    def picture(*, dark: bool, narrow: bool) -> str:
        png = curves_picture(study, records, dark=dark, narrow=narrow, clear=True)
        return f"data:image/png;base64,{b64encode(png).decode()}"

    sources = [
        (f"{NARROW} and {DARK}", picture(dark=True, narrow=True)),
        (NARROW, picture(dark=False, narrow=True)),
        (DARK, picture(dark=True, narrow=False)),
    ]
    others = "\n".join(f'<source media="{media}" srcset="{address}">' for media, address in sources)
    alternative = "Mean progress over steps and over minutes of training, one line per arm; the tables have the figures"
    usual = f'<img src="{picture(dark=False, narrow=False)}" alt="{alternative}">'
    note = ""
    if len(study.arms) > MOST_ARMS:
        note = f"<p>Of {len(study.arms)} arms those that end highest, and {escape(study.base)}.</p>"
    return f"<section><h2>Learning curves</h2>\n{note}<picture>\n{others}\n{usual}\n</picture></section>"


def _section(table: Table) -> str:
    """A table in a card; on a phone each row is a block in which every figure has its column's name."""
    headings = "".join(f'<th scope="col" role="columnheader">{escape(column)}</th>' for column in table.columns)
    rows = []
    for first, *figures in table.rows:
        cells = [f'<th scope="row" role="rowheader">{escape(first)}</th>']
        for column, figure in zip(table.columns[1:], figures, strict=True):
            cells.append(f'<td role="cell" data-name="{escape(column)}">{_unbroken(figure) or "–"}</td>')
        rows.append(f'<tr role="row">{"".join(cells)}</tr>')
    # the roles say again what the tags say: laid out as blocks, a table would be none to a screen reader
    head = f'<thead role="rowgroup"><tr role="row">{headings}</tr></thead>'
    body = "\n".join(rows)
    label = escape(table.heading)
    return (
        f"<section><h2>{label}</h2>\n"
        f'<div class="scroll" tabindex="0" role="region" aria-label="{label}">'
        f'<table role="table">{head}\n<tbody role="rowgroup">{body}</tbody></table></div></section>'
    )


def _unbroken(figure: str) -> str:
    """Escaped; no line ends between a number and its percent sign."""
    return escape(figure).replace(" %", "&nbsp;%")


def _arms(study: Study) -> str:
    """What every cell runs, and what each arm adds to it."""
    common = "".join(
        f"<dt>{escape(stage)}</dt><dd><code>{escape(options)}</code></dd>" for stage, options in study.stages.items()
    )
    lines = []
    for arm, options in study.arms.items():
        added = ", ".join(f"{stage} <code>{escape(words)}</code>" for stage, words in options.items())
        lines.append(f"<dt>{escape(arm)}</dt><dd>{added or 'nothing'}</dd>")
    return (
        f"<section><h2>What was run</h2>\n<p>Every cell, stage by stage:</p><dl>{common}</dl>\n"
        f"<details><summary>What each of the {len(study.arms)} arms adds</summary><dl>{''.join(lines)}</dl></details></section>"
    )
