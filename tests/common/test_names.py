"""Help for misspelt names."""

from common.names import did_you_mean


def test_the_nearest_names_are_offered() -> None:
    assert did_you_mean("Sonic", ["sonic2", "quillrush"]) == " Did you mean sonic2?"
    assert did_you_mean("xyzzy", ["sonic2", "quillrush"]) == ""
    assert did_you_mean("act", ["Act1", "Act2"]) == " Did you mean Act2 or Act1?"
