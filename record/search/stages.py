"""How much of an act's places is done: those whose way on begins to the left (game.places)."""

from collections.abc import Sequence
from dataclasses import dataclass

from game.places import Place, Waypoint
from record.search.route import AtWaypoint
from record.search.sandbox import Situation

WELL_PAST = 80
"""Pixels behind the point where holding RIGHT ends, from which on a place is done, however the player came there."""


@dataclass(frozen=True)
class Stage:
    """Where a play stands among the places.

    Attributes:
        place: number of the place that comes next.
        waypoint: number of its waypoint that comes next.
        begun: the player is on the way to that waypoint.
    """

    place: int = 0
    waypoint: int = 0
    begun: bool = False

    def heads_for(self, places: Sequence[Place]) -> Waypoint | None:
        """The waypoint that the player is on the way to; None where the way is to the right."""
        return places[self.place].waypoints[self.waypoint] if self.begun else None

    def after(self, now: Situation, places: Sequence[Place]) -> "Stage":
        """The stage in this situation."""
        if self.place == len(places):
            return self
        place = places[self.place]
        if self.waypoint == len(place.waypoints) or now.x > place.block_x + WELL_PAST:
            return Stage(self.place + 1).after(now, places)
        begun = self.begun or now.x >= place.from_x
        if begun and AtWaypoint(place.waypoints[self.waypoint]).reached(now):
            return Stage(self.place, self.waypoint + 1, begun).after(now, places)
        return Stage(self.place, self.waypoint, begun)
