"""One act as a Gymnasium environment.

`ActEnv` steps the core and asks the rules (game.rules) how things stand; each wrapper adds one behaviour; `make_env` shows
their order.
An episode is one life in one act. A step is `frame_skip` frames with one combo held.
"""

from collections import deque
from dataclasses import dataclass
from typing import Any, Literal

import gymnasium
import numpy as np
from gymnasium import spaces

from common.ranges import AboveZero, Count, Positive, Share
from game.actions import COMBO_COUNT, MASK_OF_COMBO
from game.acts import Act, find_act
from game.emulator import Emulator
from game.games import find_game
from game.limits import FrameLimit, PracticeLimit, StallLimit
from game.observation import ObservationSpec, observe, stack_frames
from game.reward_wrappers import OTHER_REWARDS, BacktrackingReward, PaidByInfo, PricedLife, ScaledReward
from game.rewards import CONTEST_FRAMES, RewardName
from game.rules import ActTracker, ContestScore
from game.spindash import SpinDashCounter

SCREEN_SHAPE = (224, 320, 3)
EARLIER_SCREENS = "earlier_screens"
"""In the info of a reset: pictures from before the episode, one step apart, oldest first."""


@dataclass(frozen=True)
class EnvConfig:
    """What distinguishes one environment from another. Small and picklable: worker processes are made from it."""

    game: str = "quillrush"
    act: str = "EmeraldHillZone.Act1"
    """Where `reset` starts unless its options name another act."""
    frame_skip: Positive = 4
    """Frames per step."""
    stick_probability: Share = 0.25
    """Chance that the first frame of a step still holds the combo before (the contest's sticky frame skip)."""
    observation: ObservationSpec = ObservationSpec()
    reward: RewardName = "contest"
    """What is paid, see game.reward_wrappers; the contest score is kept beside it whatever that is."""
    reward_scale: AboveZero = 1.0
    max_frames: Positive = CONTEST_FRAMES
    """Frames after which an episode is truncated."""
    end: Literal["contest", "completion"] = "contest"
    """contest: passing the end x ends the episode. completion: it goes on until the game itself calls the act done."""
    stall_frames: Count = 0
    """Frames without new ground after which an episode is truncated (0: never); for training only."""
    life_price: Share = 0.0
    """Share of the reward for the ground not covered that a lost life costs; for training only."""
    practice_length: Share = 0.0
    """Share of an act's way after which an episode that began inside it is truncated (0: never); for training only."""


