"""Arms beside each other: every figure is one per training run first, and an interval is over training runs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from experiment.statistics import (
    Change,
    Interval,
    RunsEstimate,
    Verdict,
    improvement_interval,
    interquartile_mean,
    mean,
    over_runs,
    probability_of_improvement,
)
from experiment.study.definition import Cell, Claim, Side, Study
from experiment.study.records import COMPLETED, DIED, PROGRESS, SCORE, CurvePoint, Record

SHARES = (0.0, 1.0)
LEAST_PAIRS = 3
"""Of training seeds, before anything is said of a claim: two may agree by chance."""


@dataclass(frozen=True)
class Difference:
    """An arm against another: the base arm, or that of a claim.

    Attributes:
        progress, score: differences in pairs of training seeds.
        probability: that a run of this arm goes further than one of the other on an act.
    """

    progress: RunsEstimate
    score: RunsEstimate
    probability: float
    probability_interval: Interval | None


@dataclass(frozen=True)
class ArmResult:
    """One arm, over its training runs.

    Attributes:
        seeds: the training seeds there are records of.
        stage: the training stage whose player these figures are of.
        minutes: of training and scoring, per run, and of the stages before that they share with other arms.
        reached: progress -> steps of this stage until an evaluation first reached it, one per run that learns; None: not within
            it.
        difference: None for the base arm, and where no seed has both.
    """

    arm: str
    stage: str
    seeds: tuple[int, ...]
    progress: RunsEstimate
    iqm: RunsEstimate
    score: RunsEstimate
    completed: RunsEstimate
    died: RunsEstimate
    minutes: float
    reached: Mapping[float, tuple[float | None, ...]]
    difference: Difference | None


def compare_arms(
    study: Study, records: Mapping[Cell, Record], stage: str, milestones: Sequence[float] = (0.5, 0.75)
) -> list[ArmResult]:
    """Every arm that has a record of a player of this stage, in the study's order."""
    results = []
    base = _of_arm(records, study.base, stage)
    for arm in study.arms:
        ours = _of_arm(records, arm, stage)
        if ours:
            difference = _difference(base, ours, stage, stage) if arm != study.base else None
            results.append(_result(arm, stage, ours, milestones, difference))
    return results


def _of_arm(records: Mapping[Cell, Record], arm: str, stage: str) -> dict[int, Record]:
    """Training seed -> record."""
    return {cell.seed: record for cell, record in records.items() if cell.arm == arm and stage in record.episodes}


def _result(
    arm: str, stage: str, records: Mapping[int, Record], milestones: Sequence[float], difference: Difference | None
) -> ArmResult:
    def figure(which: int, statistic: Callable = mean, bounds: tuple[float, float] = SHARES) -> RunsEstimate:
        per_run = [float(statistic(record.values(stage, which))) for record in records.values()]
        return over_runs(per_run, bounds)

    return ArmResult(
        arm=arm,
        stage=stage,
        seeds=tuple(records),
        progress=figure(PROGRESS),
        iqm=figure(PROGRESS, _iqm_over_acts),
        score=figure(SCORE, bounds=(0.0, np.inf)),
        completed=figure(COMPLETED),
        died=figure(DIED),
        minutes=float(np.mean([sum(record.seconds.values()) for record in records.values()])) / 60,
        reached={share: _reached(records, stage, share) for share in milestones},
        difference=difference,
    )


def _iqm_over_acts(scores: Sequence[np.ndarray]) -> np.ndarray:
    """The interquartile mean of the acts' means, float [E] per act -> []."""
    return interquartile_mean([row.mean(keepdims=True) for row in scores])


def _reached(records: Mapping[int, Record], stage: str, share: float) -> tuple[float | None, ...]:
    found = []
    for record in records.values():
        if stage not in record.curves:
            continue  # a baseline learns nothing, so it has no steps to say
        steps = [step for step, _, progress in record.curves[stage] if progress >= share]
        found.append(steps[0] if steps else None)
    return tuple(found)


def progress_after(study: Study, records: Mapping[Cell, Record], seconds: float) -> dict[str, RunsEstimate]:
    """Every arm's progress on schedule after so many seconds of the study's last training stage, as those runs took them.

    A run counts by its last evaluation until then; an arm is left out as long as one of its runs has none. A run that ended
    earlier is as good as it was.
    """
    found = {}
    for arm in study.arms:
        curves = [record.curves.get(study.last_stage, []) for cell, record in records.items() if cell.arm == arm]
        reached = [last for curve in curves if (last := _last_until(curve, seconds)) is not None]
        if reached and len(reached) == len(curves):
            found[arm] = over_runs(reached, SHARES)
    return found


