"""The rules of an act, from RAM variables alone: how far, passed, finished, died, and what the contest pays for it.

The one place that says so. The environment, the conversion of movies, the recorder, the search player and the balance check
all ask here. Nothing in this file knows an emulator; a RAM trace made by hand will do.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from game.acts import Act
from game.ram import MODE_SPECIAL_STAGE
from game.rewards import contest_reward, progress_of

FRAMES_PER_SECOND = 60
FRAMES_PER_MINUTE = 60 * FRAMES_PER_SECOND

RULE_VARIABLES = ("x", "lives", "game_mode", "zone", "act_number", "level_end_bonus")
"""The RAM variables the rules need."""


def rule_variables(peek: Callable[[str], int]) -> dict[str, int]:
    """Those variables by single reads, for callers that do not copy all of RAM for every frame."""
    return {name: peek(name) for name in RULE_VARIABLES}


def is_dead(variables: Mapping[str, int], lives: int) -> bool:
    """Whether the episode has ended badly: fewer lives than `lives`, or gone to a special stage (as the contest counts)."""
    return variables["lives"] < lives or variables["game_mode"] == MODE_SPECIAL_STAGE


def has_left(variables: Mapping[str, int], act: Act) -> bool:
    """Whether RAM shows another act than this one."""
    return variables["zone"] != act.zone or variables["act_number"] != act.number


def is_finished(variables: Mapping[str, int], act: Act) -> bool:
    """Whether the game itself calls the act done: its bonus tally runs, or it shows another act."""
    return has_left(variables, act) or variables["level_end_bonus"] != 0


@dataclass
class ActTracker:
    """What one life in one act has come to.

    Attributes:
        act: the act played.
        start_x: the act's first x, from which progress counts (pixels).
        frame: frames of the act played so far; more than 0 to begin with when the start lies inside the act.
        x: where the player stands, at the last frame in the act.
        max_x: the furthest x so far.
        advancing_frames: frames that won new ground, so far.
        passed: the contest's end x was reached.
        finished: the game itself calls the act done: its bonus tally runs, or it shows another act.
        has_left: RAM shows another act.
        died: a life was lost, or the player left for a special stage; either ends the contest's episode.
    """

    act: Act
    start_x: int
    frame: int = 0
    x: int = 0
    max_x: int = 0
    advancing_frames: int = 0
    passed: bool = False
    finished: bool = False
    has_left: bool = False
    died: bool = False
    lives: int = 0

    @classmethod
    def begin(
        cls,
        act: Act,
        variables: Mapping[str, int],
        start_x: int | None = None,
        frame: int = 0,
        max_x: int | None = None,
    ) -> "ActTracker":
        """A tracker for an episode that begins with these RAM variables.

        Args:
            start_x, frame, max_x: what a start inside the act stands for, so that progress and time bonus stay those of
                the whole act; by default the start is the act's own.
        """
        x = variables["x"]
        return cls(
            act=act,
            start_x=x if start_x is None else start_x,
            frame=frame,
            x=x,
            max_x=x if max_x is None else max_x,
            lives=variables["lives"],
        )

    def update(self, variables: Mapping[str, int]) -> None:
        """One frame further; `variables` is RAM after it."""
        self.frame += 1
        # as in the contest's script, fewer lives than a frame before, so that an extra life hides no death
        died_now = is_dead(variables, self.lives)
        self.lives = variables["lives"]
        if died_now:
            self.died = True
            self.x = variables["x"]  # the script pays for this frame, too
            return
        self.has_left = has_left(variables, self.act)
        if not self.has_left:  # the next act's x says nothing about this one
            self.x = variables["x"]
            self.advancing_frames += self.x > self.max_x
            self.max_x = max(self.max_x, self.x)
            self.passed = self.passed or self.x >= self.act.end_x
        self.finished = is_finished(variables, self.act)

    @property
    def progress(self) -> float:
        """Where the player stands, 0 to 1; 1 once the end x was passed. What the contest pays for."""
        if self.passed:
            return 1.0
        return progress_of(self.max_x if self.finished else self.x, self.start_x, self.act.end_x)

    @property
    def furthest(self) -> float:
        """The furthest point so far, 0 to 1."""
        return 1.0 if self.passed else progress_of(self.max_x, self.start_x, self.act.end_x)

    def get_state(self) -> dict[str, Any]:
        """What a rewound take needs; give it to `set_state`."""
        return {name: value for name, value in vars(self).items() if name != "act"}

    def set_state(self, state: Mapping[str, Any]) -> None:
        vars(self).update(state)


class ContestScore:
    """Adds up what the contest's script pays: 9000 for the way, and the time bonus once, when the end x is passed.

    Attributes:
        total: so far. On whole episodes it equals the script's; from a start inside an act it is what the rest pays.
    """

    def __init__(self, tracker: ActTracker) -> None:
        self._tracker = tracker
        self._progress = tracker.progress
        self._paid = tracker.passed
        self.total = 0.0

    def pay(self) -> float:
        """The reward since the last call; nothing after the end was paid."""
        if self._paid:
            return 0.0
        reward = contest_reward(self._progress, self._tracker.progress, self._tracker.frame)
        self._progress = self._tracker.progress
        self._paid = self._tracker.passed
        self.total += reward
        return reward
