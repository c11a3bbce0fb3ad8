"""Where the trained player fails, from an evaluation's files: what to play next, and the moments to practise."""

import json
import time
from pathlib import Path

import numpy as np
import pytest

from experiment.run import RUNS, Run, write_json
from game.acts import find_act
from game.emulator import Emulator
from game.games import Game
from game.movie import Movie, read_movie, replay, write_movie
from record.collection import what_next, yours
from record.coverage import Coverage, advice, play_next
from record.scored import Ending, Scored, newest_scored
from record.weak import troubles, weak_starts
from tests.record.conftest import ACT

OTHER = "WingFortressZone"
pytestmark = pytest.mark.usefixtures("workdir")


def line(seed: int, x: int, progress: float, finished: bool = False, player: str = "clone", act: str = ACT.name) -> str:
    fields = {"player": player, "act": act, "seed": seed, "frames": 400, "progress": progress, "died": not finished}
    return json.dumps(fields | {"finished": finished, "trace": [[0, 96], [400, x]]}) + "\n"


def evaluation(name: str, *lines: str, trial: bool = False) -> Run:
    """A finished evaluation with these episodes."""
    run = Run(RUNS / "evaluate" / name)
    write_json(run.path / "config.json", {"format": 2, "config": {"game": "quillrush", "trial": trial}, "inputs": ""})
    (run.path / "episodes.jsonl").write_text("".join(lines))
    run.finish({})
    time.sleep(0.01)
    return run


def test_the_newest_evaluation_of_a_trained_player_counts() -> None:
    assert newest_scored("quillrush") is None
    evaluation("old", line(1, 900, 0.1))
    evaluation("new", line(1, 900, 0.2, player="random"), line(1, 900, 0.3), line(2, 900, 0.5), "{damaged\n")
    evaluation("smoke", line(1, 900, 0.9), trial=True)
    scored = newest_scored("quillrush")
    assert (scored.player, scored.where) == ("clone", "runs/evaluate/new")
    assert scored.progress_by_act() == {ACT.name: 0.4}
    evaluation("tuned", line(1, 900, 0.3), line(1, 900, 0.7, player="finetuned"))
    assert newest_scored("quillrush").player == "finetuned"
    assert newest_scored("sonic2") is None


def test_the_commonest_trouble_comes_first() -> None:
    lines = [line(seed, x, x / 8000) for seed, x in enumerate((2000, 2100, 2250, 5000))]
    lines += [line(9, 8000, 1.0, finished=True), line(1, 700, 0.1, act=OTHER), line(2, 8000, 1.0, True, act=OTHER)]
    evaluation("e", *lines)
    found = troubles(newest_scored("quillrush"), (ACT, find_act(OTHER)))
    assert [(trouble.act, len(trouble.endings), trouble.played) for trouble in found] == [
        (ACT.name, 3, 5),
        (OTHER, 1, 2),
        (ACT.name, 1, 5),
    ]
    assert found[0].in_words == "dies here in 3 of 5 episodes (28% of the act)"
    assert [trouble.act for trouble in troubles(newest_scored("quillrush"), (find_act(OTHER),))] == [OTHER]


def test_a_moment_begins_seconds_before_the_end_and_where_the_episode_stood(
    emulator: Emulator, shipped_movie: Path
) -> None:
    run = evaluation("e", line(4, 1500, 0.2), line(5, 7000, 0.8))
    movie = read_movie(shipped_movie)
    cut = Movie(movie.game_id, movie.state, movie.masks[:700])
    path = run.path / "movies" / "clone" / f"{ACT.name}-4.bk2"
    path.parent.mkdir(parents=True)
    write_movie(path, cut)
    (start,) = weak_starts(emulator, newest_scored("quillrush"), (ACT,))  # the other's movie is not there
    assert start.source == path.name
    assert "the clone player dies here in 1 of 2 episodes" in start.note
    assert 700 - 300 <= start.frame <= 700 - 150
    for frame in replay(emulator, cut):
        if frame == start.frame:
            x = emulator.peek("x")
    emulator.set_state(start.state)
    assert emulator.peek("x") == x


def covered(**takes: int) -> dict[str, Coverage]:
    return {
        act: Coverage(takes=count, finished=count, dashes=count, reached=1.0 * bool(count))
        for act, count in takes.items()
    }


def test_what_would_help_most_is_little_progress_and_few_takes() -> None:
    acts = {"EmeraldHillZone.Act1": 3, "EmeraldHillZone.Act2": 0, "HillTopZone.Act1": 0}
    endings = tuple(
        Ending(act, 1, 10, progress, 5, True, False, Path("x"))
        for act, progress in zip(acts, (0.1, 0.2, 0.9), strict=True)
    )
    ranked = play_next(covered(**acts), Scored("runs/evaluate/e", "clone", endings))
    assert ranked[0] == "EmeraldHillZone.Act2"
    assert play_next(covered(**acts), None)[:2] == ["EmeraldHillZone.Act2", "HillTopZone.Act1"]


def test_the_advice_says_why(quillrush: Game) -> None:
    endings = (Ending(ACT.name, 1, 10, 0.25, 5, True, False, Path("x")),)
    lines = advice(quillrush, covered(**{ACT.name: 0}), Scored("runs/evaluate/e", "clone", endings))
    assert lines[1].endswith("(the clone player comes 25% far; no take of yours)")
    assert "make record-skill SKILL=weak" in lines[2]
    reached = {ACT.name: Coverage(takes=2, finished=0, dashes=1, reached=0.63)}
    assert "no take of yours finishes it (best 63%)" in advice(quillrush, reached, None)[1]
    assert advice(quillrush, covered(**{ACT.name: 3}), None) == ["every act is well covered by your takes"]


def test_before_any_take_mine_says_what_to_do(quillrush: Game, workdir: Path, shipped_movie: Path) -> None:
    with pytest.raises(ValueError, match=r"Received: none. Play first: `make record LEVEL=EmeraldHillZone.Act1"):
        yours(Path("movies"), quillrush)
    folder = Path("movies/quillrush") / ACT.name
    for number in range(2):
        path = folder / f"{ACT.name}-human-{number:03d}.bk2"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_movie(path, Movie(quillrush.retro_id, quillrush.start_state(ACT), np.zeros(1800, np.uint16)))
        path.with_suffix(".json").write_text(
            json.dumps({"player": "human", "certificate": None, "facts": {"reached": 0.3}})
        )
    assert yours(Path("movies"), quillrush)[0].startswith(
        "yours: 2 takes, 1.0 minutes, 1 act; 1 act with two takes or more"
    )
    assert "no take of yours finishes it (best 30%)" in what_next(Path("movies"), quillrush)[1]


def test_what_an_act_has_and_lacks_is_said_in_words() -> None:
    assert Coverage(2, 1, 4, 1.0).in_words == "2 takes of yours, 4 spin dashes; 1 of about 3 finished takes"
    assert Coverage(1, 0, 1, 0.82).in_words == "1 take of yours, 1 spin dash; no take of yours finishes it (best 82%)"
    assert Coverage(4, 4, 9, 1.0).in_words == "4 takes of yours, 9 spin dashes; well covered"
