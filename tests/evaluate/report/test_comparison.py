"""The page of a comparison: one file, well-formed, nothing unescaped, no difference said in words."""

import re
from pathlib import Path

import pytest

from evaluate.compare import compare
from evaluate.evaluation import find_evaluation
from evaluate.report.comparison import act_change_table, write_comparison
from tests.evaluate.report.test_page import Balance, check_access
from tests.evaluate.test_compare import ACTS, episodes_of, none, some, written

pytestmark = pytest.mark.usefixtures("workdir")

NASTY = "<script>alert(1)</script>\"'&"


def page_of(before: dict, after: dict) -> str:
    found = compare(find_evaluation(str(written("a", before))), find_evaluation(str(written("b", after, sha256="cd"))))
    write_comparison(found, Path("compare.html"))
    page = Path("compare.html").read_text()
    balance = Balance()
    balance.feed(page)
    assert balance.open == []
    assert all(address.startswith(("#", "data:")) for address in balance.addresses)
    assert not re.search(r"https?://|url\(|@import|<script", page)
    check_access(page)
    return page


def test_hostile_labels_are_only_text() -> None:
    page = page_of({NASTY: episodes_of(none)}, {NASTY: episodes_of(some)})
    assert "&lt;script&gt;" in page
    assert "better" in page


def test_no_difference_is_said() -> None:
    page = page_of({"clone": episodes_of(none), "random": episodes_of(none)}, {"clone": episodes_of(none)})
    assert "clone: the same in both, episode by episode" in page
    assert "Left out, because not every compared player has it in both: random." in page


def test_the_table_per_act() -> None:
    page_of({"clone": episodes_of(none)}, {"clone": episodes_of(some)})
    found = compare(find_evaluation("a"), find_evaluation("b"))
    first, second = act_change_table(found).rows
    assert first[0] == ACTS[0]
    assert first[1].startswith("+12.0 ▲ [")
    assert second[1].startswith("0.0 [")
