"""Levels of a contest: acts, each in the ROM it is played in."""

from collections.abc import Iterable
from dataclasses import dataclass

from game.acts import Act, select_acts
from game.games import CUSTOM_GAMES, Game, GameError


@dataclass(frozen=True)
class Level:
    """An act, and the game in whose ROM it is played."""

    game: Game
    act: Act

    @property
    def title(self) -> str:
        """For people; a custom level's says which ROM it lies in."""
        title = self.game.title(self.act.name)
        return f"{title} ({self.game.name})" if self.game.made_from else title


def contest_levels(game: Game, names: str) -> tuple[Level, ...]:
    """The levels of a contest, each once.

    Args:
        names: as game.acts.select_acts takes them. "test" is what nobody has trained on: Quillrush's test acts; on sonic2
            the contest's five custom levels; on one of their ROMs those in it.

    Raises:
        GameError: acts that the game has not, or custom levels whose ROMs are not there.
        ValueError: an unknown act.
    """
    is_test = names.strip().lower() == "test"
    if is_test and game.made_from:
        return tuple(Level(game, act) for act in game.acts)
    customs = [custom for custom in CUSTOM_GAMES.values() if custom.made_from == game.name]
    if is_test and customs:
        _check_custom_roms(customs)
        return tuple(Level(custom, act) for custom in customs for act in custom.acts)
    acts = select_acts(names)
    game.check_acts(acts)
    return tuple(Level(game, act) for act in acts)


def _check_custom_roms(customs: Iterable[Game]) -> None:
    lacking = [f"{custom.name} ({custom.roms[0]})" for custom in customs if not custom.has_rom]
    if lacking:
        raise GameError(
            "Expected the ROMs of the contest's custom levels, which are Sonic 2's test levels and which `make rom "
            f"ROM=path` makes from your ROM. Received: no {', no '.join(lacking)}. Other levels need none of them: "
            "LEVELS=held-out."
        )
