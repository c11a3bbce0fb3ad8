"""Plays an exported policy with NumPy alone; stable-retro is needed to play it in the game, and nothing else.

    python play.py --act EmeraldHillZone.Act1 [--seed 0] [--integrations FOLDER]

From Python: `player = Player(folder)`, then `player.reset(act, seed)`, and `player.act(observation)` for every step gives
the buttons to hold for `frame_skip` frames. An observation is uint8 [height, width, stack]: `Observer(policy)` makes a frame
of it, the newest stands last, and frames lie `frame_skip` frames apart.

This file was written by an export and imports nothing of the project that wrote it. policy.json beside it says what the
arrays in weights.npz mean. B is a batch.
"""

import argparse
import json
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

HUD_ROWS = 72
HUD_COLUMNS = 128
"""The corner of the picture that score, time and rings are drawn in."""
HISTORY_ROWS = 4
"""Along the top of a frame, where a policy with an action history sees the combo held before it."""
NETWORK_PLAYER = 2
"""Tells the draws of a policy from other chance of the same seed."""

Arrays = Mapping[str, np.ndarray]
"""Those of weights.npz, by name."""
Layer = Mapping[str, Any]
"""One of policy.json."""


class Observer:
    """Makes frames of pictures: grey, the mean over the area of every pixel."""

    def __init__(self, policy: Mapping[str, Any]) -> None:
        spec = policy["observation"]
        self._hide_hud = spec["hide_hud"]
        self._size = (spec["height"], spec["width"])
        self._has_history = spec.get("action_history", False)
        self._combos = policy["all_combos"]

    def __call__(self, screen: np.ndarray, held: list[str] | None = None) -> np.ndarray:
        """uint8 [rows, columns, 3], RGB -> uint8 [height, width]. held: what `Player.act` said in the step before, if any."""
        red, green, blue = np.moveaxis(screen.astype(np.int64), -1, 0)
        grey = (9798 * red + 19235 * green + 3735 * blue + (1 << 14)) >> 15
        if self._hide_hud:
            grey[:HUD_ROWS, :HUD_COLUMNS] = 0
        frame = area_mean(grey, self._size).astype(np.uint8)
        if self._has_history:
            frame[:HISTORY_ROWS] = 0
            if held is not None:
                block = frame.shape[1] // len(self._combos)
                first = self._combos.index(held) * block
                frame[:HISTORY_ROWS, first : first + block] = 255
        return frame


