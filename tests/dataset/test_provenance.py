"""What sidecars mean for the data set."""

from pathlib import Path

import numpy as np
import pytest

from dataset.provenance import digest, facts_of, labelled_frames, origin_of
from game.certificate import Certificate, Sidecar, read_sidecar
from game.movie import MovieError, read_movie
from tests.conftest import MOVIES

PATH = Path("a.bk2")
TAKEOVER = Sidecar("takeover", None, {"segments": [["policy", 2], ["human", 3]], "score": 100})


def test_every_shipped_correction_says_what_the_search_player_showed() -> None:
    corrections = sorted(MOVIES.glob("*/*-correction-*.bk2"))
    assert len(corrections) == 537
    for path in corrections:
        labels = labelled_frames(path, read_sidecar(path), read_movie(path).frames)
        assert labels[-1], path  # it ends with its last lesson
        assert not labels.all(), path


def test_the_persons_frames_are_labels() -> None:
    np.testing.assert_array_equal(labelled_frames(PATH, TAKEOVER, 5), [False, False, True, True, True])
    assert labelled_frames(PATH, Sidecar("human"), 2).all()


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"segments": [["human", 5_000_000_000]]}, "expected segments over 5 frames"),
        ({"segments": [["human", 10**30]]}, "expected segments over 5 frames"),
        ({"segments": [["human", 10], ["policy", -5]]}, r"Expected `int` >= 0 - at `\$\.segments"),
        ({"segments": [["human", 5.0]]}, r"Expected `int`"),
        ({"segments": {"human": 5}}, "Expected `array`"),
        ({"segments": [["human"]]}, "length 2"),
        ({}, "who pressed which frames"),
        ({"segments": [["human", 5]], "skill": 3}, r"Expected `str`, got `int` - at `\$\.skill"),
        ({"trimmed_from": "x"}, "trimmed_from"),
    ],
)
def test_a_damaged_takeover_is_refused_at_once(facts: dict, reason: str) -> None:
    with pytest.raises(MovieError, match=reason) as error:
        labelled_frames(PATH, Sidecar("takeover", None, facts), 5)
    assert "a.bk2" in str(error.value)


def test_what_a_movie_was_made_from() -> None:
    def origin(**facts: object) -> str:
        return origin_of(facts_of(PATH, Sidecar("human", None, facts)))

    assert origin() == ""
    assert origin(trimmed_from={"file": "whole-000.bk2", "first": 3, "last": 90}) == "whole-000"
    assert origin(made_from={"file": "whole-001.bk2"}) == "whole-001"


def test_the_digest_changes_with_what_is_taught_only() -> None:
    before = digest(PATH, TAKEOVER)
    facts = TAKEOVER.facts
    assert digest(PATH, Sidecar("takeover", None, facts | {"score": 7, "recorded": "today", "sticky": 0})) == before
    others = [
        Sidecar("human", None, facts),
        Sidecar("takeover", Certificate(5, ("a", "b")), facts),
        Sidecar("takeover", None, facts | {"segments": [["policy", 3], ["human", 2]]}),
        Sidecar("takeover", None, facts | {"skill": "spindash"}),
        Sidecar("takeover", None, facts | {"trimmed_from": {"file": "x.bk2"}}),
        Sidecar("takeover", None, facts | {"sticky": 0.25}),
    ]
    assert len({before, *(digest(PATH, other) for other in others)}) == 7
