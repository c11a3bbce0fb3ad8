"""A folder for others: whole or not there, and without a ROM."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from common.files import whole_folder
from experiment.run import RUNS
from game.games import CUSTOM_GAMES, GAMES

SHARED = RUNS / "share"
"""Where packed folders lie, unless another place is named."""
HEADER_AT = 0x100
HEADER = b"SEGA"
"""What every ROM of the console has there."""


@contextmanager
def packed(out: Path) -> Iterator[Path]:
    """Yields a folder to fill, which takes its place as `out` when the block ends well.

    Raises:
        ValueError: there is such a folder already, or what was put into it holds a ROM.
    """
    if out.exists():
        raise ValueError(f"{out} is there already. Delete it, or name another place with --out.")
    with whole_folder(out) as beside:
        yield beside
        refuse_roms(beside)


def refuse_roms(folder: Path) -> None:
    """ValueError when a file in a folder is a ROM: of a known game, or with the console's header."""
    known = {game.sha1 for game in (GAMES | CUSTOM_GAMES).values()}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha1").hexdigest()
            file.seek(HEADER_AT)
            header = file.read(len(HEADER))
        if found in known or header == HEADER:
            raise ValueError(f"{path.relative_to(folder)} is a ROM, which is never packed")
