"""Training runs' files as the report reads them: by declared types. What is damaged is left out and named, never a traceback.

Every reader takes `say`, which is told in one line what was left out and why: the file, the field, expected and received.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, TypeVar

from msgspec import Meta, Raw

from common.files import JSON_LIMIT, parse_json, read_bounded, read_json
from experiment.metrics import METRICS
from experiment.run import Run
from game.acts import ALL_ACT_NAMES

Say = Callable[[str], None]
Kind = TypeVar("Kind")

METRICS_LIMIT = 1 << 24
"""Bytes of a metrics.jsonl that are read for the report: some 30,000 lines."""

Dashes = Annotated[float, Meta(ge=0.0, le=1e6)]
Share = Annotated[float, Meta(ge=0.0, le=1.0)]


@dataclass(frozen=True)
class SpinDashLine:
    """One act of the clone's check, as cloning writes it to spindash.json (supervised.spindash_check says what each means)."""

    act: str
    expected: Dashes
    dashes: Dashes
    progress: Share
    rate: Dashes
    verdict: str
    low: Dashes = 0.0
    high: Dashes = 0.0
    reason: str = ""

    @property
    def has_reference(self) -> bool:
        """Whether there was anything to compare with."""
        return self.expected > 0


def read_spin_dash_check(runs: Sequence[Run], say: Say) -> list[SpinDashLine]:
    """The lines of the first spindash.json among the runs, or none."""
    for run in runs:
        file = run.path / "spindash.json"
        if not file.is_file():
            continue
        try:
            lines = read_json(file, list[SpinDashLine])
            _check_acts(lines, file)
        except (OSError, ValueError) as error:
            say(f"left out the spin-dash check: {error}")
            return []
        return lines
    return []


def _check_acts(lines: Sequence[SpinDashLine], file: Path) -> None:
    for number, line in enumerate(lines):
        if line.act not in ALL_ACT_NAMES:
            raise ValueError(f"{file}: expected the name of an act at `$[{number}].act`. Received: {line.act!r:.60}")


@dataclass(frozen=True)
class Noted:
    """What a run's config.json says of how it was trained.

    Attributes:
        machine: precision, device, threads …; empty for a run that does not say.
        learner: its name, "" where the stage has only one.
        preset: its options in words.
    """

    machine: dict[str, str | int | float | bool | None] = field(default_factory=dict)
    learner: str = ""
    preset: str = ""


def read_noted(run: Run, say: Say) -> Noted:
    """How a run was trained, as it says itself."""
    try:
        return read_json(run.path / "config.json", Noted, JSON_LIMIT)
    except (OSError, ValueError) as error:
        say(f"left out what a run was trained on: {error}")
        return Noted()


@dataclass(frozen=True)
class Meant:
    """Which acts a training was of, as game.acts.select_acts takes them; "" for one that does not say."""

    acts: str = ""
    contest_split: bool = False


@dataclass(frozen=True)
class TrainedOn(Meant):
    """What the report takes from the configuration of a training; "" for what it does not have.

    Attributes:
        data: name of the data set.
        select: of a clone, the acts whose movies it was shown.
    """

    data: str = ""
    select: Meant = Meant()

    @property
    def meant(self) -> Meant:
        """Which acts it was of, whichever stage it is."""
        return self.select if self.select.acts else self


@dataclass(frozen=True)
class Trained:
    """A training as its config.json tells of it."""

    config: TrainedOn = TrainedOn()
    learner: str = ""


def read_trained(run: Run, say: Say) -> Trained | None:
    """What a run was trained on, None when its config.json cannot be read."""
    try:
        return read_json(run.path / "config.json", Trained, JSON_LIMIT)
    except (OSError, ValueError) as error:
        say(f"left out what a run rests on: {error}")
        return None


def read_curves(run: Run, tags: Sequence[str], say: Say) -> dict[str, list[tuple[float, float]]]:
    """(step, value) of these metrics, by tag; a damaged line of metrics.jsonl costs itself only."""
    file = run.path / METRICS
    if not file.is_file():
        return {}
    try:
        *lines, _ = read_bounded(file, METRICS_LIMIT).split(
            b"\n"
        )  # the last one has been cut off by a kill, or is empty
    except (OSError, ValueError) as error:
        say(f"left out learning curves: {error}")
        return {}
    curves: dict[str, list[tuple[float, float]]] = {}
    problems = []
    for number, line in enumerate(lines, 1):
        try:
            values = _values_of(line, f"{file} line {number}")
        except ValueError as error:
            problems.append(str(error))
            continue
        for tag in tags:
            if tag in values:
                curves.setdefault(tag, []).append((values["step"], values[tag]))
    if problems:
        say(f"left out {len(problems)} of {len(lines)} steps of the learning curves: {problems[0]}")
    return curves


def _values_of(line: bytes, name: str) -> dict[str, float]:
    """One line of metrics. ValueError names the metric that is no number."""
    try:
        values = parse_json(line, dict[str, float], name)
    except ValueError:
        # Only now one by one, which takes longer: the message for the whole does not say which metric it is.
        for tag, raw in parse_json(line, dict[str, Raw], name).items():
            parse_json(bytes(raw), float, f"{name}, {tag!r:.60}")
        raise
    if "step" not in values:
        raise ValueError(f"{name}: expected 'step'. Received: {', '.join(list(values)[:5]) or 'nothing'}")
    return values
