"""Hostile bk2 files and sidecars: read or refused by name with the reason, never a crash, a hang or a file anywhere."""

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from game.certificate import read_sidecar
from game.movie import CORE, HEADER, LOG, MAX_FRAMES, Movie, MovieError, read_movie
from game.savestate import CORE_STATE_BYTES
from tests.conftest import ROOT

KEYS = "P1 Z|P1 X|P1 Y|P1 C|P1 Right|P1 Left|P1 Down|P1 Up|P1 Start|P1 Mode|P1 A|P1 B|"
WHOLE_HEADER = b"MovieVersion Retro\nPlatform GEN\nGameName SonicTheHedgehog2-Genesis\n"
WHOLE_LOG = f"[Input]\n{KEYS}\n|..|............|\n|..|....R......B|\n[/Input]".encode()
STATE = bytes(CORE_STATE_BYTES)


def packed(header: bytes = WHOLE_HEADER, log: bytes = WHOLE_LOG, state: bytes = STATE, extra: str = "") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in ((HEADER, header), (LOG, log), (CORE, state), (extra, b"!")):
            if name:
                archive.writestr(name, content)
    return file.getvalue()


WHOLE = packed()
SHORT = packed(state=b"")
"""Without a state the rest of the file is a few hundred bytes, so that changes hit the zip's own structures."""


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("arena")


def read_or_refuse(arena: Path, content: bytes) -> Movie | None:
    """The movie, or None when it was refused in the proper way; anything else fails the test."""
    path = arena / "hostile.bk2"
    path.write_bytes(content)
    refusal, movie = "", None
    try:
        movie = read_movie(path)
    except MovieError as error:
        refusal = str(error)
    assert [file.name for file in arena.iterdir()] == ["hostile.bk2"]
    if movie is None:
        assert refusal.removeprefix(f"{path}: ") not in (refusal, "")
        return None
    assert len(movie.state) == CORE_STATE_BYTES
    assert movie.frames > 0
    assert movie.masks.max() < 4096
    return movie


def test_the_whole_one_is_read(arena: Path) -> None:
    movie = read_or_refuse(arena, WHOLE)
    assert movie is not None
    assert movie.masks.tolist() == [0, 1 << 7 | 1]


@given(st.binary(max_size=3_000))
@settings(max_examples=100)
def test_bytes(arena: Path, content: bytes) -> None:
    assert read_or_refuse(arena, content) is None


def changed(whole: bytes, changes: list[tuple[int, int]], cut: int, tail: bytes) -> bytes:
    """Some bytes replaced, a third of them cut short, something appended."""
    content = bytearray(whole)
    for at, value in changes:
        content[at % len(content)] = value
    if cut % 3 == 0:
        del content[max(len(content) - cut, 0) :]
    return bytes(content) + tail


def with_log(lines: list[str], end: str) -> bytes:
    return packed(log=end.join(lines).encode("utf-8", "surrogatepass"))


def with_header(lines: list[str]) -> bytes:
    return packed(header="\n".join(lines).encode("utf-8", "surrogatepass"))


CHANGED = st.builds(
    changed,
    st.sampled_from((WHOLE, SHORT)),
    st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(0, 255)), max_size=16),
    st.integers(0, 3_000),
    st.binary(max_size=40),
)
LINES = st.lists(
    st.one_of(
        st.text(max_size=30),
        st.text("|.RLUDABC\r\t ", max_size=20),
        st.sampled_from((KEYS, KEYS.replace("P1 A", "P1 B"), KEYS + "P2 A|", "|..|............|", "|..|BBBBBBBBBBBB|")),
    ),
    max_size=12,
)
LOGS = st.builds(with_log, LINES, st.sampled_from(("\n", "\r\n", "\r", "\x85")))
HEADER_LINES = st.one_of(st.text(max_size=40), st.sampled_from(("Platform GEN", "GameName X", "GameName", "Platform")))
HEADERS = st.builds(with_header, st.lists(HEADER_LINES))


@given(CHANGED)
@settings(max_examples=500, deadline=5_000)
def test_a_zip_with_changed_bytes(arena: Path, content: bytes) -> None:
    read_or_refuse(arena, content)


@given(LOGS)
@settings(max_examples=60, deadline=5_000)
def test_a_log_of_anything(arena: Path, content: bytes) -> None:
    read_or_refuse(arena, content)


@given(HEADERS)
@settings(max_examples=50, deadline=5_000)
def test_a_header_of_anything(arena: Path, content: bytes) -> None:
    read_or_refuse(arena, content)


@pytest.mark.slow
@given(st.one_of(CHANGED, LOGS, HEADERS, st.binary(max_size=3_000)))
@settings(max_examples=10_000, deadline=10_000)
def test_ten_thousand_hostile_movies(arena: Path, content: bytes) -> None:
    """Each read or refused within ten seconds; test_what_the_largest_logs_cost bounds the memory."""
    read_or_refuse(arena, content)


