"""One act as a Gymnasium environment.

`ActEnv` steps the core and knows when an episode ends; each wrapper adds one behaviour; `make_env` shows their order.
An episode is one life in one act. A step is `frame_skip` frames with one combo held.
"""

from collections import deque
from dataclasses import dataclass
from typing import Any, Literal

import gymnasium
import numpy as np
from gymnasium import spaces

from game.actions import COMBO_COUNT, MASK_OF_COMBO
from game.acts import Act, find_act
from game.emulator import Emulator
from game.games import find_game
from game.observation import ObservationSpec, observe, stack_frames
from game.ram import MODE_SPECIAL_STAGE
from game.rewards import CONTEST_FRAMES, backtracking_reward, contest_reward, progress_of
from game.spindash import SpinDashCounter

SCREEN_SHAPE = (224, 320, 3)


@dataclass(frozen=True)
class EnvConfig:
    """What distinguishes one environment from another. Small and picklable: worker processes are made from it."""

    game: str = "quillrush"
    act: str = "EmeraldHillZone.Act1"
    """Where `reset` starts unless its options name another act."""
    frame_skip: int = 4
    """Frames a step."""
    stick_probability: float = 0.25
    """Chance that the first frame of a step still holds the combo before (the contest's sticky frame skip)."""
    observation: ObservationSpec = ObservationSpec()
    reward: Literal["contest", "backtracking"] = "contest"
    reward_scale: float = 1.0
    max_frames: int = CONTEST_FRAMES
    """Frames after which an episode is truncated."""
    end: Literal["contest", "completion"] = "contest"
    """contest: passing the end x ends the episode. completion: it goes on until the game itself calls the act done."""


class ActEnv(gymnasium.Env[np.ndarray, int]):
    """The bare game: observations are the picture, rewards 0, info the RAM variables.

    `info` also holds: act, frame (frames played), start_x, end_x, progress (0 to 1), max_x, passed_end_x (the
    contest's end), finished (the game's own tally or next act), died, spin_dashes (so far).
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
        self._states: dict[str, bytes] = {}
        self._act = find_act(config.act)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[np.ndarray, dict]:
        """Start an act. Options: "act" (name) and "state" (a savestate inside that act, for other starts)."""
        super().reset(seed=seed)
        options = options or {}
        self._act = find_act(options.get("act", self._act.name))
        self.start_state = options.get("state") or self._start_state(self._act)
        self.emulator.set_state(self.start_state)
        self.emulator.step(0)
        self.masks = [0]
        self._frame = 0
        self._mask = 0
        self._counter = SpinDashCounter()
        variables = self.emulator.variables()
        self._lives = variables["lives"]
        self._start_x = options.get("start_x", variables["x"])
        self._max_x = variables["x"]
        self._passed = self._finished = self._died = False
        return self.emulator.screen(), self._info(variables)

    def step(self, action: int) -> tuple[np.ndarray, float, bool, bool, dict]:
        """Hold one combo for `frame_skip` frames, fewer when the episode ends inside the step."""
        mask = int(MASK_OF_COMBO[action])
        sticks = self.np_random.random() < self._config.stick_probability
        over = False
        variables: dict[str, int] = {}
        for i in range(self._config.frame_skip):
            held = self._mask if i == 0 and sticks else mask
            self.emulator.step(held)
            self.masks.append(held)
            variables = self.emulator.variables()
            over = self._follow(held, variables)
            if over:
                break
        self._mask = mask
        return self.emulator.screen(), 0.0, over, False, self._info(variables)

    def _follow(self, mask: int, variables: dict[str, int]) -> bool:
        """Note what one frame brought. Returns whether the episode is over."""
        self._frame += 1
        x = variables["x"]
        self._counter.update(self._frame, mask, variables["spindash_flag"], variables["inertia"], x)
        if variables["lives"] < self._lives or variables["game_mode"] == MODE_SPECIAL_STAGE:
            self._died = True
            return True
        here = variables["zone"] == self._act.zone and variables["act"] == self._act.act
        if here:  # the next act's x says nothing about this one
            self._max_x = max(self._max_x, x)
            self._passed = self._passed or x >= self._act.end_x
        self._finished = not here or variables["level_end_bonus"] != 0
        return self._passed if self._config.end == "contest" else self._finished

    def _info(self, variables: dict[str, int]) -> dict[str, Any]:
        x = self._max_x if self._finished else variables["x"]
        progress = 1.0 if self._passed else progress_of(x, self._start_x, self._act.end_x)
        return variables | {
            "act_name": self._act.name,
            "frame": self._frame,
            "start_x": self._start_x,
            "end_x": self._act.end_x,
            "progress": progress,
            "max_x": self._max_x,
            "passed_end_x": self._passed,
            "finished": self._finished,
            "died": self._died,
            "spin_dashes": len(self._counter.dashes),
        }

    @property
    def spin_dashes(self) -> SpinDashCounter:
        """The spin dashes of this episode so far."""
        return self._counter

    @property
    def act(self) -> Act:
        return self._act

    def _start_state(self, act: Act) -> bytes:
        if act.name not in self._states:
            self._states[act.name] = self.emulator.game.start_state(act)
        return self._states[act.name]

    def render(self) -> np.ndarray:
        """The picture: uint8 [224, 320, 3]."""
        return self.emulator.screen()

    def close(self) -> None:
        self.emulator.close()


class ContestReward(gymnasium.Wrapper):
    """9000 for the way from start to end, and the time bonus; equal to the contest's script, scaled."""

    def __init__(self, env: gymnasium.Env, scale: float = 1.0) -> None:
        super().__init__(env)
        self._scale = scale
        self._progress = 0.0
        self._paid = False

    def reset(self, **kwargs: Any) -> tuple[np.ndarray, dict]:
        observation, info = self.env.reset(**kwargs)
        self._progress, self._paid = info["progress"], False
        return observation, info

    def step(self, action: int) -> tuple[np.ndarray, float, bool, bool, dict]:
        observation, _, terminated, truncated, info = self.env.step(action)
        reward = 0.0 if self._paid else self._pay(info)
        self._paid = info["passed_end_x"]
        return observation, reward * self._scale, terminated, truncated, info

    def _pay(self, info: dict) -> float:
        before, self._progress = self._progress, info["progress"]
        return contest_reward(before, self._progress, info["frame"])


