"""The real thing through its command line, on the embedded game: scored, stopped, gone on with, reported."""

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import imageio_ffmpeg
import pytest

from evaluate.cli import main
from evaluate.config import Config
from evaluate.players import PlayerSpec
from evaluate.results import Results
from evaluate.score import episode_task, print_tables, publish
from evaluate.store import EpisodeStore, read_episodes
from experiment.run import Run
from game.crew import Crew
from game.games import Game
from game.rollout import Episode
from game.tasks import Outcome, run_tasks
from policy.episodes import EpisodeTask
from tests.evaluate.made_up import save_run
from tests.other_build import make_other_build

TINY = Path("runs/evaluate/tiny")
SMOKE = ["--preset", "smoke", "--game", "quillrush", "--max-frames", "120", "--name", "tiny"]
ONE_ACT = [*SMOKE, "--players", "right", "--acts", "WingFortressZone", "--videos", "0"]

pytestmark = pytest.mark.usefixtures("workdir")


def test_smoke_with_a_clone(capsys: pytest.CaptureFixture[str]) -> None:
    save_run("supervised", "made-up")
    assert main(SMOKE) == 0
    out = capsys.readouterr().out
    assert "skipping finetuned" in out
    assert "right-and-jump" in out
    run = Path("runs/evaluate/tiny")
    results = json.loads((run / "results.json").read_text())
    assert [player["player"]["label"] for player in results["players"]] == ["random", "right-and-jump", "clone"]
    assert results["players"][1]["progress"]["mean"] > 0.01
    assert results["players"][1]["acts"][0]["episodes"][0]["frames"] == 120
    assert len(list(run.glob("movies/*/*.bk2"))) == 6
    (video,) = run.glob("videos/clone/*.mp4")
    assert imageio_ffmpeg.count_frames_and_secs(str(video))[0] == 120
    assert "data:video/mp4" in (run / "report.html").read_text()
    assert "| clone |" in (run / "table.md").read_text()
    assert not list(run.rglob("*.part"))

    lines = (run / "episodes.jsonl").read_text()
    assert main(SMOKE) == 0
    assert "is finished; reusing it" in capsys.readouterr().out
    assert (run / "episodes.jsonl").read_text() == lines


def test_a_stopped_evaluation_goes_on(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    command = [*SMOKE, "--players", "right-and-jump", "right", "--videos", "0", "--workers", "1"]
    assert main([*command, "--name", "whole"]) == 0
    add = EpisodeStore.add

    def stop_after_two(store: EpisodeStore, label: str, episode: Episode) -> None:
        if len(store.episodes) == 2:
            raise KeyboardInterrupt  # the third one's movie is written, its line is not
        add(store, label, episode)

    with monkeypatch.context() as patch:
        patch.setattr(EpisodeStore, "add", stop_after_two)
        assert main(command) == 130
    captured = capsys.readouterr()
    assert "the same command goes on" in captured.err
    run = Path("runs/evaluate/tiny")
    assert len((run / "episodes.jsonl").read_text().splitlines()) == 2
    assert main(command) == 0
    assert "2 episodes to do, 2 done already" in capsys.readouterr().out
    whole = json.loads(Path("runs/evaluate/whole/results.json").read_text())
    assert json.loads((run / "results.json").read_text())["players"] == whole["players"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--acts", "EmeraldHill"], "Did you mean EmeraldHillZone.Act"),
        (["--players", "randm"], "Did you mean random?"),
        (["--game", "sonic3"], "Did you mean sonic2?"),
        (["--game", "sonic2", "--acts", "test"], "sonic2 has no TestZone.Act1, "),
        (["--episodes", "0"], "--episodes: expected at least 1. Received: 0"),
    ],
)
def test_errors_say_what_to_do(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*SMOKE, *arguments]) == 2
    assert message in capsys.readouterr().err
    assert not Path("runs/evaluate").exists()


def test_another_configuration_under_the_same_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    command = [*SMOKE, "--players", "right", "--videos", "0"]
    assert main(command) == 0
    assert main([*command, "--workers", "1"]) == 0
    assert main([*command, "--seed", "2"]) == 2
    assert "another configuration" in capsys.readouterr().err


def test_episodes_that_fail_are_said_and_tried_again(capsys: pytest.CaptureFixture[str]) -> None:
    command = [*SMOKE, "--players", "right", "--videos", "0"]
    obstacle = Path("runs/evaluate/tiny/movies")
    obstacle.parent.mkdir(parents=True)
    obstacle.write_text("where a folder should be")
    assert main(command) == 1
    assert "2 episodes could not be played, the first being right on" in capsys.readouterr().err
    obstacle.unlink()
    assert main(command) == 0


def test_a_second_evaluation_of_the_same_stops_and_names_the_first(capsys: pytest.CaptureFixture[str]) -> None:
    with Run(TINY).held():
        assert main(ONE_ACT) == 2
    assert "is in use by process" in capsys.readouterr().err
    assert not (TINY / "episodes.jsonl").exists()
    assert main(ONE_ACT) == 0
    with Run(TINY).held():  # to print what is finished, nothing has to be held
        assert main(ONE_ACT) == 0


