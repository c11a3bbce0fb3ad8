"""The options of the conversion."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from common.ranges import Count
from dataset.selection import Selection
from game.observation import ObservationSpec


@dataclass(frozen=True)
class ConvertConfig:
    """Convert movies (bk2) to an HDF5 data set of grey frames and 23-combo labels."""

    movies: tuple[str, ...] = ()
    """Files or folders of movies; by default movies/<game> and, below it, everything recorded."""
    game: str = ""
    """sonic2 or quillrush; by default that of the movies given, else sonic2 once its ROM is imported."""
    name: str = ""
    """Data set name, data/<name>, of the form NAME-v0; by default <game>-v0."""
    select: Selection = Selection(least_seconds=0.0, deaths="keep")
    """Which movies are converted; which of those are learnt from is asked again in cloning."""
    others: Literal["ask", "keep", "remove"] = "ask"
    """What becomes of the data set's movies that are not among those chosen. ask: stop and say so, before anything."""
    limit: Count = 0
    """Convert only so many movies per act (0: all), finished ones first."""
    workers: Count = 0
    """Processes (0: one per core)."""
    cluster: str = ""
    """Where they run instead: a Ray cluster's HOST:PORT, `auto` for this machine's, `local` for one here (docs/cluster.md)."""
    observation: ObservationSpec = ObservationSpec()


PRESETS: Mapping[str, ConvertConfig] = {
    "full": ConvertConfig(),
    "demo": ConvertConfig(),
    "mine": ConvertConfig(),
    "smoke": ConvertConfig(name="smoke-v0", limit=1, others="remove"),
}
