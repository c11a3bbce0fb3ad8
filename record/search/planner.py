"""The search player: plays an act through savestates, with a person's moves and without knowing the map.

It runs right while a look ahead shows that running is safe. Where it is not (a wall, a pit, spikes, an enemy), it tries
jumps of several lengths, from late to early, then a roll, a spin dash with 1 to 4 revs, waiting, a few steps back, and takes
the first that leads past the place alive, preferably without losing rings. Where nothing does, it goes back in
its own play and tries otherwise. What it presses is an ordinary movie; it is always labelled as search play.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from game.acts import Act
from game.emulator import Emulator
from game.movie import Movie
from game.ram import ROUTINE_DEAD, STATUS_AIRBORNE
from game.rules import is_dead, is_finished, rule_variables
from record.search.moves import JUMP_RIGHT, NOTHING, RIGHT, Hand, Move, frames_of, masks_of

LOOK_AHEAD = 56
"""Frames of plain running that must be safe."""
LEAST_GAIN = 30
"""Pixels that plain running must gain in the look ahead to count as getting on."""
AFTER_MOVE = 50
"""Frames of running after a move, before it is judged."""
PASSED_BY = 20
"""Pixels past the trouble that count as having passed it."""
NEARLY_AT_REST = 0x40
"""Inertia, 8.8 fixed point: a quarter of a pixel per frame."""
SETTLE_FRAMES = 40
"""Frames recorded after the act is finished."""


class SearchFailed(RuntimeError):
    """The act was not finished within the budget; `x` is how far it got."""

    def __init__(self, act: Act, x: int, frames: int) -> None:
        super().__init__(f"search did not finish {act.name}: x {x} of {act.end_x} after {frames} searched frames")
        self.x = x


@dataclass(frozen=True)
class Situation:
    """What matters of one moment."""

    x: int
    rings: int
    alive: bool
    finished: bool
    airborne: bool
    inertia: int


@dataclass(frozen=True)
class Trial:
    """Where a move led that was only tried.

    Attributes:
        end: the situation in its last frame.
        alive: the player lives there and is not about to die.
        fewest_rings: on the way.
        frames: until its end, a death or the end of the act.
    """

    end: Situation
    alive: bool
    fewest_rings: int
    frames: int


@dataclass(frozen=True)
class Node:
    """A moment the play may go back to: the savestate, and how many frames were pressed until then."""

    state: bytes
    pressed: int


@dataclass(frozen=True)
class Taste:
    """What a player likes to do where several things would do. The default is nobody in particular."""

    hops: float = 0.06
    """Chance of a hop or a pause, whenever the way is free."""
    hop_frames: tuple[int, int] = (4, 16)
    """How long the button is held in a hop, from and to below."""
    rolls: float = 0.0
    """Chance of curling up in full run, whenever the way is free."""
    holds: tuple[int, ...] = ()
    """How long a jump is held, what is tried first at the head; empty: in any order."""
    early: bool = False
    """Jump as early as will do, instead of as late."""
    revs: tuple[int, ...] = ()
    """Presses of a spin dash, what is tried first at the head; empty: in any order."""


class Search:
    """One take.

    Args:
        emulator: of the game to play.
        act: the act.
        seed: of the hand's timing and of every choice.
        budget: emulated frames after which the search gives up.
        taste: what the player likes to do.
    """

    def __init__(
        self, emulator: Emulator, act: Act, seed: int, budget: int = 600_000, taste: Taste | None = None
    ) -> None:
        self.emulator = emulator
        self.act = act
        self.budget = budget
        self.taste = taste or Taste()
        self._rng = np.random.default_rng([seed, act.zone, act.number])
        self._hand = Hand(self._rng)
        self._masks: list[int] = []
        self._nodes: list[Node] = []
        self._spent = 0
        self._setbacks = 0

    def play(self) -> Movie:
        """Search until the act is finished; returns the movie. SearchFailed when the budget runs out."""
        start = self.emulator.game.start_state(self.act)
        self.emulator.set_state(start)
        self._lives = self.emulator.peek("lives")
        self._commit(self._hand.wait(14))  # line 0 of a movie must be idle anyway
        furthest_x = 0
        now = self._look()
        while not now.finished:
            if self._spent > self.budget:
                raise SearchFailed(self.act, furthest_x, self._spent)
            furthest_x = max(furthest_x, now.x)
            here = Node(state=self.emulator.get_state(), pressed=len(self._masks))
            self._nodes.append(here)
            move = self._choose(here.state)
            self.emulator.set_state(here.state)  # choosing tries moves
            if move is None:
                self._go_back()
            else:
                self._commit(move)
            now = self._look()
        self._commit(((NOTHING, SETTLE_FRAMES),))
        masks = np.array(self._masks, np.uint16)
        return Movie(self.emulator.game.retro_id, start, masks)

    def _look(self) -> Situation:
        peek = self.emulator.peek
        rules = rule_variables(peek)
        return Situation(
            x=rules["x"],
            rings=peek("rings"),
            alive=not is_dead(rules, self._lives),
            finished=is_finished(rules, self.act),
            airborne=bool(peek("status") & STATUS_AIRBORNE),
            inertia=peek("inertia"),
        )

    def _is_dying(self) -> bool:
        """A death shows in `lives` only after its animation; falling out of the picture shows at once."""
        peek = self.emulator.peek
        return peek("y") > peek("screen_y") + 232 or peek("routine") >= ROUTINE_DEAD

    def _commit(self, move: Move) -> None:
        """Play a move for good."""
        for mask in masks_of(move):
            self.emulator.step(mask)
            self._masks.append(mask)
        self._spent += frames_of(move)

    def _try(self, state: bytes, move: Move, after: int) -> Trial:
        """Play a move from a savestate, then run for `after` frames. The emulator is left where that ends."""
        self.emulator.set_state(state)
        masks = masks_of(move) + [RIGHT] * after
        rings = []
        for number, mask in enumerate(masks, start=1):
            self.emulator.step(mask)
            rings.append(self.emulator.peek("rings"))
            if number % 4 == 0 or number == len(masks):  # a death and the end of an act show for longer than that
                now = self._look()
                alive = now.alive and not self._is_dying()
                if now.finished or not alive:
                    break
        self._spent += number
        return Trial(end=now, alive=alive, fewest_rings=min(rings), frames=number)

    def _choose(self, state: bytes) -> Move | None:
        """The next move from this moment, or None when nothing leads on. The emulator must stand there."""
        start = self._look()
        ahead = self._try(state, (), LOOK_AHEAD)
        safe = ahead.alive and ahead.fewest_rings >= start.rings
        gets_on = ahead.end.x - start.x > LEAST_GAIN
        if ahead.end.finished or (safe and gets_on):
            return self._stroll(state, start)
        return self._overcome(state, start, ahead)

    def _stroll(self, state: bytes, start: Situation) -> Move:
        """Run on; now and then with a person's whims (a hop, a pause), if they do no harm."""
        taste = self.taste
        if taste.rolls and not start.airborne and self._rng.random() < taste.rolls:
            rolled = self._hand.roll(self._draw(0, 6))
            if self._leads_past(state, rolled, start.x, start.rings):
                return rolled
        if self._rng.random() < taste.hops and not start.airborne:
            whim = self._hand.jump(2, self._draw(*taste.hop_frames))
            if self._rng.random() < 0.4:
                whim = self._hand.wait(14) + self._hand.run(8)
            if self._leads_past(state, whim, start.x, start.rings):
                return whim
        return self._hand.run(self._draw(10, 20))

    def _overcome(self, state: bytes, start: Situation, ahead: Trial) -> Move | None:
        """The first move that leads past the place where plain running ended: one that keeps the rings, else any."""
        trouble = max(ahead.end.x, start.x)
        for rings_to_keep in (start.rings, 0):
            for move in self._candidates(start, ahead.frames):
                if self._leads_past(state, move, trouble, rings_to_keep):
                    return move
        return None

    def _candidates(self, start: Situation, survived: int) -> Iterator[Move]:
        """Moves worth trying, likeliest first: jumps from late to early, then what needs standing still."""
        hand = self._hand
        latest = max(survived - 6, 0)  # a jump takes some frames to clear what stopped the run
        delays = range(0, latest + 1, 6) if self.taste.early else range(latest, -1, -6)
        holds = [18, 8, 26, 13]  # frames: how long the button is held sets the height
        self._rng.shuffle(holds)
        holds = list(self.taste.holds) or holds
        for delay in delays:
            for hold in holds[:2]:
                varied = max(delay + self._draw(-2, 3), 0)
                yield hand.jump(varied, hold)
        approach: Move = ()  # up to the trouble; at rest the player stands before it already
        if abs(start.inertia) > NEARLY_AT_REST and survived >= 3:
            approach = ((RIGHT, survived),)
        order_of_revs = list(self.taste.revs) or self._rng.permutation([1, 2, 3, 4]).tolist()
        for revs, pause in zip(order_of_revs, (7, 7, 24, 40), strict=True):
            yield approach + hand.spin_dash(revs, pause)
        for delay in delays:
            for hold in holds[2:]:
                yield hand.jump(delay, hold)
        yield hand.hop_up(22)
        yield hand.roll(2)
        for frames in (20, 45, 80):
            yield hand.wait(frames) + hand.jump(4, 20)
            yield hand.wait(frames) + hand.run(24)
        for frames in (16, 34, 60):
            back = hand.step_back(frames)
            for delay in (6, 18, 32):
                yield back + hand.jump(delay, 22)
            yield back + hand.spin_dash(2, 20)
            yield (*back, hand.hold(JUMP_RIGHT, 24), hand.hold(RIGHT, 20))

    def _leads_past(self, state: bytes, move: Move, trouble: int, rings_to_keep: int) -> bool:
        """Whether the player gets past x `trouble` alive, with at least so many rings all the way."""
        trial = self._try(state, move, AFTER_MOVE)
        if trial.end.finished:
            return True
        passed = trial.end.x >= trouble + PASSED_BY
        return trial.alive and passed and trial.fewest_rings >= rings_to_keep

    def _go_back(self) -> None:
        """Return to an earlier node; further back each time the search gets stuck around here."""
        self._setbacks += 1
        depth = 2 + self._setbacks * 2 + self._draw(0, 4)
        depth = min(depth, len(self._nodes))
        node = self._nodes[-depth]
        del self._nodes[-depth:]
        del self._masks[node.pressed :]
        if self._setbacks > 30:  # far back by now: begin with short ways again
            self._setbacks = 0
        detour = self._hand.jump(self._draw(0, 24), self._draw(4, 26))
        if self._rng.random() < 0.5:
            detour = self._hand.wait(self._draw(8, 60))
        trial = self._try(node.state, detour, AFTER_MOVE)
        self.emulator.set_state(node.state)
        if trial.alive:
            self._commit(detour)

    def _draw(self, low: int, high: int) -> int:
        """A whole number from `low` to `high` - 1."""
        return int(self._rng.integers(low, high))
