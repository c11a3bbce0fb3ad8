"""The report's sections on what was played: each takes results and returns HTML."""

import base64
import math
import os
from collections.abc import Sequence
from html import escape
from pathlib import Path

from evaluate.report.charts import Bars, Curve, Lane, Row, bar_chart, interval_chart, lane_chart, line_chart
from evaluate.report.html import Colours, act_name, chip, full_act_name, html_table, legend, section, wide
from evaluate.results import ActResult, Results
from evaluate.table import act_table, percent, points, summary_table
from evaluate.videos import FRAMES_PER_SECOND, Video
from game.acts import find_act
from game.rollout import Episode

EMBED_BYTES = 8_000_000
"""Videos are put into the page when all of them together are no larger, so that it can be sent as one file."""

TRACE_POINTS = 120
"""About how many points of an episode's way are drawn at most."""


def summary_section(results: Results, colours: Colours) -> str:
    """The table, and means with intervals as a chart."""

    def decorate(text: str) -> str:
        if text not in colours:
            return escape(text)
        return chip(colours[text]) + escape(text)

    rows = [Row(player.label, colours[player.label], player.progress) for player in results.players]
    chart = interval_chart("Mean progress of every player with its interval", rows, whole_percent, top=1.0)
    introduction = (
        "Progress is the furthest point reached, as a share of the way to the contest's end x. "
        "IQM is the mean of the middle half of all episodes. "
        "In brackets: 95 % intervals of a bootstrap that draws episodes again within each act, widened for how few there "
        "are, so they speak of other seeds on these acts. Passed: reached the contest's end x. Completed: the game itself "
        "called the act done."
    )
    body = (
        html_table(summary_table(results), decorate),
        "<h3>Mean progress <small>● mean, ◇ interquartile mean, bars their 95 % intervals</small></h3>",
        wide(chart),
    )
    return section("summary", "Summary", introduction, *body)


def score_section(results: Results, colours: Colours) -> str:
    """Contest score per act, as bars and as a table."""
    series = []
    for player in results.players:
        means = [act.rates.score for act in player.acts]
        scores = [act.scores for act in player.acts]
        series.append(Bars(player.label, colours[player.label], means, scores))
    chart = bar_chart("Contest score per act and player", groups_of(results), series, points, top=9000.0)
    table = html_table(act_table(results))
    introduction = (
        "9000 for the whole way to the end x, up to 1000 more for getting there early. Bars are means, dots episodes."
    )
    body = (
        legend(list(colours.items())),
        wide(chart),
        f"<details><summary>The same as a table</summary>{table}</details>",
    )
    return section("scores", "Contest score, act by act", introduction, *body)


def progress_section(results: Results, colours: Colours) -> str:
    """How far every player gets on every act."""
    acts = []
    for i, act in enumerate(results.acts):
        lanes = [lane_of(player.acts[i], player.label, colours) for player in results.players]
        acts.append((full_act_name(act), lanes))
    return section(
        "progress",
        "How far they get",
        "Each act as a track. The dot is the mean, ticks are single episodes, and a flag counts completed episodes.",
        legend(list(colours.items())),
        wide(lane_chart("Progress per act and player", acts)),
    )


def lane_of(result: ActResult, label: str, colours: Colours) -> Lane:
    """One player's lane in an act's track."""
    return Lane(
        label=label,
        css=colours[label],
        mean=result.rates.progress,
        values=result.progresses,
        completed=result.completed,
    )


def trace_section(results: Results, colours: Colours) -> str:
    """Where the players are over time: one small chart per act."""
    figures = []
    for i, act in enumerate(results.acts):
        curves = []
        for player in results.players:
            curves += _ways(player.acts[i], player.label, colours)
        name = full_act_name(act)
        chart = line_chart(f"x over time on {name}", curves, x_name="seconds", finish=find_act(act).end_x)
        figures.append(f"<figure><h4>{escape(name)}</h4>{chart}</figure>")
    return section(
        "time",
        "Where they are over time",
        "x in pixels over seconds. Strong lines are each player's best episode, faint ones the others; the dashed line "
        "is the contest's end x. A flat line is a player that is stuck.",
        legend(list(colours.items())),
        f'<div class="many">{"".join(figures)}</div>',
    )


def _ways(result: ActResult, label: str, colours: Colours) -> list[Curve]:
    """One player's episodes on an act, all but the best one faint."""
    curves = []
    for episode in result.episodes:
        way = way_of(episode.trace)
        if way:
            curves.append(Curve(label, colours[label], way, faint=episode is not result.best))
    return curves


def way_of(trace: Sequence[tuple[int, int]]) -> list[tuple[float, float]]:
    """A trace of (frame, x) as (seconds, x), thinned to about TRACE_POINTS with its last point kept."""
    stride = max(1, math.ceil(len(trace) / TRACE_POINTS))
    kept = [*trace[:-1:stride], *trace[-1:]]
    return [(frame / FRAMES_PER_SECOND, float(x)) for frame, x in kept]


def video_section(videos: Sequence[Video], colours: Colours, folder: Path) -> str:
    """The rendered episodes, inside the page when they are small enough, else beside it. Nothing without videos."""
    if not videos:
        return ""
    total_bytes = sum(video.file.stat().st_size for video in videos)
    inside = total_bytes <= EMBED_BYTES
    films = []
    for video in videos:
        source = escape(_inline(video.file) if inside else _address(video.file, folder))
        film = f'<video controls muted playsinline preload="metadata" src="{source}"></video>'
        caption = f"<figcaption>{chip(colours[video.label])}{_caption(video)}</figcaption>"
        films.append(f"<figure>{film}{caption}</figure>")
    return section(
        "videos",
        "Watch it",
        "A player's best episode of an act, replayed from its movie; the end is cut where no new ground is made.",
        f'<div class="films">{"".join(films)}</div>',
    )


def _inline(file: Path) -> str:
    encoded = base64.b64encode(file.read_bytes()).decode()
    return f"data:video/mp4;base64,{encoded}"


def _address(file: Path, folder: Path) -> str:
    """A file as a page in the folder refers to it."""
    return Path(os.path.relpath(file, folder)).as_posix()


def _caption(video: Video) -> str:
    episode = video.episode
    name = escape(full_act_name(episode.act))
    seconds = episode.frames / FRAMES_PER_SECOND
    shown_seconds = video.frames / FRAMES_PER_SECOND
    ending = f"{_ending(episode)} after {seconds:.0f} s"
    if episode.frames - video.frames > FRAMES_PER_SECOND:  # less is not worth a word
        ending += f" (the first {shown_seconds:.0f} s shown)"
    figures = f"{points(episode.score)} points, {percent(episode.progress)}, {ending}"
    return f"<b>{name}</b> · {escape(video.label)}<br>{figures}"


def _ending(episode: Episode) -> str:
    if episode.finished:
        return "completed"
    if episode.passed_end_x:
        return "passed the end"
    if episode.died:
        return "died"
    return "time ran out"


def groups_of(results: Results) -> list[tuple[str, str]]:
    """The acts as (zone, act) for a bar chart."""
    return [act_name(act) for act in results.acts]


def whole_percent(share: float) -> str:
    """0.413 -> "41 %"."""
    return f"{100 * share:.0f}\u00a0%"
