"""Movies are never overwritten, and killed takes come back."""

import base64
import json
import os
import signal
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from game.certificate import Sidecar, certify, read_sidecar
from game.emulator import Emulator
from game.movie import Movie, read_movie
from game.savestate import CORE_DATA_BYTES, CORE_STATE_BYTES, clean_state
from record import library
from record.journal import Journal, claimed
from record.journal_reader import Journaled
from record.library import journal_folder, movie_files, next_path, recover, save_new, save_take
from record.take import Take
from tests.record.conftest import ACT
from tests.record.test_journal_reader import damaged

RIGHT = 128


def journaled_take(emulator: Emulator, movies: Path, frames: int, who: str = "human", label: str = "") -> Take:
    game = emulator.game
    state = clean_state(game.start_state(ACT))
    facts = {"label": label} if label else {}
    journal = Journal(journal_folder(movies, game.name), game.retro_id, ACT.name, state, facts)
    take = Take(emulator, ACT, state, journal, who)
    for i in range(frames - 1):
        take.press(RIGHT if i % 40 < 30 else RIGHT | 1, who)
    return take


def test_a_saved_take_is_a_certified_movie_without_a_journal(emulator: Emulator, tmp_path: Path) -> None:
    take = journaled_take(emulator, tmp_path, 130)
    path = save_take(tmp_path, take, facts={"device": "keyboard"})
    assert path == tmp_path / "quillrush" / ACT.name / f"{ACT.name}-human-000.bk2"
    sidecar = read_sidecar(path)
    assert sidecar.player == "human"
    assert sidecar.certificate == certify(emulator, read_movie(path))
    assert sidecar.facts["segments"] == [["human", 130]]
    assert sidecar.facts["device"] == "keyboard"
    assert not list(journal_folder(tmp_path, "quillrush").iterdir())


def test_nothing_is_overwritten(emulator: Emulator, tmp_path: Path) -> None:
    first = save_take(tmp_path, journaled_take(emulator, tmp_path, 70))
    before = first.read_bytes()
    second = save_take(tmp_path, journaled_take(emulator, tmp_path, 80))
    assert second.name.endswith("-human-001.bk2")
    assert first.read_bytes() == before


def test_a_name_taken_by_another_recorder_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    movie = Movie("Quillrush-Genesis-v0", bytes(10), np.zeros(3, np.uint16))
    taken = next_path(tmp_path, "quillrush", ACT.name, "human")
    taken.parent.mkdir(parents=True)
    answers = iter([taken, taken.with_stem("other")])
    taken.write_bytes(b"theirs")
    monkeypatch.setattr("record.library.next_path", lambda *_: next(answers))
    assert save_new(tmp_path, "quillrush", ACT.name, "human", movie, Sidecar()).stem == "other"
    assert taken.read_bytes() == b"theirs"


def test_a_killed_process_loses_nothing(emulator: Emulator, tmp_path: Path) -> None:
    child = os.fork()
    if child == 0:
        take = journaled_take(emulator, tmp_path, 200, label="spindash")
        take.rewind_to(149)
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    (line,) = recover(emulator, tmp_path)
    path = tmp_path / "quillrush" / ACT.name / f"{ACT.name}-spindash-000.bk2"
    assert str(path) in line
    assert "150 frames" in line
    movie, sidecar = read_movie(path), read_sidecar(path)
    assert movie.frames == 150
    assert sidecar.facts["recovered"] is True
    assert certify(emulator, movie) == sidecar.certificate
    assert list(recover(emulator, tmp_path)) == []


def test_a_take_killed_after_its_movie_was_written_is_not_doubled(emulator: Emulator, tmp_path: Path) -> None:
    take = journaled_take(emulator, tmp_path, 100)
    kept = take.journal.path.read_bytes()
    path = save_take(tmp_path, take)
    take.journal.path.write_bytes(kept)
    assert list(recover(emulator, tmp_path)) == []
    path.with_suffix(".json").unlink()  # killed before the sidecar
    take.journal.path.write_bytes(kept)
    (line,) = recover(emulator, tmp_path)
    assert str(path) in line
    assert read_sidecar(path).certificate is not None
    assert len(list(path.parent.glob("*.bk2"))) == 1


KILLED_AT = ("link", "replace", "rename", "unlink", "fsync", "mkdir")
"""What changes which files there are, and what forces them to the disk."""


def die_before_call(number: int) -> None:
    """Patch this process (a child) to kill itself just before the so-manieth of those calls, counted from now."""
    calls = iter(range(number + 1))

    def guarded(name: str) -> None:
        real = getattr(os, name)

        def call(*args: object, **named: object) -> object:
            if next(calls) == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **named)

        setattr(os, name, call)

    for name in KILLED_AT:
        guarded(name)


def killed(work: Callable[[], object], number: int) -> bool:
    """Do this in a child process that dies before call `number`; whether it did, or came to its end before."""
    child = os.fork()
    if child == 0:
        try:
            die_before_call(number)
            work()
        except BaseException:
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status):
        assert status == 0
        return False
    return True


