"""What a run of the bench leaves: one JSON with machine, commit, versions and raw times, from which every figure can be
computed again. `python -m bench verify FILE` does so."""

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from math import exp, log
from pathlib import Path
from typing import Any, Literal

import numpy as np

from bench.common import Timed
from common.cores import core_count
from common.files import parse_json, read_json, whole_file
from experiment.statistics import Interval, bootstrap_interval, mean
from game.machine import processor_name

FORMAT = 2
LIMIT = 16 * 2**20
"""Bytes of a file that are read."""


@dataclass(frozen=True)
class Round:
    """One round of both sides. AB: ours was first."""

    order: Literal["AB", "BA"]
    ours: Timed
    theirs: Timed

    @property
    def ratio(self) -> float:
        """Ours / theirs."""
        return self.ours.rate / self.theirs.rate


@dataclass(frozen=True)
class Pair:
    """One row of the table as it was measured.

    Attributes:
        machine: on which.
        load: of the machine before, runnable processes.
        checked: largest differences of the transitions that were compared; unchecked: why there are none.
        ratio: geometric mean of the rounds' ratios; interval: of it, 95 %.
        problem: why nothing was measured.
    """

    stage: str
    against: str
    unit: str
    target: float
    machine: str
    load: float
    our_side: str = ""
    their_side: str = ""
    checked: Mapping[str, float] = field(default_factory=dict)
    unchecked: str = ""
    rounds: tuple[Round, ...] = ()
    ratio: float = 0.0
    interval: Interval | None = None
    problem: str = ""

    @property
    def name(self) -> str:
        """Of the row."""
        return f"{self.stage} against {self.against}"

    def reckoned(self) -> "Pair":
        """With ratio and interval of its rounds."""
        ratio, interval = ratio_of([single.ratio for single in self.rounds])
        return replace(self, ratio=ratio, interval=interval)


@dataclass(frozen=True)
class Evidence:
    """A run of the bench. `planned` names its rows; `others` holds what is no comparison; `sha256` is of all the rest."""

    format: int
    commit: str
    machine: str
    python: str
    versions: Mapping[str, str]
    planned: tuple[str, ...]
    rounds: int
    pairs: tuple[Pair, ...]
    others: Mapping[str, Any] = field(default_factory=dict)
    sha256: str = ""

    def digest(self) -> str:
        """SHA-256 of everything but itself, as canonical JSON."""
        content = asdict(replace(self, sha256=""))
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def ratio_of(ratios: list[float]) -> tuple[float, Interval | None]:
    """The geometric mean of rounds' ratios and its bootstrap interval, None with fewer than two rounds.

    Logarithms are averaged, so that twice as fast and half as fast cancel, whichever side is called ours.
    """
    logarithms = np.array([log(ratio) for ratio in ratios])
    interval = bootstrap_interval([logarithms], mean)
    if interval is not None:
        interval = Interval(exp(interval.low), exp(interval.high))
    return exp(float(logarithms.mean())), interval


def machine_here() -> str:
    """Processor, cores and system."""
    return f"{processor_name()}, {core_count()} cores, {platform.system()}"


def write(evidence: Evidence, path: Path) -> None:
    """Sealed with its digest, which is of what a reader will get (every count a float)."""
    typed = parse_json(json.dumps(asdict(evidence)), Evidence, str(path))
    sealed = replace(typed, sha256=typed.digest())
    with whole_file(path) as part:
        part.write_text(json.dumps(asdict(sealed), indent=1))


def read(path: Path) -> Evidence:
    """What `write` left; ValueError for anything else."""
    return read_json(path, Evidence, LIMIT)


def problems(evidence: Evidence) -> list[str]:
    """What is wrong with it, each named; none where every figure follows from the raw times."""
    found = []
    if evidence.format != FORMAT:
        found.append(f"expected format {FORMAT}. Received: {evidence.format}")
    if evidence.digest() != evidence.sha256:
        found.append("damaged: its content does not have the SHA-256 that it names")
    measured = [pair.name for pair in evidence.pairs]
    for name in evidence.planned:
        if name not in measured:
            found.append(f"missing pair: {name}")
    for pair in evidence.pairs:
        found += [f"{pair.name}: {problem}" for problem in _problems_of(pair, evidence)]
    return found


def _problems_of(pair: Pair, evidence: Evidence) -> list[str]:
    if pair.machine != evidence.machine:
        return [f"from another machine: {pair.machine}; the rest is from {evidence.machine}"]
    if pair.problem:
        return []
    found = []
    if len(pair.rounds) != evidence.rounds:
        found.append(f"missing rounds: expected {evidence.rounds}. Received: {len(pair.rounds)}")
    orders = [single.order for single in pair.rounds]
    if orders != [order_of(number) for number in range(len(orders))]:
        found.append(f"expected AB and BA in turn. Received: {' '.join(orders)}")
    if not pair.checked and not pair.unchecked:
        found.append("its sides' transitions were not compared, and no reason is given")
    times = [(side.count, side.seconds) for single in pair.rounds for side in (single.ours, single.theirs)]
    if not times or min(map(min, times)) <= 0:
        return [*found, "expected counts and seconds above 0"]
    again = pair.reckoned()
    if not _same(pair, again):
        found.append(
            f"its ratio is given as {pair.ratio:.4f}, computed again {again.ratio:.4f}, or its interval differs"
        )
    return found


def order_of(number: int) -> Literal["AB", "BA"]:
    """Who is first in a round."""
    return "BA" if number % 2 else "AB"


def _same(one: Pair, other: Pair) -> bool:
    def figures(pair: Pair) -> list[float]:
        if pair.interval is None:
            return [pair.ratio]
        return [pair.ratio, pair.interval.low, pair.interval.high]

    same_length = len(figures(one)) == len(figures(other))
    return same_length and np.allclose(figures(one), figures(other), rtol=1e-9)


def notes(evidence: Evidence) -> list[str]:
    """What a reader should know that is no fault of the file."""
    found = []
    if evidence.machine != machine_here():
        found.append(f"measured on another machine: {evidence.machine}; this is {machine_here()}")
    if evidence.commit.endswith("+"):
        found.append(f"measured with uncommitted changes on {evidence.commit}")
    for pair in evidence.pairs:
        if pair.problem:
            found.append(f"{pair.name}: not measured, {pair.problem}")
    return found


def verify(path: Path) -> int:
    """Print what verification found; the exit status is 1 where a figure cannot be trusted."""
    evidence = read(path)
    found = problems(evidence)
    for line in [*found, *notes(evidence)]:
        print(line)
    counted = sum(len(pair.rounds) for pair in evidence.pairs)
    if not found:
        print(f"verified: {len(evidence.pairs)} pairs, {counted} rounds, commit {evidence.commit}, {evidence.machine}")
    return 1 if found else 0
