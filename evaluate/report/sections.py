"""The report's sections on what was played: each takes results and gives HTML."""

import base64
import os
from collections.abc import Sequence
from html import escape
from pathlib import Path

from evaluate.report.charts import Bars, Curve, Lane, bar_chart, interval_chart, lane_chart, line_chart
from evaluate.report.html import Colours, act_name, chip, full_act_name, html_table, legend, section, wide
from evaluate.results import ActResult, Results
from evaluate.table import act_table, percent, points, summary_table
from evaluate.videos import FRAMES_A_SECOND, Video
from game.acts import find_act

EMBED_BYTES = 8_000_000
"""Videos are put into the page when all of them together are no larger."""

TRACE_POINTS = 120
"""At most so many points are drawn of an episode's way."""


def summary_section(results: Results, colours: Colours) -> str:
    """The table, and means with intervals as a chart."""

    def decorate(text: str) -> str:
        return (chip(colours[text]) if text in colours else "") + escape(text)

    rows = [(player.label, colours[player.label], player.progress) for player in results.players]
    chart = interval_chart("Mean progress of every player with its interval", rows, whole_percent, 1.0)
    return section(
        "summary",
        "Summary",
        "Progress is the furthest point reached, as a share of the way to the contest's end x. "
        "IQM is the mean of the middle half of all episodes. "
        "In brackets: 95 % intervals of a bootstrap that draws episodes again within each act, so they speak of other "
        "seeds on these acts. Passed: reached the contest's end x. Completed: the game itself called the act done.",
        html_table(summary_table(results), decorate),
        "<h3>Mean progress <small>● mean, ◇ interquartile mean, bars their 95 % intervals</small></h3>",
        wide(chart),
    )


def score_section(results: Results, colours: Colours) -> str:
    """Contest score per act, as bars and as a table."""
    bars = [
        Bars(
            player.label,
            colours[player.label],
            [act.rates.score for act in player.acts],
            [[episode.score for episode in act.episodes] for act in player.acts],
        )
        for player in results.players
    ]
    chart = bar_chart("Contest score per act and player", groups_of(results), bars, points, 9000.0)
    table = html_table(act_table(results))
    return section(
        "scores",
        "Contest score, act by act",
        "9000 for the whole way to the end x, up to 1000 more for getting there early. Bars are means, dots episodes.",
        legend(list(colours.items())),
        wide(chart),
        f"<details><summary>The same as a table</summary>{table}</details>",
    )


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
    values = [episode.progress for episode in result.episodes]
    return Lane(label, colours[label], result.rates.progress, values, sum(e.finished for e in result.episodes))


def trace_section(results: Results, colours: Colours) -> str:
    """Where the players are over time: one small chart an act."""
    figures = []
    for i, act in enumerate(results.acts):
        curves = [
            Curve(player.label, colours[player.label], way, faint=episode is not player.acts[i].best)
            for player in results.players
            for episode in player.acts[i].episodes
            if (way := way_of(episode.trace))
        ]
        name = full_act_name(act)
        chart = line_chart(f"x over time on {name}", curves, "seconds", finish=find_act(act).end_x)
        figures.append(f"<figure><h4>{escape(name)}</h4>{chart}</figure>")
    return section(
        "time",
        "Where they are over time",
        "x in pixels over seconds. Strong lines are each player's best episode, faint ones the others; the dashed line "
        "is the contest's end x. A flat line is a player that is stuck.",
        legend(list(colours.items())),
        f'<div class="many">{"".join(figures)}</div>',
    )


def way_of(trace: Sequence[tuple[int, int]]) -> list[tuple[float, float]]:
    """A trace of (frame, x) as (seconds, x), thinned to about TRACE_POINTS with its last point kept."""
    every = -(-len(trace) // TRACE_POINTS) or 1
    kept = [*trace[:-1:every], *trace[-1:]]
    return [(frame / FRAMES_A_SECOND, float(x)) for frame, x in kept]


def video_section(videos: Sequence[Video], colours: Colours, folder: Path) -> str:
    """The rendered episodes, inside the page when they are small enough, else beside it. Nothing without videos."""
    if not videos:
        return ""
    inside = sum(video.file.stat().st_size for video in videos) <= EMBED_BYTES
    films = []
    for video in videos:
        source = _inline(video.file) if inside else Path(os.path.relpath(video.file, folder)).as_posix()
        films.append(
            f'<figure><video controls muted playsinline preload="metadata" src="{escape(source)}"></video>'
            f"<figcaption>{chip(colours[video.label])}{_caption(video)}</figcaption></figure>"
        )
    return section(
        "videos",
        "Watch it",
        "A player's best episode of an act, replayed from its movie; the end is cut where no new ground is made.",
        f'<div class="films">{"".join(films)}</div>',
    )


def _inline(file: Path) -> str:
    return "data:video/mp4;base64," + base64.b64encode(file.read_bytes()).decode()


def _caption(video: Video) -> str:
    episode = video.episode
    ends = ((episode.finished, "completed"), (episode.passed_end_x, "passed the end"), (episode.died, "died"))
    end = next((words for happened, words in ends if happened), "time ran out")
    seconds = episode.frames / FRAMES_A_SECOND
    name = escape(full_act_name(episode.act))
    figures = f"{points(episode.score)} points, {percent(episode.progress)}, {end} after {seconds:.0f} s"
    cut = (
        f" (the first {video.frames / FRAMES_A_SECOND:.0f} s shown)"
        if episode.frames - video.frames > FRAMES_A_SECOND
        else ""
    )
    return f"<b>{name}</b> · {escape(video.label)}<br>{figures}{cut}"


def groups_of(results: Results) -> list[tuple[str, str]]:
    """The acts as (zone, act) for a bar chart."""
    return [act_name(act) for act in results.acts]


def whole_percent(share: float) -> str:
    """0.413 -> "41 %"."""
    return f"{100 * share:.0f}\u00a0%"