def assert_recovered_once(emulator: Emulator, movies: Path, masks: list[int]) -> None:
    """After a restart there is one movie, whole and certified, and nothing else."""
    for part in movies.rglob("*.part"):
        os.utime(part, (0, 0))  # it is not half-written any more once a minute has gone by
    list(recover(emulator, movies))
    (path,) = (path for path in movies.rglob("*.bk2") if not path.name.startswith("."))
    movie = read_movie(path)
    assert movie.masks.tolist() == masks
    assert read_sidecar(path).certificate == certify(emulator, movie)
    files = {file for file in movies.rglob("*") if file.is_file()}
    assert files == {path, path.with_suffix(".json")}
    assert list(recover(emulator, movies)) == []


def test_killed_at_any_point_of_saving_a_take_it_is_recovered_exactly_once(emulator: Emulator, tmp_path: Path) -> None:
    points = 0
    while True:
        movies = tmp_path / f"at-{points}"
        take = journaled_take(emulator, movies, 70)
        masks = take.masks.tolist()
        was_killed = killed(partial(save_take, movies, take), points)
        take.journal.close()  # its lock is shared with the child until here
        assert_recovered_once(emulator, movies, masks)
        if not was_killed:
            break
        points += 1
    assert points >= 6  # folder, movie, its name, sidecar, folder's list, journal


def test_killed_at_any_point_of_recovering_it_is_recovered_exactly_once(emulator: Emulator, tmp_path: Path) -> None:
    points = 0
    while True:
        movies = tmp_path / f"at-{points}"
        take = journaled_take(emulator, movies, 70)
        masks = take.masks.tolist()
        take.journal.close()
        was_killed = killed(lambda: list(recover(emulator, movies)), points)  # noqa: B023
        assert_recovered_once(emulator, movies, masks)
        if not was_killed:
            break
        points += 1
    assert points >= 6


def test_two_recorders_that_save_at_once_lose_nothing(tmp_path: Path) -> None:
    """Names are taken with a link, which is refused when the name is there: both write to the same folder."""
    each = 25
    ready, begin = os.pipe()

    def save_all(first: int) -> None:
        os.read(ready, 1)  # returns for both when the last writer has closed it
        for mask in range(first, first + each):
            movie = Movie("Quillrush-Genesis-v0", bytes(CORE_STATE_BYTES), np.array([0, mask], np.uint16))
            save_new(tmp_path, "quillrush", ACT.name, "human", movie, Sidecar(facts={"mask": mask}))

    children = []
    for first in (1, 1001):
        child = os.fork()
        if child == 0:
            status = 1
            try:
                os.close(begin)
                save_all(first)
                status = 0
            finally:
                os._exit(status)
        children.append(child)
    os.close(begin)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    os.close(ready)
    saved = sorted(tmp_path.rglob("*.bk2"))
    masks = {int(read_movie(path).masks[1]) for path in saved}
    assert masks == {*range(1, 1 + each), *range(1001, 1001 + each)}
    assert all(read_sidecar(path).facts["mask"] == int(read_movie(path).masks[1]) for path in saved)
    assert len(saved) == 2 * each
    assert not list(tmp_path.rglob("*.part"))


