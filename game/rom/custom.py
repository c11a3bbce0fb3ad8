"""The ROMs of the Retro Contest's custom levels, made from the user's own by the patches that stable-retro brings.

Nothing is downloaded, and a ROM is kept only when its SHA-1 is the one that stable-retro names beside the patch.
"""

import hashlib
from collections.abc import Iterator

from common.files import read_bounded
from game.games import CUSTOM_GAMES, Game, GameError
from game.rom.importing import MAX_ROM_BYTES, Finding, destination, store
from game.rom.vcdiff import decode

PATCH = "rom.delta"
MAX_PATCH_BYTES = 4 << 20
"""The contest's largest has 170 kB."""


def make_custom_roms(game: Game, image: bytes) -> Iterator[str]:
    """Make every ROM that is patched from this game's; yields a line for each, on what became of it.

    One that cannot be made does not keep the others from it.

    Args:
        image: the ROM of `game`.
    """
    for custom in CUSTOM_GAMES.values():
        if custom.made_from == game.name:
            yield _make(custom, image)


def _make(custom: Game, image: bytes) -> str:
    levels = "; ".join(custom.title(act.name) for act in custom.acts)
    try:
        made = patched(custom, image)
        target = destination(custom)
        if target.is_file() and target.read_bytes() == made:
            return f"in place already: {target} ({levels})"
        store(Finding(str(custom.integration), "match", f"the ROM of {custom.name}", game=custom, image=made))
    except (ValueError, OSError) as error:
        return f"not made: {custom.name} ({levels}): {error}"
    return f"made: {target} ({levels})"


def patched(custom: Game, image: bytes) -> bytes:
    """The ROM that a custom game's patch makes of an image.

    Raises:
        GameError: another SHA-1 than stable-retro names, or none named.
        ValueError: a patch that cannot be used; OSError: none.
    """
    patch = custom.integration / PATCH
    try:
        made = decode(read_bounded(patch, MAX_PATCH_BYTES), image, MAX_ROM_BYTES)
    except ValueError as error:
        raise ValueError(f"{patch}: {error}") from error
    found = hashlib.sha1(made).hexdigest()
    if found != custom.sha1:
        expected = custom.sha1 or f"one in {custom.integration / 'rom.sha'}"
        raise GameError(f"{patch}: expected a ROM with SHA-1 {expected}. Received: {found}")
    return made
