"""JERK through the real main on the real emulator: exact replays, resumption, any number of processes."""

import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from finetune.jerk import learner as module
from finetune.jerk.config import PRESETS, Config
from finetune.jerk.episode import Played, Task, play_in
from finetune.jerk.learner import JERK, Plan
from game.emulator import Emulator
from game.env import EnvConfig, make_env
from game.rollout import play
from game.seeds import TRAINING
from game.tasks import Outcome
from policy.checkpoint import load_checkpoint
from policy.players import load
from tests.finetune.clones import clone_run
from tests.resuming import (
    ENVIRONMENT,
    assert_same_run,
    drawn_without_numbers,
    finish,
    has_checkpoint,
    kill_when,
    numbers,
)

ACT = "EmeraldHillZone.Act1"
TINY = Config(game="quillrush", acts=ACT, max_frames=400, total_steps=1500)
EVERYTHING = [
    "--mutation", "0.9", "--exploit-bias", "0.1", "--forward-steps", "15", "--blocks", "policy", "--memory",
    "--memory-distance", "0.5",
]  # fmt: skip


class SameProcess:
    """A pool that plays here, each environment in the test's one emulator."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    def run(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        for task in reversed(list(tasks)):  # in another order than asked for
            yield Outcome(task, play_in(make_env(task.env, self._emulator), task))

    def close(self) -> None:
        pass


@pytest.fixture(autouse=True)
def in_this_process(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "emulator" in request.fixturenames:
        emulator = request.getfixturevalue("emulator")
        monkeypatch.setattr(module, "TaskPool", lambda function, workers, most: SameProcess(emulator))


def score_of_best(learner: JERK, stick_probability: float, seed: int, tmp_path: Path) -> float:
    """The contest score of the saved player when its sequence ends."""
    learner.save(tmp_path / "checkpoint", {})
    checkpoint = load_checkpoint(tmp_path / "checkpoint")
    env = make_env(EnvConfig(stick_probability=stick_probability, max_frames=400), learner.pool._emulator)
    steps = play(env, load(tmp_path / "checkpoint"), ACT, seed)
    scores = [step.info["contest_score"] for step, _ in zip(steps, checkpoint.arrays[ACT], strict=False)]
    return scores[-1]


def test_without_sticky_frames_it_replays_its_best_exactly(emulator: Emulator, tmp_path: Path) -> None:
    learner = JERK(replace(TINY, stick_probability=0.0), None)
    shortfalls = []
    while learner.steps < learner.config.total_steps:
        metrics, _ = learner.update()
        if "loss/replay_shortfall" in metrics:
            shortfalls.append(metrics["loss/replay_shortfall"])
            assert metrics["loss/replays_exact"] == 1.0
    assert len(shortfalls) >= 5
    assert set(shortfalls) == {0.0}
    best = learner.repertoires[ACT].best
    assert best is not None
    assert best.lower == best.mean == best.found > 0
    for seed in (TRAINING.start, TRAINING.start + 1):
        assert score_of_best(learner, 0.0, seed, tmp_path) == pytest.approx(best.found, abs=1e-9)
    sticky = {score_of_best(learner, 0.25, TRAINING.start + seed, tmp_path) for seed in range(4)}
    assert len(sticky) > 1


def test_with_sticky_frames_replays_fall_short(emulator: Emulator) -> None:
    learner = JERK(TINY, None)
    shortfalls = []
    while learner.steps < learner.config.total_steps:
        metrics, episodes = learner.update()
        shortfalls.append(metrics.get("loss/replay_shortfall", 0.0))
        assert [episode.act for episode in episodes] == [ACT]
    assert any(abs(shortfall) > 1 for shortfall in shortfalls)


def test_it_replays_more_often_the_more_of_the_run_is_done(emulator: Emulator) -> None:
    learner = JERK(replace(TINY, exploit_bias=0.2, mutation=0.5), None)
    assert learner._plan(0, ACT).replayed is None  # nothing is known yet
    learner.repertoires[ACT].add(np.full(40, 2, np.uint8), 100.0)
    for share, expected in ((0.0, 0.2), (0.5, 0.7), (0.8, 1.0)):
        learner.steps = int(share * TINY.total_steps)
        plans = [learner._plan(number, ACT) for number in range(400)]
        replayed = np.mean([plan.replayed is not None for plan in plans])
        assert replayed == pytest.approx(expected, abs=0.07)
        mutants = [plan for plan in plans if plan.is_mutant]
        assert len(mutants) / 400 == pytest.approx(0.5 * (1 - expected), abs=0.07)
        assert all(plan.task.seed in TRAINING for plan in plans)
        assert all(plan.task.stall_steps == 100 for plan in mutants)
        others = [plan.task for plan in plans if plan not in mutants]
        assert {(len(task.sequence), task.stall_steps) for task in others} <= {(0, 0), (40, 0)}


def test_a_replay_finds_something_only_beyond_its_end(emulator: Emulator) -> None:
    learner = JERK(replace(TINY, exploit_bias=1.0), None)
    learner.repertoires[ACT].add(np.full(10, 2, np.uint8), 1.0)
    (known,) = learner.repertoires[ACT].sequences
    learner.update()
    assert known.replays == 1
    assert known.mean < learner.repertoires[ACT].sequences[-1].found
    assert [len(each.combos) > 10 for each in learner.repertoires[ACT].sequences] == [False, True]


def test_what_needs_a_network_says_so(workdir: Path, emulator: Emulator) -> None:
    for asked, option in (
        (replace(TINY, memory=True), "--memory"),
        (replace(TINY, blocks="policy"), "--blocks policy"),
    ):
        with pytest.raises(ValueError, match=f"{option} needs a clone .* Received: --init none"):
            JERK(asked, None)
        JERK(TINY, None).save(workdir / "sequences", {})
        with pytest.raises(ValueError, match=f"{option} needs a network .* of kind sequences"):
            JERK(asked, load_checkpoint(workdir / "sequences"))
    clone = load_checkpoint(clone_run(workdir, check="pass"))
    assert JERK(TINY, clone).parent is None  # what asks nothing of a network has none for its parent
    assert JERK(replace(TINY, memory=True), clone).parent is clone


def test_memory_learns_kept_finds_and_replays(workdir: Path, emulator: Emulator) -> None:
    clone = load_checkpoint(clone_run(workdir, check="pass"))
    config = replace(TINY, max_frames=200, memory=True, memory_distance=0.5, memory_share=1.0, exploit_bias=0.0)
    learner = JERK(config, clone)
    metrics, _ = learner.update()
    assert metrics["loss/memory_hits"] == 0
    assert 0 < metrics["loss/memory_size"] == learner.memories[ACT].size <= 50
    metrics, _ = learner.update()
    assert metrics["loss/memory_lookups"] > 0
    assert 0 < metrics["loss/memory_hits"] <= 1


def planted(rewards: list[float]) -> Played:
    """An episode whose every step has features and a combo of its own."""
    steps = len(rewards)
    features = np.eye(steps, 16, dtype=np.float16)
    return Played(None, np.arange(1, steps + 1, dtype=np.uint8), np.array(rewards), features, 0, 0)  # type: ignore[arg-type]


def test_what_memory_learns_is_the_combo_of_each_moment_and_the_return_from_there(
    workdir: Path, emulator: Emulator
) -> None:
    clone = load_checkpoint(clone_run(workdir, check="pass"))
    learner = JERK(replace(TINY, memory=True, memory_gamma=0.5), clone)
    played = planted([1.0, 0.0, 4.0, -2.0])
    learner._learn(learner._plan(0, ACT), played)
    arrays = learner.memories[ACT].arrays()
    assert arrays["actions"].tolist() == [1, 2, 3]  # to the find's end
    # what the last step cost counts all the same
    assert arrays["values"].tolist() == [1 + 0.25 * 3, 0.5 * 3, 4 - 0.5 * 2]
    for step in range(3):
        assert learner.memories[ACT].suggest(played.features[step]) == played.combos[step]
    learner._learn(learner._plan(1, ACT), played)  # nothing new: nothing is remembered of it
    assert set(learner.memories[ACT].arrays()["counts"]) == {1}
    (known,) = learner.repertoires[ACT].sequences
    replay = Plan(learner._task(2, ACT, 1, known.combos), replayed=known)
    learner._learn(replay, planted([1.0, 0.0, 2.0, -2.0]))
    assert set(learner.memories[ACT].arrays()["counts"]) == {2}
    assert (known.found, known.replays, known.mean) == (5.0, 1, 3.0)
    learner._learn(replay, planted([4.0, 0.0, -2.0, -1.0]))  # luck on the way is no find
    assert learner.repertoires[ACT].sequences == [known]
    assert known.mean == (3.0 + 2.0) / 2


def test_results_are_taken_in_the_order_of_the_acts(emulator: Emulator) -> None:
    acts = [ACT, "WingFortressZone"]
    learner = JERK(replace(TINY, acts=",".join(acts), episodes_per_act=2, max_frames=40), None)
    _, episodes = learner.update()
    assert [episode.act for episode in episodes] == acts * 2
    assert learner.steps == sum(episode.frames for episode in episodes) // 4


def command(name: str, *more: str) -> list[str]:
    options = ["--game", "quillrush", "--total-steps", "900", "--evaluate-every", "300", *EVERYTHING]
    return [sys.executable, "-m", "finetune", "jerk", "--preset", "smoke", *options, "--name", name, *more]


def test_two_trainings_and_a_killed_one_give_the_same_numbers_for_any_number_of_processes(workdir: Path) -> None:
    clone_run(workdir, check="pass")
    runs = workdir / "runs" / "finetune"
    finish(command("whole", "--workers", "1"))
    kill_when(has_checkpoint(runs / "killed"), command("killed", "--workers", "2"))
    assert not (runs / "killed" / "done.json").exists()
    assert "going on from steps" in finish(command("killed", "--workers", "2")).stdout
    assert_same_run(runs / "whole", runs / "killed")
    assert drawn_without_numbers(runs / "whole") == set()
    lines = numbers(runs / "whole")
    assert "eval/progress" not in lines[0]  # nothing is known at the start, and nothing evaluated
    assert max(line["loss/memory_hits"] for line in lines) > 0
    assert max(line["loss/mutated"] for line in lines) > 0
    states = [load_checkpoint(runs / name / "last") for name in ("whole", "killed")]
    assert states[0].info.extra == states[1].info.extra
    for name, array in states[0].state.items():
        np.testing.assert_array_equal(array, states[1].state[name])


def test_the_smoke_preset_leaves_a_checkpoint_that_plays(workdir: Path, emulator: Emulator) -> None:
    options = ["--preset", "smoke", "--init", "none", "--game", "quillrush", "--name", "smoke"]
    finish([sys.executable, "-m", "finetune", "jerk", *options])
    best = (workdir / "runs" / "finetune" / "smoke" / "best").resolve()
    checkpoint = load_checkpoint(best)
    assert checkpoint.info.kind == "sequences"
    assert set(checkpoint.arrays) == set(PRESETS["smoke"].acts.split(","))
    env = make_env(EnvConfig(max_frames=300), emulator)
    *_, last = play(env, load(best), ACT, 1)
    assert last.info["furthest"] > 0.02


def test_it_needs_no_tensorflow(workdir: Path) -> None:
    code = "import sys, finetune.jerk.learner; sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, check=True)
