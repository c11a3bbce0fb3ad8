"""One movie of the collection, from its file and sidecar alone."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from game.certificate import is_by_a_person, read_sidecar
from game.movie import MovieError, read_movie
from game.spindash import pad_spin_dashes


@dataclass(frozen=True)
class Entry:
    """One movie of the collection, from its file and sidecar alone.

    Attributes:
        reached: its furthest point, 0 to 1 of the act, as far as the sidecar says.
        spin_dashes: as counted from RAM when it was recorded, or (`counted` False) as they look on the pad.
        trouble: why it cannot be used, "" when it can.
    """

    path: Path
    player: str = "unknown"
    frames: int = 0
    finished: bool = False
    reached: float = 0.0
    spin_dashes: int = 0
    counted: bool = False
    certified: bool = False
    trouble: str = ""

    @property
    def by_a_person(self) -> bool:
        """Whether a person pressed at least some of its frames."""
        return is_by_a_person(self.player)


def entry_of(path: Path) -> Entry:
    """A movie as an entry; one that cannot be read is an entry too, with its `trouble`."""
    try:
        movie = read_movie(path)
        sidecar = read_sidecar(path)
        counted = _spin_dashes(path, sidecar.facts)
    except MovieError as error:
        return Entry(path, trouble=str(error))
    return Entry(
        path,
        player=sidecar.player,
        frames=movie.frames,
        finished=sidecar.facts.get("finished") is True,
        reached=_reached(sidecar.facts),
        spin_dashes=len(pad_spin_dashes(movie.masks)) if counted is None else counted,
        counted=counted is not None,
        certified=sidecar.certificate is not None,
    )


def _spin_dashes(path: Path, facts: dict[str, Any]) -> int | None:
    """As the sidecar's facts count them; None when they do not. MovieError when that is no count."""
    counted = facts.get("spin_dashes")
    if counted is None or (type(counted) is int and counted >= 0):
        return counted
    raise MovieError(
        f"{path.with_suffix('.json')}: facts.spin_dashes: expected a count. Received: {repr(counted)[:40]}"
    )


def _reached(facts: dict[str, Any]) -> float:
    """How far a movie comes; of those recorded before sidecars said so, only whether it is all the way."""
    if facts.get("finished") is True:
        return 1.0
    reached = facts.get("reached")
    return min(max(float(reached), 0.0), 1.0) if isinstance(reached, int | float) else 0.0
