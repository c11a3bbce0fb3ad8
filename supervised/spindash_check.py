"""Does the clone spin-dash? Rolled out where the demonstrations do, counted from RAM, set beside them by an interval.

A clone's dashes on an act are counts over the *ground* its episodes cover in total, in whole acts' lengths (three episodes
that each get halfway: 1.5). Taken as a Poisson count they give an exact 95 % interval of its rate, in dashes per whole act:

    not enough seen   the ground is so little that even a clone that never dashes would not be found out: the upper bound for
                      no dash at all, 3.69 over the ground, is not below half the demonstrations' rate
    fail              the interval lies wholly outside PASS_SHARES times the demonstrations' rate; or there are more dashes
                      than whole acts would allow (however little ground there was, more of it only means fewer per length)
    pass              anything else: enough was seen, and it does not contradict the band

So nothing is extrapolated from a few per cent of an act, and the less ground, the harder it is to be judged at all. A clone
whose true rate lies in the band fails an act in at most 5 % of checks; one that never dashes always does.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from dataset.loader import Dataset, spin_dashes_per_movie
from game.acts import ACT_NAMES
from game.env import EnvConfig
from game.rollout import Episode
from game.seeds import spin_dash_seeds
from policy.episodes import EpisodeTask, play_all

PASS_SHARES = (0.5, 3.0)
"""On the ground it covers, the clone must make at least half of the demonstrations' spin dashes, and not over three times as
many: one that spins wherever it stands has not learnt what the dash is for."""

PASSED_ACTS = 0.75
"""The clone passes the whole check when it passes at least this share of the acts that have a reference."""

CONFIDENCE = 0.95
"""Of the interval, half of the rest on either side."""

Verdict = Literal["pass", "fail", "not enough seen", "no reference"]
WholeVerdict = Literal["pass", "fail", "not enough seen"]


@dataclass(frozen=True)
class ActCheck:
    """One act's line.

    Attributes:
        expected: spin dashes a demonstration makes in a whole act; 0 without a reference.
        dashes: spin dashes per episode of the clone, on average.
        progress: how far the clone comes, 0 to 1, on average.
        rate: dashes for each whole act's length of ground covered; 0 where that was too little to say.
        verdict: of this act.
        reason: why there is no reference, "" where there is one.
        episodes: how many were played; none without a reference.
        low, high: the 95 % interval of the rate; 0 where there was no ground.
    """

    act: str
    expected: float
    dashes: float
    progress: float
    rate: float
    verdict: Verdict
    reason: str = ""
    episodes: int = 0
    low: float = 0.0
    high: float = 0.0


def check_spin_dashes(
    checkpoint: Path, dataset: Dataset, env: EnvConfig, episodes_per_act: int, workers: int
) -> list[ActCheck]:
    """Roll a clone out on the acts whose demonstrations spin-dash, and judge each; the other acts get a line of their own.

    Raises:
        ValueError: fewer than one episode per act.
    """
    if episodes_per_act < 1:
        raise ValueError(
            f"Expected at least 1 episode per act in the spin-dash check. Received: {episodes_per_act}. "
            "Choose --check-episodes 1 or more."
        )
    expected = {act: spin_dashes_per_movie(dataset, act) for act in ACT_NAMES}
    tasks = []
    for act in ACT_NAMES:
        if expected[act]:
            tasks += [EpisodeTask(str(checkpoint), act, seed, env) for seed in spin_dash_seeds(episodes_per_act)]
    episodes = play_all(tasks, workers) if tasks else []
    return [_line(act, expected[act], [episode for episode in episodes if episode.act == act]) for act in ACT_NAMES]


def _line(act: str, expected: float | None, episodes: Sequence[Episode]) -> ActCheck:
    if not expected:
        return without_reference(act, expected)
    dashes = sum(episode.spin_dashes for episode in episodes)
    ground = sum(episode.progress for episode in episodes)
    return judge(act, expected, dashes, ground, len(episodes))


def without_reference(act: str, expected: float | None) -> ActCheck:
    """The line of an act with which nothing can be compared.

    Args:
        expected: None when there are no demonstrations, 0 when they hold no spin dash.
    """
    reason = "no demonstration of a whole act"
    if expected is not None:
        reason = "no whole take of it spin-dashes; drills do not count"
    return ActCheck(act, 0.0, dashes=0.0, progress=0.0, rate=0.0, verdict="no reference", reason=reason)


def judge(act: str, expected: float, dashes: int, ground: float, episodes: int) -> ActCheck:
    """The verdict on one act that has a reference.

    Args:
        expected: spin dashes per whole act of the demonstrations, more than 0.
        dashes: of all the clone's episodes together.
        ground: that they cover together, in whole acts' lengths.
        episodes: how many they are, 1 or more.
    """
    least, most = PASS_SHARES
    fewest, largest = poisson_interval(dashes)
    low, high, rate = 0.0, 0.0, 0.0
    if ground > 0:
        low, high = fewest / ground, largest / ground
    _, unseen = poisson_interval(0)
    is_enough = unseen < least * expected * ground
    if is_enough:
        rate = dashes / ground
    verdict: Verdict = "pass"
    if fewest > most * expected * episodes:
        verdict = "fail"  # too many even if every episode had covered the whole act
    elif not is_enough:
        verdict = "not enough seen"
    elif high < least * expected or low > most * expected:
        verdict = "fail"
    return ActCheck(
        act,
        expected,
        dashes=dashes / episodes,
        progress=ground / episodes,
        rate=rate,
        verdict=verdict,
        episodes=episodes,
        low=low,
        high=high,
    )


@cache
def poisson_interval(count: int) -> tuple[float, float]:
    """The exact 95 % interval of a Poisson mean of which `count` was seen (Garwood 1936)."""
    tail = (1 - CONFIDENCE) / 2
    low = 0.0
    if count > 0:
        low = _mean_with(1 - tail, count - 1)
    return low, _mean_with(tail, count)


def _mean_with(chance: float, count: int) -> float:
    """The Poisson mean of which `count` or less is seen with this chance, by halving the bracket it lies in."""
    low = 0.0
    high = count + 10 * math.sqrt(count + 1) + 10
    for _ in range(60):
        middle = (low + high) / 2
        if _chance_of_at_most(count, middle) > chance:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _chance_of_at_most(count: int, mean: float) -> float:
    logarithm = math.log(mean)
    return sum(math.exp(seen * logarithm - mean - math.lgamma(seen + 1)) for seen in range(count + 1))


def verdict_of(lines: Sequence[ActCheck]) -> WholeVerdict:
    """The check as a whole: "pass" when three quarters of the acts with a reference pass, "fail" when they no longer can.

    Acts of which not enough was seen count as open: while they could still decide it, and where no act has a reference,
    the verdict is "not enough seen".
    """
    verdicts = [line.verdict for line in lines if line.verdict != "no reference"]
    wanted = PASSED_ACTS * len(verdicts)
    passed = verdicts.count("pass")
    if verdicts and passed >= wanted:
        return "pass"
    if passed + verdicts.count("not enough seen") < wanted:
        return "fail"
    return "not enough seen"


def as_table(lines: Sequence[ActCheck]) -> str:
    """The check as text."""
    rows = [f"{'spin-dash check':<24}{'demos':>7}{'clone':>7}{'progress':>10}{'per act, 95 %':>16}  verdict"]
    for line in lines:
        if line.verdict == "no reference":
            rows.append(f"{line.act:<24}{'-':>7}{'-':>7}{'-':>10}{'-':>16}  no reference ({line.reason})")
            continue
        interval = f"{line.low:.1f} to {line.high:.1f}"
        figures = f"{line.expected:>7.1f}{line.dashes:>7.1f}{line.progress:>10.1%}{interval:>16}"
        rows.append(f"{line.act:<24}{figures}  {line.verdict}")
    rows.append(f"as a whole: {verdict_of(lines)}")
    return "\n".join(rows)