def area_mean(picture: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    """A grey picture [rows, columns] at a smaller size (height, width), rounded: float32 [height, width]."""
    height, width = size
    rows = overlaps(picture.shape[0], height)
    columns = overlaps(picture.shape[1], width)
    sums = rows @ picture.astype(np.float64) @ columns.T  # whole numbers, so that they are exact
    return np.rint(sums.astype(np.float32) * np.float32(1 / (rows[0].sum() * columns[0].sum())))


def overlaps(old: int, new: int) -> np.ndarray:
    """How much of each old pixel lies in each new one, in units of which both are whole: float64 [new, old]."""
    common = np.gcd(old, new)
    unit_old = new // common
    unit_new = old // common
    starts_old = np.arange(old) * unit_old
    starts_new = np.arange(new)[:, None] * unit_new
    ends = np.minimum(starts_old + unit_old, starts_new + unit_new)
    return np.maximum(ends - np.maximum(starts_old, starts_new), 0).astype(np.float64)


class Network:
    """The layers of policy.json, one after the other."""

    def __init__(self, policy: Mapping[str, Any], arrays: Arrays) -> None:
        self._layers = policy["layers"]
        self._heads = policy["heads"]
        self._arrays = arrays

    def __call__(self, observations: np.ndarray) -> dict[str, np.ndarray]:
        """uint8 [B, height, width, stack] -> the heads' outputs by name.

        logits [B, actions] and value [B], or action_values [B, actions]: of distributions, their means on atoms from 0 to 1.
        """
        x = observations.astype(np.float32) * np.float32(1 / 255)
        for layer in self._layers:
            if layer["layer"] == "dense":
                x = x.reshape(len(x), -1)
            x = getattr(self, "_" + layer["layer"])(x, layer)
        return {head["name"]: self._head(x, head) for head in self._heads}

    def _dense(self, x: np.ndarray, layer: Layer) -> np.ndarray:
        sums = x @ self._arrays[layer["kernel"]] + self._arrays[layer["bias"]]
        if "norm" in layer:
            sums = self._norm(sums, layer["norm"])
        return np.maximum(sums, 0) if layer.get("relu") else sums

    def _norm(self, x: np.ndarray, layer: Layer) -> np.ndarray:
        centred = x - x.mean(axis=1, keepdims=True)
        deviation = np.sqrt(np.square(centred).mean(axis=1, keepdims=True) + np.float32(layer["epsilon"]))
        return centred / deviation * self._arrays[layer["scale"]] + self._arrays[layer["shift"]]

    def _convolution(self, x: np.ndarray, layer: Layer) -> np.ndarray:
        kernel = self._arrays[layer["kernel"]]
        size = len(kernel)
        stride = layer.get("stride", 1)
        if layer.get("same"):
            x = np.pad(x, ((0, 0), (size // 2, size // 2), (size // 2, size // 2), (0, 0)))
        windows = sliding_window_view(x, (size, size), axis=(1, 2))[:, ::stride, ::stride]  # [B, h, w, c, k, k]
        columns = np.moveaxis(windows, 3, -1).reshape(*windows.shape[:3], -1)
        sums = columns @ kernel.reshape(-1, kernel.shape[-1]) + self._arrays[layer["bias"]]
        return np.maximum(sums, 0) if layer.get("relu") else sums

    def _residual(self, x: np.ndarray, layer: Layer) -> np.ndarray:
        inner = self._convolution(np.maximum(x, 0), {**layer["inner"], "same": True})
        return x + self._convolution(np.maximum(inner, 0), {**layer["outer"], "same": True})

    def _pool(self, x: np.ndarray, layer: Layer) -> np.ndarray:
        pads = [(0, 0)]
        for size in x.shape[1:3]:
            total = max((-(-size // 2) - 1) * 2 + 3 - size, 0)  # Keras's "same"
            pads.append((total // 2, total - total // 2))
        padded = np.pad(x, [*pads, (0, 0)], constant_values=-np.inf)
        return sliding_window_view(padded, (3, 3), axis=(1, 2))[:, ::2, ::2].max(axis=(-1, -2))

    def _relu(self, x: np.ndarray, layer: Layer) -> np.ndarray:
        return np.maximum(x, 0)

    def _mean(self, x: np.ndarray, layer: Layer) -> np.ndarray:
        return x.mean(axis=(1, 2), keepdims=True)

    def _head(self, x: np.ndarray, head: Layer) -> np.ndarray:
        output = self._dense(x, head).reshape(len(x), -1, head["atoms"])
        if "shared" in head:
            of_state = self._dense(x, head["shared"]).reshape(len(x), 1, head["atoms"])
            output = of_state + output - output.mean(axis=1, keepdims=True)
        if head["atoms"] > 1:
            shares = np.exp(output - output.max(axis=-1, keepdims=True))
            shares /= shares.sum(axis=-1, keepdims=True)
            output = shares @ np.linspace(0, 1, head["atoms"], dtype=np.float32)[:, None]
        return output[:, :, 0] if head["per_action"] else output[:, 0, 0]


class NetworkPolicy:
    """Draws from the network's policy, or takes the best of its action values."""

    def __init__(self, policy: Mapping[str, Any], arrays: Arrays) -> None:
        self.network = Network(policy, arrays)

    def reset(self, act: str, seed: int) -> None:
        self._rng = np.random.default_rng([seed, NETWORK_PLAYER])

    def choose(self, observation: np.ndarray) -> int:
        outputs = self.network(observation[None])
        if "action_values" in outputs:
            return int(outputs["action_values"][0].argmax())
        logits = outputs["logits"][0]
        return int((logits + self._rng.gumbel(size=len(logits))).argmax())


class SequencePolicy:
    """Presses what it has for the act, whatever it sees, then stands still."""

    def __init__(self, policy: Mapping[str, Any], arrays: Arrays) -> None:
        self._arrays = arrays

    def reset(self, act: str, seed: int) -> None:
        self._coming: Iterator[int] = iter(self._arrays[act].tolist() if act in self._arrays else [])

    def choose(self, observation: np.ndarray) -> int:
        return next(self._coming, 0)


ACTIVATIONS = {
    "sigmoid": lambda x: 1 / (1 + np.exp(-np.clip(5 * x, -60, 60))),
    "tanh": lambda x: np.tanh(np.clip(2.5 * x, -60, 60)),
    "relu": lambda x: np.maximum(x, 0),
    "gauss": lambda x: np.exp(-5 * np.clip(x, -3.4, 3.4) ** 2),
    "identity": lambda x: x,
}


class GenomePolicy:
    """A bred network, stepped once per observation; what a node gives reaches the next one step later."""

    def __init__(self, policy: Mapping[str, Any], arrays: Arrays) -> None:
        self._arrays = arrays
        self._actions = len(policy["combos"])
        self._size = tuple(arrays["picture"].tolist())
        self._sees_motion = bool(arrays.get("motion", False))

    def reset(self, act: str, seed: int) -> None:
        self._before: np.ndarray | None = None
        self._nodes = np.zeros(len(self._arrays["biases"]))

    def choose(self, observation: np.ndarray) -> int:
        arrays = self._arrays
        pixels = area_mean(observation[..., -1], self._size).reshape(-1).astype(np.uint8) / 255
        before = pixels if self._before is None else self._before
        inputs = [pixels, pixels - before] if self._sees_motion else [pixels]
        self._before = pixels
        values = np.concatenate([*inputs, self._nodes])
        sums = np.zeros(len(self._nodes))
        np.add.at(sums, arrays["targets"], arrays["weights"] * values[arrays["sources"]])
        inner = arrays["biases"] + arrays["responses"] * sums
        for node, name in enumerate(arrays["activations"].tolist()):
            self._nodes[node] = ACTIVATIONS[name](inner[node])
        return int(self._nodes[: self._actions].argmax())


KINDS: dict[str, Any] = {"network": NetworkPolicy, "sequences": SequencePolicy, "genome": GenomePolicy}


class Player:
    """The policy of an exported folder."""

    def __init__(self, folder: Path) -> None:
        self.policy = json.loads((Path(folder) / "policy.json").read_text())
        with np.load(Path(folder) / "weights.npz", allow_pickle=False) as arrays:
            self.chooser = KINDS[self.policy["kind"]](self.policy, dict(arrays))
        # sequences are written in the numbers of all combos, whatever set their finder chose from
        in_numbers_of = "all_combos" if self.policy["kind"] == "sequences" else "combos"
        self._combos = self.policy[in_numbers_of]

    def reset(self, act: str, seed: int = 0) -> None:
        """An episode begins; all of the player's chance comes from the seed."""
        self.chooser.reset(act, seed)

    def act(self, observation: np.ndarray) -> list[str]:
        """The buttons to hold for an observation, uint8 [height, width, stack]: a list like ["B", "RIGHT"]."""
        return self._combos[self.chooser.choose(observation)]


def make_env(retro_id: str, act: str, integrations: str) -> Any:
    """The game at the start of an act, a pad with every button."""
    import stable_retro

    if integrations:
        stable_retro.data.Integrations.add_custom_path(str(Path(integrations).resolve()))
    return stable_retro.make(
        retro_id,
        state=act,
        inttype=stable_retro.data.Integrations.ALL,
        use_restricted_actions=stable_retro.Actions.ALL,
        render_mode="rgb_array",
    )


def play(
    player: Player,
    act: str,
    seed: int,
    integrations: str = "",
    max_frames: int = 18_000,
    stick_probability: float = 0.25,
) -> dict[str, Any]:
    """Play one episode in stable-retro; returns how far it came, its frames, and how it ended.

    The contest's conditions: one life, and with chance 25 % the first frame of a step still holds what was held before.
    """
    policy = player.policy
    env = make_env(policy["retro_id"], act, integrations)
    observer = Observer(policy)
    chance = np.random.default_rng(seed)
    env.reset()
    idle = np.zeros(env.num_buttons, np.int8)
    screen, _, _, _, info = env.step(idle)
    frames = deque([observer(screen)] * policy["observation"]["stack"], policy["observation"]["stack"])
    player.reset(act, seed)
    lives = info["lives"]
    furthest = info["x"]
    held = idle
    frame = 0
    ending = ""
    while not ending:
        buttons = player.act(np.stack(frames, axis=-1))
        pad = np.array([button in buttons for button in env.buttons], np.int8)
        sticks = chance.random() < stick_probability
        for place in range(policy["frame_skip"]):
            screen, _, _, _, info = env.step(held if place == 0 and sticks else pad)
            frame += 1
            furthest = max(furthest, info["x"])
            ending = how_it_ended(policy, act, info, lives, frame >= max_frames)
            if ending:
                break
        held = pad
        frames.append(observer(screen, buttons))
    env.close()
    return {"act": act, "x": furthest, "frames": frame, "ended": ending}


def how_it_ended(policy: Mapping[str, Any], act: str, info: Mapping[str, int], lives: int, is_late: bool) -> str:
    """ "" while the episode goes on."""
    if info["lives"] < lives:
        return "a life was lost"
    if info["x"] >= policy["end_x"][act]:
        return "the contest's end x was passed"
    return "the time was up" if is_late else ""


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Play the exported policy in this folder.")
    parser.add_argument("--act", default="EmeraldHillZone.Act1", help="the start state of an act")
    parser.add_argument("--seed", type=int, default=0, help="of all chance in the episode")
    parser.add_argument("--integrations", default="", help="a folder that holds the game's stable-retro integration")
    options = parser.parse_args()
    print(json.dumps(play(Player(Path(__file__).parent), options.act, options.seed, options.integrations)))


if __name__ == "__main__":
    main()
