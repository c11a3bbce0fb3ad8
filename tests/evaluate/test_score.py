"""The real thing through its command line, on the embedded game: scored, stopped, gone on with, reported."""

import json
from pathlib import Path

import imageio_ffmpeg
import pytest

from evaluate.cli import main
from evaluate.store import EpisodeStore
from game.rollout import Episode
from tests.evaluate.made_up import save_run

SMOKE = ["--preset", "smoke", "--game", "quillrush", "--max-frames", "120", "--name", "tiny"]


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
    assert "4 episodes to do, 2 done already" in capsys.readouterr().out
    whole = json.loads(Path("runs/evaluate/whole/results.json").read_text())
    assert json.loads((run / "results.json").read_text())["players"] == whole["players"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--acts", "EmeraldHill"], "Did you mean EmeraldHillZone.Act"),
        (["--players", "randm"], "Did you mean random?"),
        (["--game", "sonic3"], "Did you mean sonic2?"),
        (["--episodes", "0"], "Expected at least one episode"),
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
