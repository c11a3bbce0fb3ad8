"""The teacher: demonstrations scored as the environment scores, kept, and set beside the players."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest

from evaluate import teacher
from evaluate.cli import main
from evaluate.players import PlayerSpec, find_players
from evaluate.report.page import write_report
from evaluate.results import Results, summarise_player
from evaluate.table import act_table, summary_table
from evaluate.teacher import TEACHER, episode_of, movies_of, teacher_of, watch_teacher
from game.acts import find_act
from game.certificate import Certificate, Sidecar, certify, write_sidecar
from game.emulator import Emulator
from game.env import EnvConfig, make_env
from game.games import Game
from game.movie import Movie, write_movie
from game.rollout import Episode, play, summarise
from policy.baselines import BASELINES
from policy.episodes import movie_of
from tests.evaluate.made_up import save_run

ACT, OTHER = "EmeraldHillZone.Act1", "WingFortressZone"
FRAMES = 600


def played(act: str = ACT, player: str = "random", seed: int = 1, max_frames: int = FRAMES) -> tuple[Episode, Movie]:
    """An episode as the environment scores it, and its movie."""
    env = make_env(EnvConfig(game="quillrush", act=act, frame_skip=1, max_frames=max_frames, end="completion"))
    try:
        return summarise(play(env, BASELINES[player](), act, seed), act, seed), movie_of(env)
    finally:
        env.close()


def put(movie: Movie, name: str, sidecar: Sidecar, act: str = ACT) -> Path:
    """A movie where demonstrations lie."""
    path = Path("movies/quillrush") / act / f"{name}.bk2"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_movie(path, movie)
    write_sidecar(path, sidecar)
    return path


@pytest.fixture
def movie(workdir: Path) -> Movie:
    return played()[1]


@pytest.mark.parametrize(("player", "seed"), [("random", 3), ("right-and-jump", 1)])
def test_a_movie_is_scored_as_the_environment_scores_its_play(player: str, seed: int, quillrush: Game) -> None:
    episode, movie = played(player=player, seed=seed, max_frames=1500)
    with Emulator(quillrush) as emulator:
        scored = episode_of(emulator, movie, find_act(ACT), 1500)
    assert scored.score == pytest.approx(episode.score)
    assert scored.trace[-1][0] > 120
    facts = {"seed": 0, "score": 0.0, "trace": [], "episode_return": 0.0}
    assert dataclasses.replace(scored, **facts) == dataclasses.replace(episode, **facts)


def test_a_movie_counts_as_far_as_an_episode_may_go(movie: Movie, quillrush: Game) -> None:
    with Emulator(quillrush) as emulator:
        assert episode_of(emulator, movie, find_act(ACT), 90).frames == 90
        assert episode_of(emulator, movie, find_act(ACT), 18_000).frames == FRAMES


def test_what_begins_elsewhere_or_leaves_its_certificate_is_refused(movie: Movie, quillrush: Game) -> None:
    with Emulator(quillrush) as emulator:
        good = certify(emulator, movie)
        middle = emulator.get_state()
        assert episode_of(emulator, movie, find_act(ACT), FRAMES, good).frames == FRAMES
        bad = Certificate(good.frames, (*good.hashes[:4], "0" * 16, *good.hashes[5:]))
        with pytest.raises(ValueError, match="differs from its certificate at frame 240"):
            episode_of(emulator, movie, find_act(ACT), FRAMES, bad)
        for state, act in ((middle, ACT), (movie.state, OTHER)):
            with pytest.raises(ValueError, match=f"from the beginning of {act}"):
                episode_of(emulator, Movie(movie.game_id, state, movie.masks), find_act(act), FRAMES)


def test_whole_takes_by_whomever_are_demonstrations(movie: Movie) -> None:
    put(movie, "a", Sidecar("search", None, {"finished": True}))
    put(movie, "b", Sidecar("human"))
    put(movie, "c", Sidecar("human", None, {"skill": "spindash"}))
    put(movie, "d", Sidecar("takeover"))
    put(movie, "e", Sidecar("policy"))
    put(movie, ".f", Sidecar("human"))
    put(movie, "g", Sidecar("human")).with_suffix(".json").write_text("{")
    assert [path.name for path in movies_of("quillrush", ACT)] == ["a.bk2", "b.bk2"]
    assert movies_of("quillrush", OTHER) == []


def nobody_works(*_: object) -> NoReturn:
    raise AssertionError("a movie was replayed again")


def test_each_movie_is_replayed_once(
    movie: Movie, quillrush: Game, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put(movie, "a", Sidecar("search"))
    put(played(seed=2)[1], "b", Sidecar("human", None, {"sticky": 0.25}))
    put(played(seed=5)[1], "bad", Sidecar("human", Certificate(FRAMES + 1, ("0" * 16,) * 11)))
    first, second = Path("runs/evaluate/1"), Path("runs/evaluate/2")
    watch_teacher(quillrush, [ACT], FRAMES, first, workers=1)
    assert (
        "no part of the teacher: movies/quillrush/EmeraldHillZone.Act1/bad.bk2: its replay" in capsys.readouterr().out
    )
    result, about = teacher_of(first, [ACT], 1)
    assert about == (
        "teacher: the 2 movies of whole acts in movies/quillrush (1 by search, 1 by human; 1 under sticky frames); "
        "1 movie could not be replayed"
    )
    assert result is not None
    assert [(one.seed, one.frames) for one in result.acts[0].episodes] == [(0, FRAMES), (1, FRAMES)]
    Path("movies/quillrush", ACT, "bad.bk2").unlink()
    monkeypatch.setattr(teacher, "run_tasks", nobody_works)
    watch_teacher(quillrush, [ACT], FRAMES, second)
    again, _ = teacher_of(second, [ACT], 1)
    assert again == result
    with pytest.raises(AssertionError, match="replayed again"):  # another limit may give another score
        watch_teacher(quillrush, [ACT], FRAMES - 1, second)
    with pytest.raises(AssertionError, match="replayed again"):  # and another ROM another play
        watch_teacher(dataclasses.replace(quillrush, sha1="another"), [ACT], FRAMES, second)


def test_without_demonstrations_of_every_act_there_is_no_row(movie: Movie, quillrush: Game) -> None:
    folder = Path("run")
    watch_teacher(quillrush, [ACT, OTHER], FRAMES, folder)
    assert teacher_of(folder, [ACT, OTHER], 1) == (
        None,
        "no row of a teacher: no demonstrations of these acts in movies/quillrush",
    )
    put(movie, "a", Sidecar("search"))
    watch_teacher(quillrush, [ACT, OTHER], FRAMES, folder, workers=1)
    assert teacher_of(folder, [ACT, OTHER], 1) == (
        None,
        "no row of a teacher: no demonstrations of 1 of these acts (WingFortressZone) in movies/quillrush",
    )


@pytest.mark.parametrize("content", ["{", '{"source": "m", "about": "x", "episodes": {"WingFortressZone": []}}'])
def test_a_damaged_file_is_as_if_gone(workdir: Path, content: str) -> None:
    assert teacher_of(workdir, [ACT], 1) == (None, "")
    (workdir / "teacher.json").write_text(content)
    with pytest.raises(KeyError):
        teacher_of(workdir, [ACT], 1)


def test_the_row_is_in_the_table_the_figures_and_the_page(movie: Movie, capsys: pytest.CaptureFixture[str]) -> None:
    for seed in (1, 2, 3):
        put(played(seed=seed)[1], str(seed), Sidecar("search"))
    command = ["--preset", "smoke", "--game", "quillrush", "--acts", ACT, "--players", "right", "--videos", "0"]
    command += ["--name", "tiny", "--episodes", "2"]
    assert main(command) == 0
    run = Path("runs/evaluate/tiny")
    results = json.loads((run / "results.json").read_text())
    assert len(results["teacher"]["acts"][0]["episodes"]) == 3
    assert results["against_teacher"] == {}  # nobody here was taught
    assert "| teacher |" in (run / "table.md").read_text()
    about = "eacher: the 3 movies of whole acts in movies/quillrush (3 by search)"
    for place in (run / "table.md", run / "report.html"):
        assert about in place.read_text()
    told = capsys.readouterr().out
    row = next(line for line in told.splitlines() if line.strip().startswith(TEACHER))
    put(played(seed=4)[1], "4", Sidecar("search"))  # later
    assert main(command) == 0
    told = capsys.readouterr().out
    assert "reusing it" in told
    assert row in told


@pytest.fixture
def taught(results: Results, episode_of: Callable[..., Episode]) -> Results:
    """Made-up results beside a teacher of 4 movies of one act and 3 of the other, who always gets through."""
    ends = np.linspace(36, 42, 4)
    episodes = {
        act: [episode_of(act, i, 1.0, finished=True, seconds=int(ends[i])) for i in range(count)]
        for act, count in zip(results.acts, (4, 3), strict=True)
    }
    result = summarise_player(PlayerSpec(TEACHER, "movies/quillrush"), episodes, bootstrap_seed=1)
    return dataclasses.replace(results, teacher=result, about_teacher="teacher: the 7 movies")


def test_tables_have_the_teacher_last(taught: Results) -> None:
    assert [row[0] for row in summary_table(taught).rows][-2:] == ["finetuned", TEACHER]
    assert act_table(taught).columns[-1] == TEACHER
    assert act_table(taught).rows[1][-1].endswith("✓3/3")
    assert taught.teacher is not None
    assert taught.teacher.rates.frames == pytest.approx(60 * (np.mean([36, 38, 40, 42]) + np.mean([36, 38, 40])) / 2)


def test_trained_players_are_set_beside_their_teacher_in_words(taught: Results, results: Results) -> None:
    assert list(taught.scores_against_teacher) == ["clone", "finetuned"]
    worse, _ = taught.against_teacher
    assert worse.startswith("clone is worse than its teacher: contest score ")
    assert taught.teacher is not None
    like = dataclasses.replace(taught.teacher, player=PlayerSpec("finetuned", "x", sha256="ab"))
    (level,) = dataclasses.replace(taught, players=(like,)).against_teacher
    assert level.startswith("no difference seen between finetuned and its teacher: contest score 98")
    assert ", difference +0 [" in level
    poor = dataclasses.replace(results.players[0], player=PlayerSpec(TEACHER, "movies"))
    best = dataclasses.replace(taught, teacher=poor, players=(like,))
    assert best.against_teacher[0].startswith("finetuned is better than its teacher: ")
    assert next(note for note in best.notes if "teacher" in note) == "teacher: the 7 movies"
    figures = json.loads(json.dumps(best.to_json()))["against_teacher"]["finetuned"]
    assert figures["verdict"] == "better"
    assert results.against_teacher == []


def test_the_page_draws_the_teacher_and_says_the_verdict(taught: Results, tmp_path: Path) -> None:
    write_report(taught, [], tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text()
    assert "Teacher: the 7 movies." in page
    assert "<li>clone is worse than its teacher: contest score" in page
    assert 'class="demo"' in page
    for section in ("summary", "scores", "progress", "time", "spindashes"):
        inside = page.split(f'<section id="{section}"')[1].split("</section>")[0]
        assert TEACHER in inside, section
    assert "Player teacher" in page


def test_no_player_has_the_teachers_label(workdir: Path) -> None:
    save_run("supervised", "a").rename(workdir / TEACHER)
    (player,) = find_players([TEACHER], "quillrush", frame_skip=4)
    assert player.label == "teacher (2)"
