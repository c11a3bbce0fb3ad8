"""Corrections: a trained policy plays, and where it dies or gets stuck, the search player shows the way on.

DAgger (Ross et al. 2011, arXiv:1011.0686) with a planner as the expert: what is taught lies where the policy goes by itself,
mistakes included, which no demonstration shows. Only the frames the search player pressed are labels, as in a person's
takeover. After a death the play goes back to a moment before it; from where the policy stands still, it goes on. Both play
under the contest's sticky frames.

Where it failed once, it may practise: play on again from some seconds before, with other chances, and be corrected again. What
a policy gets stuck at is a few places, each of which one take meets once.
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
BEFORE_PRACTICE = (240, 420)
"""Frames before a death, or before the last ground was won, at which practice begins."""
PRACTICE_BUDGET = 40_000
"""Emulated frames that one time of practice may cost."""
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
        new_frames: of the movie, those that were played now; practice begins inside a take.
    """

    movie: Movie
    segments: list[tuple[str, int]]
    corrections: int
    finished: bool
    emulated: int
    new_frames: int

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


@dataclass(frozen=True)
class Moment:
    """A moment of the policy's play to which all can go back: the game, the search player and the policy.

    Attributes:
        view: what the policy still knew of the frames before (record.pilots).
    """

    node: Node
    view: tuple[tuple[int, np.ndarray], ...]


@dataclass(frozen=True)
class Trouble:
    """Where the policy failed.

    Attributes:
        moment: some seconds before; masks: pressed until then.
        x: the furthest it came.
    """

    moment: Moment
    masks: list[int]
    x: int


class Correction(Search):
    """One take: the policy's, with the search player's corrections.

    Args:
        pilot: the policy.
        seed: of the search player, of the sticky frames and of when it takes over.
        budget: emulated frames after which the take ends where it is.
        most_frames: of the take.

    Attributes:
        troubles: where the policy failed in it.
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
        self._moments: list[Moment] = []
        self._won_at = 0
        self.troubles: list[Trouble] = []

    def play_corrected(self) -> Corrected:
        """Play until the act is finished, or the budget or the frames are used up."""
        self._start = self.begin()
        corrections = 0
        now = self._policy_turn()
        while not now.finished and not self._is_over:
            corrections += 1
            self._note_trouble(now)
            now = self._search_turn(now)
            if not now.finished:
                now = self._policy_turn()
        if now.finished:
            self._commit(((0, SETTLE_FRAMES),))
        return self._corrected(corrections, now.finished, self._sandbox.frames)

    def practise(self, trouble: Trouble) -> Corrected | None:
        """Play on from before a trouble until the policy failed again and was led past it; None when it needed no help.

        What came before is in the take, as the policy's.
        """
        frames_before = self._sandbox.frames
        self.budget = frames_before + PRACTICE_BUDGET
        self._return_to(trouble)
        now = self._policy_turn(until_x=trouble.x + SHOWN_PIXELS)
        if now.finished or now.x > trouble.x + SHOWN_PIXELS or self._is_over:
            return None
        now = self._search_turn(now)
        return self._corrected(
            1, finished=False, emulated=self._sandbox.frames - frames_before, first_frame=len(trouble.masks)
        )

    def _corrected(self, corrections: int, finished: bool, emulated: int, first_frame: int = 0) -> Corrected:
        """The play so far; new from `first_frame` on."""
        movie = Movie(self.emulator.game.retro_id, self._start, np.array(self._pad.masks, np.uint16))
        pressed = self._who[: movie.frames]  # a take may end where it went back to
        segments = [(who, len(list(frames))) for who, frames in groupby(pressed)]
        return Corrected(movie, segments, corrections, finished, emulated, movie.frames - first_frame)

    def _note_trouble(self, now: Situation) -> None:
        """What has just befallen the policy, with a moment of this turn before it."""
        if not self._moments:  # it failed at once
            return
        befell = len(self._pad.masks) if not now.alive else self._won_at
        wanted = befell - int(self._when.integers(*BEFORE_PRACTICE))
        moment = next((one for one in reversed(self._moments) if one.node.pressed <= wanted), self._moments[0])
        self.troubles.append(Trouble(moment, self._pad.masks[: moment.node.pressed], self._furthest_x))

    def _return_to(self, trouble: Trouble) -> None:
        """As if the take had come to the moment before this trouble, and the policy had played all of it."""
        node = trouble.moment.node
        self._pad.masks[:] = trouble.masks
        self._who[:] = [POLICY] * node.pressed
        self._nodes = [node]
        self._stage = node.stage
        self._stuck = 0
        self._stuck_at = (0, 0, 0)
        self._sandbox.load(node.state)
        self._pilot.look_back(trouble.moment.view)

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

    def _policy_turn(self, until_x: int | None = None) -> Situation:
        """The policy plays until it has finished, died, got stuck, or come past `until_x`; returns the situation then."""
        self._presses = POLICY
        self._pilot.hand_over()
        self._moments = []  # the search player may have gone back behind earlier ones
        now = self._sandbox.look()
        won = (self._stage.place, self._stage.waypoint, now.x)
        self._won_at = len(self._pad.masks)
        self._furthest_x = now.x
        mask = self._pad.masks[-1]  # the search player's last step may not be over
        while now.alive and not now.finished and not self._is_stuck and not self._is_over:
            if until_x is not None and now.x > until_x:
                break
            frame = len(self._pad.masks)
            if self._pad.begins_step:
                if frame % NODE_EVERY < STEP:
                    node = Node(self._sandbox.save(), frame, self._stage)
                    self._nodes.append(node)
                    self._moments.append(Moment(node, self._pilot.view))
                mask = self._pilot.mask(frame)
            self._press(mask)
            now = self._sandbox.look()
            self._stage = self._stage.after(now, self._places)
            stands = (self._stage.place, self._stage.waypoint, now.x)
            self._furthest_x = max(self._furthest_x, now.x)
            if stands > won:
                won = stands
                self._won_at = len(self._pad.masks)
        self._presses = SEARCH
        return now

    @property
    def _is_stuck(self) -> bool:
        """Whether the policy has won nothing for too long."""
        return len(self._pad.masks) - self._won_at >= STUCK_FRAMES

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
