"""What the recorder's window is opened for."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from game.acts import Act
from game.certificate import Certificate
from game.games import Game
from game.movie import Movie
from record.pilots import Pilot
from record.take import Goal

Kind = Literal["human", "policy", "watch"]
Presser = Literal["human", "policy"]

BRANCH_LABEL = "human-branch"
"""The kind of name that movies get which go on from a frame of another that somebody chose while watching."""


@dataclass(frozen=True)
class Start:
    """What a take begins from.

    Attributes:
        state: a savestate inside the act; None for the act's start.
        note: a line on the start card.
        label: the kind of name its movies get, "" for who played.
        source: file name of the movie that the state was taken from, "" for none.
        frame: of that movie, after which its takes go on; None where that is not known.
        goal: what ends its takes.
    """

    act: Act
    state: bytes | None = None
    note: str = ""
    label: str = ""
    goal: Goal = "act"
    source: str = ""
    frame: int | None = None

    @property
    def origin(self) -> dict[str, Any]:
        """What the sidecars of its takes say of where they were made from: nothing seen in it may validate the other."""
        if not self.source:
            return {}
        place = {} if self.frame is None else {"frame": self.frame}
        return {"made_from": {"file": self.source} | place}

    @property
    def is_branch(self) -> bool:
        """Whether it goes on from a frame that somebody chose while watching."""
        return self.label == BRANCH_LABEL

    def opening(self, game: Game) -> bytes:
        """The savestate its takes begin from."""
        return self.state or game.start_state(self.act)


@dataclass(frozen=True)
class Watched:
    """A movie to be watched.

    Attributes:
        file: its name.
        expected: its certificate, if it has one.
    """

    file: str
    movie: Movie
    expected: Certificate | None = None


@dataclass(frozen=True)
class Setup:
    """What the window is opened for at the moment.

    Attributes:
        kind: "human" (play), "policy" (a pilot plays, a person may take over) or "watch" (a movie).
        starts: what can be played, the one at `first` first.
        pilot: who plays when no person does.
        watched: the movie, for "watch".
        facts: added to the sidecars of what is saved.
    """

    kind: Kind
    starts: tuple[Start, ...]
    first: int = 0
    pilot: Pilot | None = None
    movies: Path = Path("movies")
    watched: Watched | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def first_in_control(self) -> Presser:
        """Who presses the pad when a take begins."""
        return "policy" if self.kind == "policy" else "human"
