"""Which demonstrations a training begins along."""

from dataclasses import replace
from pathlib import Path

import pytest

from finetune.config import StageConfig
from finetune.ppo.config import Config
from finetune.starts import find_demonstrations, fingerprint_of_movies
from game.acts import CONTEST
from game.movie import read_movie, write_movie
from tests.conftest import MOVIES

CONFIG = StageConfig(game="quillrush", acts="EmeraldHillZone.Act1,WingFortressZone")


def test_the_takes_of_the_acts_trained_on() -> None:
    found = find_demonstrations(CONFIG, "cells").movies
    assert {act: len(movies) for act, movies in found.items()} == {"EmeraldHillZone.Act1": 12, "WingFortressZone": 12}
    assert all(Path(movie).parent.parent.name == MOVIES.name for movie in found["WingFortressZone"])


@pytest.mark.parametrize("acts", ["EmeraldHillZone.Act1", "TestZone.Act1"])
def test_none_in_the_contest_whose_acts_are_unseen(acts: str) -> None:
    assert find_demonstrations(replace(CONFIG, acts=CONTEST + acts), "cells").movies == {}


def test_without_movies_it_says_so(workdir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert find_demonstrations(CONFIG, "cells").movies == {}
    assert "no demonstrations of 2 acts" in capsys.readouterr().out
    assert find_demonstrations(CONFIG, "none").movies == {}
    assert capsys.readouterr().out == ""


def test_a_new_take_makes_it_another_run(workdir: Path, shipped_movie: Path) -> None:
    folder = workdir / "movies" / "quillrush" / "EmeraldHillZone.Act1"
    folder.mkdir(parents=True)
    before = fingerprint_of_movies(CONFIG)
    assert fingerprint_of_movies(CONFIG) == before
    write_movie(folder / "a.bk2", read_movie(shipped_movie))
    assert fingerprint_of_movies(CONFIG) != before
    other_acts = replace(CONFIG, acts="WingFortressZone")
    assert fingerprint_of_movies(other_acts) == before


def test_what_uses_demonstrations() -> None:
    assert Config(starts="cells").uses_demonstrations
    assert Config(starts="none").uses_demonstrations  # in the cloning loss
    assert not Config(starts="none", cloning_weight=0.0).uses_demonstrations
    assert not Config(starts="none", init="none").uses_demonstrations
