"""Places where holding RIGHT ends for good and the way on begins to the left, as places.json of a game lists them."""

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from common.files import read_json
from game.acts import Act
from game.games import Game, GameError
from game.ram import SWITCH_COUNT

Pixels = Annotated[int, Meta(ge=0, le=0x7FFF)]


@dataclass(frozen=True)
class Waypoint:
    """A spot on the way on.

    Attributes:
        x, y: pixels; y is that of the feet.
        switch: number of the switch to throw there, None where there is none.
    """

    x: Pixels
    y: Pixels
    switch: Annotated[int, Meta(ge=0, lt=SWITCH_COUNT)] | None = None


@dataclass(frozen=True)
class Place:
    """One such place; after its last waypoint the way on is to the right again.

    Attributes:
        kind: what closes the way.
        from_x: from here on (pixels) a player who knows the act heads for the waypoints.
        block_x: where holding RIGHT ends.
        waypoints: in the order they are reached in.
    """

    kind: Literal["door", "lift", "tower"]
    from_x: Pixels
    block_x: Pixels
    waypoints: Annotated[tuple[Waypoint, ...], Meta(min_length=1)]


def places(game: Game, act: Act) -> tuple[Place, ...]:
    """An act's places from left to right; none where the game has no places.json. GameError when that is damaged."""
    path = game.integration / "places.json"
    if not path.exists():
        return ()
    try:
        found = read_json(path, dict[str, tuple[Place, ...]]).get(act.name, ())
    except (OSError, ValueError) as error:
        raise GameError(f"Cannot use the places of {game.name}: {error}") from error
    starts = [place.from_x for place in found]
    if starts != sorted(starts):
        raise GameError(f"{path}: {act.name}: expected places in order of from_x. Received: {starts}")
    return found
