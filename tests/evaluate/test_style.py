"""The person's takes beside the players' episodes, and the report's section on them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluate.habits import Play
from evaluate.maps import ActMap
from evaluate.report.html import colours_of
from evaluate.report.style_section import agreement_table, habit_table, style_section
from evaluate.results import Results
from evaluate.store import place_of
from evaluate.style import YOU, Likeness, Style, look_at, own_takes, read_likeness
from experiment.run import Run
from game.certificate import Sidecar, write_sidecar
from game.movie import Movie, read_movie, write_movie

ACT = "EmeraldHillZone.Act1"
MAP = ActMap(x0=0, y0=0, scale=0.25, width=2000, height=100, webp="AAAA")


@pytest.fixture
def takes(workdir: Path, shipped_movie: Path) -> Path:
    """A folder of an act's movies: a whole take, a drill, a takeover, a search player's movie, and a damaged sidecar."""
    movie = read_movie(shipped_movie)
    short = Movie(movie.game_id, movie.state, movie.masks[:300])
    folder = workdir / "movies" / "quillrush" / ACT
    kinds = {"a": Sidecar("human"), "b": Sidecar("human", None, {"skill": "spindash"}), "c": Sidecar("takeover")}
    for name, sidecar in (kinds | {"d": Sidecar("search"), "e": Sidecar("human")}).items():
        path = folder / f"{name}.bk2"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_movie(path, short)
        write_sidecar(path, sidecar)
    (folder / "e.json").write_text("{")
    return folder


def test_only_a_persons_whole_takes_are_theirs(takes: Path) -> None:
    assert [path.name for path in own_takes("quillrush", ACT)] == ["a.bk2"]
    assert own_takes("quillrush", "WingFortressZone") == []


def test_trained_players_are_looked_at_on_the_acts_the_person_has_played(
    takes: Path, results_of: Callable[..., Results], workdir: Path
) -> None:
    results = results_of(("random", "clone"), (ACT, "WingFortressZone"))
    run = workdir / "run"
    for seed in results.seeds[:2]:  # the third one's movie is not there
        path = place_of(run, "movies", "clone", ACT, seed, suffix="bk2")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((takes / "a.bk2").read_bytes())
    style = look_at(results, run, workers=1)
    assert style.acts == (ACT,)
    assert {label: [len(plays) for plays in by_act.values()] for label, by_act in style.plays.items()} == {
        YOU: [1],
        "clone": [2],
    }
    assert style.plays[YOU][ACT][0] == style.plays["clone"][ACT][0]


def test_without_takes_there_is_nothing_to_compare(workdir: Path, results: Results) -> None:
    assert look_at(results, workdir) is None
    assert style_section(None, None, {}, colours_of(results), "quillrush") == ""


def figure(mean: float) -> dict[str, float]:
    return {"mean": mean, "low": mean - 0.05, "high": mean + 0.05}


def written(folder: Path) -> Run:
    """A cloning run with a comparison."""
    lines = [
        {"player": player, "whose": whose, "takes": 2, "windows": 99, "agreement": figure(share), "surprise": figure(1.5),
         "acts": {ACT: share}}
        for player, whose, share in (("clone", "yours", 0.5), ("clone", "search", 0.3), ("without-you", "yours", 0.4))
    ]  # fmt: skip
    gains = [{"player": "clone", "other": "without-you", "agreement": figure(0.1), "surprise": figure(0.2),
              "in_words": "clone plays more like you than without-you"}]  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "likeness.json").write_text(json.dumps({"sources": {}, "figures": lines, "differences": gains}))
    return Run(folder)


def test_likeness_is_read_by_declared_types(tmp_path: Path) -> None:
    assert read_likeness([Run(tmp_path)]) is None
    likeness = read_likeness([written(tmp_path / "r")])
    assert [line.player for line in likeness.figures] == ["clone", "clone", "without-you"]
    for damage in ('{"figures": 3, "differences": []}', "[]", '{"figures": [], "differences": [{"player": 1}]}'):
        (tmp_path / "r" / "likeness.json").write_text(damage)
        with pytest.raises(ValueError, match=r"likeness.json"):
            read_likeness([Run(tmp_path / "r")])


def test_tables_have_a_row_for_each_player_and_habit(tmp_path: Path) -> None:
    table = agreement_table(read_likeness([written(tmp_path / "r")]), "quillrush")
    assert [row[:2] for row in table.rows] == [
        ("clone", "50.0\u00a0% [45.0, 55.0]"),
        ("without-you", "40.0\u00a0% [35.0, 45.0]"),
    ]
    assert table.rows[0][3].startswith("30.0")
    assert table.rows[1][3] == "–"
    plays = {YOU: {ACT: [Play(frames=3600, jumps=[1, 2], holds=[4, 8])]}, "clone": {ACT: [Play(frames=3600)]}}
    habits = habit_table(Style(plays).habits())
    assert habits.columns == ("habit", YOU, "clone")
    assert habits.rows[:2] == (("jumps, a minute", "2.0", "0.0"), ("jump held, frames", "6.0", "–"))


def test_the_section_says_the_verdicts_and_draws_the_ways(results: Results, tmp_path: Path) -> None:
    route = [(12 * i, 96 + 30 * i, 300) for i in range(40)]
    plays = {YOU: {ACT: [Play(route=route, frames=480)]}, "clone": {ACT: [Play(route=route, frames=480)]}}
    likeness: Likeness | None = read_likeness([written(tmp_path / "r")])
    html = style_section(Style(plays), likeness, {ACT: MAP}, colours_of(results), "quillrush")
    assert (
        "<b>clone plays more like you than without-you</b>: surprise lower by 0.20 [0.15, 0.25] nats a change" in html
    )
    assert "agreement +10.0 [+5.0, +15.0] points" in html
    assert html.count('class="route you"') >= 2  # wide and phone
    assert 'aria-label="Ways through Fernfall' in html
    hostile = {YOU: plays[YOU], "<script>": plays["clone"]}
    assert "<script>" not in style_section(Style(hostile), None, {ACT: MAP}, {"<script>": "v0"}, "quillrush")
