"""Where a training episode begins, and when it is cut short."""

from dataclasses import replace
from pathlib import Path

from game.emulator import Emulator
from game.env import EnvConfig, make_env
from game.movie import Movie, read_movie, write_movie
from game.training_episodes import Demonstrations, EpisodeStream, Order, Starts

ACT = "EmeraldHillZone.Act1"
CONFIG = EnvConfig(game="quillrush")
MIDDLE = Order(rollout=0, starts=Starts((ACT,), ((0.0, 0.0, 1.0, 0.0),)))
"""All episodes begin in the third quarter of the act."""


def test_along_a_movie_that_cannot_be_used_nothing_begins(
    emulator: Emulator, shipped_movie: Path, tmp_path: Path, capsys
) -> None:
    """As a take whose beginning was cut away: the training goes on from the act's start, and says so once."""
    whole = read_movie(shipped_movie)
    cut = tmp_path / "cut.bk2"
    emulator.set_state(whole.state)
    idle = next(frame for frame in range(300, whole.frames) if whole.masks[frame] == 0)
    for mask in whole.masks[:idle].tolist():
        emulator.step(mask)
    write_movie(cut, Movie(whole.game_id, emulator.get_state(), whole.masks[idle:]))
    demonstrations = Demonstrations({ACT: (str(cut),)}, str(tmp_path / "cache"))
    stream = EpisodeStream(make_env(CONFIG, emulator), index=0, seed=1, demonstrations=demonstrations)
    for _ in range(2):
        stream.begin(MIDDLE)
        assert stream.start is not None
        assert stream.start.movie == ""
    assert capsys.readouterr().out.count("no episode begins along it") == 1


def test_an_episode_begun_late_in_an_act_has_all_its_frames(
    emulator: Emulator, shipped_movie: Path, tmp_path: Path
) -> None:
    demonstrations = Demonstrations({ACT: (str(shipped_movie),)}, str(tmp_path))
    env = make_env(replace(CONFIG, max_frames=200), emulator)
    stream = EpisodeStream(env, index=0, seed=1, look_back=12, demonstrations=demonstrations)
    stream.begin(MIDDLE)
    assert stream.start is not None
    assert stream.start.frame > 200
    steps = 1
    while not (last := stream.step(0)).truncated:
        assert not last.terminated
        steps += 1
    assert steps == 50
