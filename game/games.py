"""The two games: where each integration lies, which one is the default, and the check of its ROM.

A *game* is a stable-retro integration (ROM, states, RAM variables) plus its acts. `sonic2` needs the user's own ROM;
`quillrush` is embedded. Nothing else in the project asks which of the two it is.
"""

import gzip
import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import stable_retro.data

from common.names import did_you_mean
from game.acts import QUILLRUSH_ZONES, Act, act_title
from game.savestate import CORE_STATE_BYTES, clean_state

ROOT = Path(__file__).resolve().parent.parent
ROM_FOLDER = ROOT / "roms"
"""Where imported ROMs lie; never in git."""


class GameError(ValueError):
    """A game, ROM or state cannot be used; the message says what was found, what was expected and what to do."""


@dataclass(frozen=True)
class Game:
    """One playable game.

    Attributes:
        name: what GAME= takes.
        retro_id: stable-retro's id, as movies and data sets carry it.
        sha1: of the ROM.
        integration: folder with data.json, scenarios, script and states.
        roms: where the ROM may lie; the first that exists is used.
        zones: what it calls the zones, where that is not Sonic 2's name.
    """

    name: str
    retro_id: str
    sha1: str
    integration: Path
    roms: tuple[Path, ...]
    zones: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def rom(self) -> Path:
        """The ROM file. GameError when there is none."""
        for path in self.roms:
            if path.is_file():
                return path
        raise GameError(
            f"No ROM for {self.name}. Expected one with SHA-1 {self.sha1} at {self.roms[0]}. "
            "Bring your own with `make rom ROM=path`, or play the embedded game with GAME=quillrush."
        )

    @property
    def has_rom(self) -> bool:
        return any(path.is_file() for path in self.roms)

    def check_rom(self) -> Path:
        """The ROM file once its SHA-1 is known to be right; GameError otherwise."""
        path = self.rom
        found = hashlib.sha1(path.read_bytes()).hexdigest()
        if found != self.sha1:
            raise GameError(
                f"{path} is not the ROM of {self.name}. Expected SHA-1 {self.sha1}. Received: {found}. "
                "Import the right dump with `make rom ROM=path`."
            )
        return path

    def title(self, act: str) -> str:
        """An act's name for people: "Emerald Hill Zone, Act 1", in Quillrush "Fernfall, Act 1"."""
        return act_title(act, self.zones)

    def start_state(self, act: Act) -> bytes:
        """The savestate an act begins with, clean. GameError when missing or damaged."""
        path = self.integration / f"{act.name}.state"
        try:
            state = gzip.decompress(path.read_bytes())
        except (OSError, EOFError, zlib.error) as error:
            raise GameError(f"Cannot read the start state {path}: {error}") from error
        if len(state) != CORE_STATE_BYTES:
            raise GameError(f"{path}: expected {CORE_STATE_BYTES} bytes. Received: {len(state)}")
        return clean_state(state)


def _sonic2() -> Game:
    retro_id = "SonicTheHedgehog2-Genesis-v0"
    shipped = Path(stable_retro.data.path()) / "stable" / retro_id
    return Game(
        name="sonic2",
        retro_id=retro_id,
        sha1="8bca5dcef1af3e00098666fd892dc1c2a76333f9",
        integration=shipped,
        roms=(ROM_FOLDER / retro_id / "rom.md", shipped / "rom.md"),
    )


def _quillrush() -> Game:
    retro_id = "Quillrush-Genesis-v0"
    integration = ROOT / "game" / "quillrush" / "integration" / retro_id
    sha_file = integration / "rom.sha"
    sha1 = sha_file.read_text().strip() if sha_file.is_file() else ""
    return Game("quillrush", retro_id, sha1, integration, (integration / "rom.md",), QUILLRUSH_ZONES)


GAMES = {game.name: game for game in (_sonic2(), _quillrush())}


def find_game(name: str) -> Game:
    """The game of this name. GameError names the nearest one and the list."""
    if name in GAMES:
        return GAMES[name]
    hint = did_you_mean(name, GAMES, most=1)
    raise GameError(f"Unknown GAME {name!r}.{hint} The games are: {', '.join(GAMES)}.")


def game_of_id(retro_id: str) -> Game:
    """The game of a movie's or data set's id; ids from before stable-retro 1.0 (no "-v0") resolve too."""
    wanted = retro_id if retro_id.endswith("-v0") else f"{retro_id}-v0"
    for game in GAMES.values():
        if game.retro_id == wanted:
            return game
    known = ", ".join(game.retro_id for game in GAMES.values())
    raise GameError(f"Expected a movie of one of {known}. Received game id {retro_id!r}.")


def choose_game(name: str = "") -> tuple[Game, str]:
    """The game to use and, for the user, why.

    Args:
        name: what the user asked for, or "" for the default: sonic2 once its ROM is imported, until then quillrush.
    """
    if name:
        return find_game(name), "asked for"
    if GAMES["sonic2"].has_rom:
        return GAMES["sonic2"], "its ROM is imported"
    return GAMES["quillrush"], "the embedded game; no Sonic 2 ROM is imported"
