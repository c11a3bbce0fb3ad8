"""What is learnt from a corrected take is what the same take would give as a movie in a data set."""

from itertools import groupby
from pathlib import Path

import numpy as np
import pytest

from dataset.convert import Task, convert_movie
from dataset.reading import read_infos, read_observations
from dataset.windows import windows_of_movie
from finetune.dagger.lessons import Examples, Exercise, Lesson, Revision, give_lesson, look_again
from game.acts import find_act
from game.certificate import Sidecar, certify, write_sidecar
from game.emulator import Emulator
from game.movie import Movie, write_movie
from game.observation import ObservationSpec
from game.ram import MODE_IN_PLAY
from game.tasks import run_all
from policy.checkpoint import load_checkpoint
from record.search.correction import POLICY, SEARCH
from tests.finetune.clones import SPEC, clone_run

ACT = "EmeraldHillZone.Act1"


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Lesson:
    """Of a policy that presses at random, and is soon stuck."""
    clone = load_checkpoint(clone_run(tmp_path_factory.mktemp("clone"), check="pass"))
    exercise = Exercise(clone, ACT, seed=1 << 31, budget=12_000, most_frames=800, phases=2)
    (lesson,) = run_all(give_lesson, [exercise], workers=1)
    return lesson


def test_only_what_corrects_the_policy_is_shown(lesson: Lesson) -> None:
    shown = lesson.take.is_shown
    assert lesson.corrections >= 1
    assert 0 < shown.sum() < len(shown) <= 1_200
    assert not shown[:300].any()  # nobody is stuck before the sixth second; the wait at the start corrects nobody
    assert lesson.emulated > len(shown)
    assert len(lesson.examples) >= shown.sum() / 2 - 4 * lesson.corrections


def test_examples_are_those_of_the_converted_movie(lesson: Lesson, emulator: Emulator, workdir: Path) -> None:
    take = lesson.take
    movie = Movie(emulator.game.retro_id, emulator.game.start_state(find_act(ACT)), take.masks)
    segments = [[SEARCH if shown else POLICY, len(list(frames))] for shown, frames in groupby(take.is_shown)]
    write_movie(workdir / "take.bk2", movie)
    write_sidecar(workdir / "take.bk2", Sidecar("correction", certify(emulator, movie), {"segments": segments}))
    task = Task(workdir / "take.bk2", workdir / "take.hdf5", "quillrush", SPEC)
    (converted,) = run_all(convert_movie, [task], workers=1)
    infos = read_infos(converted, ("pad_mask", "game_mode", "labelled"))
    observations = np.concatenate(list(read_observations(converted)))
    windows = windows_of_movie(
        masks=infos["pad_mask"][:-1],
        labelled=infos["labelled"][:-1] != 0,
        in_play=infos["game_mode"] == MODE_IN_PLAY,
        movie=0,
        first_row=0,
        frame_skip=4,
        stack=4,
        merge=True,
    )
    windows = windows.where(windows.phases < 2)  # the hand's own steps, and those a frame before
    np.testing.assert_array_equal(lesson.examples.labels, windows.labels)
    np.testing.assert_array_equal(lesson.examples.frames[lesson.examples.stacks], observations[windows.stacks])


def test_a_take_gives_its_examples_again(lesson: Lesson) -> None:
    (again,) = run_all(look_again, [Revision(lesson.take, "quillrush", SPEC, phases=2)], workers=1)
    for name in ("frames", "stacks", "labels"):
        np.testing.assert_array_equal(getattr(again, name), getattr(lesson.examples, name))


def test_joined_examples_show_the_same_pictures(lesson: Lesson) -> None:
    one = lesson.examples
    both = Examples.join([Examples.none(ObservationSpec()), one, one.where(one.labels == one.labels[0])])
    np.testing.assert_array_equal(both.frames[both.stacks[: len(one)]], one.frames[one.stacks])
    kept = one.labels == one.labels[0]
    np.testing.assert_array_equal(both.frames[both.stacks[len(one) :]], one.frames[one.stacks[kept]])
    assert both.labels[len(one) :].tolist() == [one.labels[0]] * int(kept.sum())
