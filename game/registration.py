"""The games as Gymnasium knows environments, by id: importing this module registers `Quillrush-v0` and `Sonic2-v0`.

    import gymnasium
    import game.registration

    env = gymnasium.make("Quillrush-v0", act="EmeraldHillZone.Act1")

or, in one line, `gymnasium.make("game.registration:Quillrush-v0")`, which worker processes of other libraries need. The
options are the fields of EnvConfig and ObservationSpec (height, width, stack, hide_hud, action_history), and
`stacked`.
"""

from dataclasses import asdict, fields
from typing import Any

import gymnasium
import msgspec
from gymnasium.envs.registration import EnvSpec

from common.names import did_you_mean
from game.acts import find_act
from game.emulator import LentEmulator
from game.env import ActEnv, EnvConfig, make_env
from game.games import find_game
from game.observation import ObservationSpec

IDS = {"quillrush": "Quillrush-v0", "sonic2": "Sonic2-v0"}
"""Gymnasium's id of each game."""
ENTRY_POINT = "game.registration:make"
_OF_PICTURE = {field.name for field in fields(ObservationSpec)}
_OF_ENVIRONMENT = {field.name for field in fields(EnvConfig)} - {"observation"}


def make(*, stacked: bool = True, render_mode: str | None = None, **options: Any) -> gymnasium.Env:
    """What `gymnasium.make` gives before its own wrappers: make_env's environment.

    Any number of them may live in a process: they take turns in its one emulator.

    Args:
        stacked: False gives single frames, uint8 [height, width], as data sets hold them.
        render_mode: None or "rgb_array", which are the same here.
        options: by the names of EnvConfig's and ObservationSpec's fields.

    Raises:
        TypeError: an option there is not.
        ValueError: a value that makes no sense, a game without a ROM, or an act that the game has not.
    """
    unknown = sorted(options.keys() - _OF_ENVIRONMENT - _OF_PICTURE)
    if unknown:
        known = sorted(_OF_ENVIRONMENT | _OF_PICTURE | {"stacked"})
        raise TypeError(f"unknown option {unknown[0]!r}.{did_you_mean(unknown[0], known)} Options: {', '.join(known)}.")
    picture = {name: options.pop(name) for name in _OF_PICTURE & options.keys()}
    config = msgspec.convert(options | {"observation": picture}, EnvConfig)
    played = find_game(config.game)
    played.check_acts([find_act(config.act)])
    env = make_env(config, LentEmulator(played))
    if not stacked:  # the stack is the outermost wrapper
        assert isinstance(env, gymnasium.Wrapper)
        env = env.env
    return env


make.metadata = ActEnv.metadata  # type: ignore[attr-defined]  # tells gymnasium.make what it can show in a window


def data_spec(game: str, spec: ObservationSpec) -> EnvSpec:
    """The environment that a data set's episodes are of: every frame a step, nothing sticks, single frames."""
    picture = asdict(spec)
    del picture["stack"]  # made at loading
    options = picture | {"game": game, "frame_skip": 1, "stick_probability": 0.0, "stacked": False}
    return EnvSpec(id=IDS[game], entry_point=ENTRY_POINT, kwargs=options)


for _game, _id in IDS.items():
    gymnasium.register(id=_id, entry_point=ENTRY_POINT, kwargs={"game": _game})
