"""The options of the conversion."""

from collections.abc import Mapping
from dataclasses import dataclass

from game.observation import ObservationSpec


@dataclass(frozen=True)
class ConvertConfig:
    """Convert movies (bk2) to an HDF5 data set of grey frames and 23-combo labels."""

    movies: tuple[str, ...] = ()
    """Files or folders of movies; by default movies/<game> and, below it, everything recorded."""
    game: str = ""
    """sonic2 or quillrush; by default that of the movies given, else sonic2 once its ROM is imported."""
    name: str = ""
    """Data set name, data/<name>; by default <game>-v0."""
    limit: int = 0
    """Convert only so many movies per act (0: all)."""
    workers: int = 0
    """Processes (0: one per core)."""
    observation: ObservationSpec = ObservationSpec()


PRESETS: Mapping[str, ConvertConfig] = {
    "full": ConvertConfig(),
    "demo": ConvertConfig(),
    "smoke": ConvertConfig(name="smoke-v0", limit=1),
}
