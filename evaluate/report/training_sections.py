"""The report's sections on how the players came about: spin dashes beside the demonstrations, and learning curves."""

from collections.abc import Sequence
from html import escape
from typing import Any

from evaluate.report.charts import Bars, Curve, bar_chart, line_chart
from evaluate.report.curves import ChartPlan, Series, Training
from evaluate.report.html import Colours, full_act_name, html_table, legend, section, wide
from evaluate.report.sections import groups_of, whole_percent
from evaluate.report.svg import short
from evaluate.results import Results
from evaluate.table import Table

DEMONSTRATIONS = "demonstrations"


def spin_dash_section(results: Results, colours: Colours, check: Sequence[dict[str, Any]]) -> str:
    """Spin dashes an episode, players beside demonstrations; and the clone's check, where its run holds one."""
    series = [
        Bars(player.label, colours[player.label], [act.rates.spin_dashes for act in player.acts])
        for player in results.players
    ]
    names = list(colours.items())
    body = []
    if check:
        expected = {line["act"]: line["expected"] for line in check}
        series.insert(0, Bars(DEMONSTRATIONS, "demo", [expected.get(act) for act in results.acts]))
        names.insert(0, (DEMONSTRATIONS, "demo"))
        body.append(_check_table(check))
    chart = bar_chart("Spin dashes an episode, per act and player", groups_of(results), series, short, 1.0)
    return section(
        "spindashes",
        "Spin dashes",
        "Counted from the game's memory: charged on the ground, launched at 8 pixels a frame or more. Means over "
        "episodes, beside what one demonstration of the act holds. Random presses make spin dashes too, and a player "
        "that dies early had little room for any: read the counts together with the progress above.",
        legend(names),
        wide(chart),
        *body,
    )


def _check_table(check: Sequence[dict[str, Any]]) -> str:
    columns = ("act", "demonstrations", "clone", "clone's progress", "clone, per whole act", "verdict")
    rows = tuple(
        (
            full_act_name(line["act"]),
            f"{line['expected']:.1f}",
            f"{line['dashes']:.1f}",
            whole_percent(line["progress"]),
            f"{line['rate']:.1f}",
            line["verdict"],
        )
        for line in check
    )
    table = html_table(Table("", columns, rows))
    for verdict in ("pass", "fail"):
        table = table.replace(f"<td>{verdict}</td>", f'<td class="{verdict}">{verdict}</td>')
    passed = sum(line["verdict"] == "pass" for line in check)
    failed = sum(line["verdict"] == "fail" for line in check)
    heading = f"The clone's spin-dash check after training: {passed} acts pass, {failed} fail"
    return f"<details><summary>{heading}</summary>{table}</details>"


def training_section(trainings: Sequence[Training]) -> str:
    """Learning curves of the runs behind the players; nothing when there are none."""
    if not trainings:
        return ""
    body = []
    for training in trainings:
        plan = training.plan
        figures = "".join(_chart(chart, series, plan.step_name, plan.css) for chart, series in training.charts)
        heading = f"<h3>{escape(plan.title)} <small><code>{escape(training.name)}</code></small></h3>"
        body.append(f'{heading}<div class="many">{figures}</div>')
    words = (
        "From the training runs' own metrics. Progress when playing comes from fewer episodes than the scores above."
    )
    return section("learning", "How they learnt", words, *body)


def _chart(chart: ChartPlan, series: Sequence[Series], step_name: str, css: str) -> str:
    """The first series in the player's colour, the others dashed and grey."""
    looks = [(css, False), ("n1", True), ("n0", True)]
    curves = [
        Curve(name, look, points, dashed=dashed) for (name, points), (look, dashed) in zip(series, looks, strict=False)
    ]
    y_range = (0.0, max(0.05, *(y for curve in curves for _, y in curve.points)) * 1.06) if chart.share else None
    form = whole_percent if chart.share else short
    drawn = line_chart(chart.title, curves, step_name, form, y_range=y_range)
    names = legend([(curve.label, f"{curve.css}{' dashed' * curve.dashed}") for curve in curves])
    return f"<figure><h4>{escape(chart.title)}</h4>{drawn}{names}</figure>"
