"""bk2 movies: reading, writing, refusing, replaying."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
import stable_retro
from stable_retro.data import Integrations

from game.actions import mask_of, pad_array
from game.certificate import CERTIFICATE_FRAMES, Certificate, certify, ram_hash, read_sidecar
from game.emulator import Emulator
from game.games import Game
from game.movie import Movie, MovieError, read_movie, replay, write_movie
from game.savestate import CORE_STATE_BYTES


@pytest.fixture
def movie() -> Movie:
    masks = np.array([0, mask_of(("RIGHT",)), mask_of(("B", "RIGHT")), 0xFFF, 0], np.uint16)
    return Movie("Quillrush-Genesis-v0", bytes(CORE_STATE_BYTES), masks)


def test_what_is_written_is_read(movie: Movie, tmp_path: Path) -> None:
    write_movie(tmp_path / "a.bk2", movie)
    again = read_movie(tmp_path / "a.bk2")
    assert again.game_id == movie.game_id
    assert again.state == movie.state
    assert (again.masks == movie.masks).all()


def test_the_same_movie_gives_the_same_bytes(movie: Movie, tmp_path: Path) -> None:
    for name in ("a.bk2", "b.bk2"):
        write_movie(tmp_path / name, movie)
    assert (tmp_path / "a.bk2").read_bytes() == (tmp_path / "b.bk2").read_bytes()


def test_a_movie_is_never_overwritten(movie: Movie, tmp_path: Path) -> None:
    write_movie(tmp_path / "a.bk2", movie)
    with pytest.raises(FileExistsError):
        write_movie(tmp_path / "a.bk2", movie)
    assert list(tmp_path.iterdir()) == [tmp_path / "a.bk2"]


def test_the_first_frame_must_be_idle(movie: Movie, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="one idle frame"):
        write_movie(tmp_path / "a.bk2", Movie(movie.game_id, movie.state, movie.masks[1:]))


def repack(source: Path, target: Path, **changes: bytes | None) -> Path:
    """A copy of a movie with members replaced (bytes) or left out (None), by the first word of their names."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = changes.get(name.split(".")[0].split()[0], old.read(name))
            if content is not None:
                new.writestr(name, content)
    return target


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"Core": None}, "BizHawk"),
        ({"Core": b"short"}, f"expected a savestate of {CORE_STATE_BYTES} bytes"),
        ({"Core": bytes(CORE_STATE_BYTES + 1)}, "larger than"),
        ({"Header": b"Platform GEN\n"}, "names no game"),
        ({"Header": b"Platform NES\nGameName X\n"}, "Platform GEN"),
        ({"Input": b"[Input]\n"}, "no line that names"),
        ({"Input": b"\xff\xfe\x00"}, "not text"),
        ({"Input": None}, "expected one Input Log.txt"),
    ],
)
def test_unusable_movies_are_refused_with_the_reason(
    shipped_movie: Path, tmp_path: Path, changes: dict, reason: str
) -> None:
    write_movie(tmp_path / "whole.bk2", read_movie(shipped_movie))
    path = repack(tmp_path / "whole.bk2", tmp_path / "bad.bk2", **changes)
    with pytest.raises(MovieError, match=reason) as error:
        read_movie(path)
    assert str(path) in str(error.value)


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 cut off"])
def test_corrupt_files_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.bk2").write_bytes(content)
    with pytest.raises(MovieError, match="not a readable bk2"):
        read_movie(tmp_path / "bad.bk2")


def test_a_truncated_movie_is_refused(shipped_movie: Path, tmp_path: Path) -> None:
    whole = shipped_movie.read_bytes()
    (tmp_path / "cut.bk2").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(MovieError):
        read_movie(tmp_path / "cut.bk2")


def test_a_shipped_movie_replays_to_its_certificate(emulator: Emulator, shipped_movie: Path) -> None:
    certificate = certify(emulator, read_movie(shipped_movie))
    sidecar = read_sidecar(shipped_movie)
    assert sidecar.player == "search"
    assert sidecar.certificate == certificate
    assert len(certificate.hashes) == -(-certificate.frames // CERTIFICATE_FRAMES) + (
        (certificate.frames - 1) % CERTIFICATE_FRAMES != 0
    )


