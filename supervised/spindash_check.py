"""Does the clone spin-dash? Rolled out on every act, counted from RAM, set beside the demonstrations of that act."""

from dataclasses import dataclass
from pathlib import Path

from dataset.loader import Dataset, spin_dashes_per_movie
from game.acts import ACT_NAMES
from game.env import EnvConfig
from game.seeds import spin_dash_seeds
from policy.episodes import EpisodeTask, play_all

PASS_SHARES = (0.5, 3.0)
"""On the ground it covers, the clone must make at least half of the demonstrations' spin dashes, and not over three times as
many: one that spins wherever it stands has not learnt what the dash is for."""


PASSED_ACTS = 0.75
"""The clone passes the whole check when it passes at least this share of the acts that have a reference."""


@dataclass(frozen=True)
class ActCheck:
    """One act's line.

    Attributes:
        expected: spin dashes a demonstration makes in a whole act.
        dashes: spin dashes per episode of the clone, on average.
        progress: how far the clone comes, 0 to 1, on average.
        rate: dashes for each whole act's length of ground covered.
        verdict: "pass", "fail" or "no reference" (the demonstrations of this act hold none).
    """

    act: str
    expected: float
    dashes: float
    progress: float
    rate: float
    verdict: str


def check_spin_dashes(
    checkpoint: Path, dataset: Dataset, env: EnvConfig, episodes_per_act: int, workers: int
) -> list[ActCheck]:
    """Roll a clone out on all 18 acts and judge each."""
    tasks = []
    for act in ACT_NAMES:
        tasks += [EpisodeTask(str(checkpoint), act, seed, env) for seed in spin_dash_seeds(episodes_per_act)]
    episodes = play_all(tasks, workers)
    lines = []
    for act in ACT_NAMES:
        mine = [episode for episode in episodes if episode.act == act]
        dashes = sum(episode.spin_dashes for episode in mine) / len(mine)
        progress = sum(episode.progress for episode in mine) / len(mine)
        lines.append(judge(act, spin_dashes_per_movie(dataset, act), dashes, progress))
    return lines


def judge(act: str, expected: float | None, dashes: float, progress: float) -> ActCheck:
    """The verdict on one act from averages."""
    rate = dashes / max(progress, 0.05)
    if not expected:
        return ActCheck(act, expected or 0.0, dashes, progress, rate, "no reference")
    least, most = PASS_SHARES
    verdict = "pass" if least * expected <= rate <= most * expected else "fail"
    return ActCheck(act, expected, dashes, progress, rate, verdict)


def passes(lines: list[ActCheck]) -> bool:
    """Whether the clone passes the check as a whole."""
    judged = [line for line in lines if line.verdict != "no reference"]
    return sum(line.verdict == "pass" for line in judged) >= PASSED_ACTS * len(judged)


def as_table(lines: list[ActCheck]) -> str:
    """The check as text."""
    rows = [f"{'spin-dash check':<24}{'demos':>7}{'clone':>7}{'progress':>10}{'per act':>9}  verdict"]
    for line in lines:
        figures = f"{line.expected:>7.1f}{line.dashes:>7.1f}{line.progress:>10.1%}{line.rate:>9.1f}"
        rows.append(f"{line.act:<24}{figures}  {line.verdict}")
    return "\n".join(rows)
