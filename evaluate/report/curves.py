"""What the training runs behind the players recorded, ready to draw: learning curves, and what they ran on."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evaluate.report.recorded import Say, read_curves, read_machine
from experiment.run import Run, portable

Points = tuple[tuple[float, float], ...]
Series = tuple[str, Points]
"""A name and its (step, value) pairs."""


@dataclass(frozen=True)
class ChartPlan:
    """One chart of a training run: its title, each metric's tag with its name, and whether values are shares (0 to 1)."""

    title: str
    names: Mapping[str, str]
    share: bool = False


@dataclass(frozen=True)
class PairPlan:
    """A chart of one metric against another, one dot per update: their tags, and their names on the axes."""

    title: str
    x_tag: str
    x_name: str
    y_tag: str
    y_name: str


@dataclass(frozen=True)
class StagePlan:
    """How a stage's runs are shown."""

    title: str
    step_name: str
    css: str
    charts: tuple[ChartPlan, ...]
    pairs: tuple[PairPlan, ...] = ()


_CLONING = StagePlan(
    title="Cloning",
    step_name="epochs",
    css="v0",
    charts=(
        ChartPlan("Progress when playing", {"eval/progress": "mean progress"}, share=True),
        ChartPlan("Cross-entropy, nats", {"loss/validation": "validation", "loss/train": "training, weighted"}),
        ChartPlan(
            "Accuracy",
            {
                "episode/change_accuracy": "where the combo changes",
                "episode/accuracy": "all windows",
                "episode/repeat_last": "repeating the last combo",
            },
            share=True,
        ),
    ),
)
_FINE_TUNING = StagePlan(
    title="Fine-tuning",
    step_name="agent steps",
    css="v1",
    charts=(
        ChartPlan(
            "Progress when playing",
            {"eval/progress": "evaluation", "episode/progress": "while training"},
            share=True,
        ),
        ChartPlan("Value loss", {"loss/value": "half squared error"}),
        ChartPlan("Policy, nats", {"loss/kl": "KL from the clone", "loss/entropy": "entropy"}),
    ),
    pairs=(
        PairPlan(
            title="Training return against contest score",
            x_tag="episode/score",
            x_name="contest score of an update's episodes",
            y_tag="episode/return",
            y_name="return",
        ),
    ),
)
PLANS = {"supervised": _CLONING, "finetune": _FINE_TUNING}
"""Stage, as the folder below runs/ is called -> what its metrics are drawn as."""


LARGEST = 1e12
"""Values beyond are not drawn: a loss that has diverged would leave nothing else to be seen, and axes end somewhere."""


@dataclass(frozen=True)
class Training:
    """A run's metrics, ready to draw.

    Attributes:
        charts: for each chart of the plan that has any points, its named series.
        machine: precision, device and the like, in the run's own words; "" for a run that recorded none.
        pairs: for each pair of the plan that has any points, its (x, y) per update, in order of the updates.
    """

    name: str
    plan: StagePlan
    charts: tuple[tuple[ChartPlan, tuple[Series, ...]], ...]
    machine: str = ""
    pairs: tuple[tuple[PairPlan, Points], ...] = ()


def read_training(runs: Sequence[Run], say: Say) -> list[Training]:
    """The learning curves of runs whose stage is known and that wrote metrics; `say` is told what had to be left out."""
    trainings = []
    for run in runs:
        stage = run.path.resolve().parent.name
        if stage not in PLANS:
            continue
        plan = PLANS[stage]
        tags = [tag for chart in plan.charts for tag in chart.names]
        for pair in plan.pairs:
            tags += [pair.x_tag, pair.y_tag]
        curves = read_curves(run, tags, say)
        charts = []
        for chart in plan.charts:
            series = _series(chart, curves)
            if series:
                charts.append((chart, series))
        if charts:
            machine = ", ".join(f"{name} {value}" for name, value in read_machine(run, say).items())
            pairs = [(pair, _pairs(pair, curves)) for pair in plan.pairs]
            drawn = tuple((pair, points) for pair, points in pairs if points)
            trainings.append(Training(portable(run.path), plan, tuple(charts), machine, drawn))
    return trainings


def _pairs(pair: PairPlan, curves: Mapping[str, Sequence[tuple[float, float]]]) -> Points:
    """The two metrics' values of the updates that have both."""
    found = []
    y_of_step = dict(curves.get(pair.y_tag, ()))
    for step, x in curves.get(pair.x_tag, ()):
        if step in y_of_step and _can_be_drawn(step, x) and _can_be_drawn(step, y_of_step[step]):
            found.append((x, y_of_step[step]))
    return tuple(found)


def _series(chart: ChartPlan, curves: Mapping[str, Sequence[tuple[float, float]]]) -> tuple[Series, ...]:
    """The chart's metrics that have points at all."""
    found = []
    for tag, name in chart.names.items():
        points = [(step, value) for step, value in curves.get(tag, ()) if _can_be_drawn(step, value)]
        if points:
            found.append((name, tuple(points)))
    return tuple(found)


def _can_be_drawn(step: float, value: float) -> bool:
    return 0 <= step <= LARGEST and math.isfinite(value) and abs(value) <= LARGEST
