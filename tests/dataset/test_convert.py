"""Conversion on the real emulator: labels, refusals, resumption, Minari."""

import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest

from dataset import convert as converting
from dataset.choosing import choose_movies, find_movies
from dataset.cli import main
from dataset.config import ConvertConfig
from dataset.loader import is_whole_play, open_dataset
from dataset.reading import read_attributes
from dataset.selection import Selection
from game import emulator as emulators
from game.actions import COMBO_OF_MASK, mask_of
from game.certificate import Certificate, Sidecar, certify, read_sidecar, write_sidecar
from game.emulator import Emulator
from game.games import GAMES
from game.movie import Movie, read_movie, write_movie
from game.observation import ObservationSpec
from tests.conftest import MOVIES, ROOT

ACTS = ("EmeraldHillZone.Act1", "MetropolisZone.Act2")
FRAMES = 400


def short_copy(source: Path, folder: Path, frames: int = FRAMES) -> Path:
    """The first frames of a shipped movie, without a certificate."""
    movie = read_movie(source)
    path = folder / source.name
    write_movie(path, Movie(movie.game_id, movie.state, movie.masks[:frames]))
    return path


@pytest.fixture
def movies(workdir: Path) -> Path:
    for act in ACTS:
        for number in range(2):
            short_copy(MOVIES / act / f"{act}-search-{number:03d}.bk2", workdir / "in" / act)
    return workdir / "in"


def convert(*more: str) -> int:
    return main(["convert", "--game", "quillrush", "--movies", "in", "--name", "t-v0", "--workers", "1", *more])


def files(workdir: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (workdir / "data/t-v0/data/movies").glob("*.hdf5")}


def test_every_frame_is_kept_and_labelled(movies: Path, workdir: Path) -> None:
    assert convert() == 0
    path = workdir / "data/t-v0/data/movies" / f"{ACTS[0]}-search-000.hdf5"
    masks = read_movie(movies / ACTS[0] / f"{ACTS[0]}-search-000.bk2").masks
    with h5py.File(path) as file:
        episode = file["episode"]
        assert episode["observations"].shape == (FRAMES + 1, 96, 96)
        assert episode["observations"].dtype == np.uint8
        np.testing.assert_array_equal(episode["actions"][()], COMBO_OF_MASK[masks])
        np.testing.assert_array_equal(episode["infos/pad_mask"][:-1], masks)
        assert episode["infos/x"][0] == 96
        progress = (episode["infos/x"][-1] - 96) / (0x2A40 - 96)
        assert episode["rewards"][()].sum() == pytest.approx(9000 * progress, rel=1e-4)
        assert episode["truncations"][-1]
        assert not episode["terminations"][-1]
        assert episode.attrs["act"].decode() == ACTS[0]


def test_twice_gives_the_same_bytes(movies: Path, workdir: Path) -> None:
    convert()
    first = files(workdir)
    shutil.rmtree(workdir / "data")
    convert("--workers", "2")
    assert files(workdir) == first
    assert len(first) == 4


def test_a_second_call_reuses_what_is_done(movies: Path, workdir: Path, capsys) -> None:
    convert()
    capsys.readouterr()
    assert convert() == 0
    assert "4 were converted before" in capsys.readouterr().out


def test_a_killed_conversion_goes_on(movies: Path, workdir: Path) -> None:
    command = [sys.executable, "-m", "dataset", "convert", "--game", "quillrush", "--movies", "in", "--name", "t-v0"]
    command += ["--workers", "1"]
    process = subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL)
    while len(files(workdir)) < 2:
        assert process.poll() is None
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    times = {path: path.stat().st_mtime_ns for path in (workdir / "data/t-v0/data/movies").glob("*.hdf5")}
    assert len(times) >= 2
    assert convert() == 0
    assert len(files(workdir)) == 4
    assert all(path.stat().st_mtime_ns == before for path, before in times.items())
    assert not list((workdir / "data").rglob("*.part"))


