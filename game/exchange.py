"""How a rollout's arrays come from who plays them to who learns from them: through shared memory, or over the wire.

Either gives the learner the same arrays. Over the wire go single frames: a stack shares all but its newest frame with the
stack before it, so the stacks are put together where they are learnt from.

Shapes: E environments, T steps per rollout.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from isal import isal_zlib

from common.cluster import fetch, publish
from game.observation import stack_frames
from game.workers import shared_array, shared_view

WEIGHTS = "weights"
STACKS = "observations"
LAST_STACKS = "bootstrap_observations"
Arrays = dict[str, np.ndarray]
ArrayShapes = Mapping[str, tuple[tuple[int, ...], Any]]
"""name -> (shape, dtype); but for the weights, the first axis is E."""


class SharedMemory:
    """Between processes of one machine: everything lies in memory that all of them see.

    Attributes:
        buffers: the arrays of so many rollouts, the weights they are played with among them.
        ends: what each worker is given for its end, picklable: one for every buffer.
    """

    def __init__(self, shapes: ArrayShapes, buffers: int) -> None:
        self.buffers: list[Arrays] = []
        self.ends: list[SharedEnd] = []
        for _ in range(buffers):
            shared = {name: shared_array(*of) for name, of in shapes.items()}
            self.buffers.append({name: array for name, (_, array) in shared.items()})
            self.ends.append(SharedEnd(shapes, {name: handle for name, (handle, _) in shared.items()}))

    def post(self, buffer: int, weights: np.ndarray) -> Any:
        """Weights for a rollout into this buffer, float32 [parameters]; what to tell the workers of them."""
        self.buffers[buffer][WEIGHTS][:] = weights

    def take(self, buffer: int, share: Sequence[int], sent: Any) -> None:
        """What a worker sent of its environments: it is there already."""


class SharedEnd:
    """A worker's end of a buffer in shared memory."""

    def __init__(self, shapes: ArrayShapes, handles: Mapping[str, Any]) -> None:
        self._shapes = shapes
        self._handles = handles

    def open(self, posted: Any) -> Arrays:
        """The arrays to play into, with the weights to play with."""
        return {name: shared_view(self._handles[name], *of) for name, of in self._shapes.items()}

    def send(self, arrays: Arrays, share: Sequence[int]) -> Any:
        """What is told of the environments played: nothing, it can be seen."""


class Wire:
    """Between machines: weights are put into the cluster's store once, trajectories come packed with the answers."""

    def __init__(self, shapes: ArrayShapes, buffers: int) -> None:
        played = {name: of for name, of in shapes.items() if name != WEIGHTS}
        self.buffers = [_zeros(played) for _ in range(buffers)]
        self.ends = [WireEnd(played)] * buffers
        self.bytes = 0
        """That came with answers so far."""

    def post(self, buffer: int, weights: np.ndarray) -> Any:
        """Weights for a rollout, float32 [parameters]; what to tell the workers: where the store has them."""
        return publish(weights)

    def take(self, buffer: int, share: Sequence[int], sent: "Parcel") -> None:
        """Unpack what a worker sent of its environments."""
        self.bytes += sent.bytes
        arrays = self.buffers[buffer]
        for name, rows in sent.rows.items():
            arrays[name][share] = rows
        for e, strip in zip(share, sent.strips, strict=True):
            strip.unpack(arrays[STACKS][e], arrays[LAST_STACKS][e])


class WireEnd:
    """A worker's end of the wire. It plays into arrays of all E; memory that is not written to costs nothing."""

    def __init__(self, shapes: ArrayShapes) -> None:
        self._shapes = shapes
        self._arrays: Arrays = {}

    def open(self, posted: Any) -> Arrays:
        """The arrays to play into, with the weights to play with."""
        if not self._arrays:
            self._arrays = _zeros(self._shapes)
        return self._arrays | {WEIGHTS: fetch(posted)}

    def send(self, arrays: Arrays, share: Sequence[int]) -> "Parcel":
        """The rollout of these environments, packed."""
        rows = {name: arrays[name][share] for name in self._shapes if name not in (STACKS, LAST_STACKS)}
        return Parcel(rows, [FrameStrip.of(arrays[STACKS][e], arrays[LAST_STACKS][e]) for e in share])


@dataclass(frozen=True)
class FrameStrip:
    """The stacks of one environment's rollout as the single frames they are made of.

    Attributes:
        frames: uint8 [frames, height, width], deflated: fast and lossless.
        is_whole: bool [T + 1], whether a stack brought all of its frames (the first does, and one behind an episode's end)
            or only its newest.
    """

    frames: bytes
    is_whole: np.ndarray

    @classmethod
    def of(cls, stacks: np.ndarray, last: np.ndarray) -> "FrameStrip":
        """Of uint8 [T, height, width, stack] and the stack after them. Lossless whatever the stacks are."""
        is_whole = np.ones(len(stacks) + 1, bool)
        following = [*stacks[1:], last]
        frames = [np.moveaxis(stacks[0], -1, 0)]
        for t, (before, stack) in enumerate(zip(stacks, following, strict=True), 1):
            is_whole[t] = not np.array_equal(stack[..., :-1], before[..., 1:])
            first = 0 if is_whole[t] else -1
            frames.append(np.moveaxis(stack[..., first:], -1, 0))
        return cls(isal_zlib.compress(np.concatenate(frames).tobytes(), 1), is_whole)

    def unpack(self, stacks: np.ndarray, last: np.ndarray) -> None:
        """Write the stacks into arrays of their shapes."""
        height, width, depth = last.shape
        frames = np.frombuffer(isal_zlib.decompress(self.frames), np.uint8).reshape(-1, height, width)
        # each stack's frames stand next to each other, whether it brought them or the stacks before did
        ends = np.cumsum(np.where(self.is_whole, depth, 1))
        for end, stack in zip(ends, [*stacks, last], strict=True):
            stack_frames(list(frames[end - depth : end]), stack)


@dataclass(frozen=True)
class Parcel:
    """What one worker played: the rows of every small array, and a strip of frames, for each of its environments."""

    rows: Arrays
    strips: list[FrameStrip]

    @property
    def bytes(self) -> int:
        """On the wire, but for names and sizes."""
        rows = sum(array.nbytes for array in self.rows.values())
        return rows + sum(len(strip.frames) + strip.is_whole.nbytes for strip in self.strips)


def _zeros(shapes: ArrayShapes) -> Arrays:
    return {name: np.zeros(shape, dtype) for name, (shape, dtype) in shapes.items()}