def _last_until(curve: Sequence[CurvePoint], seconds: float) -> float | None:
    """The progress of a curve's last evaluation until then; None when it has none."""
    until = [progress for _, at, progress in curve if at <= seconds]
    return until[-1] if until else None


@dataclass(frozen=True)
class AgainstClone:
    """An arm's fine-tuned player against the clone that it began from.

    Attributes:
        above, below: acts on which it goes further, or less far, than the clone beyond the 95 % interval (two-sided; of 18 acts
            without any difference, about one lies outside by chance). None where one training says nothing of a spread.
    """

    arm: str
    difference: Difference
    above: tuple[str, ...] | None
    below: tuple[str, ...] | None


def compare_with_clones(study: Study, records: Mapping[Cell, Record]) -> list[AgainstClone]:
    """Every arm that has records of both, in the study's order."""
    results = []
    for arm in study.arms:
        tuned = _of_arm(records, arm, "finetune")
        clones = _of_arm(records, arm, "supervised")
        difference = _difference(clones, tuned, "supervised", "finetune")
        if difference is None:
            continue
        both = [tuned[seed] for seed in tuned if seed in clones]
        gains = _per_act(both, "finetune") - _per_act(both, "supervised")  # [runs, acts]
        above, below = _outside(sorted(both[0].episodes["finetune"]), gains)
        results.append(AgainstClone(arm, difference, above, below))
    return results


def _outside(acts: Sequence[str], gains: np.ndarray) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    """The acts on which gains, float [runs, acts], lie above and below 0 beyond their interval over runs."""
    if len(gains) < 2:
        return None, None
    intervals = {act: over_runs(gain.tolist()).interval for act, gain in zip(acts, gains.T, strict=True)}
    known = {act: interval for act, interval in intervals.items() if interval is not None}
    above = tuple(act for act, interval in known.items() if interval.low > 0)
    below = tuple(act for act, interval in known.items() if interval.high < 0)
    return above, below


@dataclass(frozen=True)
class ClaimResult:
    """What was seen of a claim; without a difference, no training seed has both arms yet."""

    claim: Claim
    difference: Difference | None

    @property
    def verdict(self) -> Verdict | None:
        """By the contest score, because that is what is scored; None with fewer pairs than a claim needs."""
        if self.difference is None or self.difference.score.runs < LEAST_PAIRS:
            return None
        assert self.difference.score.interval is not None  # which it has from the second run on
        return Change(0.0, self.difference.score.mean, self.difference.score.interval).verdict


def compare_claims(study: Study, records: Mapping[Cell, Record]) -> list[ClaimResult]:
    """Every claim of the study, in its order."""
    results = []
    for claim in study.claims:
        theirs = _of_side(records, claim.theirs)
        ours = _of_side(records, claim.ours)
        results.append(ClaimResult(claim, _difference(theirs, ours, claim.theirs.stage, claim.ours.stage)))
    return results


def _of_side(records: Mapping[Cell, Record], side: Side) -> dict[int, Record]:
    return _of_arm(records, side.arm, side.stage)


def _difference(
    theirs: Mapping[int, Record], ours: Mapping[int, Record], their_stage: str, our_stage: str
) -> Difference | None:
    shared = [seed for seed in ours if seed in theirs]
    if not shared:
        return None

    def in_pairs(which: int) -> RunsEstimate:
        gains = []
        for seed in shared:
            gain = mean(ours[seed].values(our_stage, which)) - mean(theirs[seed].values(their_stage, which))
            gains.append(float(gain))
        return over_runs(gains)

    their_acts = _per_act(list(theirs.values()), their_stage)
    our_acts = _per_act(list(ours.values()), our_stage)
    return Difference(
        progress=in_pairs(PROGRESS),
        score=in_pairs(SCORE),
        probability=probability_of_improvement(their_acts, our_acts),
        probability_interval=improvement_interval(their_acts, our_acts),
    )


def _per_act(records: Sequence[Record], stage: str) -> np.ndarray:
    """Mean progress per act, float [runs, A]."""
    rows = []
    for record in records:
        rows.append([row.mean() for row in record.values(stage, PROGRESS)])
    return np.array(rows)
