"""Numbers in sentences."""

import pytest

from common.words import counted


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 movies"), (1, "1 movie"), (2, "2 movies"), (0.5, "0.5 movies"), (2_000_001, "2000001 movies")],
)
def test_one_is_not_many(number: float, text: str) -> None:
    assert counted(number, "movies") == text
