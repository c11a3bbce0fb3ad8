"""A study's page: one file, nothing from the network, nothing unescaped."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from experiment.study.definition import Cell
from experiment.study.page import write_page
from tests.experiment.study.made_up import STUDY, record

VOID = {"meta", "link", "img", "source"}


class Page(HTMLParser):
    """Fails on a tag that closes what is not open; collects addresses and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value or "" for name, value in attrs if name in ("src", "srcset", "href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.filterwarnings("ignore")
def test_a_page_is_whole_in_itself(tmp_path: Path) -> None:
    nasty = replace(STUDY, about="<script>alert(1)</script>", stages={"finetune": "ppo --init '<img src=x>'"})
    records = {Cell(arm, seed): record(arm, seed, 0.4) for arm in STUDY.arms for seed in STUDY.seeds}
    text = write_page(nasty, records, tmp_path / "page.html").read_text()
    page = Page(text)
    assert len(page.addresses) == 5
    pictures = [address for address in page.addresses if address.startswith("data:image/png;base64,")]
    assert len(set(pictures)) == 4  # light and dark, wide and narrow
    assert page.addresses.count("data:,") == 1
    assert not re.search(r"https?://|url\(|@import|<script|<img src=x", text)
    assert "<h2>Fine-tuned</h2>" in text
    assert text.count('data-name="mean progress">45.0&nbsp;%') == 2
    assert "6 of 6 cells" in text


def test_a_study_without_records_has_a_page(tmp_path: Path) -> None:
    text = write_page(STUDY, {}, tmp_path / "page.html").read_text()
    assert Page(text).addresses == ["data:,"]
    assert "No records yet." in text