def test_bad_movies_are_set_aside_and_the_others_convert(movies: Path, workdir: Path, capsys) -> None:
    source = MOVIES / ACTS[0] / f"{ACTS[0]}-search-002.bk2"
    flipped = read_movie(source)
    masks = flipped.masks.copy()
    masks[50] ^= mask_of(("RIGHT",))
    write_movie(movies / "flipped.bk2", Movie(flipped.game_id, flipped.state, masks))
    write_sidecar(movies / "flipped.bk2", read_sidecar(source))
    (movies / "cut.bk2").write_bytes(source.read_bytes()[:3000])
    write_movie(movies / "foreign.bk2", Movie("Airstriker-Genesis-v0", flipped.state, masks))
    assert convert() == 1
    out = capsys.readouterr().out
    assert "at frame 60 of" in out
    assert "expected a movie of one of" in out.lower()
    refused = json.loads((workdir / "data/t-v0/refused.json").read_text())
    assert {Path(name).stem for name in refused} == {"flipped", "cut", "foreign"}
    assert len(files(workdir)) == 4


def test_the_game_is_that_of_the_movies_given(movies: Path, workdir: Path, monkeypatch, capsys) -> None:
    """Movies of Sonic 2 without its ROM: what to do about the ROM, not that they are of another game than the default."""
    monkeypatch.setitem(GAMES, "sonic2", dataclasses.replace(GAMES["sonic2"], roms=(workdir / "rom.md",)))
    movie = read_movie(movies / ACTS[0] / f"{ACTS[0]}-search-000.bk2")
    write_movie(workdir / "sonic" / "a.bk2", Movie("SonicTheHedgehog2-Genesis", movie.state, movie.masks))
    assert main(["convert", "--movies", "sonic"]) == 2
    assert "make rom ROM=path" in capsys.readouterr().err
    assert main(["convert", "--movies", "in", "--workers", "1"]) == 0
    assert "game: quillrush (that of " in capsys.readouterr().out


def test_when_nothing_converts_no_data_set_is_left(movies: Path, workdir: Path, capsys) -> None:
    (workdir / "bad").mkdir()
    (workdir / "bad" / "a.bk2").write_bytes(b"no")
    assert main(["convert", "--game", "quillrush", "--movies", "bad", "--name", "bad-v0"]) == 2
    captured = capsys.readouterr()
    assert "not a readable bk2" in captured.out
    assert "None of the 1 movies" in captured.err
    assert not list((workdir / "data").rglob("*.hdf5"))


def test_nothing_to_convert_says_what_to_do(workdir: Path, capsys) -> None:
    assert main(["convert", "--game", "quillrush", "--movies", "nowhere"]) == 2
    assert "make record" in capsys.readouterr().err
    assert main(["convert", "--game", "sonic3"]) == 2
    assert "Did you mean sonic2" in capsys.readouterr().err


@pytest.mark.filterwarnings("ignore")
def test_minari_opens_it_unchanged(movies: Path, workdir: Path, monkeypatch) -> None:
    minari = pytest.importorskip("minari")
    convert()
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(workdir / "data"))
    loaded = minari.load_dataset("t-v0")
    assert (loaded.total_episodes, loaded.total_steps) == (4, 4 * FRAMES)
    episode = next(iter(loaded.iterate_episodes()))
    assert episode.observations.shape == (FRAMES + 1, 96, 96)
    assert loaded.observation_space.shape == (96, 96)
    assert loaded.action_space.n == 23
    assert set(episode.infos) >= {"x", "pad_mask"}


def test_only_the_persons_frames_of_a_takeover_are_labels(movies: Path, workdir: Path, capsys) -> None:
    shutil.rmtree(movies / ACTS[1])
    taken_over, watched = sorted(movies.rglob("*.bk2"))
    runs = [["policy", 100], ["human", 120], ["policy", FRAMES - 220]]
    write_sidecar(taken_over, Sidecar("takeover", facts={"segments": runs}))
    write_sidecar(watched, Sidecar("policy", facts={"segments": [["policy", FRAMES]]}))
    assert convert() == 0
    dataset = open_dataset(workdir / "data/t-v0", 4)
    assert set(dataset.windows.movies.tolist()) == {0}
    assert len(dataset.windows) == 30 + 3 * 29  # the person's 120 frames, in four phases
    assert not any(is_whole_play(attributes) for attributes in dataset.attributes)
    shutil.rmtree(workdir / "data")
    write_sidecar(taken_over, Sidecar("takeover", facts={"segments": runs[:2]}))
    assert convert() == 1
    assert taken_over.name in capsys.readouterr().out


