"""The table of acts."""

import pytest

from game.acts import (
    ACTS,
    ALL_ACTS,
    QUILLRUSH_ZONES,
    TEST_ACTS,
    act_of,
    act_title,
    find_act,
    select_acts,
    training_acts,
)


def test_the_table_agrees_with_the_contest_script(quillrush) -> None:
    script = (quillrush.integration / "script.lua").read_text()
    assert len(ACTS) == 18
    for act in ACTS:
        assert f'["zone={act.zone},act={act.number}"] = 0x{act.end_x:X}' in script


def test_unknown_level_names_the_nearest_and_all() -> None:
    with pytest.raises(ValueError, match=r"Did you mean EmeraldHillZone\.Act1.*WingFortressZone"):
        find_act("EmeraldHill.Act1")


def test_the_contest_split_locks_three_acts() -> None:
    assert len(select_acts("all", contest_split=True)) == 15
    with pytest.raises(ValueError, match=r"held-out: HillTopZone.Act2"):
        select_acts("HillTopZone.Act2", contest_split=True)
    held_out = ["CasinoNightZone.Act2", "HillTopZone.Act2", "MetropolisZone.Act3"]
    assert [act.name for act in select_acts("held-out")] == held_out
    assert {*select_acts("train"), *select_acts("held-out")} == {*select_acts("all")}
    assert select_acts("train") == select_acts("all", contest_split=True)
    with pytest.raises(ValueError, match=", ".join(held_out)):
        select_acts("held-out", contest_split=True)


def test_test_acts_are_apart_from_the_18() -> None:
    assert [(act.zone, act.number, act.end_x) for act in TEST_ACTS] == [(32, i, 0x2600 + 0x100 * i) for i in range(5)]
    assert not set(TEST_ACTS) & set(ACTS)
    assert select_acts("test") == TEST_ACTS
    assert select_acts("all") == ACTS
    assert select_acts("all, Test ,cloudkeep") == ALL_ACTS  # each once
    assert act_of(32, 2) is find_act("TestZone.Act3")


@pytest.mark.parametrize("names", ["test", "all,test", "faraway 2, fernfall 1"])
def test_nobody_trains_on_test_acts(names: str) -> None:
    with pytest.raises(ValueError, match=r"Received test acts, on which nobody trains: TestZone\.Act"):
        training_acts(names)


def test_training_acts_are_otherwise_those_selected() -> None:
    assert training_acts("all") == ACTS
    assert training_acts("all", contest_split=True) == select_acts("all", contest_split=True)
    with pytest.raises(ValueError, match="held-out"):
        training_acts("HillTopZone.Act2", contest_split=True)


def test_acts_are_found_by_their_numbers() -> None:
    assert act_of(5, 0) is find_act("MetropolisZone.Act3")
    assert act_of(99, 0) is None


def test_titles_are_for_people() -> None:
    assert act_title("EmeraldHillZone.Act1") == "Emerald Hill Zone, Act 1"
    assert act_title("WingFortressZone") == "Wing Fortress Zone"
    assert len({act_title(act.name) for act in ACTS}) == 18


def test_acts_are_chosen_by_a_list() -> None:
    names = [act.name for act in select_acts("WingFortressZone, EmeraldHillZone.Act2,")]
    assert names == ["WingFortressZone", "EmeraldHillZone.Act2"]
    with pytest.raises(ValueError, match="Expected all, train, held-out, test or act names"):
        select_acts(" , ")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Emerald Hill Zone, Act 1", ["EmeraldHillZone.Act1"]),
        ("emerald hill 2", ["EmeraldHillZone.Act2"]),
        ("EMERALDHILLZONE.ACT2", ["EmeraldHillZone.Act2"]),
        ("Fernfall 1", ["EmeraldHillZone.Act1"]),
        ("gearholm, act 3", ["MetropolisZone.Act3"]),
        ("cloudkeep", ["WingFortressZone"]),
        ("Faraway 3", ["TestZone.Act3"]),
        ("TestZone.Act3", ["TestZone.Act3"]),
        ("Faraway, Act 5, faraway 1", ["TestZone.Act5", "TestZone.Act1"]),
        ("Fernfall, Act 2, Wing Fortress,neonmile 1", ["EmeraldHillZone.Act2", "WingFortressZone", "CasinoNightZone.Act1"]),
    ],
)  # fmt: skip
def test_titles_of_either_game_name_acts(said: str, meant: list[str]) -> None:
    assert [act.name for act in select_acts(said)] == meant


@pytest.mark.parametrize("title", ["Fernfal 1", "Fernfall"])
def test_a_title_nearly_right_is_helped(title: str) -> None:
    with pytest.raises(ValueError, match=r"Did you mean .*Fernfall, Act 1"):
        select_acts(title)


def test_quillrush_has_its_own_titles() -> None:
    assert act_title("EmeraldHillZone.Act1", QUILLRUSH_ZONES) == "Fernfall, Act 1"
    titles = {act_title(act.name, zones) for act in ALL_ACTS for zones in ({}, QUILLRUSH_ZONES)}
    assert act_title("TestZone.Act3", QUILLRUSH_ZONES) == "Faraway, Act 3"
    assert len(titles) == 46