class BacktrackingReward(ContestReward):
    """The contest reward with only new ground paying."""

    def _pay(self, info: dict) -> float:
        before, self._progress = self._progress, max(self._progress, info["progress"])
        return backtracking_reward(before, self._progress, info["frame"])


class FrameLimit(gymnasium.Wrapper):
    """Truncates an episode after so many frames."""

    def __init__(self, env: gymnasium.Env, max_frames: int) -> None:
        super().__init__(env)
        self._max_frames = max_frames

    def step(self, action: int) -> tuple[np.ndarray, float, bool, bool, dict]:
        observation, reward, terminated, truncated, info = self.env.step(action)
        truncated = truncated or (not terminated and info["frame"] >= self._max_frames)
        return observation, float(reward), terminated, truncated, info


class GreyFrame(gymnasium.ObservationWrapper):
    """The picture as one small grey frame, uint8 [height, width]."""

    def __init__(self, env: gymnasium.Env, spec: ObservationSpec) -> None:
        super().__init__(env)
        self._spec = spec
        self.observation_space = spaces.Box(0, 255, spec.frame_shape, np.uint8)

    def observation(self, observation: np.ndarray) -> np.ndarray:
        return observe(observation, self._spec)


class FrameStack(gymnasium.Wrapper):
    """The last frames, one step apart, as channels: uint8 [height, width, stack], the newest last."""

    def __init__(self, env: gymnasium.Env, spec: ObservationSpec) -> None:
        super().__init__(env)
        self.observation_space = spaces.Box(0, 255, spec.shape, np.uint8)
        self._frames: deque[np.ndarray] = deque(maxlen=spec.stack)

    def reset(self, **kwargs: Any) -> tuple[np.ndarray, dict]:
        frame, info = self.env.reset(**kwargs)
        self._frames.extend([frame] * (self._frames.maxlen or 1))
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
    reward = ContestReward if config.reward == "contest" else BacktrackingReward
    env = reward(env, config.reward_scale)
    env = FrameLimit(env, config.max_frames)
    env = GreyFrame(env, config.observation)
    return FrameStack(env, config.observation)
