"""Any moment of a movie as the start of an episode: the same RAM, the same pictures, the act's own progress."""

from pathlib import Path

import numpy as np
import pytest

from game.actions import COMBO_NAMES, MASK_OF_COMBO
from game.acts import find_act
from game.certificate import read_sidecar, write_sidecar
from game.demonstrations import DOOMED_FRAMES, KEYFRAME_EVERY, _read, from_its_beginning, keyframes_of, movies_of
from game.emulator import Emulator
from game.env import EnvConfig, make_env
from game.movie import Movie, MovieError, read_movie, replay, write_movie
from game.observation import observe

ACT = "EmeraldHillZone.Act1"
LOOK_BACK = 12


@pytest.mark.parametrize("frame", [0, 7, 13, KEYFRAME_EVERY - 1, KEYFRAME_EVERY, 3 * KEYFRAME_EVERY + 12, 1003])
def test_an_episode_begins_where_the_movie_was(
    emulator: Emulator, shipped_movie: Path, tmp_path: Path, frame: int
) -> None:
    keyframes = keyframes_of(shipped_movie, ACT, tmp_path, emulator)
    seen = {}
    for played in replay(emulator, read_movie(shipped_movie)):
        if frame - played in (0, 4, 8, 12):
            seen[frame - played] = observe(emulator.screen(), EnvConfig().observation)
        if played == frame:
            break
    expected_ram = emulator.ram()
    expected_x = emulator.peek("x")
    observation, info = make_env(EnvConfig(), emulator).reset(seed=1, options=keyframes.start(frame, LOOK_BACK))
    assert emulator.ram() == expected_ram
    assert (info["x"], info["frame"]) == (expected_x, frame)
    assert info["start_x"] == keyframes.start_x == 96
    assert info["max_x"] == keyframes.max_x[frame] >= expected_x
    oldest = seen[max(seen)]
    for place, steps_back in enumerate((3, 2, 1, 0)):
        np.testing.assert_array_equal(observation[..., place], seen.get(4 * steps_back, oldest))


def test_the_cache_is_used_and_made_again_when_damaged(emulator: Emulator, shipped_movie: Path, tmp_path: Path) -> None:
    first = keyframes_of(shipped_movie, ACT, tmp_path, emulator)
    (file,) = (tmp_path / "quillrush").iterdir()
    _read.cache_clear()
    written = file.stat().st_mtime_ns
    again = keyframes_of(shipped_movie, ACT, tmp_path, emulator)
    assert file.stat().st_mtime_ns == written
    assert again.states == first.states
    _read.cache_clear()
    file.write_bytes(file.read_bytes()[:1000])
    assert keyframes_of(shipped_movie, ACT, tmp_path, emulator).states == first.states
    assert file.stat().st_size > 1000


def test_frames_are_found_by_the_furthest_progress(emulator: Emulator, shipped_movie: Path, tmp_path: Path) -> None:
    keyframes = keyframes_of(shipped_movie, ACT, tmp_path, emulator)
    frames = keyframes.frames_between(0.5, 0.55)
    length = find_act(ACT).end_x - keyframes.start_x
    shares = (keyframes.max_x[frames] - keyframes.start_x) / length
    assert len(frames) > 0
    assert shares.min() >= 0.5
    assert shares.max() < 0.55


def test_nothing_begins_in_the_seconds_before_a_death(emulator: Emulator, tmp_path: Path) -> None:
    """Running to the right from the start of an act that kills whoever does nothing else."""
    act = find_act("CasinoNightZone.Act2")
    state = emulator.game.start_state(act)
    masks = np.zeros(600, np.uint16)
    masks[1:] = MASK_OF_COMBO[COMBO_NAMES.index("RIGHT")]
    movie = Movie(emulator.game.retro_id, state, masks)
    emulator.set_state(state)
    lives = emulator.peek("lives")
    died = next(frame for frame in replay(emulator, movie) if emulator.peek("lives") < lives)
    path = tmp_path / "fall.bk2"
    write_movie(path, movie)
    assert len(keyframes_of(path, act.name, tmp_path, emulator).masks) == died - DOOMED_FRAMES


def test_a_movie_of_another_beginning_is_refused(emulator: Emulator, shipped_movie: Path, tmp_path: Path) -> None:
    with pytest.raises(MovieError, match="one that begins elsewhere"):
        keyframes_of(shipped_movie, "WingFortressZone", tmp_path, emulator)
    with pytest.raises(ValueError, match="begins elsewhere"):
        from_its_beginning(emulator, read_movie(shipped_movie), find_act("WingFortressZone"))


def test_a_movie_that_leaves_its_certificate_is_refused(
    emulator: Emulator, shipped_movie: Path, tmp_path: Path
) -> None:
    movie = read_movie(shipped_movie)
    masks = movie.masks.copy()
    masks[500] ^= 0x80
    path = tmp_path / "changed.bk2"
    write_movie(path, Movie(movie.game_id, movie.state, masks))
    write_sidecar(path, read_sidecar(shipped_movie))
    with pytest.raises(MovieError, match="differs from its certificate at frame 540"):
        keyframes_of(path, ACT, tmp_path, emulator)


def test_only_whole_takes_are_demonstrations() -> None:
    assert len(movies_of("quillrush", ACT)) == 12
    assert movies_of("quillrush", "TestZone.Act1") == []
