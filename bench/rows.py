"""The comparisons, and how a pair is measured: transitions compared, then a round of each in turn, AB and BA."""

import functools
import importlib.util
import os
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from bench.evidence import Pair, Round, machine_here, order_of
from bench.side import TURBO_PYTHON, Side, SideError
from bench.transitions import Mismatch, compare, play


@dataclass(frozen=True)
class Row:
    """One comparison.

    Attributes:
        stage: what of ours is measured; against: what it is measured against.
        ours, theirs: names of sides (see bench.side); of several, the fastest in one round is compared.
        target: what the ratio ours / theirs should reach.
        unit: of both rates.
        needs: how to get what its sides import beyond the product's packages; "" for nothing.
        checked: both sides' functions that give their transitions; unchecked: why there are none to compare.
    """

    stage: str
    against: str
    ours: tuple[str, ...]
    theirs: tuple[str, ...]
    target: float
    unit: str = "agent steps/s"
    needs: str = ""
    checked: tuple[str, ...] = ()
    unchecked: str = ""

    @property
    def name(self) -> str:
        """Of the row."""
        return f"{self.stage} against {self.against}"

    @property
    def lacks(self) -> str:
        """How to get what is missing here; "" where everything is there."""
        return "" if not self.needs or IS_THERE[self.needs]() else self.needs

    @property
    def data(self) -> bool:
        """Whether its sides need a data set."""
        return any("cloning" in side or "loader" in side for side in self.ours + self.theirs)


def _installed(*packages: str) -> bool:
    return all(importlib.util.find_spec(name) for name in packages)


PEERS, CLUSTER = "make install-bench", "make install-cluster"
TURBO = f"{TURBO_PYTHON}=a Python 3.14 with env-stableretro-turbo, which is made for no other"
IS_THERE: dict[str, Callable[[], bool]] = {
    PEERS: lambda: _installed("stable_baselines3", "torch"),
    CLUSTER: lambda: _installed("ray"),
    TURBO: lambda: bool(os.environ.get(TURBO_PYTHON)),
}
"""How to get something -> whether it is there already."""

SB3_VECTORS = ("peers.vector_sb3:2", "peers.vector_sb3:4")
GYMNASIUM_VECTORS = ("peers.vector_gymnasium:2", "peers.vector_gymnasium:4")
TURBO_VECTORS = ("turbo.vector:2", "turbo.vector:4", "turbo.vector:8")


