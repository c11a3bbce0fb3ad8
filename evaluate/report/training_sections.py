"""The report's sections on how the players came about: spin dashes beside the demonstrations, and learning curves."""

import math
from collections import Counter
from collections.abc import Sequence
from html import escape

import numpy as np

from evaluate.report.charts import Curve, bar_chart, line_chart, scatter_chart
from evaluate.report.curves import ChartPlan, PairPlan, Points, Series, Training
from evaluate.report.html import TEACHER_CLASS, Colours, drawings, full_act_name, html_table, legend, section
from evaluate.report.recorded import SpinDashLine
from evaluate.report.rows import Bars, bar_rows
from evaluate.report.sections import groups_of, names_of, whole_percent
from evaluate.report.svg import short
from evaluate.results import Results
from evaluate.table import Table

DEMONSTRATIONS = "demonstrations"
MOST_DOTS = 150
"""In a chart of one metric against another: a training of thousands of updates would leave nothing to be told apart."""


def spin_dash_section(results: Results, colours: Colours, check: Sequence[SpinDashLine]) -> str:
    """Spin dashes per episode, players beside demonstrations; and the clone's check, where its run holds one."""
    series = []
    for player in results.rows:
        means = [act.rates.spin_dashes for act in player.acts]
        series.append(Bars(player.label, colours[player.label], means))
    names = list(colours.items())
    body = []
    if check and results.teacher is None:  # else it is the teacher that they stand beside
        expected = {line.act: line.expected for line in check}
        demonstrated = [expected.get(act) for act in results.acts]  # None on an act that was not demonstrated
        series.insert(0, Bars(DEMONSTRATIONS, TEACHER_CLASS, demonstrated))
        names.insert(0, (DEMONSTRATIONS, TEACHER_CLASS))
    if check:
        body.append(_check_table(check, results.game))
    name = "Spin dashes per episode, by act and player"
    wide = bar_chart(name, groups_of(results), series, short, top=1.0)
    phone = bar_rows(name, names_of(results), series, short, top=1.0)
    introduction = (
        "Counted from the game's memory: charged on the ground, launched at 8 pixels per frame or more. Means over "
        "episodes, beside what one demonstration of the act holds. Random presses make spin dashes too, and a player "
        "that dies early had little room for any: read the counts together with the progress above."
    )
    return section("spindashes", "Spin dashes", introduction, legend(names), drawings(wide, phone), *body)


def _check_table(check: Sequence[SpinDashLine], game: str) -> str:
    columns = ("act", "demonstrations", "clone", "clone's progress", "clone, per whole act", "verdict")
    rows = []
    for line in check:
        cells = ["–"] * 4  # nothing was played where there is nothing to compare with
        verdict = line.verdict
        if line.has_reference:
            rate = f"{line.rate:.1f}{_interval_of(line)}"
            cells = [f"{line.expected:.1f}", f"{line.dashes:.1f}", whole_percent(line.progress), rate]
        elif line.reason:
            verdict += f" ({line.reason})"
        rows.append((full_act_name(line.act, game), *cells, verdict))
    table = html_table(Table("The clone's spin-dash check", columns, tuple(rows)))
    # A table is plain text; only verdicts can be whole cells with these words.
    for verdict in ("pass", "fail"):
        cell = f'<td role="cell" data-name="verdict">{verdict}</td>'
        table = table.replace(cell, cell.replace("<td", f'<td class="{verdict}"'))
    verdicts = Counter(line.verdict for line in check)
    heading = f"The clone's spin-dash check after training: {verdicts['pass']} acts pass, {verdicts['fail']} fail"
    if verdicts["not enough seen"]:
        heading += f", of {verdicts['not enough seen']} not enough was seen"
    return f"<details><summary>{heading}</summary>{table}</details>"


def _interval_of(line: SpinDashLine) -> str:
    """The rate's 95 % interval, where the check has one."""
    if line.high <= line.low:
        return ""
    return f" [{line.low:.1f}, {line.high:.1f}]"


def training_section(trainings: Sequence[Training]) -> str:
    """Learning curves of the runs behind the players; nothing when there are none."""
    if not trainings:
        return ""
    body = []
    for training in trainings:
        plan = training.plan
        figures = [_chart(chart, series, plan.step_name, plan.css) for chart, series in training.charts]
        figures += [_pair_chart(pair, points, plan.css) for pair, points in training.pairs]
        heading = f"<h3>{escape(plan.title)} <small><code>{escape(training.name)}</code></small></h3>"
        body.append(heading)
        if training.machine:
            body.append(f"<p>Trained with {escape(training.machine)}.</p>")
        body.append(f'<div class="many">{"".join(figures)}</div>')
    introduction = (
        "From the training runs' own metrics. Progress when playing comes from fewer episodes than the scores above."
    )
    return section("learning", "How they learnt", introduction, *body)


def _chart(chart: ChartPlan, series: Sequence[Series], step_name: str, css: str) -> str:
    """The first series in the player's colour, the others dashed and grey."""
    curves = []
    # Three series at most: a chart of this size has room for no more.
    for (name, points), colour in zip(series, (css, "n1", "n0"), strict=False):
        curves.append(Curve(name, colour, points, dashed=colour != css))
    if chart.share:
        drawn = line_chart(chart.title, curves, step_name, whole_percent, y_range=(0.0, _top_of(curves)))
    else:
        drawn = line_chart(chart.title, curves, step_name, short)
    names = legend([(curve.label, curve.classes) for curve in curves])
    return f"<figure><h4>{escape(chart.title)}</h4>{drawn}{names}</figure>"


def _pair_chart(pair: PairPlan, points: Points, css: str) -> str:
    """Two metrics against each other, darker as the training goes on, with their correlation over all updates."""
    per_dot = math.ceil(len(points) / MOST_DOTS)
    dots = _means_of_neighbours(points, per_dot)
    groups = []
    names = ("first third", "second third", "last third")
    for part, name, colour in zip(np.array_split(dots, 3), names, ("n0", "n1", css), strict=True):
        if len(part):
            groups.append(Curve(name, colour, [(float(x), float(y)) for x, y in part]))
    drawn = scatter_chart(pair.title, groups, pair.x_name, pair.y_name)
    caption = correlation_in_words(points)
    if per_dot > 1:
        caption += f" A dot is the mean of {per_dot} updates."
    colours = legend([(group.label, group.css) for group in groups])
    heading = f"<h4>{escape(pair.title)}</h4>"
    return f"<figure>{heading}{drawn}{colours}<figcaption>{escape(caption)}</figcaption></figure>"


def _means_of_neighbours(points: Points, count: int) -> np.ndarray:
    """Means of every `count` points in a row, the last of what is left, float64 [ceil(P / count), 2]."""
    values = np.array(points)
    return np.array([values[first : first + count].mean(axis=0) for first in range(0, len(values), count)])


def correlation_in_words(points: Points) -> str:
    """Pearson's correlation of the two metrics over the updates: whether they rise together."""
    values = np.array(points)
    correlation = math.nan
    if len(values) > 2:
        with np.errstate(all="ignore"):  # a metric that never changes has none
            correlation = float(np.corrcoef(values.T)[0, 1])
    if not math.isfinite(correlation):
        return "Too few updates, or no change, for a correlation."
    return f"Correlation over {len(values)} updates: {correlation:.2f}."


def _top_of(curves: Sequence[Curve]) -> float:
    """Where an axis of shares ends: a little above the highest, and not so low that noise fills the chart."""
    highest = 0.05
    for curve in curves:
        for _, share in curve.points:
            highest = max(highest, share)
    return highest * 1.06
