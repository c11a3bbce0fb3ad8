"""The report's sections on how the players came about: spin dashes beside the demonstrations, and learning curves."""

import math
from base64 import b64encode
from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from types import MappingProxyType

import numpy as np

from evaluate.report.charts import Curve, bar_chart, line_chart, scatter_chart
from evaluate.report.curves import PairPlan, Points, Series, Training
from evaluate.report.html import TEACHER_CLASS, Colours, drawings, full_act_name, html_table, legend, section
from evaluate.report.recorded import SpinDashLine
from evaluate.report.rows import Bars, bar_rows
from evaluate.report.sections import groups_of, names_of, whole_percent
from evaluate.report.svg import picture, short, tag
from evaluate.results import Results
from evaluate.table import Table, percent
from experiment.charts import Chart

DEMONSTRATIONS = "demonstrations"
GENOME_SIZE = (960, 560)
"""Of a genome's picture on the page."""
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


def training_section(trainings: Sequence[Training], colours: Mapping[str, str] = MappingProxyType({})) -> str:
    """Learning curves of the runs behind the players, each learner with its own metrics; nothing when there are none.

    Args:
        colours: a run's name -> the CSS class of its player; others have their stage's.
    """
    if not trainings:
        return ""
    body = []
    for training in trainings:
        body += _page_of(training, colours.get(training.name, training.plan.css))
    introduction = (
        "From the training runs' own metrics, those that matter to each learner. Progress when playing comes from fewer "
        "episodes than the scores above."
    )
    return section("learning", "How they learnt", introduction, *body)


def _page_of(training: Training, css: str) -> list[str]:
    """A run's heading, what it was, its charts and, of a bred network, its picture."""
    plan = training.plan
    title = plan.title
    if training.learner:
        title += f": {training.learner}"
    parts = [f"<h3>{escape(title)} <small><code>{escape(training.name)}</code></small></h3>"]
    if training.preset:
        parts.append(f"<p>Options: {escape(training.preset)}.</p>")
    if training.machine:
        parts.append(f"<p>Trained with {escape(training.machine)}.</p>")
    if training.evaluations:
        parts.append(f"<p>{escape(best_and_last(training.evaluations, plan.step_name))}</p>")
    figures = [_chart(chart, series, plan.step_name, css) for chart, series in training.charts]
    figures += [_pair_chart(pair, points, css) for pair, points in training.pairs]
    parts.append(f'<div class="many">{"".join(figures)}</div>')
    if training.genome:
        parts.append(_genome_figure(training.genome))
    return parts


def best_and_last(evaluations: Points, step_name: str) -> str:
    """Whether it got worse again: the best evaluation, which is kept, beside the last."""
    best_step, best = max(evaluations, key=lambda point: point[1])
    last_step, last = evaluations[-1]
    return (
        f"Evaluations, over {step_name}: the best {percent(best)} at {short(best_step)}, which is the checkpoint that plays; "
        f"the last {percent(last)} at {short(last_step)}."
    )


def _genome_figure(png: bytes) -> str:
    image = tag(
        "image", width=GENOME_SIZE[0], height=GENOME_SIZE[1], href=f"data:image/png;base64,{b64encode(png).decode()}"
    )
    label = "The fittest genome's network: pixels at the left, hidden nodes, actions at the right"
    caption = (
        "Left what it looks at (below, what changed since the frame before), right its actions; blue connections excite, "
        "red ones inhibit, the thicker the more; a ring is a node that hears itself."
    )
    heading = "<h4>The network that plays</h4>"
    return f'<figure class="across">{heading}{picture(*GENOME_SIZE, label, image)}<figcaption>{caption}</figcaption></figure>'


def _chart(chart: Chart, series: Sequence[Series], step_name: str, css: str) -> str:
    """The first series in the player's colour, the others dashed and grey."""
    curves = []
    for (name, points), colour in zip(series, (css, "n1", "n0"), strict=False):
        curves.append(Curve(name, colour, points, dashed=colour != css))
    if chart.share:
        drawn = line_chart(chart.title, curves, step_name, whole_percent, y_range=(0.0, _top_of(curves)))
    else:
        drawn = line_chart(chart.title, curves, step_name, short)
    names = legend([(curve.label, curve.classes) for curve in curves])
    note = f"<figcaption>{escape(chart.note)}</figcaption>" if chart.note else ""
    return f"<figure><h4>{escape(chart.title)}</h4>{drawn}{names}{note}</figure>"


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
