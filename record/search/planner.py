"""The search player: plays an act through savestates, with a person's moves and without knowing the map.

It runs right while a look ahead shows that running is safe. Where it is not (a wall, a pit, spikes, an enemy), it tries
jumps of several lengths, from late to early, then a roll, a spin dash with 1 to 4 revs, waiting, a few steps back, and takes
the first that leads past the place alive, preferably without losing rings. Where nothing does, it goes back in
its own play and tries otherwise. What it presses is an ordinary movie; it is always labelled as search play.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from game.acts import Act
from game.emulator import Emulator
from game.movie import Movie
from game.ram import STATUS_AIRBORNE
from record.search.moves import JUMP_RIGHT, NOTHING, RIGHT, Hand, Move, frames_of, masks_of

LOOK_AHEAD = 56
"""Frames of plain running that must be safe."""
AFTER_MOVE = 50
"""Frames of running after a move, before it is judged."""
PASSED_BY = 20
"""Pixels past the trouble that count as having passed it."""
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
    y: int
    rings: int
    alive: bool
    finished: bool
    airborne: bool
    inertia: int


@dataclass
class Node:
    """A moment the play may go back to: the savestate, how many frames were pressed, what was tried there."""

    state: bytes
    pressed: int
    visits: int = 0


@dataclass
class Search:
    """One take.

    Args:
        emulator: of the game to play.
        act: the act.
        seed: of the hand's timing and of every choice.
        budget: emulated frames after which the search gives up.
        show: called now and then with (x, frames pressed, frames searched).
    """

    emulator: Emulator
    act: Act
    seed: int
    budget: int = 600_000
    show: Callable[[int, int, int], None] = lambda *_: None
    _masks: list[int] = field(default_factory=list)
    _nodes: list[Node] = field(default_factory=list)
    _spent: int = 0

    def play(self) -> Movie:
        """Search until the act is finished; returns the movie. SearchFailed when the budget runs out."""
        self._rng = np.random.default_rng([self.seed, self.act.zone, self.act.act])
        self._hand = Hand(self._rng)
        start = self.emulator.game.start_state(self.act)
        self.emulator.set_state(start)
        self._lives = self.emulator.peek("lives")
        self._commit(((NOTHING, self._hand.about(14)),))  # line 0 of a movie must be idle anyway
        self._best_x = 0
        self._setbacks = 0
        while not (now := self._look()).finished:
            if self._spent > self.budget:
                raise SearchFailed(self.act, self._best_x, self._spent)
            self._best_x = max(self._best_x, now.x)
            self._nodes.append(Node(self.emulator.get_state(), len(self._masks)))
            move = self._choose()
            if move is None:
                self._go_back()
            else:
                self._commit(move)
            self.show(now.x, len(self._masks), self._spent)
        self._commit(((NOTHING, SETTLE_FRAMES),))
        return Movie(self.emulator.game.retro_id, start, np.array(self._masks, np.uint16))

    def _look(self) -> Situation:
        peek = self.emulator.peek
        here = peek("zone") == self.act.zone and peek("act") == self.act.act
        return Situation(
            x=peek("x"),
            y=peek("y"),
            rings=peek("rings"),
            alive=peek("lives") >= self._lives and peek("game_mode") != 0x10,
            finished=not here or peek("level_end_bonus") != 0,
            airborne=bool(peek("status") & STATUS_AIRBORNE),
            inertia=peek("inertia"),
        )

    def _commit(self, move: Move) -> None:
        """Play a move for good."""
        for mask in masks_of(move):
            self.emulator.step(mask)
            self._masks.append(mask)
        self._spent += frames_of(move)

    def _try(self, state: bytes, move: Move, after: int, hold: int = RIGHT) -> tuple[Situation, int, int]:
        """(situation at the end, fewest rings on the way, frames survived) of a move followed by `after` frames of `hold`."""
        self.emulator.set_state(state)
        rings = 1 << 16
        masks = masks_of(move) + [hold] * after
        for i, mask in enumerate(masks):
            self.emulator.step(mask)
            rings = min(rings, self.emulator.peek("rings"))
            if i % 4 == 3 or i == len(masks) - 1:
                now = self._look()
                if not now.alive or now.finished or self._is_dying():
                    break
        self._spent += i + 1
        return now, rings, i + 1

    def _is_dying(self) -> bool:
        """A death shows in `lives` only after its animation; falling out of the picture shows at once."""
        peek = self.emulator.peek
        return peek("y") > peek("screen_y") + 232 or peek("routine") >= 6

    def _choose(self) -> Move | None:
        """The next move from here, or None when nothing leads on. The emulator stands where it stood."""
        state = self._nodes[-1].state
        start = self._look()
        ahead, rings, survived = self._try(state, (), LOOK_AHEAD)
        safe = ahead.alive and not self._is_dying() and rings >= start.rings
        runs_on = ahead.x - start.x > self._least_gain(start)
        move: Move | None = None
        if ahead.finished or (safe and runs_on):
            move = self._stroll(state, start)
        else:
            trouble = max(ahead.x, start.x)
            for careless in (False, True):
                move = self._overcome(state, start, trouble, survived, careless)
                if move is not None:
                    break
        self.emulator.set_state(state)
        return move

    @staticmethod
    def _least_gain(start: Situation) -> int:
        """Pixels plain running must gain in the look ahead to count as getting on."""
        return 30

    def _stroll(self, state: bytes, start: Situation) -> Move:
        """Run on; now and then with a person's whims (a hop, a pause), if they do no harm."""
        if self._rng.random() < 0.06 and not start.airborne:
            whim = self._hand.jump(2, int(self._rng.integers(4, 16)))
            if self._rng.random() < 0.4:
                whim = self._hand.wait(14) + self._hand.run(8)
            if self._leads_past(state, whim, start.x, start.rings, careless=False):
                return whim
        return self._hand.run(int(self._rng.integers(10, 20)))

    def _overcome(self, state: bytes, start: Situation, trouble: int, survived: int, careless: bool) -> Move | None:
        """The first move that leads past `trouble`; `careless` ones may cost rings."""
        for move in self._candidates(start, survived):
            if self._leads_past(state, move, trouble, start.rings, careless):
                return move
        return None

    def _candidates(self, start: Situation, survived: int) -> Iterator[Move]:
        """Moves worth trying, likeliest first: jumps from late to early, then what needs standing still."""
        hand = self._hand
        delays = list(range(max(survived - 6, 0), -1, -6)) or [0]
        holds = [18, 8, 26, 13]
        self._rng.shuffle(holds)
        for delay in delays:
            for hold in holds[:2]:
                yield hand.jump(max(delay + int(self._rng.integers(-2, 3)), 0), hold)
        stop: Move = (((RIGHT, survived),) if survived >= 3 else ()) if abs(start.inertia) > 0x40 else ()
        for revs, pause in zip(self._rng.permutation([1, 2, 3, 4]).tolist(), (7, 7, 24, 40), strict=True):
            yield stop + hand.spin_dash(revs, pause)
        for delay in delays:
            for hold in holds[2:]:
                yield hand.jump(max(delay, 0), hold)
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
            yield (*back, (JUMP_RIGHT, hand.about(24)), (RIGHT, hand.about(20)))

    def _leads_past(self, state: bytes, move: Move, trouble: int, rings: int, careless: bool) -> bool:
        end, fewest, _ = self._try(state, move, AFTER_MOVE)
        if end.finished:
            return True
        if not end.alive or self._is_dying():
            return False
        return end.x >= trouble + PASSED_BY and (careless or fewest >= rings)

    def _go_back(self) -> None:
        """Return to an earlier node; further back each time the search gets stuck around here."""
        self._setbacks += 1
        depth = min(2 + self._setbacks * 2 + int(self._rng.integers(0, 4)), len(self._nodes))
        node = self._nodes[-depth]
        del self._nodes[-depth:]
        self.emulator.set_state(node.state)
        del self._masks[node.pressed :]
        if self._setbacks > 30:
            self._setbacks = 0
        detour = self._hand.jump(int(self._rng.integers(0, 24)), int(self._rng.integers(4, 26)))
        if self._rng.random() < 0.5:
            detour = self._hand.wait(int(self._rng.integers(8, 60)))
        end, _, _ = self._try(node.state, detour, AFTER_MOVE)
        alive = end.alive and not self._is_dying()
        self.emulator.set_state(node.state)
        if alive:
            self._commit(detour)
