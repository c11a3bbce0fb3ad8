"""The search player: plays an act through savestates, with a person's moves and without knowing the map.

It runs right while a look ahead shows that running is safe. Where it is not (a wall, a pit, spikes, an enemy), it tries
jumps of several lengths, from late to early, then a roll, a spin dash with 1 to 4 revs, waiting, a few steps back, a run-up,
and takes the first that leads past the place alive, preferably without losing rings. Where nothing does, it goes back in
its own play and tries otherwise, at last anything (record.search.route). Where the way on begins to the left, it is told the
waypoints (game.places) and finds the way to each. What it presses is an ordinary movie; it is always labelled as search play.

It may play under the contest's sticky frames: it plans without, and where something else was pressed than planned, it looks
whether the rest of the move still leads where it should, and else plans anew from there.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from game.acts import Act
from game.emulator import Emulator
from game.movie import Movie
from game.places import Place, places
from record.search.candidates import Taste, candidates
from record.search.moves import NOTHING, RIGHT, Hand, Move, in_steps, masks_of, without_tail
from record.search.pad import STEP, Pad
from record.search.route import AtWaypoint, Goal, Past, WaySearch, leads_to
from record.search.sandbox import LOOK_FRAMES, Sandbox, Situation, Trial
from record.search.stages import Stage

LOOK_AHEAD = 56
"""Frames of plain running that must be safe."""
LONGEST_FALL = 120
"""Frames in which a player in the air has landed or is seen to be lost."""
LEAST_GAIN = 30
"""Pixels that plain running must gain in the look ahead to count as getting on."""
AROUND_A_LOOP = 110
"""Frames more, where it gained nothing: a loop leads back for a while."""
AFTER_MOVE = 50
"""Frames of running after a move in which it must have led past the trouble."""
SAFE_FRAMES = 20
"""Frames of running from there that must be survived: time enough for the next move."""
PASSED_BY = 20
"""Pixels past the trouble that count as having passed it."""
WAY_FRAMES = 12_000
"""Emulated frames that the search for a way may take at first; after each setback so many more."""
PATIENCE = 4
"""Setbacks at one spot after which ways past it are searched for, whatever the moves."""
SETTLE_FRAMES = 40
"""Frames recorded after the act is finished."""


class SearchFailed(RuntimeError):
    """The act was not finished within the budget; `x` is how far it got."""

    def __init__(self, act: Act, x: int, frames: int) -> None:
        super().__init__(f"search did not finish {act.name}: x {x} of {act.end_x} after {frames} searched frames")
        self.x = x


@dataclass(frozen=True)
class Node:
    """A moment the play may go back to: the savestate, how many frames were pressed until then, and the places done."""

    state: bytes
    pressed: int
    stage: Stage = Stage()


@dataclass(frozen=True)
class Plan:
    """A move.

    Attributes:
        masks: one per frame.
        still_works: tells of the rest of it, from a savestate on, whether it still leads where it should.
        rings: the fewest on the way, where that is known.
    """

    masks: list[int]
    still_works: Callable[[bytes, list[int]], bool]
    rings: int = 0


class Search:
    """One take.

    Args:
        emulator: of the game to play.
        act: the act.
        seed: of the hand's timing and of every choice.
        budget: emulated frames after which the search gives up.
        taste: what the player likes to do.
        sticky: chance of a sticky frame at each step.
        known: the places whose way on begins to the left; by default those of the game.

    Attributes:
        setbacks: how often the play went back; under sticky frames chance was drawn anew then.
    """

    def __init__(
        self,
        emulator: Emulator,
        act: Act,
        seed: int,
        budget: int = 600_000,
        taste: Taste | None = None,
        sticky: float = 0.0,
        known: tuple[Place, ...] | None = None,
    ) -> None:
        self.emulator = emulator
        self.act = act
        self.budget = budget
        self.taste = taste or Taste()
        self.setbacks = 0
        self._places = places(emulator.game, act) if known is None else known
        self._rng = np.random.default_rng([seed, act.zone, act.number])
        self._hand = Hand(self._rng)
        self._pad = Pad(sticky, np.random.default_rng([seed, act.zone, act.number, 1]))
        self._nodes: list[Node] = []
        self._stage = Stage()
        self._stuck = 0
        self._stuck_at = (0, 0, 0)

    def play(self) -> Movie:
        """Search until the act is finished; returns the movie. SearchFailed when the budget runs out."""
        start = self.begin()
        furthest_x = 0
        now = self._sandbox.look()
        while not now.finished:
            if self._sandbox.frames > self.budget:
                raise SearchFailed(self.act, furthest_x, self._sandbox.frames)
            furthest_x = max(furthest_x, now.x)
            self.advance(now)
            now = self._sandbox.look()
        self._commit(((NOTHING, SETTLE_FRAMES),))
        return Movie(self.emulator.game.retro_id, start, np.array(self._pad.masks, np.uint16))

    def begin(self) -> bytes:
        """Load the act and wait for a moment; returns the start state."""
        start = self.emulator.game.start_state(self.act)
        self.emulator.set_state(start)
        self._sandbox = Sandbox(self.emulator, self.act)
        self._commit(((NOTHING, 1), *in_steps(self._hand.wait(14), STEP)))  # the first frame must be idle anyway
        return start

    def advance(self, now: Situation) -> None:
        """One decision from this situation: a move, or back to an earlier one."""
        self._stage = self._stage.after(now, self._places)
        node = Node(self._sandbox.save(), len(self._pad.masks), self._stage)
        self._nodes.append(node)
        plan = self._choose(node.state, now) if now.alive else None
        if plan is None:
            self.go_back(now)
        else:
            self._sandbox.load(node.state)  # choosing tries moves
            self._follow(plan)

    def _choose(self, state: bytes, now: Situation) -> Plan | None:
        """What to do at this moment, or None when nothing leads on."""
        waypoint = self._stage.heads_for(self._places)
        if waypoint is not None:
            return self._way(state, AtWaypoint(waypoint))
        ahead = self._sandbox.attempt(state, [RIGHT] * LOOK_AHEAD, until=lambda then: then.rings < now.rings)
        if ahead.fewest_rings >= now.rings and self._lands(ahead) and self._gets_on(now, ahead):
            return self._stroll(state, now)
        return self._overcome(state, now, ahead)

    def _gets_on(self, now: Situation, ahead: Trial) -> bool:
        """Whether plain running leads on. The emulator must stand where the look ahead ended, alive."""
        if ahead.end.finished or _gains(now, ahead):
            return True
        around = self._sandbox.go_on([RIGHT] * AROUND_A_LOOP)
        return around.end.alive and around.fewest_rings >= now.rings and _gains(now, around)

    def _lands(self, ahead: Trial) -> bool:
        """Whether the player lives where a look ahead ended, and if in the air, until there is ground again."""
        if ahead.end.airborne and ahead.end.alive and not ahead.end.finished:
            return self._sandbox.go_on([RIGHT] * LONGEST_FALL, until=lambda now: not now.airborne).end.alive
        return ahead.end.alive

    def _way(self, state: bytes, goal: Goal) -> Plan | None:
        """The way to a goal; the more often the play is stuck here, the longer it is searched for."""
        search = WaySearch(self._sandbox, self._rng, goal, dashes=self._stuck >= PATIENCE)
        masks = search.find(state, WAY_FRAMES * (1 + self._stuck))
        if masks is None:
            return None
        return Plan(masks, lambda state, masks: leads_to(self._sandbox, state, masks, goal))

    def _stroll(self, state: bytes, now: Situation) -> Plan:
        """Run on; now and then with a person's whims (a roll, a hop, a pause), if they do no harm."""
        whim = self._whim() if not now.airborne else ()
        if whim:
            plan = self._past(state, whim, now.x)
            if plan and plan.rings >= now.rings:
                return plan
        run = self._pad.fit(self._hand.run(self._draw(10, 20)))
        return Plan(masks_of(run), lambda state, masks: True)  # a look ahead follows anyway

    def _whim(self) -> Move:
        """What a person does now and then while the way is free; mostly nothing."""
        if self.taste.rolls and self._rng.random() < self.taste.rolls:
            return self._hand.roll(self._draw(0, 6))
        if self._rng.random() >= self.taste.hops:
            return ()
        if self._rng.random() < 0.4:
            return self._hand.wait(14) + self._hand.run(8)
        return self._hand.jump(2, self._draw(*self.taste.hop_frames))

    def _overcome(self, state: bytes, now: Situation, ahead: Trial) -> Plan | None:
        """The first move past the place where plain running ended that keeps the rings, else the first past it at all."""
        trouble = max(ahead.end.x, now.x)
        costly = None
        for move in candidates(self._hand, self.taste, now, min(ahead.grounded + LOOK_FRAMES, ahead.frames)):
            plan = self._past(state, move, trouble)
            if plan and plan.rings >= now.rings:
                return plan
            costly = costly or plan
        return costly

    def _past(self, state: bytes, move: Move, trouble: int) -> Plan | None:
        """The plan to make this move until it has led past x `trouble`, if it does and the player can run on there."""
        masks = masks_of(self._pad.fit(move))
        trial = self._passing(state, masks, trouble + PASSED_BY)
        if trial is None:
            return None
        return Plan(
            masks[: trial.frames],
            lambda state, masks: self._passing(state, masks, trouble + PASSED_BY) is not None,
            rings=trial.fewest_rings,
        )

    def _passing(self, state: bytes, masks: list[int], x: int) -> Trial | None:
        """The trial of a move up to where the player runs past x; None where he does not, or cannot run on from there."""
        trial = self._sandbox.attempt(
            state,
            [*masks, *[RIGHT] * AFTER_MOVE],
            until=Past(x).reached,
            at_least=without_tail(masks, RIGHT),
        )
        if trial.end.finished:
            return trial
        if not trial.end.alive or not Past(x).reached(trial.end):
            return None
        beyond = self._sandbox.go_on([RIGHT] * SAFE_FRAMES)
        if not beyond.end.alive:
            return None
        return replace(trial, fewest_rings=min(trial.fewest_rings, beyond.fewest_rings))

    def _follow(self, plan: Plan) -> None:
        """Make a move; where a sticky frame spoils it, only as much of it as was played by then."""
        slipped = False
        for place, mask in enumerate(plan.masks):
            if slipped and self._pad.begins_step:
                slipped = False
                state = self._sandbox.save()
                works = plan.still_works(state, plan.masks[place:])
                self._sandbox.load(state)
                if not works:
                    return
            slipped |= self._press(mask)

    def _commit(self, move: Move) -> None:
        """Make a move whatever comes of it."""
        for mask in masks_of(move):
            self._press(mask)

    def _press(self, mask: int) -> bool:
        """One frame for good; returns whether something else was pressed than this."""
        pressed = self._pad.press(mask)
        self._sandbox.press(pressed)
        return pressed != mask

    def go_back(self, now: Situation) -> None:
        """Return to an earlier node; further back each time the search gets stuck around here."""
        self.setbacks += 1
        spot = (self._stage.place, self._stage.waypoint, now.x)
        if spot > (*self._stuck_at[:2], self._stuck_at[2] + 200) or self._stuck > 30:
            self._stuck = 0  # a new spot, or far back by now: begin with short ways again
        self._stuck_at = max(self._stuck_at, spot)
        self._stuck += 1
        depth = min(2 + self._stuck * 2 + self._draw(0, 4), len(self._nodes))
        node = self._nodes[-depth]
        del self._nodes[-depth:]
        self._pad.go_back(node.pressed)
        self._stage = node.stage
        plan = self._detour(node.state, now.x)
        self._sandbox.load(node.state)
        if plan is not None:
            self._follow(plan)

    def _detour(self, state: bytes, stuck_x: int) -> Plan | None:
        """Something else than before: a hop or a pause; after several setbacks any way past where the play was stuck."""
        if self._stuck >= PATIENCE and not self._stage.begun:
            return self._way(state, Past(stuck_x + PASSED_BY))
        detour = self._hand.jump(self._draw(0, 24), self._draw(4, 26))
        if self._rng.random() < 0.5:
            detour = self._hand.wait(self._draw(8, 60))
        masks = masks_of(self._pad.fit(detour))
        trial = self._sandbox.attempt(state, [*masks, *[RIGHT] * AFTER_MOVE])
        return Plan(masks, lambda state, masks: True) if trial.end.alive else None

    def _draw(self, low: int, high: int) -> int:
        """A whole number from `low` to `high` - 1."""
        return int(self._rng.integers(low, high))


def _gains(now: Situation, ahead: Trial) -> bool:
    gained = ahead.end.x - now.x
    return gained > LEAST_GAIN or now.inertia < 0 < gained  # turning takes its time
