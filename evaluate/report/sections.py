"""The report's sections on what was played: each takes results and returns HTML."""

import math
from collections.abc import Sequence
from html import escape

from evaluate.report.charts import Curve, bar_chart, line_chart
from evaluate.report.html import Colours, act_name, chip, drawings, full_act_name, html_table, legend, section
from evaluate.report.rows import Bars, Lane, Row, bar_rows, interval_chart, lane_chart
from evaluate.report.shape import PHONE, WIDE
from evaluate.results import ActResult, Results
from evaluate.table import act_table, points, summary_table
from game.acts import find_act
from game.rules import FRAMES_PER_SECOND

TRACE_POINTS = 120
"""About how many points of an episode's way are drawn at most."""


def summary_section(results: Results, colours: Colours) -> str:
    """Means with intervals as a chart, and the table."""

    def decorate(text: str) -> str:
        if text not in colours:
            return escape(text)
        return chip(colours[text]) + escape(text)

    rows = [Row(player.label, colours[player.label], player.progress) for player in results.rows]
    name = "Mean progress of every player with its interval"
    charts = [interval_chart(name, rows, whole_percent, top=1.0, shape=shape) for shape in (WIDE, PHONE)]
    explanation = (
        "Progress is the furthest point reached, as a share of the way to the contest's end x. "
        "IQM is the mean of the middle half of all episodes. "
        "In brackets: 95 % intervals of a bootstrap that draws episodes again within each act, widened for how few there "
        "are, so they speak of other seeds on these acts. Passed: reached the contest's end x. Completed: the game itself "
        "called the act done."
    )
    body = (
        drawings(*charts),
        html_table(summary_table(results), decorate),
        against_teacher(results),
        f"<p>{escape(explanation)}</p>",
    )
    introduction = "Of the way to the contest's end x. ● mean, ◇ interquartile mean, bars their 95 % intervals."
    return section("summary", "Mean progress", introduction, *body)


def against_teacher(results: Results) -> str:
    """Whether the trained players are better than their teacher, as a list; who the teacher is, or why there is none."""
    verdicts = "".join(f"<li>{escape(words)}</li>" for words in results.against_teacher)
    listed = f'<ul class="verdicts">{verdicts}</ul>' if verdicts else ""
    about = results.about_teacher
    return listed + (f"<p>{escape(about[:1].upper() + about[1:])}.</p>" if about else "")


def score_section(results: Results, colours: Colours) -> str:
    """Contest score per act, as bars and as a table."""
    series = []
    for player in results.rows:
        means = [act.rates.score for act in player.acts]
        scores = [act.scores for act in player.acts]
        series.append(Bars(player.label, colours[player.label], means, scores))
    name = "Contest score per act and player"
    wide = bar_chart(name, groups_of(results), series, points, top=9000.0)
    phone = bar_rows(name, names_of(results), series, points, top=9000.0)
    table = html_table(act_table(results))
    introduction = (
        "9000 for the whole way to the end x, up to 1000 more for getting there early. Bars are means, dots (on a wide "
        "screen) episodes."
    )
    body = (
        legend(list(colours.items())),
        drawings(wide, phone),
        f"<details><summary>The same as a table</summary>{table}</details>",
    )
    return section("scores", "Contest score, act by act", introduction, *body)


def progress_section(results: Results, colours: Colours) -> str:
    """How far every player gets on every act."""
    acts = []
    for i, act in enumerate(results.acts):
        lanes = [lane_of(player.acts[i], player.label, colours) for player in results.rows]
        acts.append((full_act_name(act, results.game), lanes))
    charts = [lane_chart("Progress per act and player", acts, shape) for shape in (WIDE, PHONE)]
    return section(
        "progress",
        "How far they get",
        "Each act as a track. The dot is the mean, ticks are single episodes, and a flag counts completed episodes.",
        legend(list(colours.items())),
        drawings(*charts),
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
        for player in results.rows:
            curves += _ways(player.acts[i], player.label, colours)
        name = full_act_name(act, results.game)
        chart = line_chart(f"x over time on {name}", curves, x_name="seconds", finish=find_act(act).end_x)
        figures.append(f"<figure><h3>{escape(name)}</h3>{chart}</figure>")
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


def groups_of(results: Results) -> list[tuple[str, str]]:
    """The acts as (zone, act) for a bar chart."""
    return [act_name(act, results.game) for act in results.acts]


def names_of(results: Results) -> list[str]:
    """The acts' names for charts of rows."""
    return [full_act_name(act, results.game) for act in results.acts]


def whole_percent(share: float) -> str:
    """0.413 -> "41 %"."""
    return f"{100 * share:.0f}\u00a0%"
