"""bk2 movies: a reader that needs no emulator, a writer that never leaves half a file, and replay.

A bk2 (as stable-retro writes them) is a zip of Header.txt, Input Log.txt (one line per frame) and Core.bin (the savestate
it begins with). Line 0 is the idle frame of stable-retro's `reset`; replay presses every line for one frame. Movies that
begin alike may leave Core.bin to one file beside them (game.state_files), which their header names. BizHawk's own bk2 files
have neither and are refused.
"""

import io
import re
import zipfile
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from common.files import whole_file
from game.actions import BIT
from game.emulator import Emulator
from game.savestate import CORE_STATE_BYTES
from game.state_files import read_state_file, write_state_file
from game.zips import open_zip

HEADER, LOG, CORE = "Header.txt", "Input Log.txt", "Core.bin"
STATE_FILE = "StateFile"
"""The header's field for the savestate's file, where there is no Core.bin."""
_LARGEST = {HEADER: 1 << 16, LOG: 1 << 24, CORE: CORE_STATE_BYTES}
_LARGEST_FILE = sum(_LARGEST.values())
_LARGEST_DIRECTORY = 1 << 17
_LONGEST_LINE = 1_000
_KNOWN_LINES = 4_096  # as many as there are masks
MAX_FRAMES = (1 << 24) // 16
"""Of a movie: what the largest log holds with the shortest lines, 4.8 hours (4.5 with lines as `write_movie` writes them).
Reading any file, hostile ones included, takes no more than 64 MB."""
_MOST_LINES = MAX_FRAMES + 1_000
_COLUMNS = ("Z", "X", "Y", "C", "RIGHT", "LEFT", "DOWN", "UP", "START", "MODE", "A", "B")
_LETTERS = "ZXYCRLDUSMAB"
_LOG_KEYS = "".join(f"P1 {name.capitalize()}|" for name in _COLUMNS)
_EARLIEST = (1980, 1, 1, 0, 0, 0)


class MovieError(ValueError):
    """A movie cannot be used; the message names the file and the reason."""


@dataclass(frozen=True)
class Movie:
    """One movie.

    Attributes:
        game_id: stable-retro's id as the header has it (old ones lack "-v0").
        state: the savestate it begins with, CORE_STATE_BYTES bytes.
        masks: uint16 [frames], the pad mask of every frame.
        header: the header's fields as they stand.
    """

    game_id: str
    state: bytes
    masks: np.ndarray
    header: dict[str, str] = field(default_factory=dict)

    @property
    def frames(self) -> int:
        return len(self.masks)


def read_movie(path: Path) -> Movie:
    """Read a movie without an emulator, in bounded memory (MAX_FRAMES).

    Raises:
        MovieError: for anything corrupt, truncated, foreign or hostile.
    """
    path = Path(path)
    if not path.is_file():
        raise MovieError(f"{path}: not a file")
    if path.stat().st_size > _LARGEST_FILE:
        raise MovieError(f"{path}: larger than {_LARGEST_FILE} bytes, which no movie is")
    try:
        with open_zip(path, _LARGEST_DIRECTORY) as archive:
            header = _parse_header(path, _read_member(path, archive, HEADER))
            _check_kind(path, header, archive)
            masks = _parse_log(path, _read_member(path, archive, LOG))
            state = _read_state(path, header, archive)
    except MovieError:
        raise
    except Exception as error:  # zipfile raises a dozen kinds for a hostile directory, some undocumented
        raise MovieError(f"{path}: not a readable bk2 movie ({error})") from error
    if len(state) != CORE_STATE_BYTES:
        raise MovieError(f"{path}: expected a savestate of {CORE_STATE_BYTES} bytes. Received: {len(state)}")
    return Movie(header["GameName"], state, masks, header)


def _read_member(path: Path, archive: zipfile.ZipFile, name: str) -> bytes:
    matches = [info for info in archive.infolist() if info.filename == name]
    if len(matches) != 1:
        raise MovieError(f"{path}: expected one {name} inside. Received: {len(matches)}")
    if matches[0].compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise MovieError(f"{path}: {name} is packed by method {matches[0].compress_type}. Expected: deflated or stored")
    limit = _LARGEST[name]
    with archive.open(matches[0]) as member:  # the size in the directory may lie, so stop reading by ourselves
        content = member.read(limit + 1)
    if len(content) > limit:
        raise MovieError(f"{path}: {name} is larger than {limit} bytes; refusing to unpack it")
    return content


def _read_state(path: Path, header: dict[str, str], archive: zipfile.ZipFile) -> bytes:
    """The savestate inside, else that beside it."""
    if CORE in archive.namelist():
        return _read_member(path, archive, CORE)
    try:
        return read_state_file(path.parent, header[STATE_FILE])
    except ValueError as error:
        raise MovieError(f"{path}: {error}") from error