def contents(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file() and path.name not in (".lock", ".holder.json")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_nothing_is_written_while_the_run_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    held = Run.held
    snapshots = []

    @contextmanager
    def watched(run: Run) -> Iterator[None]:
        snapshots.append(contents(run.path))
        with held(run):
            yield
        snapshots.append(contents(run.path))

    monkeypatch.setattr(Run, "held", watched)
    assert main([*ONE_ACT, "--videos", "1"]) == 0
    before, after = snapshots
    assert list(before) == ["config.json"]
    assert contents(TINY) == after
    movie = "movies/right/WingFortressZone-10000.bk2"
    film = "videos/right/WingFortressZone-10000.mp4"
    figures = {"episodes.jsonl", "teacher.json", "results.json", "table.md", "report.html", "done.json"}
    act_map = "maps/right/WingFortressZone-10000.json"
    assert set(after) - set(before) == {movie, film, act_map, *figures}


def test_what_killed_processes_left_is_removed_and_lost_episodes_are_played_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(ONE_ACT) == 0
    whole = contents(TINY)
    leftovers = [TINY / "movies/right/.a.bk2.99.part", TINY / "videos/x/.b.mp4.99.part", TINY / "episodes.jsonl.part"]
    for leftover in leftovers:
        leftover.parent.mkdir(parents=True, exist_ok=True)
        leftover.write_bytes(b"half")
    episodes = TINY / "episodes.jsonl"
    episodes.write_text(episodes.read_text().replace('"died": ', '"died": 1'))
    assert main(ONE_ACT) == 0
    out = capsys.readouterr().out
    assert "some of its episodes are gone; playing those again" in out
    assert "left out an episode: runs/evaluate/tiny/episodes.jsonl line 1: " in out
    assert contents(TINY) == whole  # and no leftovers


def test_exchanged_weights_do_not_take_over_old_scores(capsys: pytest.CaptureFixture[str]) -> None:
    clone = save_run("supervised", "a")
    other = save_run("supervised", "b", weights_seed=2)
    command = [*ONE_ACT, "--players", str(clone)]
    assert main(command) == 0
    (clone / "weights.npz").write_bytes((other / "weights.npz").read_bytes())
    assert main(command) == 2
    assert "holds a run with another configuration" in capsys.readouterr().err


def test_who_plays_alike_is_played_once(monkeypatch: pytest.MonkeyPatch) -> None:
    clone = save_run("supervised", "a")
    tuned = save_run("finetune", "b", parent=str(clone), metrics={"is_parent": 1.0})  # the same weights
    other = save_run("finetune", "c", parent=str(clone), weights_seed=2)
    played: list[EpisodeTask] = []

    def note(play: Callable[[EpisodeTask], Episode], tasks: Iterable[EpisodeTask], crew: Crew) -> Iterator[Outcome]:
        played.extend(tasks)
        return run_tasks(play, played, crew)

    monkeypatch.setattr("evaluate.score.run_tasks", note)
    assert main([*ONE_ACT, "--players", "clone", str(tuned), str(other)]) == 0
    assert [task.player for task in played] == [str(clone), str(other)]
    episodes = read_episodes(TINY / "episodes.jsonl")
    assert episodes["b 7", "WingFortressZone", 10_000] == episodes["clone", "WingFortressZone", 10_000]
    movies = [path.read_bytes() for path in sorted(TINY.glob("movies/*/*.bk2"))]
    assert len(movies) == 3
    assert movies[0] == movies[2] != movies[1]  # b 7, c 7, clone


def test_another_build_of_the_game_is_said_and_never_mixed_in(quillrush: Game, tmp_path: Path) -> None:
    build = make_other_build(tmp_path / "build", quillrush)
    sha1 = (build / "rom.sha").read_text()
    environment = os.environ | {"INTEGRATION": str(build)}
    command = [sys.executable, "-m", "evaluate", *ONE_ACT]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    rom = f"ROM {sha1[:8]} of {build}"
    assert f"game: quillrush (asked for; {rom})" in done.stdout
    for page in ("table.md", "report.html", "results.json"):
        assert rom in (TINY / page).read_text()
    assert Run(TINY).identity["inputs"]["rom"] == sha1
    assert main(ONE_ACT) == 2  # the same name, the embedded game


def test_a_clone_under_another_name_and_the_seeds_are_said(
    results: Results, capsys: pytest.CaptureFixture[str]
) -> None:
    players = list(results.players)
    players[3] = dataclasses.replace(players[3], player=dataclasses.replace(players[3].player, is_parent=True))
    results = dataclasses.replace(results, players=tuple(players))
    print_tables(results)
    out = capsys.readouterr().out
    note = "finetuned is the clone itself: no later checkpoint was better\n"
    seeds = "seeds 10000 to 10002 of every act, the same for all players; disjoint from the seeds for"
    assert note in out
    assert seeds in out
    run = Run(TINY)
    publish(results, Config(videos=0), run)
    table = (TINY / "table.md").read_text()
    assert f"- {note}" in table
    assert f"- {seeds}" in table


def test_an_episode_is_played_under_the_chosen_conditions(tmp_path: Path) -> None:
    """And goes on past the contest's end x, so that the act can be completed."""
    config = Config(game="quillrush", frame_skip=3, stick_probability=0.5, max_frames=77, temperature=0.25)
    task = episode_task(config, PlayerSpec("random", "random"), "WingFortressZone", 10_001, tmp_path)
    env = task.env
    assert (env.frame_skip, env.stick_probability, env.max_frames, env.end) == (3, 0.5, 77, "completion")
    assert (task.act, task.seed, task.temperature) == ("WingFortressZone", 10_001, 0.25)