LARGEST_LOG = (1 << 24) - len(KEYS) - 10
COSTLY = {
    "as many frames as fit": b"||............|\n" * (LARGEST_LOG // 16),
    "frames of wide letters": "|\U0001f600|............|\n".encode() * (LARGEST_LOG // 20),
    "empty lines": b"\n" * LARGEST_LOG,
    "one line": b"x" * LARGEST_LOG,
}
READ_AND_MEASURE = """
import sys, time
from pathlib import Path
from game.movie import MovieError, read_movie

def peak_kilobytes():
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])

before, begun, frames = peak_kilobytes(), time.process_time(), 0
try:
    frames = read_movie(Path(sys.argv[1])).frames
except MovieError:
    pass
print(frames, peak_kilobytes() - before, time.process_time() - begun)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
@pytest.mark.parametrize("lines", COSTLY)
def test_what_the_largest_logs_cost(lines: str, tmp_path: Path) -> None:
    """In a process of its own, so that nothing else counts: 64 MB and ten seconds at most."""
    path = tmp_path / "costly.bk2"
    path.write_bytes(packed(log=f"[Input]\n{KEYS}\n".encode() + COSTLY[lines]))
    command = [sys.executable, "-c", READ_AND_MEASURE, str(path)]
    printed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    frames, kilobytes, seconds = printed.split()
    assert int(kilobytes) < 64_000
    assert float(seconds) < 10
    assert int(frames) <= MAX_FRAMES
    assert (int(frames) > 800_000) == ("frames" in lines)


@pytest.mark.parametrize("name", ["../evil", "/tmp/evil", "C:\\evil", "Core.bin/../../evil", "Core.bin"])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_path_tricks_write_nothing(arena: Path, name: str) -> None:
    movie = read_or_refuse(arena, packed(extra=name))
    assert (movie is None) == (name == "Core.bin")


def crowded(members: int) -> bytes:
    """A movie with many further members."""
    file = io.BytesIO(WHOLE)
    with zipfile.ZipFile(file, "a") as archive:
        for number in range(members):
            archive.writestr(f"{number}", b"")
    return file.getvalue()


@pytest.mark.parametrize(
    ("bomb", "reason"),
    [
        (lambda: packed(log=WHOLE_LOG + bytes(1 << 25)), "refusing to unpack"),
        (lambda: packed(header=bytes(1 << 25)), "refusing to unpack"),
        (lambda: packed(log=KEYS.encode() + b"\n|" + b"|" * (1 << 23)), "line 2"),
        (lambda: packed(log=(KEYS + "\n" + "\n" * (1 << 18)).encode()), "holds no frames"),
        (lambda: packed(log=(KEYS + "\n" + "\n" * (1 << 21)).encode()), "has more than 1049576 lines"),
        (lambda: packed(log=(KEYS + "\n" + "x" * (1 << 21)).encode()), "line 2 is longer than 1000 characters"),
        (lambda: crowded(6_000), r"at most 131072 bytes \(2849 members\)"),
        (lambda: bytes(1 << 25), "larger than"),
    ],
)
def test_bombs_are_refused(bomb, reason: str, arena: Path) -> None:
    path = arena / "hostile.bk2"
    path.write_bytes(bomb())
    with pytest.raises(MovieError, match=reason):
        read_movie(path)


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.bk2")
    (tmp_path / "folder.bk2").mkdir()
    for name in ("pipe.bk2", "folder.bk2", "none.bk2"):
        with pytest.raises(MovieError, match=f"{name}: not a file"):
            read_movie(tmp_path / name)


def test_members_packed_in_costly_ways_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.bk2", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr(HEADER, WHOLE_HEADER)
    with pytest.raises(MovieError, match=r"Header\.txt is packed by method 14"):
        read_movie(tmp_path / "a.bk2")


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(("player", "certificate", "facts", "frames", "hashes")), inner, max_size=4),
    ),
    max_leaves=12,
)


@given(JSON)
@settings(max_examples=150)
def test_a_sidecar_of_anything(arena: Path, value: object) -> None:
    check_sidecar(arena, json.dumps(value).encode())


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"[" * 200_000, b'{"certificate": {"frames": 1e999, "hashes": []}}',
     b'{"certificate": {"frames": 120, "hashes": ["a"]}}'],
)  # fmt: skip
def test_damaged_sidecars_are_refused(arena: Path, content: bytes) -> None:
    assert not check_sidecar(arena, content)


def check_sidecar(arena: Path, content: bytes) -> bool:
    path = arena / "x.json"
    path.write_bytes(content)
    refusal, sidecar = "", None
    try:
        sidecar = read_sidecar(arena / "x.bk2")
    except MovieError as error:
        refusal = str(error)
    path.unlink()
    if sidecar is None:
        assert refusal.startswith(f"{path}: ")
        return False
    if sidecar.certificate is not None:
        assert sidecar.certificate.divergence(sidecar.certificate) is None
    return True
