"""The table of acts."""

import pytest

from game.acts import ACTS, act_of, act_title, find_act, select_acts


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
    with pytest.raises(ValueError, match="Expected 'all' or act names"):
        select_acts(" , ")
