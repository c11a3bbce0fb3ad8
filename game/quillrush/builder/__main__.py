"""ROM, start states and places of Quillrush, with the test acts of a seed. Needs no compiler: code and art stay as they are.

python -m game.quillrush.builder --test-seed N --out DIR
"""

import argparse
import hashlib
import json
import shutil
import sys
from pathlib import Path

from game.quillrush.builder.acts import ACTS_BASE, lay_acts, places, whole_rom
from game.quillrush.builder.plans import TEST_SEED
from game.quillrush.builder.states import save_states

INTEGRATION = Path(__file__).resolve().parent.parent / "integration" / "Quillrush-Genesis-v0"
COPIED = ("data.json", "scenario.json", "contest.json", "xpos.json", "script.lua")
"""What every build shares with the embedded one."""


def build(code: bytes, test_seed: int, out: Path) -> str:
    """Write an integration folder that stable-retro reads; returns the ROM's SHA-1."""
    acts = lay_acts(test_seed)
    rom = whole_rom(code, acts)
    sha1 = hashlib.sha1(rom).hexdigest()
    out.mkdir(parents=True, exist_ok=True)
    (out / "rom.md").write_bytes(rom)
    (out / "rom.sha").write_text(sha1)
    (out / "places.json").write_text(json.dumps(places(acts), indent=1) + "\n")
    for name in COPIED:
        if out.resolve() != INTEGRATION:
            shutil.copyfile(INTEGRATION / name, out / name)
    save_states(out)
    return sha1


def main(arguments: list[str]) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m game.quillrush.builder", description=__doc__)
    parser.add_argument("--test-seed", type=int, default=TEST_SEED, help="of the five test acts")
    parser.add_argument("--out", type=Path, required=True, help="folder to write; play it with INTEGRATION=folder")
    parser.add_argument(
        "--code", type=Path, help="code and art, as the compiler left them; by default the embedded ROM's"
    )
    options = parser.parse_args(arguments)
    if options.code is None:
        code = (INTEGRATION / "rom.md").read_bytes()[:ACTS_BASE].rstrip(b"\xff")
    else:
        code = options.code.read_bytes()
    sha1 = build(code, options.test_seed, options.out)
    print(f"{options.out}: ROM {sha1}, test acts of seed {options.test_seed}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
