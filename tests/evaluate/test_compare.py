"""Two evaluations beside each other: pairs, intervals against numbers worked out, what is refused and what is only said."""

import dataclasses
import json
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest

from evaluate.cli import main
from evaluate.compare import compare
from evaluate.evaluation import Evaluation, find_evaluation
from evaluate.report.comparison import acts_in_words, verdict_in_words
from evaluate.store import EpisodeStore
from experiment.statistics import Change, bootstrap_interval, mean
from game.rollout import Episode
from tests.evaluate.made_up import make_episode

ACTS = ("EmeraldHillZone.Act1", "WingFortressZone")
SEEDS = range(10_000, 10_005)
CONFIG = {"game": "quillrush", "frame_skip": 4, "stick_probability": 0.25, "max_frames": 4500, "temperature": 1.0}

pytestmark = pytest.mark.usefixtures("workdir")


def episodes_of(gain: Callable[[str, int], float], acts: Iterable[str] = ACTS) -> list[Episode]:
    """One per act and seed, at half the way and what the player gained."""
    return [make_episode(act, seed, 0.5 + gain(act, seed)) for act in acts for seed in SEEDS]


def written(
    name: str, players: dict[str, list[Episode]], sha256: str = "ab", finished: bool = True, **config: object
) -> Path:
    """An evaluation on the disk."""
    folder = Path("runs/evaluate") / name
    folder.mkdir(parents=True)
    known = [{"label": label, "sha256": "" if label == "random" else sha256 * 32} for label in players]
    (folder / "config.json").write_text(json.dumps({"config": CONFIG | config, "inputs": {"players": known}}))
    store = EpisodeStore(folder / "episodes.jsonl")
    for label, episodes in players.items():
        for episode in episodes:
            store.add(label, episode)
    if finished:
        (folder / "done.json").write_text("{}")
    return folder


def both(before: dict[str, list[Episode]], after: dict[str, list[Episode]]) -> tuple[Evaluation, Evaluation]:
    return find_evaluation(str(written("a", before))), find_evaluation(str(written("b", after, sha256="cd")))


def some(act: str, seed: int) -> float:
    """0.1 on one act, about none on the other."""
    return 0.1 + 0.01 * (seed % 5) if act == ACTS[0] else 0.02 * (seed % 5 - 2)


def none(act: str, seed: int) -> float:
    return 0.0


def test_pairs_are_by_label_act_and_seed() -> None:
    mixed = episodes_of(some)[::-1]  # the order on the disk does not matter
    found = compare(
        *both({"clone": episodes_of(none), "random": episodes_of(none)}, {"random": episodes_of(none), "clone": mixed})
    )
    clone, random = found.players
    differences = np.array([[some(act, seed) for seed in SEEDS] for act in ACTS])
    assert clone.progress.difference == pytest.approx(differences.mean())
    interval = bootstrap_interval(differences, mean, 1, bounds=(-1, 1))
    assert interval is not None
    assert clone.progress.interval is not None
    assert clone.progress.interval.low == pytest.approx(interval.low)
    assert clone.progress.interval.high == pytest.approx(interval.high)
    assert [act.progress.verdict for act in clone.acts] == ["better", "no difference seen"]
    assert acts_in_words(clone, "quillrush") == "clone: better on Fernfall 1."
    assert random.same_episodes
    assert verdict_in_words(random) == "random: the same, episode by episode."
    assert found.remarks == ()


def test_worse_and_no_difference_in_words() -> None:
    before, after = both({"clone": episodes_of(some)}, {"clone": episodes_of(none)})
    worse = compare(before, after).players[0]
    assert verdict_in_words(worse).startswith("clone: worse, -6.0 percentage points of mean progress (95 %: -")
    wobbly = episodes_of(lambda act, seed: 0.05 * (seed % 5 - 2))
    after = dataclasses.replace(after, episodes={("clone", one.act, one.seed): one for one in wobbly})
    before = dataclasses.replace(before, episodes={("clone", one.act, one.seed): one for one in episodes_of(none)})
    unsure = compare(before, after).players[0]
    assert verdict_in_words(unsure).startswith("clone: no difference seen, 0.0 percentage points")
    assert acts_in_words(unsure, "quillrush") == "clone: no difference seen on any single act."


def test_one_pair_per_act_is_too_few() -> None:
    one = {"clone": [make_episode(act, SEEDS[0], 0.5) for act in ACTS]}
    other = {"clone": [make_episode(act, SEEDS[0], 0.9) for act in ACTS]}
    (player,) = compare(*both(one, other)).players
    assert player.progress.verdict == "too few episodes to say"
    assert player.progress.interval is None


