"""What a movie's frames are paid, by RAM traces made by hand; and that a long movie is never held in memory."""

import os
import subprocess
import sys
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from dataset.episode import MovieScore, replay_episode
from dataset.reading import read_infos
from dataset.store import episode_file
from game.acts import find_act
from game.emulator import Emulator
from game.movie import Movie, read_movie, replay, write_movie
from game.observation import ObservationSpec
from game.ram import MODE_IN_PLAY, MODE_SPECIAL_STAGE
from game.rewards import time_bonus
from tests.conftest import ROOT
from tests.dataset.small import attributes_of

ACT = find_act("EmeraldHillZone.Act1")
START = {
    "x": 96,
    "lives": 3,
    "game_mode": MODE_IN_PLAY,
    "zone": ACT.zone,
    "act_number": ACT.number,
    "level_end_bonus": 0,
}


def test_the_time_bonus_is_paid_once() -> None:
    score = MovieScore(START)
    assert score.pay(START | {"x": ACT.end_x}) == pytest.approx(9000 + time_bonus(1))
    assert [score.pay(START | {"x": ACT.end_x + i}) for i in range(5)] == [0.0] * 5
    assert score.passed
    assert not score.died


def test_an_act_begun_past_its_end_pays_nothing() -> None:
    score = MovieScore(START | {"x": ACT.end_x + 10})
    assert [score.pay(START | {"x": ACT.end_x + i}) for i in (20, -50, 90)] == [0.0] * 3
    assert not score.passed


def test_a_death_is_recorded_even_behind_an_extra_life() -> None:
    score = MovieScore(START)
    for lives in (3, 4, 4):
        score.pay(START | {"lives": lives})
        assert not score.died
    score.pay(START)
    assert score.died


def test_a_special_stage_ends_an_episode_badly() -> None:
    score = MovieScore(START)
    assert score.pay(START | {"game_mode": MODE_SPECIAL_STAGE, "x": 5_000}) == 0.0
    assert score.died
    assert not score.passed


def test_the_clock_runs_on_behind_a_title_card() -> None:
    score = MovieScore(START)
    for _ in range(9):
        assert score.pay(START | {"game_mode": 0x8C, "x": 5_000}) == 0.0
    assert score.pay(START | {"x": ACT.end_x}) == pytest.approx(9000 + time_bonus(10))


def test_every_act_is_paid_anew() -> None:
    second = find_act("EmeraldHillZone.Act2")
    score = MovieScore(START)
    score.pay(START | {"x": ACT.end_x})
    inside = START | {"act_number": second.number}
    score.pay(inside)
    assert score.passed  # the first; the second has only begun
    assert score.pay(inside | {"x": second.end_x}) > 9000


MEASURE = """
import sys
from pathlib import Path
from dataset.convert import Task, convert_movie
from game.observation import ObservationSpec
convert_movie(Task(Path(sys.argv[1]), Path(sys.argv[2]), "quillrush", ObservationSpec()))
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="resident memory is read from /proc")
def test_a_long_movie_is_converted_in_chunks(shipped_movie: Path, tmp_path: Path) -> None:
    """Sixty thousand idle frames are 553 MB of pictures. Two hours (432,000 frames) took 154 MB in 9 minutes by hand."""
    opening = read_movie(shipped_movie)
    peaks = {}
    for frames in (2_000, 62_000):
        path = tmp_path / f"idle-{frames}.bk2"
        write_movie(path, Movie(opening.game_id, opening.state, np.zeros(frames, np.uint16)))
        command = [sys.executable, "-c", MEASURE, str(path), str(path.with_suffix(".hdf5"))]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
        peaks[frames] = int(done.stdout) / 1024
    per_frame = (peaks[62_000] - peaks[2_000]) / 60_000
    assert peaks[62_000] < 300
    assert peaks[2_000] + per_frame * 430_000 < 300, f"two hours would take more: {peaks} MB"


def test_observation_0_stands_beside_the_ram_of_the_start(
    emulator: Emulator, shipped_movie: Path, tmp_path: Path
) -> None:
    """A savestate holds no picture; the frame that draws it is taken back, and its RAM is nobody's."""
    for _ in islice(replay(emulator, read_movie(shipped_movie)), 300):
        pass  # a moment in full run, in which a frame changes x
    start = emulator.get_state()
    x = emulator.peek("x")
    emulator.step(0)
    assert emulator.peek("x") != x
    movie = Movie(emulator.game.retro_id, start, np.zeros(3, np.uint16))
    spec = ObservationSpec(24, 24)
    with episode_file(tmp_path / "a.hdf5", 3, spec.frame_shape) as writer:
        writer.attributes |= attributes_of("a", 3)
        replay_episode(emulator, movie, spec, writer)
    assert read_infos(tmp_path / "a.hdf5", ("x",))["x"][0] == x
