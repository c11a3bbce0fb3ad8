"""The page: one file, no network, nothing unescaped, every section there."""

import dataclasses
import re
from collections.abc import Callable, Mapping
from html import escape
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from evaluate.maps import ActMap
from evaluate.report import sections
from evaluate.report.html import act_name, colours_of, full_act_name
from evaluate.report.page import best_of, write_report
from evaluate.report.sections import way_of
from evaluate.results import Results
from evaluate.table import percent
from evaluate.videos import Video
from tests.evaluate.made_up import write_training_runs

VOID = {"meta", "link", "br"}


class Balance(HTMLParser):
    """Fails on a tag that closes what is not open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def written(
    results: Results, folder: Path, videos: list[Video] | None = None, maps: Mapping[str, ActMap] | None = None
) -> str:
    write_report(results, videos or [], folder / "report.html", maps or {})
    page = (folder / "report.html").read_text()
    balance = Balance()
    balance.feed(page)
    assert balance.open == []
    assert all(address.startswith(("#", "data:", "videos/")) for address in balance.addresses)
    assert not re.search(r"https?://|url\(|@import|<script", page)
    check_access(page)
    return page


def check_access(page: str) -> None:
    """What a screen reader needs: headings without a gap, names for pictures, videos and regions, each id and name once."""
    levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", page)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    for opening in re.findall(r"<(?:video|svg|nav|div)[^>]*>", page):
        needs_name = opening.startswith(("<video", "<nav")) or 'role="img"' in opening or 'role="region"' in opening
        assert not needs_name or re.search(r'aria-label="[^"]+"', opening)
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(set(ids)) == len(ids)
    regions = re.findall(r'role="region" aria-label="([^"]+)"', page)
    assert len(set(regions)) == len(regions)


def sections_of(page: str) -> list[str]:
    return re.findall(r'<section id="(\w+)"', page)


def test_page_without_training_runs_or_videos(results: Results, tmp_path: Path) -> None:
    page = written(results, tmp_path)
    assert sections_of(page) == ["summary", "scores", "progress", "time", "spindashes"]
    assert "<b>finetuned</b> gets through" in page
    assert 'href="#videos"' not in page


def test_every_chart_across_the_page_has_a_drawing_for_phones(results: Results, tmp_path: Path) -> None:
    page = written(results, tmp_path)
    assert page.count('<div class="wide"><svg') == page.count('<div class="phone"><svg') == 4


def test_a_cell_names_its_column_for_phones(results: Results, tmp_path: Path) -> None:
    page = written(results, tmp_path)
    assert page.count('data-name="contest score"') == len(results.players)
    assert page.count('data-name="finetuned"') == len(results.acts) + 1  # and the means


def with_training_runs(results: Results, folder: Path, name: str = "made-up") -> Results:
    """The results, with clone and finetuned from training runs below the folder."""
    places = write_training_runs(folder, results.acts, name)
    players = list(results.players)
    for i, place in enumerate(places, start=2):
        trained = dataclasses.replace(players[i].player, source=str(place))
        players[i] = dataclasses.replace(players[i], player=trained)
    return dataclasses.replace(results, players=tuple(players))


def test_learning_curves_and_spin_dash_check(results: Results, tmp_path: Path) -> None:
    page = written(with_training_runs(results, tmp_path), tmp_path)
    assert "learning" in sections_of(page)
    assert "KL from the clone" in page
    assert "where the combo changes" in page
    assert page.count("Training return against contest score</h4>") == 1
    assert "Correlation over 40 updates: 1.00." in page  # made up to rise together
    assert "0 acts pass, 1 fail" in page
    assert '<td class="fail" role="cell" data-name="verdict">fail</td>' in page
    assert ">0.0 <small>[0.0, 1.8]</small></td>" in page
    assert ">no reference (no demonstration spin-dashes)</td>" in page
    assert "demonstrations" in page


def test_what_they_were_trained_on_is_said(results: Results, tmp_path: Path) -> None:
    page = written(with_training_runs(results, tmp_path), tmp_path)
    assert page.count("<p>Trained with precision bfloat16, device a &lt;processor&gt;, threads 2.</p>") == 2


def test_the_best_player_by_progress_is_in_the_head_not_the_last(results: Results, tmp_path: Path) -> None:
    reordered = dataclasses.replace(results, players=(*results.players[1:], results.players[0]))
    assert reordered.players[-1].label == "random"
    means = [player.progress.mean for player in reordered.players]
    assert max(means) == means[2]
    page = written(reordered, tmp_path)
    assert f"<b>finetuned</b> gets through <b>{percent(means[2])}</b>" in page
    assert '<dl class="tiles" aria-label="finetuned">' in page
    assert f"For comparison: clone {percent(means[1])}, right-and-jump {percent(means[0])}, random" in page
    assert best_of(reordered).label == "finetuned"


def test_passed_and_completed_are_told_apart(results: Results, tmp_path: Path) -> None:
    players = list(results.players)
    rates = dataclasses.replace(players[-1].rates, passed_rate=0.75, completion_rate=0.25)
    players[-1] = dataclasses.replace(players[-1], rates=rates)
    page = written(dataclasses.replace(results, players=tuple(players)), tmp_path)
    assert "completes 25.0\u00a0% of its episodes" in page
    assert "<dd>25.0\u00a0%<small>75.0\u00a0% passed end x</small></dd>" in page


def test_a_clone_under_another_name_is_called_so(results: Results, tmp_path: Path) -> None:
    assert "is the clone itself" not in written(results, tmp_path)
    players = list(results.players)
    players[3] = dataclasses.replace(players[3], player=dataclasses.replace(players[3].player, is_parent=True))
    page = written(dataclasses.replace(results, players=tuple(players)), tmp_path)
    assert "<b>finetuned is the clone itself: no later checkpoint was better.</b>" in page


def test_the_seeds_are_in_the_footer(results: Results, tmp_path: Path) -> None:
    footer = written(results, tmp_path).partition("<footer>")[2]
    assert "seeds 10000 to 10002 of every act, the same for all players; disjoint from the seeds for" in footer


def test_damage_is_left_out_and_said(results: Results, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trained = with_training_runs(results, tmp_path)
    cloning = tmp_path / "runs" / "supervised" / "made-up"
    (cloning / "metrics.jsonl").write_text('{"step": 1, "loss/train": 0.5}\n{"step": 2, "loss/train": "<b>"}\n')
    (cloning / "spindash.json").write_text('[{"act": 3}]')
    (cloning / "config.json").write_text("null")
    page = written(trained, tmp_path)
    assert "learning" in sections_of(page)  # its first step, and the other run's
    assert "pass, 1 fail" not in page
    out = capsys.readouterr().out.splitlines()
    assert f"{cloning / 'spindash.json'}: Expected `str`, got `int` - at `$[0].act`" in out[0]
    assert f"left out 1 of 2 steps of the learning curves: {cloning / 'metrics.jsonl'} line 2, 'loss/train'" in out[1]
    assert f"{cloning / 'config.json'}: Expected `object`, got `null`" in out[2]
    assert f"left out what a run rests on: {cloning / 'config.json'}" in out[3]
    assert len(out) == 4
    assert "<dt>Damaged 4</dt>" in page


def test_hostile_strings_are_only_text(results_of: Callable[..., Results], tmp_path: Path) -> None:
    nasty = "<script>alert(1)</script>\"'&"
    results = results_of((nasty, "random"), ("HillTopZone.Act1",))
    machine = {**results.machine, "processor": "<img onerror=x>"}
    film = tmp_path / "videos" / "act.mp4"
    film.parent.mkdir()
    film.write_bytes(b"film")
    videos = [Video(nasty, results.players[0].acts[0].best, film, 60)]
    page = written(dataclasses.replace(results, machine=machine), tmp_path, videos)
    assert "&lt;script&gt;" in page
    assert "<img" not in page
    assert f"<small>{escape(nasty)}</small></h3>" in page  # above its film


def test_hostile_names_of_runs_and_files_are_only_text(results: Results, tmp_path: Path) -> None:
    trained = with_training_runs(results, tmp_path, name="<img src=x>&amp;")
    run = tmp_path / "runs" / "finetune" / "<img src=x>&amp;"
    metrics = run / "metrics.jsonl"
    metrics.write_text(metrics.read_text() + '{"step": 1, "<img>": "<img>"}\n')
    page = written(trained, tmp_path)
    assert "<code>" in page
    assert "&lt;img src=x&gt;&amp;amp;</code>" in page
    assert "Damaged 1" in page
    assert "<img" not in page


def test_every_player_has_one_colour(results: Results, results_of: Callable[..., Results]) -> None:
    assert colours_of(results) == {"random": "n0", "right-and-jump": "n1", "clone": "v0", "finetuned": "v1"}
    others = results_of(("a 7", "finetuned", "b 9"), ("WingFortressZone",))
    assert colours_of(others) == {"a 7": "v2", "finetuned": "v1", "b 9": "v3"}


@pytest.mark.parametrize(
    ("act", "game", "zone", "number"),
    [
        ("ChemicalPlantZone.Act2", "sonic2", "Chemical Plant", "2"),
        ("ChemicalPlantZone.Act2", "quillrush", "Copperworks", "2"),
        ("WingFortressZone", "sonic2", "Wing Fortress", ""),
        ("TestZone.Act3", "quillrush", "Faraway", "3"),
        ("WingFortressZone", "a game of tomorrow", "Wing Fortress", ""),
    ],
)
def test_acts_have_the_games_own_names(act: str, game: str, zone: str, number: str) -> None:
    assert act_name(act, game) == (zone, number)
    assert full_act_name(act, game) == f"{zone} {number}".strip()


def test_traces_are_thinned_but_keep_their_end() -> None:
    for last in range(300, 312):  # whichever the stride, and whether or not it meets the end
        way = way_of([(60 * i, i) for i in range(last + 1)])
        assert len(way) <= sections.TRACE_POINTS + 1
        assert way[0] == (0, 0)
        assert way[-1] == (last, last)
        assert len(set(way)) == len(way)
    assert way_of([]) == []
