"""The comparisons, and how a pair is measured: side by side in one run, a round of each in turn, medians of the ratios."""

import statistics
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.side import Side, SideError


@dataclass(frozen=True)
class Row:
    """One comparison.

    Attributes:
        stage: what of ours is measured; against: what it is measured against.
        ours, theirs: names of sides; of several, the fastest in one round is compared.
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


ROWS = (
    Row("one environment", "four bare core frames, Quillrush", ("env",), ("bare-frames",), 0.88),
    Row("one environment", "four bare core frames, Airstriker", ("env:airstriker",), ("bare-frames:airstriker",), 0.88),
    Row("one environment", "RetroEnv, SB3's Atari wrappers", ("env",), ("env-retro",), 1.35, peer=True),
    Row("environments, whole rollouts", "SB3 SubprocVecEnv", ("rollouts",), ("vector-sb3:2", "vector-sb3:4"), 1.6, peer=True),
    Row("environments, whole rollouts", "Gymnasium AsyncVectorEnv", ("rollouts",),
        ("vector-gymnasium:2", "vector-gymnasium:4"), 1.6, peer=True),
    Row("environments, stepped together", "SB3 SubprocVecEnv", ("vector:2", "vector:4"), ("vector-sb3:2", "vector-sb3:4"),
        1.6, peer=True),
    Row("PPO, end to end", "SB3 PPO", ("ppo:8", "ppo:16"), ("ppo-sb3:4", "ppo-sb3:8", "ppo-sb3:4x1"), 2.7, peer=True),
    Row("PPO, end to end", "its bound: emulation + inference + training", ("ppo:16",), ("ppo-bound:16",), 0.8),
    Row("cloning, loader included", "PyTorch fp32 as `imitation` trains", ("cloning",), ("cloning-torch", "cloning-torch:1"),
        2.5, "samples/s", peer=True),
    Row("loader alone", "the training rate", ("loader",), ("cloning",), 10.0, "samples/s"),
    Row("converter, all cores", "bare core, all cores", ("converter",), ("bare-replay",), 0.9, "frames/s"),
    Row("evaluation of 18 acts", "SB3 evaluate_policy", ("evaluation",), ("evaluation-sb3", "evaluation-sb3:1"), 1.8,
        peer=True),
)  # fmt: skip


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
        return [ours / theirs for ours, theirs in zip(self.our_rates, self.their_rates, strict=True)]

    @property
    def ratio(self) -> float:
        """The median of the rounds' ratios."""
        return statistics.median(self.ratios)

    def to_json(self) -> dict[str, Any]:
        fields = {
            "stage": self.row.stage,
            "against": self.row.against,
            "unit": self.row.unit,
            "target": self.row.target,
        }
        if self.problem:
            return fields | {"problem": self.problem}
        rates = {"ours": self.our_rates, "theirs": self.their_rates, "our_side": self.ours, "their_side": self.theirs}
        return fields | rates | {"ratio": self.ratio}


def measure(row: Row, rounds: int, folder: Path) -> Measured:
    """Measure one row."""
    try:
        ours, theirs = (_fastest(names, folder) for names in (row.ours, row.theirs))
        with ExitStack() as stack:
            our_side, their_side = (stack.enter_context(Side(name, folder)) for name in (ours, theirs))
            pairs = [(our_side.measure(), their_side.measure()) for _ in range(rounds)]
    except SideError as error:
        return Measured(row, problem=str(error).strip().splitlines()[-1])
    return Measured(row, ours, theirs, [pair[0] for pair in pairs], [pair[1] for pair in pairs])


_known: dict[str, float] = {}


def _fastest(names: tuple[str, ...], folder: Path) -> str:
    """The fastest of several settings, each tried alone for two rounds; remembered for the next row."""
    if len(names) == 1:
        return names[0]
    for name in names:
        if name not in _known:
            with Side(name, folder) as side:
                _known[name] = max(side.measure(), side.measure())
    return max(names, key=_known.__getitem__)


def growth(rounds: int, folder: Path, cores: int) -> Iterator[tuple[str, int, float]]:
    """(what, worker processes, median rate) of acting and of all of PPO from one core to all."""
    counts = sorted({1, *(2**i for i in range(1, 8) if 2**i < cores), cores})
    for what, side in (("environments, whole rollouts", "rollouts:{}"), ("PPO, end to end", "ppo:16x{}")):
        for count in counts:
            with Side(side.format(count), folder) as process:
                yield what, count, statistics.median(process.measure() for _ in range(rounds))
