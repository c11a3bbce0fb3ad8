"""What the training runs behind the players recorded, ready to draw: learning curves, and what they ran on.

Which metrics a learner shows stands beside the learner; its run carries it here (experiment.charts).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evaluate.report.genomes import genome_picture
from evaluate.report.recorded import Say, read_curves, read_noted
from experiment.charts import PLAYING, Chart, read_charts
from experiment.metrics import PROGRESS
from experiment.run import Run, portable

Points = tuple[tuple[float, float], ...]
Series = tuple[str, Points]
"""A name and its (step, value) pairs."""


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
    """How a stage's runs are shown.

    Attributes:
        charts: of a run that does not say which of its metrics it shows.
    """

    title: str
    step_name: str
    css: str
    charts: tuple[Chart, ...]
    pairs: tuple[PairPlan, ...] = ()


_CLONING = StagePlan(
    title="Cloning",
    step_name="epochs",
    css="v0",
    charts=(
        Chart("Progress when playing", {PROGRESS: "mean progress"}, share=True),
        Chart("Cross-entropy, nats", {"loss/validation": "validation", "loss/train": "training, weighted"}),
        Chart(
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
        PLAYING,
        Chart("Value loss", {"loss/value": "half squared error"}),
        Chart("Policy, nats", {"loss/kl": "KL from the clone", "loss/entropy": "entropy"}),
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
        charts: for each chart of the learner that has any points, its named series.
        machine: precision, device and the like, in the run's own words; "" for a run that recorded none.
        pairs: for each pair of the plan that has any points, its (x, y) per update, in order of the updates.
        learner: its name, "" where the stage has only one.
        preset: its options in words, "" when it did not say.
        evaluations: (step, mean progress) of each.
        genome: a picture of its best network, as a PNG; empty where it breeds none.
    """

    name: str
    plan: StagePlan
    charts: tuple[tuple[Chart, tuple[Series, ...]], ...]
    machine: str = ""
    pairs: tuple[tuple[PairPlan, Points], ...] = ()
    learner: str = ""
    preset: str = ""
    evaluations: Points = ()
    genome: bytes = b""


def read_training(runs: Sequence[Run], say: Say) -> list[Training]:
    """The learning curves of runs whose stage is known and that wrote metrics; `say` is told what had to be left out."""
    trainings = []
    for run in runs:
        stage = run.path.resolve().parent.name
        if stage in PLANS:
            training = _training(run, PLANS[stage], say)
            if training.charts:
                trainings.append(training)
    return trainings


def _training(run: Run, plan: StagePlan, say: Say) -> Training:
    """One run; without charts where it has no metrics to draw."""
    wanted = _charts_of(run, plan, say)
    tags = [PROGRESS, *[tag for chart in wanted for tag in chart.names]]
    for pair in plan.pairs:
        tags += [pair.x_tag, pair.y_tag]
    curves = read_curves(run, list(dict.fromkeys(tags)), say)
    charts = [(chart, _series(chart, curves)) for chart in wanted]
    drawn = tuple((chart, series) for chart, series in charts if series)
    if not drawn:
        return Training(portable(run.path), plan, ())
    pairs = [(pair, _pairs(pair, curves)) for pair in plan.pairs]
    noted = read_noted(run, say)
    return Training(
        name=portable(run.path),
        plan=plan,
        charts=drawn,
        machine=", ".join(f"{name} {value}" for name, value in noted.machine.items()),
        pairs=tuple((pair, points) for pair, points in pairs if points),
        learner=noted.learner,
        preset=noted.preset,
        evaluations=_points_of(PROGRESS, curves),
        genome=genome_picture(run, say),
    )


def _charts_of(run: Run, plan: StagePlan, say: Say) -> Sequence[Chart]:
    """What the run says is to be drawn; the stage's usual charts where it says nothing that can be read."""
    try:
        return read_charts(run.path) or plan.charts
    except (OSError, ValueError) as error:
        say(f"left out which charts a learner shows: {error}")
        return plan.charts


def _pairs(pair: PairPlan, curves: Mapping[str, Sequence[tuple[float, float]]]) -> Points:
    """The two metrics' values of the updates that have both."""
    found = []
    y_of_step = dict(curves.get(pair.y_tag, ()))
    for step, x in curves.get(pair.x_tag, ()):
        if step in y_of_step and _can_be_drawn(step, x) and _can_be_drawn(step, y_of_step[step]):
            found.append((x, y_of_step[step]))
    return tuple(found)


def _series(chart: Chart, curves: Mapping[str, Sequence[tuple[float, float]]]) -> tuple[Series, ...]:
    """The chart's metrics that have points at all."""
    found = []
    for tag, name in chart.names.items():
        points = _points_of(tag, curves)
        if points:
            found.append((name, points))
    return tuple(found)


def _points_of(tag: str, curves: Mapping[str, Sequence[tuple[float, float]]]) -> Points:
    """A metric's points that can be drawn."""
    return tuple((step, value) for step, value in curves.get(tag, ()) if _can_be_drawn(step, value))


def _can_be_drawn(step: float, value: float) -> bool:
    return 0 <= step <= LARGEST and math.isfinite(value) and abs(value) <= LARGEST
