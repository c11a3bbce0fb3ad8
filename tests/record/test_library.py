"""Movies are never overwritten, and killed takes come back."""

import os
import signal
from pathlib import Path

import numpy as np
import pytest

from game.certificate import Sidecar, certify, read_sidecar
from game.emulator import Emulator
from game.movie import Movie, read_movie
from game.savestate import clean_state
from record.journal import Journal
from record.library import journal_folder, next_path, recover, save_new, save_take
from record.take import Take
from tests.record.conftest import ACT

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
