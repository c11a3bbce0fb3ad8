"""Every listed bug still fits the code; whether it is noticed is asked by `make mutants`."""

from tests.mutants.__main__ import read_lists


def test_every_listed_bug_fits_the_code() -> None:
    assert len(read_lists()) >= 150
