"""What to play next: what a person's takes cover of each act, and where the trained player needs them most."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from common.words import counted
from game.acts import ACT_NAMES
from game.games import Game
from record.entry import Entry
from record.scored import Scored

ENOUGH = 3
"""Finished takes of one's own after which an act is well covered: two to learn from, one to compare with."""
SHOWN = 3


@dataclass(frozen=True)
class Coverage:
    """A person's own takes of an act.

    Attributes:
        takes: usable ones; finished: those that finish the act; dashes: spin dashes in them.
        reached: how far the best comes, 0 to 1.
    """

    takes: int
    finished: int
    dashes: int
    reached: float

    @property
    def lacks(self) -> str:
        """What the act would be helped by, "" when it is well covered."""
        if not self.takes:
            return "no take of yours"
        if not self.finished:
            return f"no take of yours finishes it (best {self.reached:.0%})"
        if not self.dashes:
            return "no spin dash in your takes"
        if self.finished < ENOUGH:
            return f"{self.finished} of about {ENOUGH} finished takes"
        return ""

    @property
    def in_words(self) -> str:
        """What there is of yours, and what would help: "2 takes of yours, 4 spin dashes; 1 of about 3 finished takes"."""
        told = f"{counted(self.takes, 'takes')} of yours, {self.dashes} spin dash{'' if self.dashes == 1 else 'es'}"
        return f"{told}; {self.lacks or 'well covered'}"


def coverage_of(entries: Sequence[Entry]) -> Coverage:
    """Of one act's movies, those a person played."""
    own = [entry for entry in entries if entry.by_a_person and not entry.trouble]
    return Coverage(
        takes=len(own),
        finished=sum(entry.finished for entry in own),
        dashes=sum(entry.spin_dashes for entry in own),
        reached=max((entry.reached for entry in own), default=0.0),
    )


def play_next(covered: Mapping[str, Coverage], scored: Scored | None) -> list[str]:
    """Acts by how much a take of yours would help: least progress of the trained player, least covered by you."""
    progress = scored.progress_by_act() if scored else {}

    def need(act: str) -> float:
        missing = 1 - min(covered[act].finished, ENOUGH) / ENOUGH
        return (1 - progress.get(act, 0.5)) * (0.25 + missing)

    acts = [act for act in ACT_NAMES if act in covered and (covered[act].lacks or act in progress)]
    return sorted(acts, key=need, reverse=True)


def advice(game: Game, covered: Mapping[str, Coverage], scored: Scored | None) -> list[str]:
    """Lines for `record list` and the end card: what to play next, and why."""
    ranked = play_next(covered, scored)[:SHOWN]
    if not ranked:
        return ["every act is well covered by your takes"]
    progress = scored.progress_by_act() if scored else {}
    lines = ["what would help most:"]
    for act in ranked:
        reasons = [covered[act].lacks or "well covered by your takes"]
        if scored and act in progress:
            reasons.insert(0, f"the {scored.player} player comes {progress[act]:.0%} far")
        lines.append(f"    make record LEVEL={act} GAME={game.name}    ({'; '.join(reasons)})")
    if scored:
        lines.append(
            f"    make record-skill SKILL=weak GAME={game.name}    (the moments where it fails, {scored.where})"
        )
    return lines