class ActEnv(gymnasium.Env[np.ndarray, int]):
    """The bare game: observations are the picture, rewards those of the contest, info the RAM variables.

    `info` also holds: act (its name), frame (frames of the act played), start_x, end_x, max_x, progress (where the player
    stands, 0 to 1), furthest (the furthest point, 0 to 1), passed_end_x (the contest's end), finished (the game's own tally
    or next act), advancing_frames (so far, that won new ground), died, contest_score (so far), spin_dashes (so far).
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 60}
    render_mode = "rgb_array"
    observation_space = spaces.Box(0, 255, SCREEN_SHAPE, np.uint8)

    def __init__(self, emulator: Emulator, config: EnvConfig) -> None:
        self.action_space = spaces.Discrete(COMBO_COUNT)  # type: ignore[assignment]
        self.emulator = emulator
        self.masks: list[int] = []
        """Every mask pressed since the start state, the idle first frame included: the episode as a movie."""
        self.start_state = b""
        self._config = config
        self._act = find_act(config.act)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[np.ndarray, dict]:
        """Start an act.

        Args:
            options: "act", its name. For a start inside the act also "state" (a savestate) and "lead" (the masks pressed
                from there before the episode begins, one idle frame by default), and what they stand for, so that
                progress and time bonus stay those of the whole act: "frame" (frames of the act played when the episode
                begins), "start_x" (the x of the act's own start) and "max_x" (the furthest x so far).

        Returns:
            The picture, and info; "earlier_screens" holds the pictures of the lead that a stack of frames looks back on.
        """
        super().reset(seed=seed)
        options = options or {}
        self._act = find_act(options.get("act", self._act.name))
        # read anew each time, which takes 5 ms: kept, the 18 acts' states would hold 19 MB per environment
        self.start_state = options.get("state") or self.emulator.game.start_state(self._act)
        self.emulator.set_state(self.start_state)
        self.masks = list(options.get("lead", (0,)))
        earlier = self._play_lead()
        self._mask = self.masks[-1]
        self._counter = SpinDashCounter()
        variables = self.emulator.variables()
        self._tracker = ActTracker.begin(
            self._act,
            variables,
            start_x=options.get("start_x"),
            frame=options.get("frame", 0),
            max_x=options.get("max_x"),
        )
        self._score = ContestScore(self._tracker)
        return self.emulator.screen(), self._info(variables) | {EARLIER_SCREENS: earlier}

    def _play_lead(self) -> list[np.ndarray]:
        """Press what comes before the episode; returns the pictures that lie whole steps before its end, oldest first."""
        skip = self._config.frame_skip
        first = len(self.masks) - 1 - skip * (self._config.observation.stack - 1)
        screens = []
        for place, mask in enumerate(self.masks):
            self.emulator.step(mask)
            steps_before, rest = divmod(len(self.masks) - 1 - place, skip)
            if place >= first and steps_before > 0 and rest == 0:
                screens.append(self.emulator.screen())
        return screens

    def step(self, action: int) -> tuple[np.ndarray, float, bool, bool, dict]:
        """Hold one combo for `frame_skip` frames, fewer when the episode ends inside the step."""
        mask = int(MASK_OF_COMBO[action])
        sticks = self.np_random.random() < self._config.stick_probability
        variables: dict[str, int] = {}
        for i in range(self._config.frame_skip):
            held = self._mask if i == 0 and sticks else mask
            variables = self._step_frame(held)
            if self._is_over:
                break
        self._mask = mask
        reward = self._score.pay()
        return self.emulator.screen(), reward, self._is_over, False, self._info(variables)

    def _step_frame(self, mask: int) -> dict[str, int]:
        """One frame with this mask held; returns RAM after it."""
        self.emulator.step(mask)
        self.masks.append(mask)
        variables = self.emulator.variables()
        self._tracker.update(variables)
        self._counter.update(
            frame=self._tracker.frame,
            mask=mask,
            flag=variables["spindash_flag"],
            inertia=variables["inertia"],
            x=variables["x"],
        )
        return variables

    @property
    def _is_over(self) -> bool:
        tracker = self._tracker
        ended = tracker.passed if self._config.end == "contest" else tracker.finished
        return tracker.died or ended

    def _info(self, variables: dict[str, int]) -> dict[str, Any]:
        tracker = self._tracker
        return variables | {
            "act": self._act.name,
            "frame": tracker.frame,
            "start_x": tracker.start_x,
            "end_x": self._act.end_x,
            "max_x": tracker.max_x,
            "progress": tracker.progress,
            "furthest": tracker.furthest,
            "passed_end_x": tracker.passed,
            "finished": tracker.finished,
            "advancing_frames": tracker.advancing_frames,
            "died": tracker.died,
            "contest_score": self._score.total,
            "spin_dashes": len(self._counter.dashes),
        }

    @property
    def spin_dashes(self) -> SpinDashCounter:
        """The spin dashes of this episode so far."""
        return self._counter

    @property
    def act(self) -> Act:
        """The act being played."""
        return self._act

    def render(self) -> np.ndarray:
        """The picture: uint8 [224, 320, 3]."""
        return self.emulator.screen()

    def close(self) -> None:
        self.emulator.close()


class GreyFrame(gymnasium.Wrapper):
    """The picture as one small grey frame, uint8 [height, width]; with a history, the step's combo is drawn on it."""

    def __init__(self, env: gymnasium.Env, spec: ObservationSpec) -> None:
        super().__init__(env)
        self._spec = spec
        self.observation_space = spaces.Box(0, 255, spec.frame_shape, np.uint8)

    def reset(self, **kwargs: Any) -> tuple[np.ndarray, dict]:
        screen, info = self.env.reset(**kwargs)
        return observe(screen, self._spec), info

    def step(self, action: int) -> tuple[np.ndarray, float, bool, bool, dict]:
        screen, reward, terminated, truncated, info = self.env.step(action)
        return observe(screen, self._spec, action), float(reward), terminated, truncated, info


class FrameStack(gymnasium.Wrapper):
    """The last frames, one step apart, as channels: uint8 [height, width, stack], the newest last."""

    def __init__(self, env: gymnasium.Env, spec: ObservationSpec) -> None:
        super().__init__(env)
        self._spec = spec
        self.observation_space = spaces.Box(0, 255, spec.shape, np.uint8)
        self._frames: deque[np.ndarray] = deque(maxlen=spec.stack)

    def reset(self, **kwargs: Any) -> tuple[np.ndarray, dict]:
        frame, info = self.env.reset(**kwargs)
        frames = [observe(screen, self._spec) for screen in info.pop(EARLIER_SCREENS)] + [frame]
        # before the first, the first repeats
        self._frames.extend([frames[0]] * self._spec.stack)
        self._frames.extend(frames)
        return stack_frames(self._frames), info

    def step(self, action: int) -> tuple[np.ndarray, float, bool, bool, dict]:
        frame, reward, terminated, truncated, info = self.env.step(action)
        self._frames.append(frame)
        return stack_frames(self._frames), float(reward), terminated, truncated, info


def make_env(config: EnvConfig, emulator: Emulator | None = None) -> gymnasium.Env:
    """An act as learners see it: uint8 [height, width, stack] observations, 23 combos, contest rewards.

    Args:
        emulator: share this one (its owner then swaps savestates); None makes one.
    """
    env: gymnasium.Env = ActEnv(emulator or Emulator(find_game(config.game)), config)
    if config.reward == "backtracking":
        env = BacktrackingReward(env)
    elif config.reward in OTHER_REWARDS:
        env = PaidByInfo(env, OTHER_REWARDS[config.reward])
    if config.life_price:
        env = PricedLife(env, config.life_price)
    env = ScaledReward(env, config.reward_scale)
    env = FrameLimit(env, config.max_frames)
    if config.stall_frames:
        env = StallLimit(env, config.stall_frames)
    if config.practice_length:
        env = PracticeLimit(env, config.practice_length)
    env = GreyFrame(env, config.observation)
    return FrameStack(env, config.observation)
