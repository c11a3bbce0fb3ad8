"""Finished episodes on the disk: which are kept when a run goes on, which are refused, and what they come to."""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finetune.contest.episodes import Figures, Recorded, figures_of, read_episodes
from game.rollout import Episode

ACT = "TestZone.Act1"


def episode(score: float, act: str = ACT, frames: int = 402, began_at: float = 0.0) -> Episode:
    return Episode(
        act, 1 << 31, frames, score, 0.5, 900, score > 5000, False, True, 0, 3, [(4, 96)], 0.01 * score, began_at
    )


class Scripted:
    """A learner that ends one episode per update, of 10 steps; its score is the number of the update."""

    device: ClassVar[dict] = {}

    def __init__(self, steps: int = 0) -> None:
        self.steps = steps

    def update(self):
        self.steps += 10
        return {}, [episode(float(self.steps))]

    def save(self, path: Path, metrics: Mapping[str, float]) -> None:
        path.write_text(str(self.steps))

    def restore(self, path: Path) -> None:
        self.steps = int(path.read_text())

    def close(self) -> None:
        pass


def recorded(path: Path, learner: Scripted) -> Recorded:
    return Recorded(learner, path, ACT, frame_skip=4)


def test_a_run_that_goes_on_writes_no_episode_twice(tmp_path: Path) -> None:
    file = tmp_path / "episodes.jsonl"
    first = recorded(file, Scripted())
    for _ in range(2):
        first.update()
    first.save(tmp_path / "checkpoint", {})
    for _ in range(2):
        first.update()
    whole = file.read_bytes()
    file.write_bytes(whole[:-30])  # killed while it wrote a line
    second = recorded(file, Scripted())
    second.restore(tmp_path / "checkpoint")
    assert len(read_episodes(file)) == 3
    for _ in range(2):
        second.update()
    assert file.read_bytes() == whole
    assert [line.step for line in read_episodes(file)] == [10, 20, 30, 40]
    assert {line.steps for line in read_episodes(file)} == {101}  # 402 frames, the last step cut short
    assert recorded(file, Scripted()).update()[1]  # begun anew, without a checkpoint
    assert [line.score for line in read_episodes(file)] == [10.0]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (episode(0, act="TestZone.Act2"), "of TestZone.Act1 only. Received: one of TestZone.Act2"),
        (episode(0, began_at=0.3), "one that began at 30% of it"),
    ],
)
def test_episodes_that_the_contest_does_not_know_are_refused(tmp_path: Path, wrong: Episode, reason: str) -> None:
    learner = Scripted()
    learner.update = lambda: ({}, [wrong])  # type: ignore[method-assign]
    with pytest.raises(RuntimeError, match=reason):
        recorded(tmp_path / "episodes.jsonl", learner).update()
    assert read_episodes(tmp_path / "episodes.jsonl") == []


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    file = tmp_path / "episodes.jsonl"
    learner = recorded(file, Scripted())
    learner.update()
    learner.update()
    file.write_bytes(file.read_bytes().replace(b'"score": 10.0', b'"score": "x"'))
    with pytest.raises(ValueError, match=r"episodes.jsonl line 1: .*score"):
        read_episodes(file)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 600))
def test_fuzz_any_file_is_read_or_refused_by_name(
    tmp_path_factory: pytest.TempPathFactory, junk: bytes, at: int
) -> None:
    file = tmp_path_factory.mktemp("junk") / "episodes.jsonl"
    learner = recorded(file, Scripted())
    learner.update()
    learner.update()
    content = file.read_bytes()
    file.write_bytes(content[:at] + junk + content[at:])
    problem = ""
    try:
        read_episodes(file)
    except ValueError as error:
        problem = str(error)
    assert problem == "" or "episodes.jsonl line " in problem


def test_figures_by_hand(tmp_path: Path) -> None:
    learner = recorded(tmp_path / "episodes.jsonl", Scripted(5000 - 300))
    for _ in range(32):
        learner.update()
    figures = figures_of(read_episodes(tmp_path / "episodes.jsonl"))
    scores = [4700 + 10 * number for number in range(1, 33)]
    assert figures == Figures(32, sum(scores) / 32, sum(scores[12:]) / 20, 32 * 101, passed=2)
    assert figures_of([]) == Figures(0, None, None, 0, 0)
