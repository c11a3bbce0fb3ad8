"""The ROM import: recognise what a file, folder or zip holds by SHA-1 and header, and copy the right dump to its place.

It reads whatever it is pointed at, within limits, and writes one thing only: <folder>/<game id>/rom.md. Nothing is
downloaded. A dump in an old copier's byte order is put in order first (game.rom.dumps).
"""

import hashlib
import os
import sys
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import stable_retro.data

from common.files import whole_file
from game.games import GAMES, ROM_FOLDER, Game, GameError
from game.rom.dumps import Header, archive_kind, read_header, readings
from game.zips import open_zip

SUFFIXES = (".md", ".bin", ".gen", ".68k", ".smd", ".sgd", ".mgd", ".sega", ".rom")
"""What is looked at inside folders and zips; a file named by the user may be called anything."""
MAX_ROM_BYTES = 16 << 20
"""The largest cartridge is 5 MiB; nothing longer is read."""
MAX_ZIP_BYTES = 256 << 20
MAX_DIRECTORY_BYTES = 4 << 20
"""Of a zip's list of members; every ROM of the console takes a tenth of it."""
MAX_UNPACKED_BYTES = 512 << 20
"""Of all the members of a zip together, whatever its directory claims."""
MAX_FILES = 2_000
"""Looked at in one call."""
SERIALS = {"sonic2": "GM 00001051"}
"""How the header names a game whatever its revision."""
WANTED_REVISION = {"sonic2": "01"}

Kind = Literal["match", "revision", "other game", "not a ROM", "unreadable"]


@dataclass(frozen=True)
class Finding:
    """What one file is.

    Attributes:
        source: the file, and the member when it lies in a zip; safe to print.
        kind: "match" is the only one that is of use.
        text: the same for a person, with the reason.
        sha1: of the file as it stands, "" when it was not read.
        game, image: for a match, the game and its ROM in plain order.
    """

    source: str
    kind: Kind
    text: str
    sha1: str = ""
    game: Game | None = None
    image: bytes = b""


@dataclass(frozen=True)
class _File:
    """One file or member to look at: its content, or the problem that kept it from being read."""

    source: str
    content: bytes = b""
    problem: str = ""


def printable(text: object) -> str:
    """A name from outside without control characters or broken encodings."""
    return "".join(letter if letter.isprintable() else "?" for letter in str(text))


def identify(content: bytes, source: str, games: Iterable[Game]) -> Finding:
    """What a file's content is: the ROM of one of these games in any form, another revision, another game, or no ROM."""
    sha1 = hashlib.sha1(content).hexdigest()
    wanted = {game.sha1: game for game in games}
    headers: list[tuple[Header, str]] = []
    for form, image in readings(content):
        digest = hashlib.sha1(image).hexdigest()
        if digest in wanted:
            game = wanted[digest]
            text = f"the ROM of {game.name}"
            if form:
                text += f", {form}; put in order"
            return Finding(source, "match", text, sha1, game=game, image=image)
        if digest in known_roms():
            text = f"another game: {known_roms()[digest]}, as stable-retro knows it by its SHA-1"
            return Finding(source, "other game", text, sha1)
        header = read_header(image)
        if header:
            headers.append((header, form))
    if headers:
        header, form = headers[0]
        kind, text = _describe(header, form, wanted.values())
        return Finding(source, kind, text, sha1)
    text = "no Mega Drive ROM in any order of its bytes (no SEGA header)"
    archive = archive_kind(content)
    if archive:
        text = f"{archive}: unpack it first"
    return Finding(source, "not a ROM", text, sha1)


def _describe(header: Header, form: str, games: Iterable[Game]) -> tuple[Kind, str]:
    """(kind, text) of a ROM that no SHA-1 names: what its header says, and how it relates to what is wanted."""
    order = ""
    if form:
        order = f", {form}"
    condition = _condition(header)
    for game in games:
        if game.name not in SERIALS or not header.serial.startswith(SERIALS[game.name]):
            continue
        expected = WANTED_REVISION[game.name]
        _, _, revision = header.serial.rpartition("-")
        what = f"revision {revision or '?'}"
        if revision == expected:  # but not its SHA-1
            what = f"a changed or damaged revision {expected}"
        wanted = f"expected revision {expected} with SHA-1 {game.sha1}"
        return "revision", f"{game.name}, but {what}{order} ({condition}); {wanted}"
    return "other game", f"another game: {header.title} ({header.serial or 'no serial'}{order}; {condition})"


def _condition(header: Header) -> str:
    """Whether a ROM is whole, as far as its header knows."""
    if header.missing_bytes:
        return f"the last {header.missing_bytes} of its {header.rom_bytes} bytes are missing"
    if header.checksum_fits:
        return "its checksum fits"
    return "its checksum does not fit, so it is changed or damaged"


@cache
def known_roms() -> dict[str, str]:
    """SHA-1 -> stable-retro's id, of every game it has an integration for."""
    known: dict[str, str] = {}
    for file in Path(stable_retro.data.path()).glob("*/*/rom.sha"):
        known |= dict.fromkeys(file.read_text(errors="replace").split(), file.parent.name)
    return known


def scan(place: Path, games: Iterable[Game] | None = None) -> Iterator[Finding]:
    """What a file is, or every ROM-like file in a folder (and its folders) or zip. GameError when there is nothing."""
    if games is None:
        games = GAMES.values()
    games = list(games)
    for number, file in enumerate(_files(Path(place))):
        if number >= MAX_FILES:
            yield Finding(printable(place), "unreadable", f"more than {MAX_FILES} files; name the file itself")
            return
        if file.problem:
            yield Finding(file.source, "unreadable", file.problem)
        else:
            yield identify(file.content, file.source, games)


