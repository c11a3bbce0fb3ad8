"""Windows: what a movie's frames are cut into for training, and their labels. Pure functions of arrays.

A *window* is one agent step: `frame_skip` frames with one label, and the stack of frames before it, one step apart. Each
movie gives `frame_skip` *phases*: the same play cut at a different first frame.
"""

from dataclasses import dataclass, fields

import numpy as np

from game.actions import COMBO_COUNT, COMBO_OF_MASK, JUMP_BITS, MASK_OF_COMBO, MERGED_COMBO
from game.observation import NO_COMBO

LABEL_RULE = 1
"""Raise it whenever the same movie would get other labels or rewards than before: what is converted is converted again, and
a run trained on the old labels is not taken for one trained on the new."""

STEADY_MARGIN = 2
"""Windows this near to a change of combo are not steady: when to change is what is hard to learn."""


OWN_PHASE = 1
"""The phase that an agent's own steps have: they begin behind the idle first frame (game.env)."""


@dataclass(frozen=True)
class Windows:
    """W windows of some movies, in order of movie, phase and time.

    Attributes:
        stacks: int32 [W, stack], row numbers in the frame cache, the newest last.
        labels: uint8 [W], combo indices.
        changes: bool [W], whether the label differs from the one before it in the same movie and phase.
        steady: bool [W], whether there is no such change within STEADY_MARGIN windows.
        movies: int32 [W], which movie (index into the data set's names).
        phases: uint8 [W], which phase.
    """

    stacks: np.ndarray
    labels: np.ndarray
    changes: np.ndarray
    steady: np.ndarray
    movies: np.ndarray
    phases: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def where(self, chosen: np.ndarray) -> "Windows":
        """The windows chosen by a mask, bool [W], or by number, integer [any]; a number may come more than once."""
        return Windows(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})

    def of(self, movies: set[int]) -> "Windows":
        """The windows of these movies only."""
        return self.where(np.isin(self.movies, list(movies)))

    def of_phases(self, count: int, frame_skip: int) -> "Windows":
        """The windows of so many phases: first that of an agent's own steps, then those a frame earlier, two frames, …"""
        earlier = (OWN_PHASE - self.phases.astype(int)) % frame_skip
        return self.where(earlier < count)

    @classmethod
    def join(cls, parts: list["Windows"]) -> "Windows":
        """All windows of the parts, one after the other."""
        return cls(
            **{field.name: np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)}
        )


def before_deaths(lives: np.ndarray, frames: int) -> np.ndarray:
    """bool [N]: the frames that end at most so many frames before a life is lost.

    Args:
        lives: integer [N + 1], beside each observation.
    """
    lost = np.flatnonzero(np.diff(lives) < 0)  # the frames in which it happens
    count = len(lives) - 1
    doomed = np.zeros(count, bool)
    for frame in lost:
        doomed[max(frame - frames + 1, 0) : frame + 1] = True
    return doomed


def window_labels(masks: np.ndarray, phase: int, frame_skip: int, merge: bool = True) -> np.ndarray:
    """The label of every whole window: the combo held for most of it, except that a jump press is never lost.

    Args:
        masks: integer [N], the pad mask of every frame.
        phase: the first window's first frame.
        merge: count A-combos as B-combos (the game cannot tell them apart).

    Returns:
        uint8 [(N - phase) // frame_skip]. In a window where A, B or C goes down, the combo held for most of its frames
        with a jump button; ties go to the combo that came first.
    """
    combos = COMBO_OF_MASK[masks]
    if merge:
        combos = MERGED_COMBO[combos]
    blocks = cut_into_windows(combos, phase, frame_skip)  # [W, frame_skip]
    jump_held = (masks & JUMP_BITS) != 0
    held_before = np.concatenate([[False], jump_held[:-1]])
    jump_begins = jump_held & ~held_before
    has_press = cut_into_windows(jump_begins, phase, frame_skip).any(axis=1, keepdims=True)  # [W, 1]
    # where a jump begins, only frames with a jump button may vote
    jumps = (MASK_OF_COMBO[blocks] & JUMP_BITS) != 0
    may_vote = np.where(has_press, jumps, True)  # [W, frame_skip]
    # every frame gets the votes of the frames that hold the same combo; argmax takes the first of equals
    agrees = np.equal(blocks[:, :, None], blocks[:, None, :])  # [W, frame_skip, frame_skip]
    votes = (agrees & may_vote[:, None, :]).sum(axis=2)
    winner = np.where(may_vote, votes, -1).argmax(axis=1)
    return blocks[np.arange(len(blocks)), winner]


