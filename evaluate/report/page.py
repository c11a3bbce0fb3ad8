"""report.html: one file that opens from a disk without a network. Charts are inline SVG; colours follow light and dark.

The only thing that may lie beside it are videos, when they are too large to be put inside.
"""

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path

from evaluate.players import training_runs
from evaluate.report.curves import read_spin_dash_check, read_training
from evaluate.report.html import Colours, colours_of
from evaluate.report.sections import progress_section, score_section, summary_section, trace_section, video_section
from evaluate.report.training_sections import spin_dash_section, training_section
from evaluate.results import PlayerResult, Results
from evaluate.statistics import Interval
from evaluate.table import percent, points
from evaluate.videos import Video

_LINKS = (
    ("summary", "Summary"),
    ("videos", "Watch it"),
    ("scores", "Scores"),
    ("progress", "How far"),
    ("time", "Over time"),
    ("spindashes", "Spin dashes"),
    ("learning", "Learning"),
)


def write_report(results: Results, videos: Sequence[Video], path: Path) -> None:
    """Write the page; videos are referred to from where it lies."""
    runs = training_runs([player.player for player in results.players])
    colours = colours_of(results)
    sections = [
        summary_section(results, colours),
        video_section(videos, colours, path.parent),
        score_section(results, colours),
        progress_section(results, colours),
        trace_section(results, colours),
        spin_dash_section(results, colours, read_spin_dash_check(runs)),
        training_section(read_training(runs)),
    ]
    path.write_text(page(results, colours, [section for section in sections if section]), encoding="utf-8")


def page(results: Results, colours: Colours, sections: Sequence[str]) -> str:
    """The whole document."""
    style = Path(__file__).with_name("report.css").read_text()
    body = "\n".join(sections)
    links = "".join(f'<a href="#{anchor}">{words}</a>' for anchor, words in _LINKS if f'<section id="{anchor}"' in body)
    heading = f"{results.game.capitalize()}, {len(results.acts)} act{'s' * (len(results.acts) != 1)}"
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Evaluation on {escape(results.game)}</title>
<link rel="icon" href="data:,">
<style>
{style}</style>
</head>
<body>
<header><div>
<p class="kicker">Evaluation</p>
<h1>{escape(heading)}</h1>
<p class="lead">{lead(results)}</p>
{tiles(best_of(results), colours)}
</div></header>
<nav aria-label="Sections"><div>{links}</div></nav>
<main>
{body}
</main>
{footer(results)}
</body>
</html>
"""


def best_of(results: Results) -> PlayerResult:
    """The player with the highest mean progress."""
    return max(results.players, key=lambda player: player.progress.mean)


def lead(results: Results) -> str:
    """The outcome in a sentence or two."""
    best = best_of(results)
    others = sorted((p for p in results.players if p is not best), key=lambda player: -player.progress.mean)
    words = (
        f"<b>{escape(best.label)}</b> gets through <b>{percent(best.progress.mean)}</b> of an act on average and "
        f"completes {percent(best.rates.completion_rate)} of its episodes."
    )
    if others:
        compared = ", ".join(f"{escape(player.label)} {percent(player.progress.mean)}" for player in others)
        words += f" For comparison: {compared}."
    return words


def tiles(player: PlayerResult, colours: Colours) -> str:
    """The best player's figures, large."""
    figures = (
        ("mean progress", percent(player.progress.mean), _range(player.progress.mean_interval, 100, "\u00a0%", 1)),
        ("contest score", points(player.score.mean), _range(player.score.mean_interval, 1, "", 0)),
        (
            "episodes completed",
            percent(player.rates.completion_rate),
            f"{percent(player.rates.passed_rate)} passed end x",
        ),
        ("spin dashes", f"{player.rates.spin_dashes:.1f}", "an episode"),
    )
    css = colours[player.label]
    inside = "".join(
        f'<div class="tile {css}"><dt>{name}</dt><dd>{value}<small>{note}</small></dd></div>'
        for name, value, note in figures
    )
    return f'<dl class="tiles" aria-label="{escape(player.label)}">{inside}</dl>'


def _range(interval: Interval | None, factor: float, unit: str, digits: int) -> str:
    if interval is None:
        return "one episode an act: no interval"
    return f"95 %: {factor * interval.low:.{digits}f} to {factor * interval.high:.{digits}f}{unit}"


def footer(results: Results) -> str:
    """Conditions, players and machine: what is needed to compute the numbers again."""
    c, machine = results.config, results.machine
    seeds = [episode.seed for episode in results.players[0].acts[0].episodes]
    facts = {
        "Conditions": f"{c['episodes']} episodes an act (seeds {seeds[0]} to {seeds[-1]}), {c['frame_skip']} frames "
        f"a step, stick probability {c['stick_probability']}, at most {c['max_frames']} frames, "
        f"temperature {c['temperature']}",
        **{f"Player {p.label}": f"{p.player.source} {p.player.sha256[:12]}".strip() for p in results.players},
        "Machine": f"{machine['processor']}, {machine['cores']} cores, {machine['system']}, Python {machine['python']}",
        "Packages": ", ".join(f"{name} {number}" for name, number in machine["packages"].items()),
        "Configuration": json.dumps(dict(c)),
    }
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(str(value))}</dd>" for name, value in facts.items())
    words = "Every number here is in results.json, every episode in episodes.jsonl and, as a movie, under movies/."
    return f"<footer><p>{words}</p><dl>{rows}</dl></footer>"
