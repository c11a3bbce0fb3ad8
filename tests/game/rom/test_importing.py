"""The ROM import: every form of a dump, everything that is not one, hostile zips, and nothing outside the target."""

import dataclasses
import hashlib
import io
import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from game import cli
from game.games import GAMES, Game, GameError
from game.rom import importing
from game.rom.dumps import ARCHIVES, byte_swapped, deinterleaved, read_header
from tests.stub_rom import make_header, make_stub_rom

IMAGE = make_stub_rom()
SMD_HEADER = bytes([64, 3, 0, 0, 0, 0, 0, 0, 0xAA, 0xBB, 6]).ljust(512, b"\0")


def interleave(image: bytes, block: int) -> bytes:
    """As a Super Magic Drive wrote it, byte by byte from the format's description: odd bytes first, then even ones."""
    blocks = [image[start : start + block] for start in range(0, len(image), block)]
    return b"".join(part[1::2] + part[0::2] for part in blocks)


def swap(image: bytes) -> bytes:
    swapped = bytearray(image)
    swapped[0::2] = image[1::2]
    swapped[1::2] = image[0::2]
    return bytes(swapped)


FORMS = {
    "": IMAGE,
    "byte-swapped": swap(IMAGE),
    "smd-interleaved": SMD_HEADER + interleave(IMAGE, 16_384),
    "smd-interleaved without its header": interleave(IMAGE, 16_384),
    "with a copier's 512-byte header": SMD_HEADER + IMAGE,
    "mgd-interleaved": interleave(IMAGE, len(IMAGE)),
    "over-dumped": IMAGE + IMAGE,
    "smd-interleaved, over-dumped": SMD_HEADER + interleave(IMAGE + bytes(65_536), 16_384),
}


@pytest.fixture
def game(tmp_path: Path) -> Game:
    """sonic2 as if the stub were its ROM, looked for in a folder of the test."""
    places = (tmp_path / "roms" / GAMES["sonic2"].retro_id / "rom.md", tmp_path / "elsewhere" / "rom.md")
    return dataclasses.replace(GAMES["sonic2"], sha1=hashlib.sha1(IMAGE).hexdigest(), roms=places)


