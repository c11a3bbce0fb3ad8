"""What the recorder's window is opened for."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from game.acts import Act
from game.certificate import Certificate
from game.games import Game
from record.pilots import Pilot
from record.take import Goal, Take

Kind = Literal["human", "policy", "watch"]
Presser = Literal["human", "policy"]


@dataclass(frozen=True)
class Start:
    """What a take begins from.

    Attributes:
        state: a savestate inside the act; None for the act's start.
        note: a line on the start card.
        label: the kind of name its movies get, "" for who played.
        source: file name of the movie that the state was taken from, "" for none.
        goal: what ends its takes.
    """

    act: Act
    state: bytes | None = None
    note: str = ""
    label: str = ""
    goal: Goal = "act"
    source: str = ""

    @property
    def origin(self) -> dict[str, Any]:
        """What the sidecars of its takes say of where they were made from: nothing seen in it may validate the other."""
        return {"made_from": {"file": self.source}} if self.source else {}

    def opening(self, game: Game) -> bytes:
        """The savestate its takes begin from."""
        return self.state or game.start_state(self.act)


@dataclass(frozen=True)
class Setup:
    """One session of the recorder.

    Attributes:
        kind: "human" (play), "policy" (a pilot plays, a person may take over) or "watch" (a pilot plays a movie).
        starts: what can be played, the one at `first` first.
        pilot: who plays when no person does.
        length: frames after which a watched movie is over, 0 when none is watched.
        expected: the watched movie's certificate, if it has one.
        facts: added to the sidecars of what is saved.
    """

    kind: Kind
    starts: tuple[Start, ...]
    first: int = 0
    pilot: Pilot | None = None
    movies: Path = Path("movies")
    length: int = 0
    expected: Certificate | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def first_in_control(self) -> Presser:
        """Who presses the pad when a take begins; a watched movie counts as "policy"."""
        return "human" if self.kind == "human" else "policy"

    def is_over(self, take: Take) -> bool:
        """Whether a take has come to its end by itself."""
        if self.length:  # a watched movie may go on after the act is finished
            return take.frames >= self.length
        return take.over
