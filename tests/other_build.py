"""Another build of Quillrush, as INTEGRATION names one."""

import hashlib
import shutil
from pathlib import Path

from game.acts import ACTS, TEST_ACTS
from game.games import Game


def make_other_build(folder: Path, quillrush: Game) -> Path:
    """A ROM that plays like the embedded one and has another hash, with a start state for every act."""
    shutil.copytree(quillrush.integration, folder)
    for act in TEST_ACTS:
        shutil.copy(folder / f"{ACTS[0].name}.state", folder / f"{act.name}.state")
    image = quillrush.rom.read_bytes() + b"another"
    (folder / "rom.md").write_bytes(image)
    (folder / "rom.sha").write_text(hashlib.sha1(image).hexdigest())
    return folder
