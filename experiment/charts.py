"""What of a learner's metrics is worth a picture. A learner says it beside its options; its run carries it to the report.

The stage writes charts.json into the run, and whoever draws opens it there, because a room cannot ask a later one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from common.files import read_json
from experiment.metrics import PROGRESS
from experiment.run import Run, write_json

CHARTS = "charts.json"
MOST_SERIES = 3
"""Of a chart: it has room, and colours, for no more."""
MOST_CHARTS = 24

Words = Annotated[str, Meta(max_length=300)]


@dataclass(frozen=True)
class Chart:
    """One chart of a training run, over its steps.

    Attributes:
        names: tag of a metric -> what its line is called.
        share: whether the values are shares, 0 to 1.
        note: what a reader has to know to read it, in a sentence or two.
    """

    title: Words
    names: Annotated[Mapping[Words, Words], Meta(min_length=1, max_length=MOST_SERIES)]
    share: bool = False
    note: Words = ""


PLAYING = Chart("Progress when playing", {PROGRESS: "evaluation", "episode/progress": "while training"}, share=True)
"""What most learners show first."""


@dataclass(frozen=True)
class _Stored:
    charts: Annotated[list[Chart], Meta(max_length=MOST_CHARTS)]


def write_charts(run: Run, charts: Sequence[Chart]) -> None:
    """Put a learner's charts into its run, which the caller holds; nothing for a learner that names none."""
    if charts:
        write_json(run.path / CHARTS, {"charts": [asdict(chart) for chart in charts]})


def read_charts(path: Path) -> tuple[Chart, ...]:
    """The charts that a run's folder carries; () where it carries none, as older runs do.

    Raises:
        ValueError: it is damaged; names the file, the field, expected and received.
        OSError: it cannot be read.
    """
    file = path / CHARTS
    if not file.is_file():
        return ()
    return tuple(read_json(file, _Stored).charts)