def _files(place: Path) -> Iterator[_File]:
    if place.is_dir():
        closed: list[OSError] = []
        for folder, _, names in os.walk(place, onerror=closed.append):  # without it they are passed over in silence
            for path in sorted(Path(folder, name) for name in names):
                if path.suffix.lower() in (*SUFFIXES, ".zip") and path.is_file():
                    yield from _file(path)
        for error in closed:
            yield _File(printable(error.filename), problem=f"cannot be read ({error.strerror})")
    elif place.is_file():
        yield from _file(place)
    else:
        reason = "is not there"
        if place.exists():
            reason = "is not an ordinary file"
        raise GameError(f"{printable(place)} {reason}. Expected a ROM, a folder or a zip: `make rom ROM=path`.")


def _file(path: Path) -> Iterator[_File]:
    """The file, or its ROM-like members where it is a zip."""
    source = printable(path)
    try:
        if zipfile.is_zipfile(path):
            yield from _members(path, source)
            return
        if path.stat().st_size > MAX_ROM_BYTES:
            yield _File(source, problem=f"{path.stat().st_size} bytes; no cartridge has more than {MAX_ROM_BYTES}")
            return
        with path.open("rb") as file:
            yield _File(source, file.read(MAX_ROM_BYTES))  # it may have grown since
    except OSError as error:
        yield _File(source, problem=f"cannot be read ({error.strerror or error})")


def _members(path: Path, source: str) -> Iterator[_File]:
    """The ROM-like members of a zip; its own words on sizes are not believed."""
    if path.stat().st_size > MAX_ZIP_BYTES:
        yield _File(source, problem=f"a zip of more than {MAX_ZIP_BYTES} bytes; unpack it and give the folder")
        return
    left = MAX_UNPACKED_BYTES
    try:
        with open_zip(path, MAX_DIRECTORY_BYTES) as archive:
            members = [info for info in archive.infolist() if Path(info.filename).suffix.lower() in SUFFIXES]
            if not members:
                yield _File(source, problem=f"a zip without any {', '.join(SUFFIXES)} inside")
            for info in members:
                file, unpacked = _member(archive, info, f"{source}: {printable(info.filename)}")
                left -= unpacked  # of refused members too: they cost the same work
                if left < 0:
                    problem = f"unpacks to more than {MAX_UNPACKED_BYTES} bytes; not looked at further"
                    yield _File(source, problem=problem)
                    return
                yield file
    except Exception as error:  # zipfile raises a dozen kinds for a hostile directory, some undocumented
        yield _File(source, problem=f"not a readable zip ({printable(error)}); unpack it and give the folder")


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, source: str) -> tuple[_File, int]:
    """One member, and how many bytes it took to unpack."""
    if info.flag_bits & 1:  # the format's "encrypted"
        return _File(source, problem="encrypted; unpack it first"), 0
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return _File(source, problem=f"packed by method {info.compress_type}; unpack it first"), 0
    try:
        with archive.open(info) as member:
            content = member.read(MAX_ROM_BYTES + 1)
    except Exception as error:  # as above
        return _File(source, problem=f"cannot be unpacked ({printable(error)})"), min(info.file_size, MAX_ROM_BYTES)
    if len(content) > MAX_ROM_BYTES:
        return _File(source, problem=f"unpacks to more than {MAX_ROM_BYTES} bytes; no cartridge does"), len(content)
    return _File(source, content), len(content)


def destination(game: Game, folder: Path = ROM_FOLDER) -> Path:
    """Where an imported ROM of a game lies."""
    return folder / game.retro_id / "rom.md"


def store(finding: Finding, folder: Path = ROM_FOLDER) -> Path:
    """Copy a match to its place, whole or not at all. GameError when the disk refuses."""
    # Summed again: what counts is the bytes that are written.
    if finding.game is None or hashlib.sha1(finding.image).hexdigest() != finding.game.sha1:
        raise GameError(f"{finding.source}: {finding.text}. Only the expected dump is imported.")
    target = destination(finding.game, folder)
    try:
        with whole_file(target) as beside:
            beside.write_bytes(finding.image)
    except OSError as error:
        raise GameError(f"Cannot write {target}: {error.strerror or error}") from error
    return target


def installed_roms(game: Game) -> list[Path]:
    """ROMs of this game that `python -m stable_retro.import` (or gym-retro's) left in a Python of this machine."""
    found = []
    for library in _libraries():
        for package in ("stable_retro", "retro"):
            data = library / package / "data"
            for retro_id in (game.retro_id, game.retro_id.removesuffix("-v0")):
                found += sorted(data.glob(f"*/{retro_id}/rom.*"))
    roms = [path for path in found if path.suffix in SUFFIXES and path.is_file()]
    return list(dict.fromkeys(roms))  # a virtual environment is found by sys.path and by its prefix


def _libraries() -> list[Path]:
    """Where this Python and others keep their packages, this one's first."""
    libraries = [Path(entry) for entry in sys.path if entry.endswith("-packages")]
    home = Path.home() / ".local" / "lib"
    for root in (Path(sys.prefix) / "lib", Path(sys.base_prefix) / "lib", Path("/usr/local/lib"), home):
        libraries += sorted(root.glob("python3*/*-packages"))
    return libraries
