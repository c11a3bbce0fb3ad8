"""Corrections: a trained policy plays, and where it dies or gets stuck, the search player shows the way on.

DAgger (Ross et al. 2011, arXiv:1011.0686) with a planner as the expert: what is taught lies where the policy goes by itself,
mistakes included, which no demonstration shows. Only the frames the search player pressed are labels, as in a person's
takeover. After a death the play goes back to a moment before it; from where the policy stands still, it goes on. Both play
under the contest's sticky frames.
"""

from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from game.acts import Act
from game.emulator import Emulator
from game.movie import Movie
from game.seeds import Stream, stream
from record.pilots import PolicyPilot
from record.search.pad import STEP
from record.search.planner import SETTLE_FRAMES, Node, Search
from record.search.sandbox import Situation

STUCK_FRAMES = 360
"""Without new ground or a waypoint for so long, the policy is stuck."""
BEFORE_DEATH = (60, 180)
"""Frames before a death at which the search player takes over: late enough to be the policy's own mistake."""
SHOWN_PIXELS = 240
"""Pixels past the trouble after which the policy has the pad again."""
MOST_FRAMES = 4_500
"""Of a take, where nobody says otherwise."""
NODE_EVERY = 12
"""Frames between two moments of the policy's play to which the search player may go back."""

SEARCH, POLICY = "search", "policy"


@dataclass(frozen=True)
class Corrected:
    """A policy's play with corrections.

    Attributes:
        segments: (who, frames) in order; who is "policy" or "search".
        corrections: how often the search player took over.
        emulated: frames that all this cost, the search player's trials included.
    """

    movie: Movie
    segments: list[tuple[str, int]]
    corrections: int
    finished: bool
    emulated: int

    @property
    def shown(self) -> np.ndarray:
        """bool [frames]: what the search player pressed to correct the policy; not the wait before the policy's first frame,
        nor the moments after the end of the act."""
        who = np.repeat([one == SEARCH for one, _ in self.segments], [frames for _, frames in self.segments])
        who[: self.segments[0][1]] = False
        if self.finished:
            who[-SETTLE_FRAMES:] = False
        return who

    def up_to_the_last_lesson(self) -> "Corrected":
        """The same play, which ends where nothing more is shown: what the policy does behind that teaches nothing.

        ValueError: nothing was shown at all.
        """
        if not self.shown.any():
            raise ValueError("expected a take in which the search player showed something. Received: one without")
        frames = int(np.flatnonzero(self.shown)[-1]) + 1
        ends = np.minimum(np.cumsum([played for _, played in self.segments]), frames)
        played = np.diff(ends, prepend=0).tolist()
        return replace(
            self,
            movie=replace(self.movie, masks=self.movie.masks[:frames]),
            segments=[(who, left) for (who, _), left in zip(self.segments, played, strict=True) if left],
            finished=False,
        )


class Correction(Search):
    """One take: the policy's, with the search player's corrections.

    Args:
        pilot: the policy.
        seed: of the search player, of the sticky frames and of when it takes over.
        budget: emulated frames after which the take ends where it is.
        most_frames: of the take.
    """

    def __init__(
        self,
        emulator: Emulator,
        act: Act,
        pilot: PolicyPilot,
        seed: int,
        budget: int,
        sticky: float,
        most_frames: int = MOST_FRAMES,
    ) -> None:
        super().__init__(emulator, act, seed, budget, sticky=sticky)
        self._pilot = pilot
        self._most_frames = most_frames
        self._when = stream(Stream.CORRECTION, seed)
        self._who: list[str] = []  # of every frame pressed so far
        self._presses = SEARCH

    def play_corrected(self) -> Corrected:
        """Play until the act is finished, or the budget or the frames are used up."""
        start = self.begin()
        corrections = 0
        now = self._policy_turn()
        while not now.finished and not self._is_over:
            corrections += 1
            now = self._search_turn(now)
            if not now.finished:
                now = self._policy_turn()
        finished = now.finished
        if finished:
            self._commit(((0, SETTLE_FRAMES),))
        movie = Movie(self.emulator.game.retro_id, start, np.array(self._pad.masks, np.uint16))
        pressed = self._who[: movie.frames]  # a take may end where it went back to
        segments = [(who, len(list(frames))) for who, frames in groupby(pressed)]
        return Corrected(movie, segments, corrections, finished, self._sandbox.frames)

    @property
    def _is_over(self) -> bool:
        return self._sandbox.frames > self.budget or len(self._pad.masks) >= self._most_frames

    def _press(self, mask: int) -> bool:
        """As in a search; the policy watches, and it is kept who pressed."""
        spoilt = super()._press(mask)
        frame = len(self._pad.masks) - 1
        del self._who[frame:]
        self._who.append(self._presses)
        if frame == 0:
            self._pilot.begin(self.act.name, self.emulator.screen())
        else:
            self._pilot.see(frame, self.emulator.screen())
        return spoilt

    def _policy_turn(self) -> Situation:
        """The policy plays until it has finished, died or got stuck; returns the situation then."""
        self._presses = POLICY
        self._pilot.hand_over()
        now = self._sandbox.look()
        won = (self._stage.place, self._stage.waypoint, now.x)
        won_at = len(self._pad.masks)
        mask = self._pad.masks[-1]  # the search player's last step may not be over
        while now.alive and not now.finished and len(self._pad.masks) - won_at < STUCK_FRAMES and not self._is_over:
            frame = len(self._pad.masks)
            if self._pad.begins_step:
                if frame % NODE_EVERY < STEP:
                    self._nodes.append(Node(self._sandbox.save(), frame, self._stage))
                mask = self._pilot.mask(frame)
            self._press(mask)
            now = self._sandbox.look()
            self._stage = self._stage.after(now, self._places)
            stands = (self._stage.place, self._stage.waypoint, now.x)
            if stands > won:
                won = stands
                won_at = len(self._pad.masks)
        self._presses = SEARCH
        return now

    def _search_turn(self, now: Situation) -> Situation:
        """The search player leads past the trouble; returns the situation then."""
        trouble = max(now.x, self._stuck_at[2])
        self._stuck = 0
        if not now.alive:
            self._return_before_death()
        shown_from = len(self._pad.masks)
        now = self._sandbox.look()
        while not now.finished and not self._is_over:
            on_the_way = self._stage.heads_for(self._places) is not None
            shown = len(self._pad.masks) - shown_from
            if shown > NODE_EVERY and now.alive and now.x > trouble + SHOWN_PIXELS and not on_the_way:
                break
            self.advance(now)
            now = self._sandbox.look()
            self._stage = self._stage.after(now, self._places)
        return now

    def _return_before_death(self) -> None:
        """Back to a moment of the play some frames before this one, at which the player lived."""
        wanted = len(self._pad.masks) - int(self._when.integers(*BEFORE_DEATH))
        while len(self._nodes) > 1 and self._nodes[-1].pressed > wanted:
            self._nodes.pop()
        node = self._nodes[-1]
        self._sandbox.load(node.state)
        self._pad.go_back(node.pressed)
        self._stage = node.stage
