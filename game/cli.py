"""The command line of the game room: the ROM import, the doctor, and stable-retro's own playback.

argparse, and imports where they are used: the doctor must run on a machine where nothing is installed yet.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from game.games import Game
    from game.rom.importing import Finding


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status: 1 when the ROM is still missing or a check is bad, 2 when a call makes no sense."""
    options = _parser().parse_args(arguments)
    if options.command == "doctor":
        return _examine(options.game, options.json)
    try:
        if options.command == "playback":
            return _play_back(options.files, options.into, sound=not options.no_audio)
        return import_rom(options.path)
    except (ValueError, OSError) as error:
        print(f"{options.command}: {error}", file=sys.stderr)
        return 2


def _examine(game: str, as_json: bool) -> int:
    from game.doctor import as_text, examine

    checks = examine(game)
    if as_json:
        print(json.dumps([vars(check) for check in checks], indent=1))
    else:
        print(as_text(checks))
    return int(any(check.status == "bad" for check in checks))


def _play_back(files: Sequence[Path], folder: Path | None, sound: bool) -> int:
    from game.playback import play_back

    for file in files:
        ended = play_back(file, folder, sound)
        figures = ", ".join(f"{name} {ended.variables[name]}" for name in ("x", "rings", "score"))
        print(f"{file}: played to its end ({figures})" + (f" -> {ended.video}" if ended.video else ""))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m game", description="The ROM import, the doctor, and stable-retro's playback."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    rom = commands.add_parser("rom", help="import the Sonic 2 ROM from a file, a folder or a zip")
    rom.add_argument("path", nargs="?", type=Path, help="without it, ROMs imported into stable-retro before are found")
    doctor = commands.add_parser("doctor", help="what this machine has, what is missing, and what to do about it")
    doctor.add_argument("--game", choices=("sonic2", "quillrush"), default="", help="require this game's ROM")
    doctor.add_argument("--json", action="store_true", help="for scripts")
    playback = commands.add_parser("playback", help="play movies with stable-retro's own playback, in any of the games")
    playback.add_argument("files", nargs="+", type=Path, metavar="FILE", help="bk2 movies")
    playback.add_argument("--into", type=Path, metavar="FOLDER", help="write a video of each, FOLDER/<movie>.mp4")
    playback.add_argument("--no-audio", action="store_true", help="a video without sound")
    return parser


def import_rom(place: Path | None) -> int:
    """Import the ROM of sonic2 from a place, or from where stable-retro's own import left it; 0 once it is in place.

    The ROMs of the contest's custom levels are made beside it; one that cannot be made is named, and changes nothing else.
    """
    from game.games import GAMES
    from game.rom.custom import make_custom_roms
    from game.rom.importing import destination, store

    game = GAMES["sonic2"]
    match = _find_rom(game, place)
    if match is None:
        print(_nothing(game, place), file=sys.stderr)
        return 1
    target = destination(game)
    if target.is_file() and target.read_bytes() == match.image:
        print(f"in place already: {target}")
    else:
        print(f"imported: {store(match)}")
    for line in make_custom_roms(game, match.image):
        print(line)
    print("Every command now plays sonic2 unless told GAME=quillrush. `make doctor` checks the rest.")
    return 0


def _find_rom(game: "Game", place: Path | None) -> "Finding | None":
    """The first match of a game; everything looked at is printed, to the last file."""
    from game.rom.importing import installed_roms, printable, scan

    places = [*filter(Path.is_file, game.roms), *installed_roms(game)]
    if place:
        places = [place.expanduser()]
    match = None
    for where in dict.fromkeys(places):
        print(f"looking at {printable(where)}")
        for finding in scan(where):
            print(_line(finding))
            if match is None and finding.game is game:
                match = finding
    return match


def _line(finding: "Finding") -> str:
    line = f"  {finding.source}: {finding.text}"
    if finding.sha1:
        line += f"  [SHA-1 {finding.sha1}]"
    return line


def _nothing(game: "Game", place: Path | None) -> str:
    where = "imported into stable-retro"
    if place:
        where = f"in {place}"
    return (
        f"rom: no ROM of {game.name} {where}. Expected one whose SHA-1 is {game.sha1}: Sonic the Hedgehog 2 (World), "
        "revision 01.\nImport yours with `make rom ROM=path` (a file, a folder or a zip; docs/rom.md says where a lawful "
        "copy comes from), or play the embedded game: GAME=quillrush."
    )
