"""The comparisons, and how a pair is measured: side by side in one run, a round of each in turn, medians of the ratios."""

import functools
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bench.side import Side, SideError


@dataclass(frozen=True)
class Row:
    """One comparison.

    Attributes:
        stage: what of ours is measured; against: what it is measured against.
        ours, theirs: names of sides (see bench.side); of several, the fastest in one round is compared.
        target: what the ratio ours / theirs should reach.
        unit: of both rates.
        peer: whether it needs the peers' packages.
    """

    stage: str
    against: str
    ours: tuple[str, ...]
    theirs: tuple[str, ...]
    target: float
    unit: str = "agent steps/s"
    peer: bool = False


SB3_VECTORS = ("peers.vector_sb3:2", "peers.vector_sb3:4")
GYMNASIUM_VECTORS = ("peers.vector_gymnasium:2", "peers.vector_gymnasium:4")


ROWS = (
    Row("one environment", "four bare core frames, Quillrush",
        ("environments.env",), ("environments.bare_frames",), 0.88),
    Row("one environment", "four bare core frames, Airstriker",
        ("environments.env:airstriker",), ("environments.bare_frames:airstriker",), 0.88),
    Row("one environment", "RetroEnv, SB3's Atari wrappers",
        ("environments.env",), ("peers.env_retro",), 1.35, peer=True),
    Row("environments, whole rollouts", "SB3 SubprocVecEnv",
        ("environments.rollouts",), SB3_VECTORS, 1.6, peer=True),
    Row("environments, whole rollouts", "Gymnasium AsyncVectorEnv",
        ("environments.rollouts",), GYMNASIUM_VECTORS, 1.6, peer=True),
    Row("environments, stepped together", "SB3 SubprocVecEnv",
        ("environments.vector:2", "environments.vector:4"), SB3_VECTORS, 1.6, peer=True),
    Row("PPO, end to end, {precision}", "SB3 PPO, fp32",
        ("learning.ppo:8", "learning.ppo:16"), ("peers.ppo_sb3:4", "peers.ppo_sb3:8", "peers.ppo_sb3:4x1"), 2.7, peer=True),
    Row("PPO, end to end, {precision}", "its bound: emulation + inference + training",
        ("learning.ppo:16",), ("learning.ppo_bound:16",), 0.8),
    Row("cloning, loader included, {precision}", "PyTorch fp32 as `imitation` trains",
        ("learning.cloning",), ("peers.cloning_torch", "peers.cloning_torch:1"), 2.5, unit="samples/s", peer=True),
    Row("loader alone", "the training rate, {precision}",
        ("learning.loader",), ("learning.cloning",), 10.0, unit="samples/s"),
    Row("converter, all cores", "bare core, all cores",
        ("stages.converter",), ("stages.bare_replay",), 0.9, unit="frames/s"),
    Row("evaluation of 18 acts", "SB3 evaluate_policy",
        ("stages.evaluation",), ("peers.evaluation_sb3", "peers.evaluation_sb3:1"), 1.8, peer=True),
)  # fmt: skip
"""{precision}: what our training computes in on this machine, "bf16" or "fp32"."""


def comparisons(precision: str) -> list[Row]:
    """The rows of the table, named for a precision."""
    rows = []
    for row in ROWS:
        stage = row.stage.format(precision=precision)
        against = row.against.format(precision=precision)
        rows.append(replace(row, stage=stage, against=against))
    return rows


@dataclass
class Measured:
    """A row with the rates of its rounds; `problem` says why there are none."""

    row: Row
    ours: str = ""
    theirs: str = ""
    our_rates: list[float] = field(default_factory=list)
    their_rates: list[float] = field(default_factory=list)
    problem: str = ""

    @property
    def ratios(self) -> list[float]:
        """Ours / theirs of each round."""
        return [ours / theirs for ours, theirs in zip(self.our_rates, self.their_rates, strict=True)]

    @property
    def ratio(self) -> float:
        """The median of the rounds' ratios."""
        return statistics.median(self.ratios)

    def to_json(self) -> dict[str, Any]:
        """The row as bench.json holds it."""
        values: dict[str, Any] = {
            "stage": self.row.stage,
            "against": self.row.against,
            "unit": self.row.unit,
            "target": self.row.target,
        }
        if self.problem:
            values["problem"] = self.problem
            return values
        values["ours"] = self.our_rates
        values["theirs"] = self.their_rates
        values["our_side"] = self.ours
        values["their_side"] = self.theirs
        values["ratio"] = self.ratio
        return values


def measure(row: Row, rounds: int, folder: Path) -> Measured:
    """Measure one row: both sides prepared, then a round of ours and a round of theirs in turn."""
    try:
        ours = _fastest(row.ours, folder)
        theirs = _fastest(row.theirs, folder)
        measured = Measured(row, ours, theirs)
        with Side(ours, folder) as our_side, Side(theirs, folder) as their_side:
            for _ in range(rounds):  # in turn, so that other work on the machine meets both alike
                measured.our_rates.append(our_side.measure())
                measured.their_rates.append(their_side.measure())
    except SideError as error:
        return Measured(row, problem=str(error).strip().splitlines()[-1])
    return measured


def _fastest(names: tuple[str, ...], folder: Path) -> str:
    """The fastest of several settings."""
    if len(names) == 1:
        return names[0]
    return max(names, key=lambda name: _rate_alone(name, folder))


@functools.cache
def _rate_alone(name: str, folder: Path) -> float:
    """The better of two rounds with nothing beside them; remembered, because rows share settings."""
    with Side(name, folder) as side:
        return max(side.measure(), side.measure())


def growth(rounds: int, folder: Path, cores: int) -> Iterator[tuple[str, int, float]]:
    """(what, worker processes, median rate) of acting and of all of PPO from one core to all."""
    powers_of_two = [2**exponent for exponent in range(8)]
    counts = [count for count in powers_of_two if count < cores] + [cores]
    sides = {
        "environments, whole rollouts": "environments.rollouts:{}",
        "PPO, end to end": "learning.ppo:16x{}",
    }
    for what, side in sides.items():
        for count in counts:
            with Side(side.format(count), folder) as process:
                rates = [process.measure() for _ in range(rounds)]
            yield what, count, statistics.median(rates)
