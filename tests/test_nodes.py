"""Stages on a cluster whose nodes are killed, added and cut off: what they leave is what one process leaves."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from experiment.metrics import METRICS
from game.movie import Movie, read_movie, write_movie
from tests.conftest import MOVIES
from tests.kills import ACTS, converted, lines, scored
from tests.nodes import ADDRESS, SETTINGS, Nodes, nodes, wait_until
from tests.resuming import assert_same_run

NODES = 3
KILLS = int(os.environ.get("NODE_KILLS", "3"))
"""Nodes killed in one training, each with a worker in it; the environment variable is for more."""
CLUSTER = ["--cluster", ADDRESS, "--workers", str(NODES)]
MOVIE_FRAMES = 1500
CONVERSION = ["dataset", "convert", "--game", "quillrush", "--name", "kills-v0", "--movies", "movies"]
EVALUATION = [
    "evaluate", "--preset", "smoke", "--game", "quillrush", "--name", "r", "--players", "random", "right-and-jump",
    "--acts", ",".join(ACTS), "--episodes", "8", "--max-frames", "600", "--no-report",
]  # fmt: skip
STEPS = 6 * 256
UPDATES_PER_KILL = 3
TRAINING = [
    "--preset", "smoke", "--init", "none", "--game", "quillrush", "--network.hidden", "16",
    "--precision", "float32", "--acts", ",".join(ACTS), "--num-envs", "6", "--rollout-length", "256", "--max-frames", "600",
    "--evaluate-every", str(4 * STEPS), "--total-steps", str(STEPS * UPDATES_PER_KILL * (KILLS + 2)),
]  # fmt: skip


Begin = Callable[[Path, list[str]], subprocess.Popen[str]]


@pytest.fixture
def begin() -> Iterator[Begin]:
    """Starts a stage in a folder; none outlives its test."""
    begun = []

    def start(folder: Path, words: list[str]) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", *words]
        pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        begun.append(subprocess.Popen(command, cwd=folder, env=SETTINGS, text=True, **pipe))
        return begun[-1]

    yield start
    for stage in begun:
        stage.kill()
        with stage:  # waits, and closes what it said
            pass


def end(stage: subprocess.Popen[str]) -> None:
    """Wait for it; what it printed matters where it failed."""
    told, _ = stage.communicate()
    assert stage.returncode == 0, told


def strike(cluster: Nodes, stage: subprocess.Popen[str], draw: random.Random) -> None:
    """Kill a node in which somebody plays."""
    wait_until(lambda: bool(cluster.at_work()) or stage.poll() is not None, "somebody at work")
    assert stage.poll() is None, f"it ended before a node could be killed: {stage.communicate()[0]}"
    cluster.kill(draw.choice(cluster.at_work()))


@pytest.mark.slow
def test_data_sets_and_scores_of_dying_nodes_are_those_of_one_process(tmp_path: Path, begin: Begin) -> None:
    draw = random.Random(1)
    folders = [tmp_path / "here", tmp_path / "there"]
    here, there = folders
    for folder in folders:
        put_movies(folder)
    end(begin(here, [*CONVERSION, "--workers", "1"]))
    end(begin(here, [*EVALUATION, "--workers", "1"]))
    with nodes(NODES) as cluster:
        stage = begin(there, [*CONVERSION, *CLUSTER])
        data = there / "data" / "kills-v0" / "data" / "movies"
        wait_until(lambda: len(list(data.glob("*.hdf5"))) > 0 or stage.poll() is not None, "a converted movie")
        strike(cluster, stage, draw)
        end(stage)
        cluster.add()
        cluster.wait(NODES)
        stage = begin(there, [*EVALUATION, *CLUSTER])
        scores = there / "runs" / "evaluate" / "r" / "episodes.jsonl"
        wait_until(lambda: len(lines(scores)) > 3 or stage.poll() is not None, "four episodes")
        strike(cluster, stage, draw)
        end(stage)
    assert converted(here) == converted(there)
    assert scored(here) == scored(there)


def put_movies(folder: Path) -> None:
    """Six parts of demonstrations."""
    for path in sorted(MOVIES.glob("*/*-search-000.bk2"))[:6]:
        movie = read_movie(path)
        place = folder / "movies" / path.parent.name / path.name
        place.parent.mkdir(parents=True)
        write_movie(place, Movie(movie.game_id, movie.state, movie.masks[:MOVIE_FRAMES]))


@pytest.mark.slow
@pytest.mark.parametrize("learner", ["ppo", "impala"])
def test_a_training_whose_nodes_die_come_and_are_cut_off_has_the_weights_of_one_process(
    tmp_path: Path, begin: Begin, learner: str
) -> None:
    draw = random.Random(1)
    runs = tmp_path / "runs" / "finetune"
    training = ["finetune", learner, *TRAINING]
    for workers in ("1", "2"):
        end(begin(tmp_path, [*training, "--name", f"processes-{workers}", "--workers", workers]))
    assert_same_run(runs / "processes-1", runs / "processes-2")
    with nodes(NODES + 1) as cluster:
        stage = begin(tmp_path, [*training, "--name", "nodes", *CLUSTER])
        metrics = runs / "nodes" / METRICS
        for blow in range(KILLS + 1):
            # a core must be free for who lost his, or he would share one of the head, which nobody kills
            cluster.wait(NODES + 1)
            seen = len(lines(metrics))
            wait_until(lambda seen=seen: len(lines(metrics)) > seen or stage.poll() is not None, "an update")
            time.sleep(draw.uniform(0, 3))
            if blow < KILLS:
                strike(cluster, stage, draw)
                cluster.add()
            else:
                cluster.cut_off(draw.choice(cluster.at_work()))
            print(f"blow {blow + 1} of {KILLS + 1} in update {len(lines(metrics))}", flush=True)
        assert stage.poll() is None, "it ended before its last node was cut off"
        end(stage)
    assert_same_run(runs / "processes-1", runs / "nodes")