ROWS = (
    Row("one environment", "four bare core frames, Quillrush",
        ("environments.env",), ("environments.bare_frames",), 0.88,
        checked=("our_transitions.env", "our_transitions.bare_frames")),
    Row("one environment", "four bare core frames, Airstriker",
        ("environments.env:airstriker",), ("environments.bare_frames:airstriker",), 0.88,
        checked=("our_transitions.env_airstriker", "our_transitions.bare_airstriker")),
    Row("one environment", "RetroEnv, SB3's Atari wrappers",
        ("environments.env",), ("peers.env_retro",), 1.35, needs=PEERS,
        checked=("our_transitions.env", "peer_transitions.env")),
    Row("environments, whole rollouts", "SB3 SubprocVecEnv",
        ("environments.rollouts",), SB3_VECTORS, 1.6, needs=PEERS,
        checked=("our_transitions.rollouts", "peer_transitions.vector_sb3")),
    Row("environments, whole rollouts", "Gymnasium AsyncVectorEnv",
        ("environments.rollouts",), GYMNASIUM_VECTORS, 1.6, needs=PEERS,
        checked=("our_transitions.rollouts", "peer_transitions.vector_gymnasium")),
    Row("environments, whole rollouts", "env-stableretro-turbo RetroVecEnv",
        ("environments.rollouts",), TURBO_VECTORS, 1.0, needs=TURBO,
        checked=("our_transitions.variables", "turbo.transitions")),
    Row("environments, stepped together", "SB3 SubprocVecEnv",
        ("environments.vector:2", "environments.vector:4"), SB3_VECTORS, 1.6, needs=PEERS,
        checked=("our_transitions.vector", "peer_transitions.vector_sb3")),
    Row("PPO, end to end, {precision}", "SB3 PPO, fp32",
        ("learning.ppo:8", "learning.ppo:16"), ("peers.ppo_sb3:4", "peers.ppo_sb3:8", "peers.ppo_sb3:4x1"), 2.7, needs=PEERS,
        checked=("our_transitions.ppo", "peer_transitions.vector_sb3")),
    Row("PPO, end to end, {precision}", "its bound: emulation + inference + training",
        ("learning.ppo:16",), ("learning.ppo_bound:16",), 0.8,
        unchecked="the bound is made of the same learner's parts"),
    Row("PPO, end to end, on a cluster of this machine", "its own processes",
        ("learning.ppo_on_cluster:18",), ("learning.ppo:18",), 0.9, needs=CLUSTER,
        unchecked="the same learner; tests hold it to the same weights on both"),
    Row("cloning, loader included, {precision}", "PyTorch fp32 as `imitation` trains",
        ("learning.cloning",), ("peers.cloning_torch", "peers.cloning_torch:1"), 2.5, unit="samples/s", needs=PEERS,
        unchecked="supervised: there are no transitions, and both read windows of the same loader"),
    Row("loader alone", "the training rate, {precision}",
        ("learning.loader",), ("learning.cloning",), 10.0, unit="samples/s",
        unchecked="a floor of another unit of work: there are no transitions"),
    Row("converter, all cores", "bare core, all cores",
        ("stages.converter",), ("stages.bare_replay",), 0.9, unit="frames/s",
        checked=("our_transitions.converter", "our_transitions.bare_replay")),
    Row("evaluation of 18 acts", "SB3 evaluate_policy",
        ("stages.evaluation",), ("peers.evaluation_sb3", "peers.evaluation_sb3:1"), 1.8, needs=PEERS,
        checked=("our_transitions.acts", "peer_transitions.acts")),
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


def measure(row: Row, rounds: int, folder: Path) -> Pair:
    """Measure one row: transitions compared, both sides prepared, then rounds in which either is first in turn.

    Sides that do not play the same game are not timed; the pair's problem says where they part.
    """
    pair = unmeasured(row, "")
    try:
        if row.checked:
            ours, theirs = [play(name, folder) for name in row.checked]
            pair = replace(pair, checked=compare(ours, theirs))
        pair = replace(pair, our_side=_fastest(row.ours, folder), their_side=_fastest(row.theirs, folder))
        pair = replace(pair, rounds=_rounds(pair, rounds, folder))
    except (SideError, Mismatch) as error:
        return replace(pair, rounds=(), problem=str(error).strip().splitlines()[-1])
    return pair.reckoned()


def unmeasured(row: Row, problem: str) -> Pair:
    """A row without figures."""
    pair = Pair(row.stage, row.against, row.unit, row.target, machine_here(), os.getloadavg()[0])
    return replace(pair, unchecked=row.unchecked, problem=problem)


def _rounds(pair: Pair, count: int, folder: Path) -> tuple[Round, ...]:
    """AB, BA in turn: other work on the machine, and being second, meet both sides alike."""
    found = []
    with Side(pair.our_side, folder) as ours, Side(pair.their_side, folder) as theirs:
        for number in range(count):
            order = order_of(number)
            first = [ours, theirs] if order == "AB" else [theirs, ours]
            times = {side.name: side.measure() for side in first}
            found.append(Round(order, times[ours.name], times[theirs.name]))
    return tuple(found)


def _fastest(names: tuple[str, ...], folder: Path) -> str:
    """The fastest of several settings."""
    if len(names) == 1:
        return names[0]
    return max(names, key=lambda name: _rate_alone(name, folder))


@functools.cache
def _rate_alone(name: str, folder: Path) -> float:
    """The better of two rounds with nothing beside them; remembered, because rows share settings."""
    with Side(name, folder) as side:
        return max(side.measure().rate, side.measure().rate)


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
                rates = [process.measure().rate for _ in range(rounds)]
            yield what, count, statistics.median(rates)
