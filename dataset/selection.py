"""Whose play is learnt from: which movies of a collection are meant, and in words what was chosen and left out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from common.ranges import Count, NotNegative
from common.words import counted
from game.acts import HELD_OUT_ACT_NAMES, TEST_ACT_NAMES, select_acts
from game.certificate import is_by_a_person
from game.rules import FRAMES_PER_SECOND

CORRECTION = "correction"


@dataclass(frozen=True)
class Facts:
    """What decides whether a movie is meant.

    Attributes:
        died: a life was lost in it before its act was passed.
        recorded: ISO date, perhaps with a time; "" when nobody knows.
        skill: what it practises, "" for whole play.
        noisy: it was played under sticky frames.
    """

    player: str
    act: str
    frames: int
    died: bool = False
    recorded: str = ""
    skill: str = ""
    noisy: bool = False

    @classmethod
    def of_attributes(cls, attributes: Mapping[str, Any]) -> "Facts":
        """Those of a converted movie."""
        return cls(
            player=attributes["player"],
            act=attributes["act"],
            frames=attributes["total_steps"],
            died=attributes["died"] and not attributes["passed_end_x"],
            recorded=attributes.get("recorded", ""),
            skill=attributes["skill"],
            noisy=attributes.get("noisy", False),
        )

    @property
    def by_a_person(self) -> bool:
        """Whether a person pressed at least some of its frames."""
        return is_by_a_person(self.player)


@dataclass(frozen=True)
class Selection:
    """Which movies are meant."""

    players: Literal["all", "human", "search"] = "all"
    """all; human: a person's takes, takeovers and drills; search: the search player's movies, its corrections among them."""
    corrections: bool = True
    """The search player's corrections of trained players, too; of them all there are, whatever `takes` says."""
    noise: Literal["any", "none", "sticky"] = "any"
    """Which of the search player's movies. any; none: those played without noise; sticky: those played under the
    contest's sticky frames. A person's are meant in any case."""
    acts: str = "all"
    """"all", or act names separated by commas."""
    contest_split: bool = False
    """Leave out the contest's three held-out acts, so that nothing of them is taught."""
    takes: Count = 0
    """At most so many movies of each act, the first by name, corrections apart (0: all)."""
    since: str = ""
    """Only what was recorded on this day (YYYY-MM-DD) or later; "" for any day."""
    least_seconds: NotNegative = 5.0
    """A person's takes that are shorter are left out (drills are short by nature, and stay)."""
    deaths: Literal["cut", "keep", "out"] = "cut"
    """Where a life is lost. cut: the last seconds before it are not taught, the play before them is. keep: all of it is.
    out: takes in which a life is lost before the act is passed are left out."""

    def check(self) -> None:
        """ValueError for an act or a day that is none, or a held-out act under the contest split."""
        select_acts(self.acts, self.contest_split)
        if self.since:
            try:
                date.fromisoformat(self.since)
            except ValueError as error:
                raise ValueError(f"Expected a day as YYYY-MM-DD. Received: {self.since!r}") from error

    def reason_against(self, movie: Facts) -> str:
        """Why a movie is left out, "" when it is meant."""
        if self.players == "human" and not movie.by_a_person:
            return "not by a person"
        if self.players == "search" and movie.player not in ("search", CORRECTION):
            return "not by the search player"
        reason = self._reason_against_search(movie) or self._reason_against_act(movie.act)
        if reason:
            return reason
        if self.since and movie.recorded[:10] < self.since:
            return f"not recorded since {self.since}"
        if movie.by_a_person and not movie.skill and movie.frames < self.least_seconds * FRAMES_PER_SECOND:
            return f"shorter than {self.least_seconds:g} s"
        if movie.died and self.deaths == "out":
            return "with a death"
        return ""

    def _reason_against_search(self, movie: Facts) -> str:
        if movie.player == CORRECTION and not self.corrections:
            return "of corrections"
        if movie.player == "search" and self.noise == "none" and movie.noisy:
            return "under sticky frames"
        if movie.player == "search" and self.noise == "sticky" and not movie.noisy:
            return "without sticky frames"
        return ""

    def _reason_against_act(self, act: str) -> str:
        if self.acts == "all" and act in TEST_ACT_NAMES:
            return "of a test act, on which nobody trains"
        if self.acts != "all" and act not in {meant.name for meant in select_acts(self.acts)}:
            return "of another act"
        if self.contest_split and act in HELD_OUT_ACT_NAMES:
            return "held out by the contest split"
        return ""

    def reasons_against(self, movies: Mapping[str, Facts]) -> dict[str, str]:
        """Movie name -> why it is left out, for those that are; of whole collections, by name."""
        reasons: dict[str, str] = {}
        meant: Counter[str] = Counter()
        for name in sorted(movies):
            reason = self.reason_against(movies[name])
            is_take = movies[name].player != CORRECTION
            if not reason and is_take and self.takes and meant[movies[name].act] == self.takes:
                reason = f"beyond {counted(self.takes, 'takes')} of its act"
            if reason:
                reasons[name] = reason
            else:
                meant[movies[name].act] += is_take
        return reasons


UNASKED = "shorter"
"""How the reason begins that nobody asked for: it is said movie by movie."""


def left_out_in_words(reasons: Mapping[str, str]) -> list[str]:
    """Lines about what is left out, by movie name -> reason; those nobody asked to leave out are named."""
    lines = []
    for reason, count in sorted(Counter(reasons.values()).items()):
        names = [name for name, why in reasons.items() if why == reason]
        told = f"left out: {counted(count, 'movies')} {reason}"
        if reason.startswith(UNASKED):
            told += f" ({', '.join(names[:6])}{' …' if count > 6 else ''})"
        lines.append(told)
    if any(reason.startswith(UNASKED) for reason in reasons.values()):
        lines.append("--select.least-seconds 0 takes such takes in")
    return lines


def composition(movies: Sequence[Facts]) -> str:
    """Whose play it is, in words: "7 takes, 11 minutes, 4 acts of yours; 108 of search"."""
    own = [movie for movie in movies if movie.by_a_person]
    others = Counter(movie.player for movie in movies if not movie.by_a_person)
    parts = []
    if own:
        minutes = sum(movie.frames for movie in own) / FRAMES_PER_SECOND / 60
        acts = len({movie.act for movie in own})
        spent = f"{minutes:.0f} minutes" if minutes >= 2 else f"{60 * minutes:.0f} seconds"
        parts.append(f"{counted(len(own), 'takes')}, {spent}, {counted(acts, 'acts')} of yours")
    parts += [f"{count} of {player}" for player, count in sorted(others.items())]
    return "; ".join(parts) or "nothing"
