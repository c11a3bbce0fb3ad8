"""Figures per player and act, and their JSON."""

import json
from collections.abc import Callable

import pytest

from evaluate.players import PlayerSpec
from evaluate.results import Results, describe_machine, rates_of, summarise_players
from game.rollout import Episode

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