def test_only_what_is_common_is_compared_and_that_is_said() -> None:
    less = [episode for episode in episodes_of(none) if episode.act == ACTS[0] and episode.seed < SEEDS[3]]
    found = compare(*both({"clone": episodes_of(none), "old": episodes_of(none)}, {"clone": less}))
    assert found.acts == ACTS[:1]
    assert found.seeds == tuple(SEEDS[:3])
    assert found.remarks == (
        "Left out, because not every compared player has it in both: old, WingFortressZone, seed 10003, seed 10004.",
    )


@pytest.mark.parametrize(
    ("after", "message"),
    [
        ({"config": {"game": "sonic2"}}, "of one game. Received: quillrush and sonic2"),
        ({"label": "tuned"}, "with a player label in common. Received: clone; and tuned"),
        ({"seeds": 5}, "in common. Received: EmeraldHillZone.Act1, WingFortressZone with seeds 10000 to 10004; and"),
    ],
)
def test_nothing_in_common_is_refused(after: dict, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    written("a", {"clone": episodes_of(none)})
    shifted = [dataclasses.replace(one, seed=one.seed + after.get("seeds", 0)) for one in episodes_of(none)]
    written("b", {after.get("label", "clone"): shifted}, **after.get("config", {}))
    assert main(["compare", "a", "b"]) == 2
    assert message in capsys.readouterr().err


def test_other_conditions_and_unfinished_runs_are_said() -> None:
    written("a", {"clone": episodes_of(none), "random": episodes_of(none)})
    written("b", {"clone": episodes_of(none), "random": episodes_of(some)}, finished=False)
    written("c", {"clone": episodes_of(none), "random": episodes_of(some)}, max_frames=18_000)
    a, b, c = (find_evaluation(name) for name in "abc")
    unfinished, odd = compare(a, b).remarks
    assert unfinished == "b is not finished: more of its episodes may come."
    assert odd.startswith("random is the same player in both, but its episodes differ")
    (conditions,) = compare(a, c).remarks
    assert conditions.endswith("not the players' alone: max_frames 4500 and 18000.")


def test_evaluations_of_different_roms_are_said() -> None:
    before, after = both({"clone": episodes_of(none)}, {"clone": episodes_of(some)})
    assert compare(before, after).remarks == ()
    (remark,) = compare(before, dataclasses.replace(after, rom="c0ffee00d")).remarks
    assert remark.endswith(f"ROM {before.rom[:8] or 'unknown'} and c0ffee00.")


def test_an_unknown_or_damaged_evaluation_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    folder = written("before", {"clone": episodes_of(none)})
    assert main(["compare", "before", "befor"]) == 2
    assert "Received: befor. Did you mean before? Known: before" in capsys.readouterr().err
    (folder / "config.json").write_text('{"config": {"game": 3}}')
    assert main(["compare", "before", "before"]) == 2
    assert "Expected `str`, got `int` - at `$.config.game`" in capsys.readouterr().err
    empty = written("empty", {"clone": []})
    assert main(["compare", str(empty), str(empty)]) == 2
    assert "has no episodes yet" in capsys.readouterr().err


def test_the_command_prints_and_writes_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    written("before", {"clone": episodes_of(none)})
    after = written("after", {"clone": episodes_of(some)}, sha256="cd")
    assert main(["compare", "before", str(after)]) == 0
    out = capsys.readouterr().out
    assert "clone: better, +6.0 percentage points" in out
    assert "page: runs/evaluate/after/compare.html" in out
    assert main(["compare", "before", "after", "--page", "there/page.html"]) == 0
    assert Path("there/page.html").read_text() == (after / "compare.html").read_text()


@pytest.mark.parametrize("acts", [1, 18])
def test_without_a_difference_few_are_found(acts: int) -> None:
    """Two plays of one player, some episodes completed, the others dead anywhere: about one in twenty may differ."""
    rng = np.random.default_rng(1)
    found = 0
    for _ in range(200):
        chance = rng.uniform(0.0, 0.9, (acts, 1))
        plays = [np.where(rng.random((acts, 5)) < chance, 1.0, rng.uniform(0.05, 0.9, (acts, 5))) for _ in range(2)]
        interval = bootstrap_interval(plays[1] - plays[0], mean, repetitions=400, bounds=(-1, 1))
        assert interval is not None
        found += Change(0.0, 0.0, interval).verdict in ("better", "worse")
    assert found / 200 <= 0.08
