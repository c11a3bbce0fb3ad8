"""Figures per player and act, and their JSON."""

import dataclasses
import json
from collections.abc import Callable

import pytest

from evaluate.players import PlayerSpec
from evaluate.results import ActResult, Results, describe_machine, note_on_seeds, rates_of, summarise_players
from experiment.statistics import Interval
from game.rollout import Episode
from game.seeds import PURPOSES, SCHEDULE, SCORING

ACTS = ("EmeraldHillZone.Act1", "WingFortressZone")


def test_averages(episode_of: Callable[..., Episode]) -> None:
    through = episode_of(ACTS[0], 0, 1.0, finished=True)
    halfway = episode_of(ACTS[0], 1, 0.5)
    rates = rates_of([through, halfway])
    assert rates.progress == 0.75
    assert rates.completion_rate == rates.passed_rate == rates.death_rate == 0.5
    assert rates.spin_dashes == 7.5
    early = 1000 * (1 - 2400 / 18000)  # for the end x after 40 s of 5 minutes
    assert rates.score == pytest.approx((9000 + early + 4500) / 2)


def test_passing_the_end_x_and_completing_the_act_are_two_things(episode_of: Callable[..., Episode]) -> None:
    stopped_behind = dataclasses.replace(episode_of(ACTS[0], 0, 1.0), passed_end_x=True, finished=False, died=True)
    completed = episode_of(ACTS[0], 1, 1.0, finished=True)
    on_the_way = dataclasses.replace(episode_of(ACTS[0], 2, 0.5), died=False)
    rates = rates_of([stopped_behind, completed, on_the_way, on_the_way])
    assert rates.passed_rate == 0.5
    assert rates.completion_rate == 0.25
    assert rates.death_rate == 0.25


def test_rates_are_over_all_acts_and_episodes(episode_of: Callable[..., Episode]) -> None:
    """2 of 3 episodes of one act completed, none of the other: not what any one episode or act says."""
    episodes = {}
    for act, ends in zip(ACTS, ((True, True, False), (False, False, False)), strict=True):
        for seed, finished in enumerate(ends):
            progress = 1.0 if finished else 0.4
            episodes["clone", act, seed] = episode_of(act, seed, progress, finished, seconds=20 + 10 * seed)
    (player,) = summarise_players([PlayerSpec("clone", "x")], ACTS, (0, 1, 2), episodes, bootstrap_seed=0)
    assert player.rates.completion_rate == player.rates.passed_rate == pytest.approx(2 / 6)
    assert player.rates.progress == pytest.approx((2 * 1.0 + 4 * 0.4) / 6)
    assert player.rates.spin_dashes == pytest.approx((2 * 10 + 4 * 4) / 6)
    assert player.rates.frames == pytest.approx(60 * 30)
    assert player.rates.score == pytest.approx(player.score.mean)
    assert [act.completed for act in player.acts] == [2, 0]


def test_intervals_end_where_figures_do(episode_of: Callable[..., Episode]) -> None:
    """Two episodes on one act widen them far; nobody gets further than the end."""
    episodes = {}
    for seed, progress in enumerate((0.1, 1.0)):
        episodes["a", ACTS[0], seed] = episode_of(ACTS[0], seed, progress)
    (player,) = summarise_players([PlayerSpec("a", "x")], ACTS[:1], (0, 1), episodes, bootstrap_seed=0)
    assert player.progress.mean_interval == Interval(0.0, 1.0)
    assert player.score.mean_interval == Interval(0.0, 10_000.0)


def test_the_seeds_are_said_and_serve_nothing_else(results: Results) -> None:
    assert results.seeds == (10_000, 10_001, 10_002)
    note = results.notes[-1]
    assert note.startswith("seeds 10000 to 10002 of every act")
    for purpose, seeds in PURPOSES.items():
        assert (purpose in note) == (seeds != SCORING)
    assert note_on_seeds([7]).startswith("seed 7 of every act")
    assert "schedule" not in note_on_seeds([7, SCHEDULE.start])  # it is reckoned, not just said


def test_players_acts_and_overall(episode_of: Callable[..., Episode]) -> None:
    episodes = {}
    for act, seed, progress in ((ACTS[0], 1, 0.2), (ACTS[0], 2, 0.4), (ACTS[1], 1, 0.6), (ACTS[1], 2, 1.0)):
        episodes["random", act, seed] = episode_of(act, seed, progress)
    (player,) = summarise_players([PlayerSpec("random", "random")], ACTS, (1, 2), episodes, bootstrap_seed=0)
    assert [row.rates.progress for row in player.acts] == pytest.approx([0.3, 0.8])
    assert player.progress.mean == pytest.approx(0.55)
    assert player.progress.iqm == pytest.approx(0.5)
    assert player.acts[0].best.seed == 2


def test_a_missing_episode_is_an_error() -> None:
    with pytest.raises(KeyError):
        summarise_players([PlayerSpec("random", "random")], ACTS, (1,), {}, bootstrap_seed=0)


def test_json_holds_everything(results: Results) -> None:
    fields = json.loads(json.dumps(results.to_json()))
    assert fields["config"]["episodes"] == 3
    assert fields["machine"]["packages"]["stable-retro"]
    player = fields["players"][2]
    assert player["player"]["label"] == "clone"
    assert player["progress"]["mean_interval"]["low"] <= player["progress"]["mean"]
    assert len(player["acts"]) == 2
    assert len(player["acts"][0]["episodes"]) == 3
    assert player["acts"][0]["episodes"][0]["trace"]


def test_machine_is_described() -> None:
    machine = describe_machine()
    assert machine["processor"]
    assert machine["cores"] >= 1


def test_the_best_episode_is_a_completed_one_where_there_is_any(episode_of: Callable[..., Episode]) -> None:
    slow = dataclasses.replace(episode_of(ACTS[0], 0, 1.0, finished=True), score=9_000.0)
    died_behind = dataclasses.replace(episode_of(ACTS[0], 1, 1.0), score=9_900.0)
    halfway = dataclasses.replace(episode_of(ACTS[0], 2, 0.5), score=4_500.0)
    assert ActResult(ACTS[0], rates_of([slow]), (died_behind, slow, halfway)).best is slow
    assert ActResult(ACTS[0], rates_of([slow]), (halfway, died_behind)).best is died_behind
