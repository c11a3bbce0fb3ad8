"""What is learnt from a corrected take is what the same take would give as a movie in a data set."""

from itertools import groupby
from pathlib import Path

import numpy as np
import pytest

from dataset.convert import Task, convert_movie
from dataset.reading import read_infos, read_observations
from dataset.windows import windows_of_movie
from finetune.dagger.lessons import Examples, Exercise, Lesson, Revision, Take, give_lesson, look_again
from game.actions import COMBO_COUNT
from game.acts import find_act
from game.certificate import Sidecar, certify, write_sidecar
from game.emulator import Emulator
from game.movie import Movie, write_movie
from game.observation import HISTORY_ROWS, ObservationSpec
from game.ram import MODE_IN_PLAY
from game.tasks import run_all
from policy.checkpoint import load_checkpoint
from record.search.correction import POLICY, SEARCH
from tests.finetune.clones import SPEC, clone_run

ACT = "EmeraldHillZone.Act1"


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Lesson:
    """Of a policy that presses at random, is soon stuck, and practises that."""
    clone = load_checkpoint(clone_run(tmp_path_factory.mktemp("clone"), check="pass"))
    exercise = Exercise(clone, ACT, seed=1 << 31, budget=12_000, most_frames=800, practise=1, phases=2)
    (lesson,) = run_all(give_lesson, [exercise], workers=1)
    return lesson


def test_only_what_corrects_the_policy_is_shown(lesson: Lesson) -> None:
    assert len(lesson.takes) == 2
    assert lesson.corrections >= 2
    assert not lesson.unaided
    for take in lesson.takes:
        shown = take.is_shown
        assert 0 < shown.sum() < len(shown) <= 1_200
        assert not shown[:300].any()  # nobody is stuck before the sixth second; the wait at the start corrects nobody
    played = sum(len(take.masks) for take in lesson.takes)
    assert len(lesson.takes[0].masks) < lesson.played < played  # practice begins inside the take
    assert lesson.emulated > lesson.played
    shown_frames = sum(take.is_shown.sum() for take in lesson.takes)
    assert len(lesson.examples) >= shown_frames / 2 - 4 * lesson.corrections


def test_examples_are_those_of_the_converted_movies(lesson: Lesson, emulator: Emulator, workdir: Path) -> None:
    shown = [as_converted(take, emulator, workdir / f"{number}.bk2") for number, take in enumerate(lesson.takes)]
    stacks, labels = (np.concatenate(parts) for parts in zip(*shown, strict=True))
    np.testing.assert_array_equal(lesson.examples.labels, labels)
    np.testing.assert_array_equal(lesson.examples.frames[lesson.examples.stacks], stacks)


def as_converted(take: Take, emulator: Emulator, path: Path) -> tuple[np.ndarray, np.ndarray]:
    """(pictures [W, stack, height, width], labels [W]) of a take as a movie in a data set."""
    movie = Movie(emulator.game.retro_id, emulator.game.start_state(find_act(ACT)), take.masks)
    segments = [[SEARCH if shown else POLICY, len(list(frames))] for shown, frames in groupby(take.is_shown)]
    write_movie(path, movie)
    write_sidecar(path, Sidecar("correction", certify(emulator, movie), {"segments": segments}))
    task = Task(path, path.with_suffix(".hdf5"), "quillrush", SPEC)
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
    return observations[windows.stacks], windows.labels


def test_takes_give_their_examples_again(lesson: Lesson) -> None:
    revisions = [Revision(take, "quillrush", SPEC, phases=2) for take in lesson.takes]
    again = Examples.join(run_all(look_again, revisions, workers=1))
    for name in ("frames", "stacks", "labels"):
        np.testing.assert_array_equal(getattr(again, name), getattr(lesson.examples, name))


def test_with_an_action_history_each_frame_shows_the_step_before(lesson: Lesson) -> None:
    spec = ObservationSpec(action_history=True)
    for take in lesson.takes:
        (found,) = run_all(look_again, [Revision(take, "quillrush", spec, phases=1)], workers=1)
        (bare,) = run_all(look_again, [Revision(take, "quillrush", SPEC, phases=1)], workers=1)
        np.testing.assert_array_equal(found.frames[:, HISTORY_ROWS:], bare.frames[:, HISTORY_ROWS:])
        newest = found.frames[found.stacks[:, -1]]
        blocks = newest[:, 0, ::4][:, :COMBO_COUNT] == 255
        # windows that follow one another: the newest frame of the second is the end of the first
        follows = found.stacks[1:, -2] == found.stacks[:-1, -1]
        assert follows.any()
        np.testing.assert_array_equal(blocks[1:][follows].argmax(axis=1), found.labels[:-1][follows])


def test_joined_examples_show_the_same_pictures(lesson: Lesson) -> None:
    one = lesson.examples
    both = Examples.join([Examples.none(ObservationSpec()), one, one.where(one.labels == one.labels[0])])
    np.testing.assert_array_equal(both.frames[both.stacks[: len(one)]], one.frames[one.stacks])
    kept = one.labels == one.labels[0]
    np.testing.assert_array_equal(both.frames[both.stacks[len(one) :]], one.frames[one.stacks[kept]])
    assert both.labels[len(one) :].tolist() == [one.labels[0]] * int(kept.sum())
