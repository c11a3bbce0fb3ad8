"""The page: one file, no network, nothing unescaped, every section there."""

import dataclasses
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from evaluate.report import sections
from evaluate.report.html import act_name, colours_of, full_act_name
from evaluate.report.page import write_report
from evaluate.report.sections import way_of
from evaluate.results import Results
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


def written(results: Results, folder: Path, videos: list[Video] | None = None) -> str:
    write_report(results, videos or [], folder / "report.html")
    page = (folder / "report.html").read_text()
    balance = Balance()
    balance.feed(page)
    assert balance.open == []
    assert all(address.startswith(("#", "data:", "videos/")) for address in balance.addresses)
    assert not re.search(r"https?://|url\(|@import|<script", page)
    return page


def sections_of(page: str) -> list[str]:
    return re.findall(r'<section id="(\w+)"', page)


def test_page_without_training_runs_or_videos(results: Results, tmp_path: Path) -> None:
    page = written(results, tmp_path)
    assert sections_of(page) == ["summary", "scores", "progress", "time", "spindashes"]
    assert "<b>finetuned</b> gets through" in page
    assert 'href="#videos"' not in page


def test_learning_curves_and_spin_dash_check(results: Results, tmp_path: Path) -> None:
    places = write_training_runs(tmp_path, results.acts)
    players = list(results.players)
    for i, place in enumerate(places, start=2):
        trained = dataclasses.replace(players[i].player, source=str(place))
        players[i] = dataclasses.replace(players[i], player=trained)
    page = written(dataclasses.replace(results, players=tuple(players)), tmp_path)
    assert "learning" in sections_of(page)
    assert "KL from the clone" in page
    assert "where the combo changes" in page
    assert "0 acts pass, 1 fail" in page
    assert '<td class="fail">fail</td>' in page
    assert "demonstrations" in page


def test_hostile_strings_are_only_text(results_of: Callable[..., Results], tmp_path: Path) -> None:
    nasty = "<script>alert(1)</script>\"'&"
    results = results_of((nasty, "random"), ("HillTopZone.Act1",))
    machine = {**results.machine, "processor": "<img onerror=x>"}
    page = written(dataclasses.replace(results, machine=machine), tmp_path)
    assert "&lt;script&gt;" in page
    assert "<img" not in page


def test_small_videos_are_inside_large_ones_beside(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "videos" / "clone" / "act.mp4"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"film")
    video = Video("clone", results.players[2].acts[0].best, file, 60)
    assert 'src="data:video/mp4;base64,ZmlsbQ=="' in written(results, tmp_path, [video])
    monkeypatch.setattr(sections, "EMBED_BYTES", 3)
    page = written(results, tmp_path, [video])
    assert 'src="videos/clone/act.mp4"' in page
    assert "the first 1 s shown" in page


def test_every_player_has_one_colour(results: Results, results_of: Callable[..., Results]) -> None:
    assert colours_of(results) == {"random": "n0", "right-and-jump": "n1", "clone": "v0", "finetuned": "v1"}
    others = results_of(("a 7", "finetuned", "b 9"), ("WingFortressZone",))
    assert colours_of(others) == {"a 7": "v2", "finetuned": "v1", "b 9": "v3"}


def test_act_names() -> None:
    assert act_name("ChemicalPlantZone.Act2") == ("Chemical Plant", "2")
    assert full_act_name("ChemicalPlantZone.Act2") == "Chemical Plant 2"
    assert act_name("WingFortressZone") == ("Wing Fortress", "")
    assert full_act_name("WingFortressZone") == "Wing Fortress"


def test_traces_are_thinned_but_keep_their_end() -> None:
    way = way_of([(60 * i, i) for i in range(301)])
    assert len(way) <= sections.TRACE_POINTS + 1
    assert way[0] == (0, 0)
    assert way[-1] == (300, 300)
    assert way_of([]) == []
