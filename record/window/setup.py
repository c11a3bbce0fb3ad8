"""What the recorder's window is opened for."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from game.acts import Act
from game.movie import Certificate
from record.pilots import Pilot
from record.take import Goal

Kind = Literal["human", "policy", "watch"]


@dataclass(frozen=True)
class Start:
    """What a take begins from.

    Attributes:
        state: a savestate inside the act; None for the act's start.
        note: a line on the start card.
        label: the kind of name its movies get, "" for who played.
    """

    act: Act
    state: bytes | None = None
    note: str = ""
    label: str = ""
    goal: Goal = "act"


@dataclass(frozen=True)
class Setup:
    """One session of the recorder.

    Attributes:
        kind: "human" (play), "policy" (a pilot plays, a person may take over) or "watch" (a pilot plays a movie).
        starts: what can be played, the one at `first` first.
        pilot: who plays when no person does.
        length: frames after which a watched movie is over; `expected` is its certificate, if it has one.
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
