"""Who validates: families stay together, acts are on both sides, and what cannot be validated says so."""

from hypothesis import given
from hypothesis import strategies as st

from dataset.split import Split, families, split


def test_a_cut_of_a_cut_is_of_the_first_movies_family() -> None:
    names = ["a", "a-cut", "a-cut-cut", "b"]
    assert families(names, ["", "a", "a-cut", ""]) == ["a", "a", "a", "b"]


def test_cuts_of_a_movie_that_is_gone_are_one_family() -> None:
    assert families(["x", "y", "z"], ["gone", "gone", ""]) == ["gone", "gone", "z"]


def test_a_circle_is_one_family_and_ends() -> None:
    assert len(set(families(["a", "b", "c"], ["b", "a", "a"]))) == 1
    assert families(["a"], ["a"]) == ["a"]


@given(st.lists(st.tuples(st.sampled_from("xyz"), st.integers(0, 5)), min_size=1, max_size=20), st.integers(0, 99))
def test_families_are_on_one_side_and_every_act_trains(movies: list[tuple[str, int]], seed: int) -> None:
    acts = [act for act, _ in movies]
    family = [f"{act}{number}" for act, number in movies]
    training, held = split(acts, family, 0.3, seed)
    assert training | held == set(range(len(movies)))
    assert not training & held
    assert not {family[i] for i in training} & {family[i] for i in held}
    assert {acts[i] for i in training} == set(acts)
    for act in set(acts):
        several = len({name for name, its in zip(family, acts, strict=True) if its == act}) > 1
        assert any(acts[i] == act for i in held) == several


def test_movies_without_relations_split_as_ever() -> None:
    """The draw is that of the versions before families were known, so that their runs stay comparable."""
    acts = ["one", "two"] * 5
    assert split(acts, [f"m{i}" for i in range(10)], 0.2, seed=3).held == {7, 8}


def test_nothing_held_out_is_visible() -> None:
    alone = split(["one", "two"], ["a", "b"], 0.5, seed=0)
    assert not alone.is_validated
    assert alone.validation == alone.training == {0, 1}
    assert "figures are of the training data" in alone.note
    held = Split({0}, {1})
    assert held.is_validated
    assert held.validation == {1}
    assert held.note == ""
