"""The two games: where each integration lies, which one is the default, and the check of its ROM.

A *game* is a stable-retro integration (ROM, states, RAM variables) plus its acts. `sonic2` needs the user's own ROM;
`quillrush` is embedded. Nothing else in the project asks which of the two it is. The Retro Contest's custom levels lie in
ROMs of their own, patched from Sonic 2's; each of those is a game, too, which is learnt on in the contest only.

The environment variable INTEGRATION names a folder with another build of Quillrush (its ROM, states, data.json, rom.sha),
which is then played in place of the embedded one, by worker processes, too.
"""

import gzip
import hashlib
import os
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import stable_retro.data

from common.names import did_you_mean
from game.acts import ACTS, ALL_ACTS, QUILLRUSH_ZONES, Act, act_title, find_act
from game.savestate import CORE_STATE_BYTES, clean_state

ROOT = Path(__file__).resolve().parent.parent
ROM_FOLDER = ROOT / "roms"
"""Where imported ROMs lie; never in git."""


INTEGRATION = "INTEGRATION"
"""The environment variable that names another build of Quillrush."""
_BUILD_FILES = ("rom.md", "rom.sha", "data.json", "scenario.json")
_USE_EMBEDDED = "Without INTEGRATION the embedded game is played."


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
        acts: those it has.
        zones: what it calls the zones, where that is not Sonic 2's name.
        music_switch: where in RAM a 1 lets it play its songs; None where they always play.
        is_other_build: whether INTEGRATION names it.
        made_from: the game from whose ROM the import makes this one's by a patch (game.rom.custom); "" for the two games.
    """

    name: str
    retro_id: str
    sha1: str
    integration: Path
    roms: tuple[Path, ...]
    acts: tuple[Act, ...] = ACTS
    zones: Mapping[str, str] = field(default_factory=dict, compare=False)
    music_switch: int | None = None
    is_other_build: bool = False
    made_from: str = ""

    @property
    def rom(self) -> Path:
        """The ROM file. GameError when there is none."""
        for path in self.roms:
            if path.is_file():
                return path
        if self.made_from:
            raise GameError(
                f"No ROM for {self.name}. Expected one with SHA-1 {self.sha1} at {self.roms[0]}, "
                f"which `make rom ROM=path` makes from that of {self.made_from}."
            )
        raise GameError(
            f"No ROM for {self.name}. Expected one with SHA-1 {self.sha1} at {self.roms[0]}. "
            "Bring your own with `make rom ROM=path`, or play the embedded game with GAME=quillrush."
        )

    @property
    def has_rom(self) -> bool:
        return any(path.is_file() for path in self.roms)

    def check_rom(self) -> Path:
        """The ROM file once its SHA-1 is known to be right; GameError otherwise."""
        self.check_build()
        path = self.rom
        found = hashlib.sha1(path.read_bytes()).hexdigest()
        if found != self.sha1:
            advice = "Import the right dump with `make rom ROM=path`."
            if self.is_other_build:
                advice = f"Its rom.sha says so. Build the folder anew, or name another. {_USE_EMBEDDED}"
            raise GameError(
                f"{path} is not the ROM of {self.name}. Expected SHA-1 {self.sha1}. Received: {found}. {advice}"
            )
        return path

    def check_build(self) -> None:
        """GameError when INTEGRATION names a folder in which something of the game is missing."""
        if not self.is_other_build:
            return
        needed = [*_BUILD_FILES, *(f"{act.name}.state" for act in self.acts)]
        missing = [name for name in needed if not (self.integration / name).is_file()]
        if missing:
            received = f"no {missing[0]}" + (f" (and {len(missing) - 1} more missing)" if missing[1:] else "")
            if not self.integration.is_dir():
                received = "no such folder"
            raise GameError(
                f"INTEGRATION={self.integration}: expected a folder with {', '.join(_BUILD_FILES)} and the "
                f"{len(self.acts)} start states of {self.name}. Received: {received}. "
                f"`python -m game.quillrush.builder --help` says how to make one. {_USE_EMBEDDED}"
            )

    def check_acts(self, acts: Iterable[Act]) -> None:
        """GameError when one of these is an act that the game has not."""
        lacking = [act.name for act in acts if act not in self.acts]
        if lacking:
            raise GameError(
                f"{self.name} has no {', '.join(lacking)}. Expected some of its {len(self.acts)} acts. "
                "The test acts are Quillrush's: GAME=quillrush plays them. The contest's custom levels lie in ROMs of "
                f"their own: GAME={' or '.join(CUSTOM_GAMES)}."
            )

    @property
    def build(self) -> str:
        """Which ROM is played, in words, when INTEGRATION names it: "ROM 1f0c2b9a of DIR"; "" otherwise."""
        return f"ROM {self.sha1[:8]} of {self.integration}" if self.is_other_build else ""

    def title(self, act: str) -> str:
        """An act's name for people: "Emerald Hill Zone, Act 1", in Quillrush "Fernfall, Act 1"."""
        return act_title(act, self.zones)

    def start_state(self, act: Act) -> bytes:
        """The savestate an act begins with, clean. GameError when missing or damaged, or an act of the other game."""
        self.check_acts([act])
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
    other = os.environ.get(INTEGRATION, "")
    integration = Path(other).resolve() if other else ROOT / "game" / "quillrush" / "integration" / retro_id
    sha_file = integration / "rom.sha"
    return Game(
        name="quillrush",
        retro_id=retro_id,
        sha1=sha_file.read_text(errors="replace").strip() if sha_file.is_file() else "",
        integration=integration,
        roms=(integration / "rom.md",),
        acts=ALL_ACTS,
        zones=QUILLRUSH_ZONES,
        music_switch=0xFFFFF1,
        is_other_build=bool(other),
    )