def test_two_recorders_that_start_at_once_recover_a_take_once(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = journaled_take(emulator, tmp_path, 90)
    take.journal.close()
    monkeypatch.setattr(library, "abandoned", lambda folder: [take.journal.path])  # both have seen it
    with claimed(take.journal.path) as is_ours:  # the other one is at it
        assert is_ours
        assert list(recover(emulator, tmp_path)) == []
    assert not list(tmp_path.rglob("*.bk2"))
    assert len(list(recover(emulator, tmp_path))) == 1
    assert list(recover(emulator, tmp_path)) == []


def no_room(*_: object, **__: object) -> None:
    raise OSError(28, "the disk is full")


@pytest.mark.parametrize("step", ["write_movie", "write_sidecar", "sync"])
def test_a_full_disk_leaves_nothing_half_written(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    take = journaled_take(emulator, tmp_path, 90)
    with monkeypatch.context() as patch:
        patch.setattr(f"record.library.{step}", no_room)
        with pytest.raises(OSError, match="full"):
            save_take(tmp_path, take)
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == [take.journal.path]
        take.journal.close()
        (line,) = recover(emulator, tmp_path)
        assert line == f"a killed take waits in {take.journal.path}: the disk is full"
    assert_recovered_once(emulator, tmp_path, take.masks.tolist())


def test_a_journal_that_cannot_be_removed_does_not_undo_the_saving(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = journaled_take(emulator, tmp_path, 90)
    monkeypatch.setattr(take.journal, "remove", no_room)
    assert save_take(tmp_path, take).is_file()
    take.journal.close()
    monkeypatch.undo()
    assert_recovered_once(emulator, tmp_path, take.masks.tolist())


def test_one_journal_that_may_not_be_read_does_not_stop_the_others(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = journaled_take(emulator, tmp_path, 90).journal
    first.close()
    journaled_take(emulator, tmp_path, 80).journal.close()
    real = library.read_journal

    def refuse(path: Path) -> Journaled:
        if path == first.path:
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(library, "read_journal", refuse)
    lines = list(recover(emulator, tmp_path))
    assert f"waits in {first.path}: Permission denied" in lines[0]
    assert "80 frames" in lines[1]
    assert first.path.is_file()


def test_what_a_kill_left_half_written_goes_after_a_while(emulator: Emulator, tmp_path: Path) -> None:
    folder = tmp_path / "quillrush" / ACT.name
    folder.mkdir(parents=True)
    old, new = folder / ".a.bk2.1.part", folder / ".b.bk2.2.part"
    for part in (old, new):
        part.write_bytes(b"half")
    os.utime(old, (0, 0))
    list(recover(emulator, tmp_path))
    assert not old.exists()
    assert new.exists(), "somebody may be writing it"


@pytest.mark.parametrize("label", ["../../elsewhere", "a/b", "", "A", "x" * 50, "a b", "human\n"])
def test_no_label_leads_out_of_the_folder(tmp_path: Path, label: str) -> None:
    with pytest.raises(ValueError, match="label"):
        next_path(tmp_path, "quillrush", ACT.name, label)


@pytest.mark.parametrize(
    "change",
    [
        {"facts": {"label": "../../../elsewhere"}},
        {"facts": {"label": 3}},
        {"act": "../../../elsewhere"},
        {"game": "../../elsewhere"},
        {"game": "SonicTheHedgehog2-Genesis-v0"},
        {"state": base64.b64encode(zlib.compress(b"\xff" * CORE_DATA_BYTES)).decode()},
    ],
)
def test_a_hostile_journal_is_set_aside_by_name(emulator: Emulator, tmp_path: Path, change: dict[str, object]) -> None:
    movies = tmp_path / "movies"
    journal = journaled_take(emulator, movies, 70).journal
    journal.close()
    line, records = journal.path.read_bytes().split(b"\n", 1)
    journal.path.write_bytes(json.dumps(json.loads(line) | change).encode() + b"\n" + records)
    (said,) = recover(emulator, movies)
    assert "could not be recovered" in said
    assert journal.path.with_suffix(".unreadable").is_file()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [journal.path.with_suffix(".unreadable")]


@pytest.mark.parametrize("count", [40, pytest.param(2_000, marks=pytest.mark.slow)])
def test_no_damaged_journal_stops_a_recovery(emulator: Emulator, tmp_path: Path, count: int) -> None:
    """Each becomes a movie, is set aside by name, or held nothing; and a good one after it still comes back."""
    take = journaled_take(emulator, tmp_path, 40)
    take.journal.close()
    whole = take.journal.path.read_bytes()
    folder = take.journal.path.parent
    take.journal.path.unlink()
    rng = np.random.default_rng(count)
    for number in range(count):
        (folder / f"{number:05d}.journal").write_bytes(damaged(rng, whole))
    (folder / "99999.journal").write_bytes(whole)
    lines = list(recover(emulator, tmp_path))
    assert not list(folder.glob("*.journal"))
    assert any("could not" in line for line in lines)
    kept = {path.name for path in folder.glob("*.unreadable")}
    assert sum("could not" in line for line in lines) == len(kept)
    movies = [read_movie(path) for path in movie_files(tmp_path)]
    assert any(np.array_equal(movie.masks, take.masks) for movie in movies)


def test_takes_without_any_play_are_dropped(emulator: Emulator, tmp_path: Path) -> None:
    take = journaled_take(emulator, tmp_path, 1)
    take.journal.close()
    watched = journaled_take(emulator, tmp_path, 90, who="policy")
    watched.journal.close()
    assert list(recover(emulator, tmp_path)) == []
    assert not list(journal_folder(tmp_path, "quillrush").glob("*.journal"))


def test_an_unreadable_journal_is_set_aside_by_name(emulator: Emulator, tmp_path: Path) -> None:
    folder = journal_folder(tmp_path, "quillrush")
    folder.mkdir(parents=True)
    (folder / "a.journal").write_bytes(b"nonsense\n" * 9)
    (line,) = recover(emulator, tmp_path)
    assert "a.journal" in line
    assert (folder / "a.unreadable").is_file()


def test_a_number_with_only_a_sidecar_left_stays_taken(tmp_path: Path) -> None:
    """Its movie was moved elsewhere; another one would get its facts."""
    first = next_path(tmp_path, "quillrush", ACT.name, "human")
    first.parent.mkdir(parents=True)
    first.with_suffix(".json").write_text("{}")
    assert next_path(tmp_path, "quillrush", ACT.name, "human").stem.endswith("-001")
