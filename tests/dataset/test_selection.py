"""Whose play is meant, and how it is said."""

import pytest

from dataset.selection import Facts, Selection, composition, left_out_in_words

ACT = "EmeraldHillZone.Act1"


def movie(player: str = "human", frames: int = 2400, **more: object) -> Facts:
    return Facts(player=player, act=str(more.pop("act", ACT)), frames=frames, **more)


@pytest.mark.parametrize(
    ("select", "facts", "reason"),
    [
        (Selection(), movie(), ""),
        (Selection(), movie("search"), ""),
        (Selection(), movie(frames=299), "shorter than 5 s"),
        (Selection(), movie(frames=300), ""),
        (Selection(), movie(frames=60, skill="spindash"), ""),
        (Selection(), movie("search", frames=60), ""),
        (Selection(least_seconds=0), movie(frames=60), ""),
        (Selection(), movie(died=True), ""),
        (Selection(deaths="keep"), movie(died=True), ""),
        (Selection(deaths="out"), movie(died=True), "with a death"),
        (Selection(players="human"), movie("search"), "not by a person"),
        (Selection(players="human"), movie("policy"), "not by a person"),
        (Selection(players="human"), movie("takeover"), ""),
        (Selection(players="human"), movie("unknown"), ""),
        (Selection(players="search"), movie("human"), "not by the search player"),
        (Selection(players="search"), movie("search"), ""),
        (Selection(noise="none"), movie("search"), ""),
        (Selection(noise="none"), movie("search", noisy=True), "under sticky frames"),
        (Selection(noise="sticky"), movie("search"), "without sticky frames"),
        (Selection(noise="sticky"), movie("search", noisy=True), ""),
        (Selection(noise="sticky"), movie(), ""),
        (Selection(acts="WingFortressZone"), movie(), "of another act"),
        (Selection(acts=f"WingFortressZone,{ACT}"), movie(), ""),
        (Selection(players="search"), movie("correction"), ""),
        (Selection(corrections=False), movie("correction"), "of corrections"),
        (Selection(corrections=False), movie("search"), ""),
        (Selection(contest_split=True), movie(act="HillTopZone.Act2"), "held out by the contest split"),
        (Selection(contest_split=True), movie(), ""),
        (Selection(since="2026-11-20"), movie(recorded="2026-11-20T08:00:00+0100"), ""),
        (Selection(since="2026-11-20"), movie(recorded="2026-11-19T23:59:59+0100"), "not recorded since 2026-11-20"),
        (Selection(since="2026-11-20"), movie(), "not recorded since 2026-11-20"),
    ],
)
def test_why_a_movie_is_left_out(select: Selection, facts: Facts, reason: str) -> None:
    assert select.reason_against(facts) == reason


@pytest.mark.parametrize(
    ("select", "message"),
    [
        (Selection(since="yesterday"), "YYYY-MM-DD"),
        (Selection(acts="Nowhere"), "Nowhere"),
        (Selection(acts="HillTopZone.Act2", contest_split=True), "held-out: HillTopZone.Act2"),
    ],
)
def test_a_selection_that_means_nothing_is_refused(select: Selection, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        select.check()


def test_so_many_takes_of_each_act_are_meant_the_first_by_name() -> None:
    elsewhere = movie("search", act="WingFortressZone")
    movies = {"c": movie("search"), "b": movie("search", noisy=True), "a": movie("search"), "d": elsewhere}
    assert Selection(takes=2).reasons_against(movies) == {"c": "beyond 2 takes of its act"}
    assert Selection(takes=1, noise="sticky").reasons_against(movies) == dict.fromkeys("acd", "without sticky frames")
    assert Selection().reasons_against(movies) == {}
    # of whom all names come first
    corrected = movies | {"0": movie("correction"), "1": movie("correction")}
    assert Selection(takes=2).reasons_against(corrected) == {"c": "beyond 2 takes of its act"}


def test_whether_a_converted_movie_is_noisy() -> None:
    attributes = {"player": "search", "act": ACT, "total_steps": 9, "skill": "", "died": False, "passed_end_x": True}
    assert not Facts.of_attributes(attributes).noisy  # converted before there was noise
    assert Facts.of_attributes(attributes | {"noisy": True}).noisy


def test_a_death_behind_the_end_x_is_none() -> None:
    attributes = {"player": "human", "act": ACT, "total_steps": 999, "skill": "", "died": True, "passed_end_x": True}
    assert not Facts.of_attributes(attributes).died
    assert Facts.of_attributes(attributes | {"passed_end_x": False}).died


def test_what_nobody_asked_to_leave_out_is_named() -> None:
    lines = left_out_in_words({"a": "shorter than 5 s", "b": "shorter than 5 s", "c": "not by a person"})
    assert lines[0] == "left out: 1 movie not by a person"
    assert lines[1] == "left out: 2 movies shorter than 5 s (a, b)"
    assert "--select.least-seconds 0" in lines[2]
    assert left_out_in_words({"c": "of another act"}) == ["left out: 1 movie of another act"]
    assert left_out_in_words({}) == []


def test_the_composition_in_words() -> None:
    takes = [movie(frames=6000), movie("takeover", 33_600, act="WingFortressZone")]
    assert composition([*takes, *[movie("search")] * 108]) == "2 takes, 11 minutes, 2 acts of yours; 108 of search"
    assert composition([movie(frames=1800)]) == "1 take, 30 seconds, 1 act of yours"
    assert composition([]) == "nothing"
