"""Where a policy gets stuck, the search player shows the way on; only what it pressed is a label."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from dataset.provenance import labelled_frames
from game.acts import find_act
from game.certificate import certify, is_by_a_person, read_sidecar
from game.demonstrations import movies_of
from game.emulator import Emulator
from game.games import find_game
from game.movie import read_movie
from game.observation import ObservationSpec
from policy.architecture import NetworkConfig, parameter_shapes
from policy.baselines import BASELINES
from policy.checkpoint import CheckpointInfo, named, save_checkpoint
from record.cli import main
from record.pilots import PolicyPilot
from record.search.correction import POLICY, SEARCH, SHOWN_PIXELS, STUCK_FRAMES, Correction
from record.search.sandbox import Situation

ACT = find_act("EmeraldHillZone.Act1")
INFO = CheckpointInfo(game="quillrush", frame_skip=4, observation=ObservationSpec())


def right_only() -> PolicyPilot:
    """A policy that holds RIGHT and gets stuck at the first step."""
    return PolicyPilot(BASELINES["right"](), INFO)


def test_the_policy_is_led_past_its_trouble_and_plays_on(emulator: Emulator) -> None:
    take = Correction(emulator, ACT, right_only(), seed=3, budget=12_000, sticky=0.25, most_frames=2_000)
    corrected = take.play_corrected()
    who = [name for name, _ in corrected.segments]
    assert corrected.corrections >= 1
    assert who[:4] == [SEARCH, POLICY, SEARCH, POLICY]  # a moment's wait, then the policy
    assert all(one != following for one, following in pairwise(who))
    assert sum(frames for _, frames in corrected.segments) == corrected.movie.frames
    first = sum(frames for _, frames in corrected.segments[:2])
    shown = first + corrected.segments[2][1]
    xs = positions(emulator, corrected.movie)
    stuck_at = max(xs[:first])
    assert xs[shown - 1] > stuck_at + SHOWN_PIXELS


def test_a_take_as_a_movie_ends_with_its_last_lesson(emulator: Emulator) -> None:
    take = Correction(emulator, ACT, right_only(), seed=3, budget=12_000, sticky=0.25, most_frames=2_000)
    whole = take.play_corrected()
    taught = whole.up_to_the_last_lesson()
    frames = taught.movie.frames
    assert frames < whole.movie.frames
    assert taught.segments[-1][0] == SEARCH
    assert sum(played for _, played in taught.segments) == frames
    assert (taught.movie.masks == whole.movie.masks[:frames]).all()
    assert (taught.shown == whole.shown[:frames]).all()
    assert not whole.shown[frames:].any()


def test_practice_begins_before_the_trouble_and_ends_past_it(emulator: Emulator) -> None:
    take = Correction(emulator, ACT, right_only(), seed=3, budget=12_000, sticky=0.25, most_frames=2_000)
    whole = take.play_corrected()
    trouble = take.troubles[0]
    stuck_for = whole.segments[1][1]
    practice = [take.practise(trouble) for _ in range(2)]
    for corrected in practice:
        assert corrected is not None  # it holds RIGHT, and is stuck there again
        masks, begun = corrected.movie.masks, len(trouble.masks)
        np.testing.assert_array_equal(masks[:begun], whole.movie.masks[:begun])
        assert begun <= whole.segments[0][1] + stuck_for - STUCK_FRAMES  # while it still got on
        assert corrected.new_frames == len(masks) - begun > STUCK_FRAMES
        assert corrected.segments[0][0] == POLICY
        assert not corrected.shown[:begun].any()
        xs = positions(emulator, corrected.movie)  # from the act's start
        first_shown = int(np.flatnonzero(corrected.shown)[0])
        assert max(xs[:first_shown]) == trouble.x
        assert xs[-1] > trouble.x + SHOWN_PIXELS
    assert not np.array_equal(practice[0].movie.masks, practice[1].movie.masks)  # other chances


def test_practice_that_needs_no_help_is_none(emulator: Emulator) -> None:
    take = Correction(emulator, ACT, right_only(), seed=3, budget=12_000, sticky=0.25, most_frames=2_000)
    take.play_corrected()
    assert take.practise(replace(take.troubles[0], x=0)) is None  # it comes past that by itself


class EndsGoingBack(Correction):
    """Its budget is used up at the moment when it has gone back, with no other way to try."""

    def _detour(self, state: bytes, stuck_x: int) -> None:
        return None

    def advance(self, now: Situation) -> None:
        self.go_back(now)
        self.budget = 0


def test_a_take_that_ends_where_it_went_back_to_says_who_pressed_its_frames(emulator: Emulator) -> None:
    take = EndsGoingBack(emulator, ACT, right_only(), seed=3, budget=12_000, sticky=0.0, most_frames=2_000)
    corrected = take.play_corrected()
    assert corrected.corrections == 1
    assert sum(frames for _, frames in corrected.segments) == corrected.movie.frames


def positions(emulator: Emulator, movie) -> list[int]:
    emulator.set_state(movie.state)
    xs = []
    for mask in movie.masks.tolist():
        emulator.step(mask)
        xs.append(emulator.peek("x"))
    return xs


def test_the_same_seed_gives_the_same_take(emulator: Emulator) -> None:
    takes = []
    for seed in (3, 3, 4):
        take = Correction(emulator, ACT, right_only(), seed=seed, budget=5_000, sticky=0.25, most_frames=900)
        takes.append(take.play_corrected().movie.masks)
    np.testing.assert_array_equal(takes[0], takes[1])
    assert len(takes[0]) != len(takes[2]) or (takes[0] != takes[2]).any()


def test_a_take_is_written_certified_and_labelled(workdir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    network = NetworkConfig(hidden=8)
    rng = np.random.default_rng(0)
    weights = [rng.normal(0, 0.05, shape).astype(np.float32) for shape in parameter_shapes(network, INFO.observation)]
    info = CheckpointInfo(game="quillrush", frame_skip=4, observation=INFO.observation, network=network)
    save_checkpoint(workdir / "policy", info, named("w", weights))
    words = ["--player", "correction", "--run", "policy", "--level", ACT.name, "--game", "quillrush"]
    assert main([*words, "--takes", "1", "--budget", "4000", "--workers", "1"]) == 0
    (path,) = (workdir / "movies").rglob("*.bk2")
    assert "corrections" in capsys.readouterr().out
    movie = read_movie(path)
    sidecar = read_sidecar(path)
    assert sidecar.player == "correction"
    assert not is_by_a_person(sidecar.player)
    assert movies_of("quillrush", ACT.name) == []  # no demonstration of a whole act
    labels = labelled_frames(path, sidecar, movie.frames)
    expected = np.repeat(
        [who == SEARCH for who, _ in sidecar.facts["segments"]], [n for _, n in sidecar.facts["segments"]]
    )
    np.testing.assert_array_equal(labels, expected)
    assert 0 < labels.sum() < movie.frames
    with Emulator(find_game("quillrush")) as emulator:
        assert certify(emulator, movie) == sidecar.certificate
