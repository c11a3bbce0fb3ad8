"""Lessons: takes in which the search player corrects the policy, and the examples that are learnt from them. NumPy only.

A take is kept as what was pressed; its pictures are drawn again by replaying it.
"""

from dataclasses import dataclass

import numpy as np

from dataset.windows import Windows, combos_before, windows_of_movie
from game.acts import find_act
from game.emulator import Emulator, shared_emulator
from game.games import find_game
from game.movie import Movie, replay
from game.observation import ObservationSpec, observe
from game.ram import MODE_IN_PLAY
from policy.checkpoint import Checkpoint
from record.search.correcting import play_corrected
from record.search.pad import STEP


@dataclass(frozen=True)
class Exercise:
    """A take that is to be played. Picklable.

    Attributes:
        budget: emulated frames that it may cost, practice apart; most_frames: of the take.
        practise: how often each trouble in it is practised.
        phases: in how many ways it is cut into examples.
    """

    policy: Checkpoint
    act: str
    seed: int
    budget: int
    most_frames: int
    practise: int
    phases: int


@dataclass(frozen=True, eq=False)
class Take:
    """What was pressed in a take. Picklable.

    Attributes:
        masks: uint16 [frames], of the pad.
        is_shown: bool [frames], whether the search player pressed it.
    """

    act: str
    masks: np.ndarray
    is_shown: np.ndarray


@dataclass(frozen=True, eq=False)
class Examples:
    """What the search player showed in some takes, as W windows.

    Attributes:
        frames: uint8 [F, height, width].
        stacks: int32 [W, stack], row numbers in frames, the newest last.
        labels: uint8 [W], combo indices.
    """

    frames: np.ndarray
    stacks: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def where(self, chosen: np.ndarray) -> "Examples":
        """The windows chosen by a mask, bool [W]."""
        return Examples(self.frames, self.stacks[chosen], self.labels[chosen])

    @classmethod
    def none(cls, spec: ObservationSpec) -> "Examples":
        """Nothing shown yet."""
        frames = np.zeros((0, *spec.frame_shape), np.uint8)
        return cls(frames, np.zeros((0, spec.stack), np.int32), np.zeros(0, np.uint8))

    @classmethod
    def join(cls, parts: list["Examples"]) -> "Examples":
        """All of them, one after the other."""
        first_rows = np.cumsum([0, *(len(part.frames) for part in parts)])
        stacks = [part.stacks + row for part, row in zip(parts, first_rows, strict=False)]
        return cls(
            frames=np.concatenate([part.frames for part in parts]),
            stacks=np.concatenate(stacks).astype(np.int32),
            labels=np.concatenate([part.labels for part in parts]),
        )


@dataclass(frozen=True, eq=False)
class Lesson:
    """A take that was played, with its practice, and what came of them.

    Attributes:
        takes: the take of a whole act, then those of practice, which begin as it does.
        played: frames in all, without those that practice shares with the take.
        corrections: how often the search player took over.
        unaided: the whole take needed no help.
        emulated: frames that all this cost, the search player's trials included.
    """

    takes: list[Take]
    examples: Examples
    played: int
    corrections: int
    unaided: bool
    emulated: int


def give_lesson(exercise: Exercise) -> Lesson:
    """Play a take in this process, the search player correcting the policy."""
    info = exercise.policy.info
    emulator = shared_emulator(find_game(info.game))
    whole, practice = play_corrected(
        emulator,
        exercise.policy,
        exercise.act,
        seed=exercise.seed,
        budget=exercise.budget,
        most_frames=exercise.most_frames,
        practise=exercise.practise,
    )
    plays = [whole, *practice]
    takes = [Take(exercise.act, corrected.movie.masks, corrected.shown) for corrected in plays]
    examples = [examples_of(take, emulator, info.observation, exercise.phases) for take in takes]
    return Lesson(
        takes,
        Examples.join(examples),
        played=whole.movie.frames + sum(corrected.new_frames for corrected in practice),
        corrections=sum(corrected.corrections for corrected in plays),
        unaided=whole.finished and not whole.corrections,
        emulated=sum(corrected.emulated for corrected in plays),
    )


@dataclass(frozen=True)
class Revision:
    """A take whose examples are wanted again. Picklable."""

    take: Take
    game: str
    observation: ObservationSpec
    phases: int


def look_again(revision: Revision) -> Examples:
    """The same examples as when the take was played, drawn in this process."""
    emulator = shared_emulator(find_game(revision.game))
    return examples_of(revision.take, emulator, revision.observation, revision.phases)


def examples_of(take: Take, emulator: Emulator, spec: ObservationSpec, phases: int) -> Examples:
    """Replay a take and keep the pictures of the steps that were shown, cut in so many ways."""
    windows = _windows_shown(take, spec.stack, phases)
    wanted = np.unique(windows.stacks)  # observation numbers
    movie = Movie(emulator.game.retro_id, emulator.game.start_state(find_act(take.act)), take.masks)
    combos = combos_before(take.masks, STEP)
    is_wanted = np.zeros(len(take.masks) + 1, bool)
    is_wanted[wanted] = True
    in_play = np.zeros(len(take.masks) + 1, bool)
    frames = []
    for frame in replay(emulator, movie):
        observation = frame + 1  # the picture before the next frame
        in_play[observation] = emulator.peek("game_mode") == MODE_IN_PLAY
        if is_wanted[observation]:
            frames.append(observe(emulator.screen(), spec, int(combos[observation])))
    if not frames:
        return Examples.none(spec)
    rows = np.searchsorted(wanted, windows.stacks).astype(np.int32)
    return Examples(np.stack(frames), rows, windows.labels).where(in_play[windows.stacks[:, -1]])


def _windows_shown(take: Take, stack: int, phases: int) -> Windows:
    """The steps of the search player alone; their stacks are observation numbers of the take."""
    windows = windows_of_movie(
        masks=take.masks,
        labelled=take.is_shown,
        in_play=np.ones(len(take.masks) + 1, bool),  # not known before the take is replayed
        movie=0,
        first_row=0,
        frame_skip=STEP,
        stack=stack,
        merge=True,
    )
    return windows.of_phases(phases, frame_skip=STEP)