@pytest.fixture
def command(game: Game, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`python -m game rom` with that game and folder; gives the folder."""
    monkeypatch.setitem(GAMES, "sonic2", game)
    monkeypatch.setattr(importing.destination, "__defaults__", (tmp_path / "roms",))
    monkeypatch.setattr(importing.store, "__defaults__", (tmp_path / "roms",))
    monkeypatch.setattr(importing, "installed_roms", lambda game: [])
    return tmp_path / "roms"


def zipped(path: Path, method: int = zipfile.ZIP_DEFLATED, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_dot_", ".").replace("_up_", "../"), content)
    return path


def files_under(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_the_dump_is_put_in_order(form: str, game: Game, tmp_path: Path) -> None:
    finding = importing.identify(FORMS[form], "it", [game])
    assert finding.kind == "match"
    assert form in finding.text
    assert finding.image == IMAGE
    target = importing.store(finding, tmp_path / "roms")
    assert target.read_bytes() == IMAGE
    assert files_under(tmp_path) == {f"roms/{game.retro_id}/rom.md"}
    assert game.check_rom() == target


@given(st.binary(min_size=2, max_size=256).filter(lambda data: len(data) % 4 == 0))
def test_deinterleaving_undoes_interleaving(data: bytes) -> None:
    assert deinterleaved(interleave(data, len(data)), len(data)) == data
    assert byte_swapped(swap(data)) == data


def renamed(title: str, serial: str) -> bytes:
    return IMAGE[:0x100] + make_header(title, serial) + IMAGE[0x200:]


@pytest.mark.parametrize(
    ("content", "kind", "reason"),
    [
        (renamed("SONIC THE HEDGEHOG 2", "GM 00001051-00"), "revision", "revision 00"),
        (renamed("SONIC THE HEDGEHOG 2", "GM 00001051-02"), "revision", "expected revision 01 with SHA-1"),
        (renamed("SONIC THE HEDGEHOG 2", "GM 00001051-01"), "revision", "changed or damaged revision 01"),
        (swap(renamed("SONIC THE HEDGEHOG 2", "GM 00001051-00")), "revision", "revision 00, byte-swapped"),
        (renamed("STREETS  OF   RAGE", "GM 00001078-00"), "other game", "STREETS OF RAGE (GM 00001078-00"),
        (IMAGE[: len(IMAGE) // 2], "other game", "the last 524288 of its 1048576 bytes are missing"),
        (IMAGE[:-2] + b"\0\0", "other game", "checksum does not fit"),
        (b"", "not a ROM", "no SEGA header"),
        (bytes(70_000), "not a ROM", "no SEGA header"),
        *[(magic + bytes(100), "not a ROM", f"{name}: unpack it first") for magic, name in ARCHIVES.items()],
    ],
)
def test_what_is_not_the_rom_is_named(content: bytes, kind: str, reason: str, game: Game, tmp_path: Path) -> None:
    finding = importing.identify(content, "it", [game])
    assert finding.kind == kind
    assert reason in finding.text
    assert finding.sha1 == hashlib.sha1(content).hexdigest()
    with pytest.raises(GameError, match="Only the expected dump"):
        importing.store(finding, tmp_path / "roms")
    assert not files_under(tmp_path)


def test_other_games_are_known_by_sha1(game: Game, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "SonicTheHedgehog-Genesis-v0" in importing.known_roms().values()
    other = renamed("ANOTHER", "GM 1")
    monkeypatch.setattr(importing, "known_roms", lambda: {hashlib.sha1(other).hexdigest(): "Another-Genesis-v0"})
    assert "Another-Genesis-v0" in importing.identify(swap(other), "it", [game]).text


def test_the_header_is_read() -> None:
    header = read_header(IMAGE)
    assert header is not None
    assert header.title == "STUB IMAGE WITHOUT A GAME"
    assert header.rom_bytes == len(IMAGE)
    assert header.checksum_fits
    assert read_header(IMAGE[:0x180]) is None


@pytest.mark.parametrize("suffix", ["md", "BIN", "gen", "68K"])
def test_the_command_takes_a_file(suffix: str, command: Path, game: Game, tmp_path: Path, capsys) -> None:
    (tmp_path / f"dump.{suffix}").write_bytes(IMAGE)
    assert cli.main(["rom", str(tmp_path / f"dump.{suffix}")]) == 0
    assert game.check_rom() == command / game.retro_id / "rom.md"
    assert "imported" in capsys.readouterr().out
    assert cli.main(["rom", str(tmp_path / f"dump.{suffix}")]) == 0
    assert "in place already" in capsys.readouterr().out


def test_the_command_takes_a_folder_and_says_what_each_file_is(command: Path, tmp_path: Path, capsys) -> None:
    deep = tmp_path / "my games" / "mega drive"
    deep.mkdir(parents=True)
    (deep / "a.bin").write_bytes(b"music")
    (deep / "b.gen").write_bytes(renamed("STREETS OF RAGE", "GM 00001078-00"))
    (deep / "c.SMD").write_bytes(FORMS["smd-interleaved"])
    (deep / "notes.txt").write_bytes(IMAGE)
    zipped(deep / "d.zip", readme_dot_txt=b"x")
    os.mkfifo(deep / "e.bin")
    assert cli.main(["rom", str(tmp_path / "my games")]) == 0
    out = capsys.readouterr().out
    for expected in (
        "a.bin: no Mega Drive ROM",
        "STREETS OF RAGE",
        "smd-interleaved; put in order",
        "d.zip: a zip without",
    ):
        assert expected in out
    assert "notes.txt" not in out
    assert len(files_under(command)) == 1


def test_the_command_takes_a_zip_and_trusts_no_name_in_it(command: Path, tmp_path: Path, capsys) -> None:
    place = zipped(tmp_path / "x.zip", _up__up_evil_dot_md=IMAGE, bad_dot_md=b"\x1b[2Jno")
    before = files_under(tmp_path)
    assert cli.main(["rom", str(place)]) == 0
    assert files_under(tmp_path) - before == {f"roms/{GAMES['sonic2'].retro_id}/rom.md"}
    assert "\x1b" not in capsys.readouterr().out


def test_without_a_path_what_stable_retro_has_is_found(command: Path, game: Game, capsys, monkeypatch) -> None:
    assert cli.main(["rom"]) == 1
    assert game.sha1 in capsys.readouterr().err
    monkeypatch.setattr(importing, "installed_roms", lambda game: [game.roms[1]])
    game.roms[1].parent.mkdir()
    game.roms[1].write_bytes(IMAGE)
    assert cli.main(["rom"]) == 0
    assert game.roms[0].is_file()


def test_installed_roms_are_looked_for_in_every_python(game: Game, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    place = tmp_path / ".local/lib/python3.9/site-packages/retro/data/stable/SonicTheHedgehog2-Genesis/rom.md"
    place.parent.mkdir(parents=True)
    place.write_bytes(IMAGE)
    assert place in importing.installed_roms(game)


def test_a_place_that_is_not_there(command: Path, tmp_path: Path, capsys) -> None:
    assert cli.main(["rom", str(tmp_path / "nowhere")]) == 2
    assert "nowhere is not there" in capsys.readouterr().err


def test_nothing_of_use_says_what_is_expected(command: Path, game: Game, tmp_path: Path, capsys) -> None:
    (tmp_path / "x.bin").write_bytes(b"x")
    assert cli.main(["rom", str(tmp_path / "x.bin")]) == 1
    assert game.sha1 in capsys.readouterr().err


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "MAX_ROM_BYTES", 1 << 17)
    monkeypatch.setattr(importing, "MAX_UNPACKED_BYTES", 1 << 18)
    monkeypatch.setattr(importing, "MAX_FILES", 40)


def texts(place: Path, game: Game) -> str:
    return "\n".join(f"{finding.source}: {finding.text}" for finding in importing.scan(place, [game]))


@pytest.mark.usefixtures("small_limits")
def test_zip_bombs_are_stopped(game: Game, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = zipped(tmp_path / "bomb.zip", a_dot_bin=bytes(1 << 22))
    assert "a.bin: unpacks to more than 131072 bytes" in texts(bomb, game)
    for size in (100_000, 1 << 20):  # members that are small enough, and members that are refused, both cost their work
        many = zipped(tmp_path / f"{size}.zip", **{f"a{i}_dot_bin": bytes(size) for i in range(9)})
        assert "unpacks to more than 262144 bytes; not looked at further" in texts(many, game)
    crowd = zipped(tmp_path / "crowd.zip", **{f"a{i}_dot_bin": b"" for i in range(60)})
    assert "more than 40 files" in texts(crowd, game)
    monkeypatch.setattr(importing, "MAX_DIRECTORY_BYTES", 1 << 16)
    long = zipped(tmp_path / "long.zip", **{f"a{i}_dot_bin": b"" for i in range(2_000)})
    assert "not a readable zip (expected a directory of at most 65558 bytes" in texts(long, game)
    assert "unpack it and give the folder" in texts(long, game)
    (tmp_path / "long.md").write_bytes(bytes(1 << 18))
    assert "no cartridge has more" in texts(tmp_path / "long.md", game)


def test_zips_that_cannot_be_unpacked_say_why(game: Game, tmp_path: Path) -> None:
    assert "packed by method 14" in texts(zipped(tmp_path / "lzma.zip", zipfile.ZIP_LZMA, a_dot_md=IMAGE), game)
    locked = bytearray(zipped(tmp_path / "locked.zip", a_dot_md=IMAGE).read_bytes())
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "locked.zip").write_bytes(locked)
    assert "encrypted" in texts(tmp_path / "locked.zip", game)
    damaged = bytearray(zipped(tmp_path / "damaged.zip", zipfile.ZIP_STORED, a_dot_md=IMAGE).read_bytes())
    damaged[5_000] ^= 1
    (tmp_path / "damaged.zip").write_bytes(damaged)
    assert "cannot be unpacked (Bad CRC-32" in texts(tmp_path / "damaged.zip", game)


def whole_zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.md", SMD_HEADER + interleave(IMAGE[:32_768], 16_384))
        archive.writestr("../b.bin", IMAGE[:1_000])
        archive.writestr("c/d.gen", swap(IMAGE[:1_024]))
    return file.getvalue()


WHOLE_ZIP = whole_zip()
CHANGE = st.tuples(st.integers(0, len(WHOLE_ZIP) - 1), st.integers(0, 255))


@st.composite
def hostile(draw: st.DrawFn) -> bytes:
    """Random bytes, ROMs with a few bytes changed, or zips with a few bytes changed, cut or lengthened."""
    kind = draw(st.sampled_from(("bytes", "rom", "zip")))
    if kind == "bytes":
        return draw(st.binary(max_size=2_000))
    content = bytearray(WHOLE_ZIP)
    if kind == "rom":
        content = bytearray(draw(st.sampled_from(list(FORMS.values())))[:17_000])
    for at, value in draw(st.lists(CHANGE, max_size=12)):
        content[at % len(content)] = value
    if draw(st.booleans()):
        del content[draw(st.integers(0, len(content))) :]
    return bytes(content)


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("arena")


@given(content=hostile(), suffix=st.sampled_from((".md", ".zip", ".smd", "")))
@settings(max_examples=300, deadline=5_000)
def test_fuzz_no_file_crashes_the_import_or_writes_outside(arena: Path, content: bytes, suffix: str) -> None:
    wanted = dataclasses.replace(GAMES["sonic2"], sha1=hashlib.sha1(IMAGE[:32_768]).hexdigest())
    (arena / "in").mkdir(exist_ok=True)
    path = arena / "in" / f"file{suffix}"
    path.write_bytes(content)
    findings = list(importing.scan(path, [wanted]))
    for finding in findings:
        assert str(path) in finding.source
        assert finding.text.isprintable()
        if finding.kind == "match":
            assert importing.store(finding, arena / "target").read_bytes() == IMAGE[:32_768]
    path.unlink()
    assert files_under(arena) <= {f"target/{wanted.retro_id}/rom.md"}


@given(st.lists(CHANGE, min_size=1, max_size=6))
@settings(max_examples=100, deadline=5_000)
def test_fuzz_a_changed_dump_is_never_imported(changes: list[tuple[int, int]]) -> None:
    content = bytearray(IMAGE[:65_536])
    for at, value in changes:
        content[at] ^= value or 1
    wanted = dataclasses.replace(GAMES["sonic2"], sha1=hashlib.sha1(IMAGE[:65_536]).hexdigest())
    same = bytes(content) == IMAGE[:65_536]  # two changes may undo each other
    assert (importing.identify(bytes(content), "it", [wanted]).kind == "match") == same
