"""Who presses the pad: the person's mask comes from the controls; these are the others."""

from collections import deque
from pathlib import Path
from typing import Protocol

import numpy as np

from experiment.run import RunError
from game.actions import MASK_OF_COMBO
from game.observation import NO_COMBO, draw_combos, observe, stack_frames
from game.rollout import Player
from policy.checkpoint import CheckpointInfo, load_checkpoint
from policy.players import player_of


class Pilot(Protocol):
    """Presses the pad while no person does."""

    def begin(self, act: str, screen: np.ndarray) -> None:
        """A take begins; `screen` is the picture after its line 0."""

    def see(self, frame: int, screen: np.ndarray) -> None:
        """Line `frame` was pressed (by anyone), or the take was rewound to it; `screen` is the picture after it."""

    def hand_over(self) -> None:
        """The pad comes back from the person."""

    def mask(self, frame: int) -> int:
        """The pad for line `frame`."""


class PolicyPilot:
    """A trained player plays as in scoring (without sticky frames): a combo every `frame_skip` frames, from the same
    observation.

    It watches every frame, so that it can take the pad at any moment. After a rewind, frames it has forgotten are
    replaced by the oldest it still knows. Of an action history it is shown its own steps only: a person's have no combo.
    """

    def __init__(self, player: Player, info: CheckpointInfo, seed: int = 0) -> None:
        self._player = player
        self._seed = seed
        self._skip = info.frame_skip
        self._spec = info.observation
        self._seen: deque[tuple[int, np.ndarray]] = deque(maxlen=self._skip * (self._spec.stack - 1) + 1)
        self._until = 0
        self._mask = 0
        self._held_before: dict[int, int] = {}
        """Frames that ended a step of its own, and its combo."""

    def begin(self, act: str, screen: np.ndarray) -> None:
        self._player.reset(act, self._seed)
        self._seed += 1
        self._seen.clear()
        self.hand_over()
        self.see(0, screen)

    def see(self, frame: int, screen: np.ndarray) -> None:
        while self._seen and self._seen[-1][0] >= frame:
            self._seen.pop()
            self.hand_over()
        self._seen.append((frame, observe(screen, self._spec)))

    def hand_over(self) -> None:
        """The pad comes back: choose anew at once, knowing of no step before."""
        self._held_before.clear()
        self._until = 0

    @property
    def view(self) -> tuple[tuple[int, np.ndarray], ...]:
        """The frames it still knows, and their pictures."""
        return tuple(self._seen)

    def look_back(self, view: tuple[tuple[int, np.ndarray], ...]) -> None:
        """The take was rewound to where it knew these."""
        self._seen.clear()
        self._seen.extend(view)
        self.hand_over()

    def mask(self, frame: int) -> int:
        if not 0 < self._until - frame < self._skip:
            combo = self._player.act(self._observation())
            self._mask = int(MASK_OF_COMBO[combo])
            self._until = frame + self._skip
            self._held_before[self._seen[-1][0] + self._skip] = combo
        return self._mask

    def _observation(self) -> np.ndarray:
        """uint8 [height, width, stack]: frames one step apart, the newest last."""
        known = list(self._seen)
        newest = len(known) - 1
        places = [max(newest - back * self._skip, 0) for back in reversed(range(self._spec.stack))]
        observation = stack_frames([known[place][1] for place in places])
        if self._spec.action_history:
            combos = [self._held_before.get(known[place][0], NO_COMBO) for place in places]
            draw_combos(np.moveaxis(observation, -1, 0), np.array(combos, np.uint8))
        return observation


def load_pilot(path: Path, game: str, seed: int = 0) -> PolicyPilot:
    """A checkpoint as a pilot. CheckpointError when it cannot be used, RunError when it is of another game."""
    checkpoint = load_checkpoint(path)
    if checkpoint.info.game != game:
        raise RunError(f"{path}: expected a player trained on {game}. Received: one of {checkpoint.info.game}")
    return PolicyPilot(player_of(checkpoint), checkpoint.info, seed)