def combos_before(masks: np.ndarray, frame_skip: int, merge: bool = True) -> np.ndarray:
    """uint8 [N + 1], beside each observation: the label of the window that ends with it, NO_COMBO where none does.

    Args:
        masks: integer [N], the pad mask of every frame; merge: as in `window_labels`.
    """
    combos = np.full(len(masks) + 1, NO_COMBO, np.uint8)
    for phase in range(frame_skip):
        labels = window_labels(masks, phase, frame_skip, merge)
        ends = phase + frame_skip * (1 + np.arange(len(labels)))
        combos[ends] = labels
    return combos


def cut_into_windows(values: np.ndarray, phase: int, frame_skip: int) -> np.ndarray:
    """[N] -> [(N - phase) // frame_skip, frame_skip]: the values of every whole window."""
    count = max((len(values) - phase) // frame_skip, 0)
    return values[phase : phase + count * frame_skip].reshape(count, frame_skip)


def far_from(changes: np.ndarray, margin: int) -> np.ndarray:
    """bool [W]: whether no change, bool [W], lies within so many windows before or after."""
    near = np.convolve(changes, np.ones(2 * margin + 1), mode="full")[margin : margin + len(changes)]
    return near == 0


def window_stacks(count: int, phase: int, frame_skip: int, stack: int) -> np.ndarray:
    """int64 [count, stack]: observation numbers of each window's stack; before the first, the first repeats."""
    newest = phase + frame_skip * np.arange(count)
    offsets = -frame_skip * np.arange(stack)[::-1]
    return np.maximum(newest[:, None] + offsets, phase)


def frames_shown(labelled: np.ndarray, reach: int) -> list[range]:
    """The observations that windows of a movie may show: those before a labelled frame, and up to `reach` frames before them.

    Args:
        labelled: bool [N], whether the teacher pressed a frame.
    """
    edges = np.flatnonzero(np.diff(labelled.astype(np.int8), prepend=0, append=0))
    found: list[range] = []
    for first, end in edges.reshape(-1, 2).tolist():
        start = max(first - reach, 0)
        if found and start <= found[-1].stop:
            start = found.pop().start
        found.append(range(start, end))
    return found


def windows_of_movie(
    masks: np.ndarray,
    labelled: np.ndarray,
    in_play: np.ndarray,
    *,
    movie: int,
    first_row: int,
    frame_skip: int,
    stack: int,
    merge: bool,
) -> Windows:
    """The windows of all phases of one movie: those in play whose frames were all pressed by the teacher.

    Args:
        masks: integer [N], the pad mask of every frame; labelled: bool [N], whether the teacher pressed it.
        in_play: bool [N + 1], whether each observation shows the game in play.
        movie: its number; first_row: of its first observation in the frame cache.
    """
    parts = []
    for phase in range(frame_skip):
        labels = window_labels(masks, phase, frame_skip, merge)
        stacks = window_stacks(len(labels), phase, frame_skip, stack)
        changes = np.concatenate([[False], labels[1:] != labels[:-1]])
        taught = cut_into_windows(labelled, phase, frame_skip).all(axis=1)
        keep = in_play[stacks[:, -1]] & taught
        count = int(keep.sum())
        parts.append(
            Windows(
                stacks=(first_row + stacks[keep]).astype(np.int32),
                labels=labels[keep],
                changes=changes[keep],
                steady=far_from(changes, STEADY_MARGIN)[keep],
                movies=np.full(count, movie, np.int32),
                phases=np.full(count, phase, np.uint8),
            )
        )
    return Windows.join(parts)


def thin(windows: Windows, most: int) -> Windows:
    """At most so many windows, evenly spread."""
    step = max(-(-len(windows) // most), 1)
    return windows.where(np.arange(len(windows)) % step == 0)


def label_weights(labels: np.ndarray, power: float) -> np.ndarray:
    """float32 [23]: weight of each combo, (its share)^-power scaled to mean 1 over the windows, at most 10.

    Args:
        labels: uint8 [W].
    """
    counts = np.bincount(labels, minlength=COMBO_COUNT)
    occurs = counts > 0
    shares = np.maximum(counts, 1) / max(len(labels), 1)
    weights = np.where(occurs, shares**-power, 0.0)
    total = (weights * counts).sum()
    weights *= len(labels) / max(total, 1e-9)
    return np.minimum(weights, 10.0).astype(np.float32)
