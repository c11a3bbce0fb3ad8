"""Emulator picture -> network input. The only resize in the project: data set, training, scoring and takeover use it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Any

import cv2
import numpy as np
from msgspec import Meta

from game import resize
from game.actions import COMBO_COUNT

cv2.setNumThreads(1)  # pictures are small, and every worker process has its own

HUD_ROWS = 72
HUD_COLUMNS = 128
"""The top left corner (of 224 x 320) that Sonic 2's and Quillrush's score, time and rings are drawn in."""

HISTORY_ROWS = 4
"""Along the top of a frame, where the combo held before it is drawn. Not the bottom: convolutions with strides leave out what
remains at the far edges, of 96 x 96 the last four rows and columns, and nobody saw what was drawn there."""
NO_COMBO = 255
"""Nothing is known to have been held."""


@dataclass(frozen=True)
class ObservationSpec:
    """What the network sees; travels in data sets and checkpoints, and a mismatch is refused.

    One observation is uint8 [height, width, stack], grey, the newest frame last; frames of a stack lie one step apart.
    """

    height: Annotated[int, Meta(ge=1, le=512)] = 96
    """Pixels."""
    width: Annotated[int, Meta(ge=1, le=512)] = 96
    """Pixels."""
    stack: Annotated[int, Meta(ge=1, le=64)] = 4
    """Frames per observation."""
    hide_hud: bool = False
    """Paint the score, time and rings black, so that nothing is learnt from the clock."""
    action_history: bool = False
    """Draw the combo of the step before along the top of every frame, so that a stack shows the last `stack` of them."""

    def __post_init__(self) -> None:
        if self.action_history and (self.width < COMBO_COUNT or self.height <= HISTORY_ROWS):
            raise ValueError(
                f"Expected frames of at least {HISTORY_ROWS + 1} x {COMBO_COUNT} pixels to draw an action history on. "
                f"Received: {self.height} x {self.width}"
            )

    @property
    def shape(self) -> tuple[int, int, int]:
        """(height, width, stack)."""
        return (self.height, self.width, self.stack)

    @property
    def frame_shape(self) -> tuple[int, int]:
        """(height, width)."""
        return (self.height, self.width)

    def to_json(self) -> dict[str, Any]:
        """The fields, and how pictures are made from them."""
        fields = asdict(self) | {"channels": "grey", "resize": "INTER_AREA"}
        if not self.action_history:
            del fields["action_history"]  # so that what was written before there was one stays as it is
        return fields

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "ObservationSpec":
        """The inverse of `to_json`. ValueError for fields made by another version, which would see something else."""
        known = {name: fields[name] for name in asdict(cls()) if name in fields}
        spec = cls(**known)
        if spec.to_json() != fields:
            raise ValueError(f"Expected an observation spec like {spec.to_json()}. Received: {fields}")
        return spec


def observe(screen: np.ndarray, spec: ObservationSpec, combo: int = NO_COMBO) -> np.ndarray:
    """One grey frame.

    Args:
        screen: uint8 [rows, columns, 3], RGB, as the emulator draws it (224 x 320).
        spec: the target size, whether the HUD is hidden, and whether the combo is shown.
        combo: held in the step that led to the picture.

    Returns:
        uint8 [spec.height, spec.width], a fresh array, within one grey level of cv2.resize with INTER_AREA.
    """
    grey = cv2.cvtColor(screen, cv2.COLOR_RGB2GRAY)
    if spec.hide_hud:
        grey[:HUD_ROWS, :HUD_COLUMNS] = 0
    if grey.shape == resize.SOURCE_SHAPE and spec.frame_shape == resize.TARGET_SHAPE:
        frame = resize.shrink(grey)
    else:
        frame = cv2.resize(grey, (spec.width, spec.height), interpolation=cv2.INTER_AREA)
    if spec.action_history:
        draw_combos(frame, np.uint8(combo))
    return frame


def draw_combos(frames: np.ndarray, combos: np.ndarray | np.uint8) -> None:
    """Draw along the top of frames, in place, which combo was held before each: a white block at its place, black beside.

    Args:
        frames: uint8 [..., height, width].
        combos: uint8 [...]; NO_COMBO draws no block.
    """
    width = frames.shape[-1]
    block_of_column = np.arange(width) // (width // COMBO_COUNT)
    is_block = np.expand_dims(combos, -1) == block_of_column  # [..., width]
    frames[..., :HISTORY_ROWS, :] = np.where(is_block, 255, 0)[..., None, :]


def stack_frames(frames: Sequence[np.ndarray], out: np.ndarray | None = None) -> np.ndarray:
    """Frames as channels, by cv2's interleaving: 3 microseconds for four frames of 96 x 96 where NumPy's copy takes 86.

    Args:
        frames: each uint8 [height, width], oldest first.
        out: uint8 [height, width, stack], contiguous, to write into; None makes one.

    Returns:
        uint8 [height, width, stack], `out` or a fresh array.
    """
    if out is None:
        out = np.empty((*frames[0].shape, len(frames)), np.uint8)
    cv2.merge(frames, out)
    return out
