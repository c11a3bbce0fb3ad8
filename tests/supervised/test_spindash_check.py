"""The spin-dash check: by hand, by simulation, and on an act that is really played."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from game.acts import ACT_NAMES
from game.env import EnvConfig
from game.rollout import Episode
from policy.episodes import EpisodeTask
from supervised import spindash_check
from supervised.spindash_check import (
    ActCheck,
    Verdict,
    as_table,
    check_spin_dashes,
    judge,
    poisson_interval,
    verdict_of,
    without_reference,
)

ACT = "EmeraldHillZone.Act1"


@pytest.mark.parametrize(
    ("count", "low", "high"), [(0, 0.0, 3.6889), (1, 0.0253, 5.5716), (10, 4.7954, 18.3904), (100, 81.3640, 121.6268)]
)
def test_the_interval_is_garwoods(count: int, low: float, high: float) -> None:
    assert poisson_interval(count) == pytest.approx((low, high), abs=1e-4)


@pytest.mark.parametrize("mean", [0.5, 3.0, 9.0, 30.0])
def test_the_interval_holds_the_mean_as_often_as_it_says(mean: float) -> None:
    held = 0
    for count in np.random.default_rng(1).poisson(mean, 2000).tolist():
        low, high = poisson_interval(count)
        held += low <= mean <= high
    assert held / 2000 >= 0.94


@pytest.mark.parametrize(
    ("expected", "dashes", "ground", "episodes", "verdict"),
    [
        (3.0, 9, 3.0, 3, "pass"),
        (3.0, 0, 3.0, 3, "fail"),
        (3.0, 90, 3.0, 3, "fail"),
        (3.0, 1, 0.05, 3, "not enough seen"),  # one dash on a few per cent, which once came out as 20 per act
        (3.0, 0, 2.4, 3, "not enough seen"),  # 3.69 / 2.4 is 1.54, and half of what is expected 1.5
        (3.0, 0, 2.5, 3, "fail"),
        (3.0, 3, 2.4, 3, "not enough seen"),
        (3.0, 50, 0.1, 3, "fail"),  # more than three whole acts would allow, wherever it stood
        (3.0, 30, 0.1, 3, "not enough seen"),
        (1.0, 4, 0.0, 2, "not enough seen"),
    ],
)
def test_one_acts_verdict(expected: float, dashes: int, ground: float, episodes: int, verdict: Verdict) -> None:
    assert judge(ACT, expected, dashes, ground, episodes).verdict == verdict


def test_nothing_is_extrapolated_from_a_few_per_cent() -> None:
    assert judge(ACT, 3.0, dashes=1, ground=0.05, episodes=3).rate == 0.0
    line = judge(ACT, 3.0, dashes=6, ground=3.0, episodes=4)
    assert (line.dashes, line.progress, line.rate, line.episodes) == (1.5, 0.75, 2.0, 4)
    assert (line.low, line.high) == pytest.approx((2.2019 / 3, 13.0595 / 3), abs=1e-4)


def verdicts(times: float, expected: float, ground: float, checks: int = 1000) -> list[Verdict]:
    """Of simulated clones that dash `times` as often as the demonstrations, in six episodes."""
    counts = np.random.default_rng(0).poisson(times * expected * ground, checks)
    return [judge(ACT, expected, count, ground, episodes=6).verdict for count in counts.tolist()]


@pytest.mark.parametrize("expected", [1.5, 2.0, 3.0])
def test_by_simulation_a_clone_like_its_teacher_passes_and_the_two_extremes_fail(expected: float) -> None:
    covered = 6.0  # all of six episodes
    assert verdicts(1.0, expected, covered).count("pass") >= 950
    assert verdicts(0.0, expected, covered).count("fail") >= 950
    assert verdicts(10.0, expected, covered).count("fail") >= 950
    for edge in (0.5, 3.0):
        assert verdicts(edge, expected, covered).count("fail") <= 50


@pytest.mark.parametrize("times", [0.0, 1.0, 10.0])
def test_by_simulation_little_ground_condemns_nobody_and_lets_nobody_through(times: float) -> None:
    assert set(verdicts(times, expected=3.0, ground=0.3)) <= {"not enough seen"}


def lines(text: str) -> list[ActCheck]:
    """p: passed, f: failed, n: not enough seen, o: no reference."""
    made: dict[str, Callable[[], ActCheck]] = {
        "p": lambda: judge(ACT, 3.0, 9, 3.0, 3),
        "f": lambda: judge(ACT, 3.0, 0, 3.0, 3),
        "n": lambda: judge(ACT, 3.0, 0, 0.1, 3),
        "o": lambda: without_reference(ACT, None),
    }
    return [made[letter]() for letter in text]


@pytest.mark.parametrize(
    ("each", "verdict"),
    [
        ("pppfo", "pass"),
        ("ppf", "fail"),
        ("pppn", "pass"),  # whatever the last one came to
        ("ppnn", "not enough seen"),
        ("pppfn", "not enough seen"),
        ("ppnff", "fail"),  # not even the open one could save it
        ("n", "not enough seen"),
        ("ooo", "not enough seen"),
        ("", "not enough seen"),
    ],
)
def test_three_acts_in_four_must_pass(each: str, verdict: str) -> None:
    assert verdict_of(lines(each)) == verdict


def test_the_table_says_what_was_not_judged_and_why() -> None:
    none = without_reference(ACT, None)
    undashed = without_reference("WingFortressZone", 0.0)
    text = as_table([none, undashed, *lines("pn")])
    assert "no reference (no demonstration of a whole act)" in text
    assert "no reference (no whole take of it spin-dashes; drills do not count)" in text
    assert text.endswith("as a whole: not enough seen")


@pytest.mark.parametrize("episodes", [0, -2])
def test_a_check_without_episodes_is_refused(episodes: int) -> None:
    with pytest.raises(ValueError, match=r"at least 1 episode.*--check-episodes"):
        check_spin_dashes(Path("none"), None, EnvConfig(), episodes, workers=1)  # type: ignore[arg-type]


def test_only_acts_with_a_reference_are_played(monkeypatch: pytest.MonkeyPatch) -> None:
    references = {ACT: 2.0, "WingFortressZone": 0.0}
    asked: list[EpisodeTask] = []

    def play_all(tasks: list[EpisodeTask], workers: int) -> list[Episode]:
        asked.extend(tasks)
        return [
            Episode(task.act, task.seed, 1, 0.0, 0.9, 1, False, False, False, spin_dashes=2, rings=0) for task in tasks
        ]

    monkeypatch.setattr(spindash_check, "spin_dashes_per_movie", lambda dataset, act: references.get(act))
    monkeypatch.setattr(spindash_check, "play_all", play_all)
    check = check_spin_dashes(Path("c"), None, EnvConfig(), 5, workers=1)  # type: ignore[arg-type]
    assert {(task.act, task.player) for task in asked} == {(ACT, "c")}
    assert len({task.seed for task in asked}) == 5
    assert [line.act for line in check] == list(ACT_NAMES)
    by_act = {line.act: line for line in check}
    assert (by_act[ACT].verdict, by_act[ACT].dashes, by_act[ACT].episodes) == ("pass", 2.0, 5)
    assert by_act[ACT].progress == pytest.approx(0.9)
    assert by_act["WingFortressZone"].reason != by_act["OilOceanZone.Act1"].reason
    assert verdict_of(check) == "pass"
