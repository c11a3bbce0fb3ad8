"""Two evaluations beside each other, before and after: every player's episodes in pairs of one act and one seed.

The same act and seed begin alike and draw the same chances, so differences are taken within pairs, and their interval is
that of experiment.statistics over the differences. It speaks of other seeds on these acts, not of training once more.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import NoReturn

import numpy as np

from evaluate.evaluation import Evaluation
from evaluate.results import PROGRESSES, SCORES
from experiment.statistics import Change, bootstrap_interval, mean
from game.acts import ALL_ACT_NAMES
from game.rollout import Episode

_MOST_NAMED = 20  # of what is left out


@dataclass(frozen=True)
class ActChange:
    """One player on one act; how many of its episodes were completed, before and after."""

    act: str
    progress: Change
    completed: tuple[int, int]


@dataclass(frozen=True)
class PlayerChange:
    """One player over all acts.

    Attributes:
        same_player: a baseline, or the same checkpoint both times.
        same_episodes: every pair came to the same, to the last frame.
    """

    label: str
    same_player: bool
    same_episodes: bool
    progress: Change
    score: Change
    acts: tuple[ActChange, ...]


@dataclass(frozen=True)
class Comparison:
    """What two evaluations have in common, and how it differs.

    Attributes:
        acts, seeds: that every compared player has played in both.
        remarks: what a reader has to know, in sentences: what was left out, and what is not alike.
    """

    before: Evaluation
    after: Evaluation
    acts: tuple[str, ...]
    seeds: tuple[int, ...]
    players: tuple[PlayerChange, ...]
    remarks: tuple[str, ...]


def compare(before: Evaluation, after: Evaluation, bootstrap_seed: int = 1) -> Comparison:
    """Set the pairs of two evaluations beside each other.

    Raises:
        ValueError: they have no game, player, act or seed in common; names what each has.
    """
    if before.conditions.game != after.conditions.game:
        games = f"{before.conditions.game} and {after.conditions.game}"
        raise ValueError(f"Expected two evaluations of one game. Received: {games}")
    labels = _common("player label", before.labels, after.labels)
    acts = [act for act in ALL_ACT_NAMES if all(_pairs(before, after, label, act) for label in labels)]
    if not acts:
        _refuse("pair of act and seed", _acts_and_seeds(before, labels), _acts_and_seeds(after, labels))
    shared = [_pairs(before, after, label, act) for label in labels for act in acts]
    seeds = sorted(set.intersection(*shared))
    if not seeds:
        _refuse("seed of all acts", _acts_and_seeds(before, labels), _acts_and_seeds(after, labels))
    players = [_player_change(before, after, label, acts, seeds, bootstrap_seed) for label in labels]
    remarks = (*_left_out(before, after, labels, acts, seeds), *_not_alike(before, after, players))
    return Comparison(before, after, tuple(acts), tuple(seeds), tuple(players), remarks)


def _common(what: str, ours: Sequence[str], theirs: Sequence[str]) -> list[str]:
    found = [label for label in ours if label in theirs]
    if not found:
        _refuse(what, ", ".join(ours), ", ".join(theirs))
    return found


def _refuse(what: str, ours: str, theirs: str) -> NoReturn:
    raise ValueError(f"Expected two evaluations with a {what} in common. Received: {ours}; and {theirs}")


def _pairs(before: Evaluation, after: Evaluation, label: str, act: str) -> set[int]:
    """The seeds that a player has played on an act in both."""
    return before.seeds_of(label, act) & after.seeds_of(label, act)


def _acts_and_seeds(evaluation: Evaluation, labels: Sequence[str]) -> str:
    """Which acts and seeds these players have played, in words."""
    played = [key for key in evaluation.episodes if key[0] in labels]
    acts = {act for _, act, _ in played}
    seeds = sorted({seed for _, _, seed in played})
    named = [act for act in ALL_ACT_NAMES if act in acts]
    return f"{', '.join(named[:3])}{' …' if len(named) > 3 else ''} with seeds {seeds[0]} to {seeds[-1]}"


def _player_change(
    before: Evaluation, after: Evaluation, label: str, acts: Sequence[str], seeds: Sequence[int], bootstrap_seed: int
) -> PlayerChange:
    old = [[before.episodes[label, act, seed] for seed in seeds] for act in acts]  # [acts][episodes]
    new = [[after.episodes[label, act, seed] for seed in seeds] for act in acts]
    changes = []
    for act, ours, theirs in zip(acts, old, new, strict=True):
        progress = _change([ours], [theirs], "progress", PROGRESSES, bootstrap_seed)
        completed = (sum(episode.finished for episode in ours), sum(episode.finished for episode in theirs))
        changes.append(ActChange(act, progress, completed))
    return PlayerChange(
        label=label,
        same_player=before.players.get(label) == after.players.get(label),
        same_episodes=old == new,
        progress=_change(old, new, "progress", PROGRESSES, bootstrap_seed),
        score=_change(old, new, "score", SCORES, bootstrap_seed),
        acts=tuple(changes),
    )


def _change(
    old: Sequence[Sequence[Episode]],
    new: Sequence[Sequence[Episode]],
    attribute: str,
    bounds: tuple[float, float],
    bootstrap_seed: int,
) -> Change:
    """A figure's means over episodes [acts][episodes], and the interval of what the pairs differ by."""
    before, after = (
        np.array([[getattr(episode, attribute) for episode in act] for act in side]) for side in (old, new)
    )
    widest = bounds[1] - bounds[0]
    interval = bootstrap_interval(after - before, mean, bootstrap_seed, bounds=(-widest, widest))
    return Change(float(before.mean()), float(after.mean()), interval)


def _left_out(
    before: Evaluation, after: Evaluation, labels: Sequence[str], acts: Sequence[str], seeds: Sequence[int]
) -> list[str]:
    """What not every compared player has in both, and that is therefore not compared."""
    words: dict[str, None] = {}  # a dict keeps the order, and each once
    unfinished = []
    for evaluation in (before, after):
        keys = evaluation.episodes
        words |= dict.fromkeys(label for label in evaluation.labels if label not in labels)
        played = {act for _, act, _ in keys}
        words |= dict.fromkeys(act for act in ALL_ACT_NAMES if act in played and act not in acts)
        further = {seed for label, act, seed in keys if label in labels and act in acts} - set(seeds)
        words |= dict.fromkeys(f"seed {seed}" for seed in sorted(further))
        if not evaluation.finished:
            unfinished.append(f"{evaluation.name} is not finished: more of its episodes may come.")
    if not words:
        return unfinished
    shown = [*list(words)[:_MOST_NAMED], *(["…"] if len(words) > _MOST_NAMED else [])]
    return [f"Left out, because not every compared player has it in both: {', '.join(shown)}.", *unfinished]


def _not_alike(before: Evaluation, after: Evaluation, players: Sequence[PlayerChange]) -> list[str]:
    """Why a difference may be none of the players' own."""
    sentences = []
    ours, theirs = asdict(before.conditions), asdict(after.conditions)
    differing = [f"{name} {value} and {theirs[name]}" for name, value in ours.items() if value != theirs[name]]
    if before.rom != after.rom:
        differing.append(f"ROM {before.rom[:8] or 'unknown'} and {after.rom[:8] or 'unknown'}")
    if differing:
        sentences.append(
            f"The conditions differ, so the differences are not the players' alone: {', '.join(differing)}."
        )
    for player in players:
        if player.same_player and not player.same_episodes and not differing:
            sentences.append(
                f"{player.label} is the same player in both, but its episodes differ: game, versions or machine do, too."
            )
    return sentences