def test_training_windows_come_from_it(movies: Path, workdir: Path) -> None:
    convert()
    dataset = open_dataset(workdir / "data/t-v0")
    assert len(dataset.cache) == 4 * (FRAMES + 1)
    assert len(dataset.windows) == sum((FRAMES - phase) // 4 for phase in range(4)) * 4
    assert sorted(set(dataset.acts)) == sorted(ACTS)


def outputs(workdir: Path) -> dict[str, int]:
    """When each converted movie was written."""
    folder = workdir / "data/t-v0/data/movies"
    return {path.stem: path.stat().st_mtime_ns for path in folder.glob("*.hdf5")}


def test_a_damaged_sidecar_sets_its_own_movie_aside(movies: Path, workdir: Path, capsys) -> None:
    """The first time, and when the movie was converted before."""
    bad = sorted(movies.rglob("*.bk2"))[1]
    bad.with_suffix(".json").write_text('{"certificate": {"frames": "many"}}')
    for _ in range(2):
        assert convert() == 1
        out = capsys.readouterr().out
        assert out.count("REFUSED") == 1
        assert "Expected `int`, got `str` - at `$.certificate.frames`" in out
        assert set(outputs(workdir)) == {path.stem for path in movies.rglob("*.bk2")} - {bad.stem}
    bad.with_suffix(".json").unlink()
    assert convert() == 0
    bad.with_suffix(".json").write_text("{")
    assert convert() == 1
    assert bad.stem not in outputs(workdir)
    refused = json.loads((workdir / "data/t-v0/refused.json").read_text())
    assert [Path(name).stem for name in refused] == [bad.stem]
    assert len(open_dataset(workdir / "data/t-v0").names) == 3


@pytest.fixture
def in_process() -> Iterator[None]:
    """Movies are converted in this process, whose emulator is closed again."""
    yield
    if emulators._shared is not None:
        emulators._shared.close()
        emulators._shared = None


@pytest.fixture
def task(workdir: Path, in_process: None) -> converting.Task:
    """One short movie, to be converted in this process."""
    name = f"{ACTS[0]}-search-000"
    movie = short_copy(MOVIES / ACTS[0] / f"{name}.bk2", workdir / "in", frames=20)
    return converting.Task(movie, workdir / "out" / f"{name}.hdf5", "quillrush", ObservationSpec(24, 24))


def test_a_file_belongs_to_all_it_was_made_from(task: converting.Task, monkeypatch) -> None:
    """Movie, pictures, ROM, core, sidecar and label rule: with any of them other, it is converted again."""
    write_sidecar(task.movie, Sidecar("human", None, {"score": 3}))
    assert not converting._is_converted(task)
    converting.convert_movie(task)
    assert converting._is_converted(task)
    write_sidecar(task.movie, Sidecar("human", None, {"score": 4}))
    assert converting._is_converted(task)  # a score decides nothing
    other_spec = dataclasses.replace(task, observation=ObservationSpec(24, 24, hide_hud=True))
    assert not converting._is_converted(other_spec)
    for other in (
        Sidecar("search"),
        Sidecar("human", Certificate(20, ("0", "1"))),
        Sidecar("human", None, {"skill": "spindash"}),
        Sidecar("human", None, {"segments": [["human", 20]]}),
        Sidecar("human", None, {"trimmed_from": {"file": "whole.bk2"}}),
    ):
        write_sidecar(task.movie, other)
        assert not converting._is_converted(task), other
    write_sidecar(task.movie, Sidecar("human"))
    for name, value in (("CORE", "another core"), ("LABEL_RULE", 99)):
        with monkeypatch.context() as patch:
            patch.setattr(converting, name, value)
            assert not converting._is_converted(task), name
    with monkeypatch.context() as patch:
        patch.setitem(GAMES, "quillrush", dataclasses.replace(GAMES["quillrush"], sha1="another ROM"))
        assert not converting._is_converted(task)
    assert converting._is_converted(task)
    movie = read_movie(task.movie)
    task.movie.unlink()
    write_movie(task.movie, Movie(movie.game_id, movie.state, movie.masks[:19]))
    assert not converting._is_converted(task)


def test_a_damaged_file_is_converted_again(task: converting.Task) -> None:
    converting.convert_movie(task)
    with h5py.File(task.output, "r+") as file:
        del file["episode/infos/x"]
    assert not converting._is_converted(task)
    task.output.write_bytes(b"no")
    assert not converting._is_converted(task)


def test_a_changed_certificate_is_noticed_and_refused(movies: Path, workdir: Path, emulator: Emulator, capsys) -> None:
    path = sorted(movies.rglob("*.bk2"))[0]
    certificate = certify(emulator, read_movie(path))
    write_sidecar(path, Sidecar("search", certificate))
    assert convert() == 0
    wrong = ("0" * 16, *certificate.hashes[1:])
    write_sidecar(path, Sidecar("search", Certificate(certificate.frames, wrong)))
    assert convert() == 1
    assert "differs from its certificate at frame 0" in capsys.readouterr().out
    assert path.stem not in outputs(workdir)


def test_only_so_many_movies_of_each_act(movies: Path) -> None:
    found = find_movies((str(movies),))
    chosen = choose_movies(found, Selection(), limit=1)
    assert [path.stem for path in chosen] == [f"{act}-search-000" for act in sorted(ACTS)]
    assert len(choose_movies(found, Selection(), limit=2)) == 4


@pytest.mark.parametrize("facts", [{"act": "TestZone.Act1", "frames": FRAMES}, {}])  # {}: then its folder says so
def test_movies_of_test_acts_are_left_out_unless_asked_for(movies: Path, facts: dict, capsys) -> None:
    first, second = sorted((movies / ACTS[0]).glob("*.bk2"))
    apart = movies / "TestZone.Act1" / "a.bk2"
    apart.parent.mkdir()
    apart.write_bytes(second.read_bytes())
    write_sidecar(apart, Sidecar("search", None, facts))
    assert choose_movies([first, apart], Selection()) == [first]
    assert "left out: 1 movie of a test act, on which nobody trains" in capsys.readouterr().out
    assert choose_movies([first, apart], Selection(acts="test")) == [apart]
    assert choose_movies([first, apart], Selection(acts=f"{ACTS[0]},Faraway 1")) == [first, apart]


def test_a_finished_movie_comes_before_one_that_is_not(movies: Path) -> None:
    """Of one movie an act, a person's death of six seconds must not be it only because of its name."""
    first, second = sorted((movies / ACTS[0]).glob("*.bk2"))
    write_sidecar(first, Sidecar("human", None, {"finished": False, "died": True, "frames": FRAMES}))
    write_sidecar(second, Sidecar("search", None, {"finished": True, "frames": FRAMES}))
    assert choose_movies([first, second], Selection(), limit=1) == [second]


def test_what_becomes_of_other_movies_is_asked(movies: Path, workdir: Path, capsys) -> None:
    assert convert() == 0
    shutil.rmtree(movies / ACTS[1])
    assert convert() == 2
    assert "holds 2 movies besides those asked for. Choose: --name NAME-v0" in capsys.readouterr().err
    assert len(files(workdir)) == 4
    assert convert("--others", "keep") == 0
    assert len(files(workdir)) == 4
    assert convert("--others", "remove") == 0
    assert len(files(workdir)) == 2


def test_a_policys_spin_dashes_are_not_the_teachers(workdir: Path, shipped_movie: Path, in_process: None) -> None:
    """The same movie played by a person, and by a policy with a person at its very end."""
    name, frames = shipped_movie.stem, read_movie(shipped_movie).frames
    write_movie(workdir / "a.bk2", read_movie(shipped_movie))
    task = converting.Task(workdir / "a.bk2", workdir / f"{name}.hdf5", "quillrush", ObservationSpec(24, 24))
    converting.convert_movie(task)
    whole = read_attributes(task.output)
    assert whole["spin_dashes"] > 0
    write_sidecar(task.movie, Sidecar("takeover", None, {"segments": [["policy", frames - 1], ["human", 1]]}))
    converting.convert_movie(task)
    watched = read_attributes(task.output)
    assert (watched["spin_dashes"], watched["spin_dash_revs"]) == (0, "[]")
    assert watched["player"] == "takeover"


def test_what_a_movie_was_made_from_is_stored(task: converting.Task) -> None:
    write_sidecar(
        task.movie, Sidecar("human", None, {"trimmed_from": {"file": "whole-001.bk2", "first": 0, "last": 9}})
    )
    converting.convert_movie(task)
    assert read_attributes(task.output)["origin"] == "whole-001"


def test_a_full_disk_stops_at_once(movies: Path, tiny_disk: Path, workdir: Path, capsys) -> None:
    """One line that says what, where, needed and free; no movie is refused for it, and nothing half-written stays."""
    (workdir / "data").symlink_to(tiny_disk)
    (tiny_disk / "rest").write_bytes(bytes(1_400_000))
    assert convert() == 2
    captured = capsys.readouterr()
    assert "REFUSED" not in captured.out
    (line,) = captured.err.strip().splitlines()
    assert "the disk is full. Expected: about " in line
    assert "MB free" in line
    assert str(Path("data/t-v0/data/movies")) in line
    assert not list(tiny_disk.rglob("*.part"))
    assert not (tiny_disk / "t-v0/refused.json").exists()
    (tiny_disk / "rest").unlink()
    finished = outputs(workdir)
    convert()
    assert finished.items() <= outputs(workdir).items()


def test_a_read_only_folder_is_a_line(movies: Path, tiny_disk: Path, workdir: Path, read_only, capsys) -> None:
    (workdir / "data").symlink_to(tiny_disk)
    read_only(tiny_disk)
    assert convert() == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert line.startswith("dataset: data/t-v0 cannot be written (Read-only file system)")


def test_pictures_too_large_are_refused_before_any_work(workdir: Path) -> None:
    with pytest.raises(ValueError, match="<= 512"):
        converting.convert(ConvertConfig(observation=ObservationSpec(height=2000)))


def test_two_conversions_at_once(movies: Path, workdir: Path) -> None:
    """The second waits for the first, and finds its work done."""
    command = [sys.executable, "-m", "dataset", "convert", "--game", "quillrush", "--movies", "in", "--name", "t-v0"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    both = [
        subprocess.Popen([*command, "--workers", "1"], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=120)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sorted("4 were converted before" in text for text in said) == [False, True]
    assert len(files(workdir)) == 4
    assert not list((workdir / "data").rglob("*.part"))


def test_what_a_killed_conversion_left_half_written_goes_and_the_caches_own_stays(movies: Path, workdir: Path) -> None:
    folder = workdir / "data" / "t-v0"
    for name in (".refused.json.7.part", "data/.metadata.json.7.part", "data/movies/.a.hdf5.7.part", "cache/.f.7.part"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    assert convert() == 0
    assert [path.name for path in folder.rglob("*.part")] == [".f.7.part"]  # a trainer may be writing it right now


def test_whether_a_movie_was_played_under_sticky_frames_is_stored(movies: Path, workdir: Path) -> None:
    noisy, *others = sorted(movies.rglob("*.bk2"))
    write_sidecar(noisy, Sidecar("search", None, {"sticky": 0.25}))
    assert convert() == 0
    folder = workdir / "data/t-v0/data/movies"
    assert read_attributes(folder / f"{noisy.stem}.hdf5")["noisy"] is True
    assert not any(read_attributes(folder / f"{path.stem}.hdf5")["noisy"] for path in others)
    assert choose_movies([noisy, *others], Selection(noise="sticky", least_seconds=0, players="search")) == [noisy]