def _custom(name: str, retro_id: str, *acts: str) -> Game:
    """A ROM of the contest's custom levels; stable-retro brings its patch, hash and start states."""
    integration = Path(stable_retro.data.path()) / "contrib" / retro_id
    sha_file = integration / "rom.sha"
    return Game(
        name=name,
        retro_id=retro_id,
        sha1=sha_file.read_text(errors="replace").strip() if sha_file.is_file() else "",
        integration=integration,
        roms=(ROM_FOLDER / retro_id / "rom.md",),
        acts=tuple(find_act(act) for act in acts),
        made_from="sonic2",
    )


GAMES = {game.name: game for game in (_sonic2(), _quillrush())}
_LEADERBOARD = _custom(
    "sonic2-leaderboard",
    "SonicTheHedgehog2CustomLeaderboard-Genesis",
    "AquaticRuinZone.Custom",
    "HillTopZone.Custom",
)
_FINAL = _custom(
    "sonic2-final",
    "SonicTheHedgehog2CustomKevin-Genesis",
    "AquaticRuinZone.Custom",
    "HillTopZone.Custom",
    "OilOceanZone.Custom",
)
CUSTOM_GAMES = {game.name: game for game in (_LEADERBOARD, _FINAL)}
"""ROMs of custom levels: those of Sonic 2 on the contest's leaderboard, and those in its final."""


def find_game(name: str) -> Game:
    """The game of this name. GameError names the nearest one and the list."""
    known = GAMES | CUSTOM_GAMES
    if name in known:
        return known[name]
    hint = did_you_mean(name, known, most=1)
    customs = " and ".join(CUSTOM_GAMES)
    raise GameError(
        f"Unknown GAME {name!r}.{hint} The games are: {', '.join(GAMES)}; of the contest's levels, {customs}."
    )


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

    Raises:
        GameError: no such game, or INTEGRATION names a folder in which something of it is missing.
    """
    game, why = _choose_game(name)
    game.check_build()
    return game, f"{why}; {game.build}" if game.build else why


def _choose_game(name: str) -> tuple[Game, str]:
    if name:
        return find_game(name), "asked for"
    if GAMES["quillrush"].is_other_build:
        return GAMES["quillrush"], "the one that INTEGRATION is for"
    if GAMES["sonic2"].has_rom:
        return GAMES["sonic2"], "its ROM is imported"
    return GAMES["quillrush"], "the embedded game; no Sonic 2 ROM is imported"
