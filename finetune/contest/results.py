"""The contest's result: contest.json, and a table beside what others published."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from experiment.run import write_json
from finetune.contest.episodes import LAST, Figures, mean

RESULTS = "contest.json"
FORMAT = 1
LOG_WIDTH = 150
"""Columns where there is no terminal to ask."""
LEAST_COUNTED = 0.9
"""Below this share of steps in finished episodes, the table says that long episodes are missing from the mean."""


@dataclass(frozen=True)
class ActScore:
    """One act of the contest, learnt on and scored.

    Attributes:
        act, game, title: the act's name, the game in whose ROM it lies, and the act's name for people.
        steps: agent steps learnt on it.
        seconds: how long that took, evaluation and stops left out.
        figures: of the episodes that ended meanwhile.
        final_progress: of the final policy, on seeds of its own; 0 to 1.
    """

    act: str
    game: str
    title: str
    steps: int
    seconds: float
    figures: Figures
    final_progress: float


@dataclass(frozen=True)
class Published:
    """What somebody reached in 2018.

    Attributes:
        protocol: A, B or C (PROTOCOLS).
    """

    who: str
    score: float
    protocol: str


PROTOCOLS = {
    "A": "11 held-out levels of Sonic 1, 2 and 3 & Knuckles (Nichol et al. 2018, arXiv:1804.03720)",
    "B": "the leaderboard's 5 custom levels",
    "C": "the final's 11 custom levels",
}
PUBLISHED = (
    Published("human, an hour of practice on each level", 7438.2, "A"),
    Published("best entry of the leaderboard", 6115.2, "B"),
    Published("winner (joint PPO, novelty bonus)", 4692.0, "C"),
    Published("joint PPO", 3127.9, "A"),
    Published("Rainbow", 2748.6, "A"),
    Published("JERK", 1904.0, "A"),
)
"""Of 1,000,000 steps on each level, the mean score of all episodes, as here."""
ANOTHER_GAME = (
    "Published in 2018, on other levels: a scale, and nothing to compare with. Protocols: "
    + "; ".join(f"{letter}, {levels}" for letter, levels in PROTOCOLS.items())
    + "."
)


def mean_score(acts: Sequence[ActScore]) -> float | None:
    """The contest's score: the mean over acts; None while an act has none."""
    scores = [act.figures.score for act in acts if act.figures.score is not None]
    return mean(scores) if len(scores) == len(acts) else None


def save_results(path: Path, about: Mapping[str, Any], acts: Sequence[ActScore]) -> None:
    """Write contest.json; `about` says what was run."""
    published = {
        "note": ANOTHER_GAME,
        "rows": [asdict(row) for row in PUBLISHED],
    }
    results = {"format": FORMAT, **about, "score": mean_score(acts), "acts": [asdict(act) for act in acts]}
    write_json(path, results | {"published": published})


def show(title: str, acts: Sequence[ActScore], departures: Sequence[str]) -> None:
    """Print the table, in which ways it is not the contest's protocol, and the published figures under it."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = LOG_WIDTH
    drawn = _table(title, ("act", "episodes", "contest score", f"last {LAST}", "passed", "final progress"))
    for act in acts:
        drawn.add_row(*_cells(act))
    drawn.add_section()
    drawn.add_row(*_means(acts))
    console.print(drawn)
    for departure in departures:
        console.print(Text(f"Not the contest's protocol: {departure}."))
    for note in _notes(acts):
        console.print(Text(note))
    published = _table("Another game's figures", ("who", "contest score", "protocol"))
    for row in PUBLISHED:
        published.add_row(row.who, f"{row.score:.0f}", row.protocol)
    console.print(published)
    console.print(Text(ANOTHER_GAME))


def _table(title: str, columns: Sequence[str]) -> Table:
    drawn = Table(title=Text(title), title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    names, *figures = columns
    drawn.add_column(Text(names), justify="left", overflow="fold")
    for column in figures:
        drawn.add_column(Text(column), justify="right", overflow="fold")
    return drawn


def _cells(act: ActScore) -> tuple[str, ...]:
    figures = act.figures
    return (
        act.title,
        f"{figures.episodes}",
        points(figures.score),
        points(figures.last_score),
        f"{figures.passed}",
        f"{100 * act.final_progress:.1f}\u00a0%",
    )


def _means(acts: Sequence[ActScore]) -> tuple[str, ...]:
    lasts = [act.figures.last_score for act in acts if act.figures.last_score is not None]
    progress = mean([act.final_progress for act in acts]) or 0.0
    return (
        "mean",
        f"{sum(act.figures.episodes for act in acts)} in all",
        points(mean_score(acts)),
        points(mean(lasts)),
        f"{sum(act.figures.passed for act in acts)} in all",
        f"{100 * progress:.1f}\u00a0%",
    )


def _notes(acts: Sequence[ActScore]) -> list[str]:
    """What a reader has to know of these figures."""
    notes = []
    counted = sum(act.figures.counted_steps for act in acts)
    steps = sum(act.steps for act in acts)
    if counted < LEAST_COUNTED * steps:
        notes.append(
            f"Only {counted / steps:.0%} of the steps lie in episodes that ended; those still running at the end, which "
            "tend to be long ones, count nothing. More steps, or fewer environments at once, make that share larger."
        )
    missing = [act.title for act in acts if act.figures.score is None]
    if missing:
        notes.append(f"No episode ended in {', '.join(missing)}, so there is no score there, and no mean.")
    return notes


def points(score: float | None) -> str:
    """5734.2 -> "5734"; a dash for none."""
    return "–" if score is None else f"{score:.0f}"