def _decode(path: Path, name: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MovieError(f"{path}: {name} is not text ({error})") from error


def _parse_header(path: Path, content: bytes) -> dict[str, str]:
    pairs = [line.split(" ", 1) for line in _decode(path, HEADER, content).splitlines() if line.strip()]
    header = {pair[0]: pair[1].strip() if len(pair) > 1 else "" for pair in pairs}
    if not header.get("GameName"):
        raise MovieError(f"{path}: {HEADER} names no game (GameName)")
    return header


def _check_kind(path: Path, header: dict[str, str], archive: zipfile.ZipFile) -> None:
    if header.get("Platform") != "GEN":
        raise MovieError(f"{path}: expected a Mega Drive movie (Platform GEN). Received: {header.get('Platform')!r}")
    if CORE not in archive.namelist() and STATE_FILE not in header:
        raise MovieError(f"{path}: has no {CORE}; it looks like BizHawk's own bk2, which stable-retro cannot replay")


def _parse_log(path: Path, content: bytes) -> np.ndarray:
    """uint16 [frames] from the log; the columns are read from its own key line."""
    bits = _button_bits(path, content)
    pads: dict[str, int] = {}
    masks = array("H")  # two bytes per frame; a list would take eight, and a list of lines eighty
    for number, line in _lines(path, content):
        if not line.startswith("|"):
            continue
        mask = pads.get(line)
        if mask is None:
            mask = _parse_pad(path, number, line, bits)
            if len(pads) < _KNOWN_LINES:  # a movie has a few dozen different lines among its thousands
                pads[line] = mask
        masks.append(mask)
    if not masks:
        raise MovieError(f"{path}: {LOG} holds no frames")
    return np.array(masks, dtype=np.uint16)


def _button_bits(path: Path, content: bytes) -> list[int]:
    """The bit of each column, in the order of the log's key line."""
    for _, line in _lines(path, content):
        if "P1 " not in line:
            continue
        if "P2 " in line:
            raise MovieError(f"{path}: expected a movie of one player. Received: two")
        names = [name.upper() for name in re.findall(r"P1 (\w+)\|", line)]
        if sorted(names) != sorted(_COLUMNS):
            raise MovieError(f"{path}: expected the buttons {', '.join(_COLUMNS)}. Received: {', '.join(names)}")
        return [BIT[name] for name in names]
    raise MovieError(f"{path}: {LOG} has no line that names the pad's buttons")


def _lines(path: Path, content: bytes) -> Iterator[tuple[int, str]]:
    """(number, line) of the log, from 0, one at a time."""
    text = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline="\n")
    number = 0
    try:
        while line := text.readline(_LONGEST_LINE + 1):
            if len(line) > _LONGEST_LINE:
                raise MovieError(f"{path}: {LOG} line {number + 1} is longer than {_LONGEST_LINE} characters")
            if number == _MOST_LINES:
                raise MovieError(f"{path}: {LOG} has more than {_MOST_LINES} lines, which no movie has")
            yield number, line.rstrip("\n").replace("\r", "")
            number += 1
    except UnicodeDecodeError as error:
        raise MovieError(f"{path}: {LOG} is not text ({error})") from error


def _parse_pad(path: Path, number: int, line: str, bits: list[int]) -> int:
    cells = line.split("|", 4)
    if len(cells) != 4 or len(cells[2]) != len(bits):
        raise MovieError(f"{path}: {LOG} line {number + 1}: expected |..|{'.' * len(bits)}|. Received: {line[:40]!r}")
    return sum(bit for bit, cell in zip(bits, cells[2], strict=True) if cell != ".")


def write_movie(path: Path, movie: Movie) -> None:
    """Write a movie beside its place and rename it there; the same movie always gives the same bytes.

    Raises:
        FileExistsError: a movie of this name is there already (nothing recorded is ever overwritten).
        ValueError: the first frame presses a button: stable-retro's own playback would drop it.
    """
    members: dict[str, str | bytes] = {HEADER: _header(movie), LOG: _log(movie), CORE: movie.state}
    with whole_file(path, replace=False) as beside:
        _write_zip(beside, members)


def leave_state_beside(path: Path, movie: Movie) -> None:
    """Write a movie that was read from `path` there again, its savestate in a file beside it (game.state_files)."""
    state_file = write_state_file(path.parent, movie.state)
    with whole_file(path) as beside:
        _write_zip(beside, {HEADER: f"{_header(movie)}{STATE_FILE} {state_file.name}\n", LOG: _log(movie)})


def _header(movie: Movie) -> str:
    fields = {
        "MovieVersion": "Retro",
        "Author": "?",
        "emuVersion": "?",
        "Platform": "GEN",
        "GameName": movie.game_id,
        "SHA1": "?",
        "Core": "?",
        "rerecordCount": "1",
    } | movie.header
    return "".join(f"{key} {value}\n" for key, value in fields.items() if key != STATE_FILE)


def _log(movie: Movie) -> str:
    """ValueError when the first frame presses a button."""
    if movie.frames == 0 or movie.masks[0] != 0:
        raise ValueError("Expected a movie that begins with one idle frame, as stable-retro's playback assumes.")
    lines = "".join(f"|..|{_pad_line(int(mask))}|\n" for mask in movie.masks)
    return f"[Input]\n{_LOG_KEYS}\n{lines}[/Input]"


def _write_zip(path: Path, members: dict[str, str | bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            member = zipfile.ZipInfo(name, _EARLIEST)  # a fixed date: the same movie, the same bytes
            archive.writestr(member, content, zipfile.ZIP_DEFLATED, compresslevel=9)


def _pad_line(mask: int) -> str:
    return "".join(letter if mask & BIT[name] else "." for name, letter in zip(_COLUMNS, _LETTERS, strict=True))


def replay(emulator: Emulator, movie: Movie) -> Iterator[int]:
    """Play a movie's raw masks; after each yield the emulator shows the frame whose index was yielded."""
    emulator.set_state(movie.state)
    for frame, mask in enumerate(movie.masks.tolist()):
        emulator.step(mask)
        yield frame
