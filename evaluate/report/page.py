"""report.html: one file that opens from a disk without a network. Charts are inline SVG; colours follow light and dark.

The only thing that may lie beside it are videos, when they are too large to be put inside.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path
from types import MappingProxyType

from common.files import whole_file
from common.words import counted
from evaluate.maps import ActMap
from evaluate.players import training_runs
from evaluate.report.act_maps import map_section
from evaluate.report.curves import read_training
from evaluate.report.films import video_section
from evaluate.report.grounds import ZERO_SHOT, what_it_rests_on
from evaluate.report.html import Colours, colours_of, document
from evaluate.report.recorded import read_spin_dash_check
from evaluate.report.sections import progress_section, score_section, summary_section, trace_section
from evaluate.report.style_section import style_section
from evaluate.report.training_sections import spin_dash_section, training_section
from evaluate.results import PlayerResult, Results, note_on_seeds, verdict_on_teacher
from evaluate.style import Likeness, Style, read_likeness
from evaluate.table import percent, points
from evaluate.videos import Video
from experiment.run import Run, portable
from experiment.statistics import Interval

_LINKS = (
    ("summary", "Summary"),
    ("videos", "Watch it"),
    ("maps", "Where it ends"),
    ("style", "How like you"),
    ("scores", "Scores"),
    ("progress", "How far"),
    ("time", "Over time"),
    ("spindashes", "Spin dashes"),
    ("learning", "Learning"),
)


def write_report(
    results: Results,
    videos: Sequence[Video],
    path: Path,
    maps: Mapping[str, ActMap] = MappingProxyType({}),
    style: Style | None = None,
) -> None:
    """Write the page; videos are referred to from where it lies. What cannot be read is left out, printed, and said there.

    Args:
        maps: act -> its map (evaluate.maps); acts without one are left out of their section.
        style: the person's takes beside the players' episodes (evaluate.style), where there are any.
    """
    left_out: list[str] = []
    runs = training_runs([player.player for player in results.players])
    colours = colours_of(results)
    sections = [
        summary_section(results, colours),
        video_section(videos, colours, path.parent, results.game),
        map_section(results, maps, colours),
        style_section(style, _likeness(runs, left_out), maps, colours, results.game),
        score_section(results, colours),
        progress_section(results, colours),
        trace_section(results, colours),
        spin_dash_section(results, colours, read_spin_dash_check(runs, left_out.append)),
        training_section(read_training(runs, left_out.append), _colours_of_runs(results, colours)),
    ]
    grounds = what_it_rests_on(results, runs, left_out.append)
    for words in left_out:
        print(f"report: {words}")
    drawn = [section for section in sections if section]
    with whole_file(path) as beside:
        # Names of files may hold bytes that are no characters.
        beside.write_text(page(results, colours, drawn, left_out, grounds), encoding="utf-8", errors="replace")


def _likeness(runs: Sequence[Run], left_out: list[str]) -> Likeness | None:
    """What cloning has found of how like the person its clone plays; a damaged file is left out and named."""
    try:
        return read_likeness(runs)
    except (OSError, ValueError) as error:
        left_out.append(f"left out how like you the clone plays: {error}")
        return None


def _colours_of_runs(results: Results, colours: Colours) -> dict[str, str]:
    """A run's name -> the colour of the player it made."""
    found = {}
    for player in results.players:
        for run in training_runs([replace(player.player, parent="")]):
            found[portable(run.path)] = colours[player.label]
    return found


def page(
    results: Results,
    colours: Colours,
    sections: Sequence[str],
    left_out: Sequence[str] = (),
    grounds: Sequence[str] = (),
) -> str:
    """The whole document; `grounds` are sentences on what the figures rest on."""
    body = "\n".join(sections)
    links = []
    for anchor, words in _LINKS:
        if f'<section id="{anchor}"' in body:
            links.append(f'<a href="#{anchor}">{words}</a>')
    heading = f"{results.game.capitalize()}, {counted(len(results.acts), 'acts')}"
    if any(words.startswith(ZERO_SHOT) for words in grounds):
        heading += " nobody trained on"
    rests = "".join(f"<li>{escape(words)}</li>" for words in grounds)
    head = f"""<p class="kicker">Evaluation</p>
<h1>{escape(heading)}</h1>
<p class="lead">{lead(results)}</p>
{tiles(best_of(results), colours)}
<ul class="grounds">{rests}</ul>"""
    below = f"""<nav aria-label="Sections"><div>{"".join(links)}</div></nav>
<main>
{body}
</main>
{footer(results, left_out)}"""
    return document(f"Evaluation on {results.game}", head, below)


