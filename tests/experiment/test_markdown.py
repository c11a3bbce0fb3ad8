"""Tables and intervals as text."""

from experiment.markdown import between, markdown_table
from experiment.statistics import Interval


def test_a_cell_cannot_end_its_column() -> None:
    drawn = markdown_table(("movie", "frames"), [("a|b", 12)])
    assert drawn == "| movie | frames |\n| --- | --- |\n| a\\|b | 12 |"


def test_figures_stand_on_the_right() -> None:
    assert markdown_table(("a", "b", "c"), [], figures=2).splitlines()[1] == "| --- | ---: | ---: |"


def test_an_interval_in_words() -> None:
    assert between(Interval(0.395, 0.503), factor=100, digits=1) == " [39.5, 50.3]"
    assert between(None, factor=100, digits=1) == ""