def test_a_flipped_input_diverges_soon_after(emulator: Emulator, shipped_movie: Path) -> None:
    movie = read_movie(shipped_movie)
    masks = movie.masks.copy()
    assert (masks[40:60] == mask_of(("RIGHT",))).all()
    masks[50] ^= mask_of(("RIGHT",))
    changed = certify(emulator, Movie(movie.game_id, movie.state, masks))
    assert read_sidecar(shipped_movie).certificate.divergence(changed) == 60


def test_divergence_of_length_and_of_nothing() -> None:
    whole = Certificate(120, ("a", "b", "c"))
    assert whole.divergence(whole) is None
    assert whole.divergence(Certificate(60, ("a", "b"))) == 60


def test_stable_retro_plays_our_movies_to_the_same_ram(
    emulator: Emulator, shipped_movie: Path, quillrush: Game, tmp_path: Path
) -> None:
    ours = []
    movie = read_movie(shipped_movie)
    write_movie(tmp_path / "ours.bk2", movie)
    for frame in replay(emulator, movie):
        if frame:
            ours.append(ram_hash(emulator.ram()))
        if frame == 300:
            break
    emulator.close()
    Integrations.add_custom_path(str(quillrush.integration.parent))
    theirs = stable_retro.Movie(str(tmp_path / "ours.bk2"))
    theirs.step()
    assert theirs.get_game() == quillrush.retro_id
    env = stable_retro.make(
        theirs.get_game(),
        state=stable_retro.State.NONE,
        inttype=Integrations.CUSTOM_ONLY,
        use_restricted_actions=stable_retro.Actions.ALL,
        render_mode="rgb_array",
    )
    env.initial_state = theirs.get_state()
    env.reset()
    hashes = []
    while theirs.step() and len(hashes) < 300:
        pad = [theirs.get_key(i, 0) for i in range(12)]
        assert (np.array(pad) == pad_array(int(movie.masks[len(hashes) + 1]))).all()
        env.step(np.array(pad, np.uint8))
        hashes.append(ram_hash(env.data.memory.blocks[0xFF0000]))
    env.close()
    assert hashes == ours


def with_keys(movie: Movie, folder: Path, keys: str, *lines: str) -> Path:
    """The movie with another log: this key line, these lines."""
    write_movie(folder / "whole.bk2", movie)
    log = "\n".join(("[Input]", keys, *lines, "[/Input]"))
    return repack(folder / "whole.bk2", folder / "changed.bk2", Input=log.encode())


BUTTONS = ("Z", "X", "Y", "C", "Right", "Left", "Down", "Up", "Start", "Mode", "A", "B")


def test_a_movie_of_two_players_is_refused(movie: Movie, tmp_path: Path) -> None:
    keys = "".join(f"P1 {name}|" for name in BUTTONS) + "".join(f"P2 {name}|" for name in BUTTONS)
    path = with_keys(movie, tmp_path, keys, "|..|............|")
    with pytest.raises(MovieError, match=r"expected a movie of one player\. Received: two"):
        read_movie(path)


def test_columns_are_read_in_the_order_that_the_movie_names(movie: Movie, tmp_path: Path) -> None:
    order = ("Up", "Down", "Left", "Right", "A", "B", "C", "Start", "X", "Y", "Z", "Mode")
    keys = "".join(f"P1 {name}|" for name in order)
    path = with_keys(movie, tmp_path, keys, "|..|............|", "|..|...R.B......|", "|..|.D..........|")
    assert read_movie(path).masks.tolist() == [0, mask_of(("RIGHT", "B")), mask_of(("DOWN",))]
    path = with_keys(movie, tmp_path / "other", keys.replace("P1 Up|", "P1 A|"), "|..|............|")
    with pytest.raises(MovieError, match="expected the buttons"):
        read_movie(path)