def best_of(results: Results) -> PlayerResult:
    """The player with the highest mean progress."""
    return max(results.players, key=lambda player: player.progress.mean)


def lead(results: Results) -> str:
    """The outcome in a sentence or two."""
    best = best_of(results)
    others = [player for player in results.players if player is not best]
    others.sort(key=lambda player: -player.progress.mean)
    words = (
        f"<b>{escape(best.label)}</b> gets through <b>{percent(best.progress.mean)}</b> of an act on average and "
        f"completes {percent(best.rates.completion_rate)} of its episodes."
    )
    if others:
        compared = [f"{escape(player.label)} {percent(player.progress.mean)}" for player in others]
        words += f" For comparison: {', '.join(compared)}."
    against = results.scores_against_teacher.get(best.label)
    if against is not None:
        words += f" <b>{escape(verdict_on_teacher(best.label, against))}.</b>"
    for note in results.notes_on_players:
        words += f" <b>{escape(note)}.</b>"
    return words


def tiles(player: PlayerResult, colours: Colours) -> str:
    """The best player's figures, large."""
    progress = player.progress
    score = player.score
    rates = player.rates
    progress_range = _range(progress.mean_interval, factor=100, unit="\u00a0%", digits=1)
    score_range = _range(score.mean_interval, factor=1, unit="", digits=0)
    figures = (
        ("mean progress", percent(progress.mean), progress_range),
        ("contest score", points(score.mean), score_range),
        ("episodes completed", percent(rates.completion_rate), f"{percent(rates.passed_rate)} passed end x"),
        ("spin dashes", f"{rates.spin_dashes:.1f}", "per episode"),
    )
    css = colours[player.label]
    inside = []
    for name, value, note in figures:
        inside.append(f'<div class="tile {css}"><dt>{name}</dt><dd>{value}<small>{note}</small></dd></div>')
    return f'<dl class="tiles" aria-label="{escape(player.label)}">{"".join(inside)}</dl>'


def _range(interval: Interval | None, factor: float, unit: str, digits: int) -> str:
    if interval is None:
        return "one episode per act: no interval"
    low = f"{factor * interval.low:.{digits}f}"
    high = f"{factor * interval.high:.{digits}f}"
    return f"95 %: {low} to {high}{unit}"


def footer(results: Results, left_out: Sequence[str] = ()) -> str:
    """Conditions, players and machine: what is needed to compute the numbers again; and what could not be read."""
    machine = results.machine
    packages = [f"{name} {version}" for name, version in machine["packages"].items()]
    facts = {"Conditions": _conditions(results), "Episodes": note_on_seeds(results.seeds)}
    if results.build:
        facts["Game"] = f"{results.game}, {results.build}"
    for player in results.rows:
        spec = player.player
        facts[f"Player {spec.label}"] = f"{spec.source} {spec.sha256[:12]}".strip()
    facts["Machine"] = (
        f"{machine['processor']}, {machine['cores']} cores, {machine['system']}, Python {machine['python']}"
    )
    facts["Packages"] = ", ".join(packages)
    facts["Configuration"] = json.dumps(dict(results.config))
    for number, words in enumerate(left_out, 1):
        facts[f"Damaged {number}"] = words
    rows = [f"<dt>{escape(name)}</dt><dd>{escape(fact)}</dd>" for name, fact in facts.items()]
    words = "Every number here is in results.json, every episode in episodes.jsonl and, as a movie, under movies/."
    return f"<footer><p>{words}</p><dl>{''.join(rows)}</dl></footer>"


def _conditions(results: Results) -> str:
    config = results.config
    return (
        f"{counted(config['episodes'], 'episodes')} per act, "
        f"{config['frame_skip']} frames per step, stick probability {config['stick_probability']}, "
        f"at most {config['max_frames']} frames, temperature {config['temperature']}"
    )
