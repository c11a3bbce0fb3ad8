"""A checkpoint in words that need nothing of this project: policy.json, from which play.py and the ONNX graph are made.

A network is a list of layers that names its arrays; noise is left out, as in every player of it.
"""

from typing import Any

from game.actions import COMBOS
from game.games import find_game
from policy.architecture import (
    HEADS,
    TORSOS,
    Convolution,
    Head,
    Layer,
    NetworkConfig,
    Pool,
    Relu,
    ResidualBlock,
    SeparableConvolution,
)
from policy.checkpoint import Checkpoint, CheckpointInfo

FORMAT = 1
"""Of policy.json."""

Described = dict[str, Any]
"""JSON values."""


class Pairs:
    """The names of each layer's kernel and bias, one layer after the other (policy.architecture.parameter_shapes).

    A noisy layer's deviations are skipped: it has four arrays, and every layer from the hidden one on is noisy, or none.
    """

    def __init__(self, config: NetworkConfig) -> None:
        self._place = 0
        self._plain = sum(_convolutions(layer) for layer in TORSOS[config.torso])
        self._is_noisy = config.noisy

    def __next__(self) -> Described:
        names = {"kernel": f"w{self._place:03d}", "bias": f"w{self._place + 1:03d}"}
        self._place += 4 if self._is_noisy and self._plain <= 0 else 2
        self._plain -= 1
        return names


def _convolutions(layer: Layer) -> int:
    match layer:
        case Convolution():
            return 1
        case ResidualBlock():
            return 2
        case _:
            return 0


def describe(checkpoint: Checkpoint) -> Described:
    """The content of policy.json. `layers` and `heads` are there for a checkpoint of kind `network` only.

    A layer is {"layer": "convolution" | "pool" | "residual" | "relu" | "dense", …} with the names of its arrays: kernels are
    [k, k, inputs, filters] or [inputs, outputs]. What they mean is written down in play.py (policy.export.standalone).
    """
    info = checkpoint.info
    game = find_game(info.game)
    described: Described = {
        "format": FORMAT,
        "kind": info.kind,
        "game": info.game,
        "retro_id": game.retro_id,
        "frame_skip": info.frame_skip,
        "observation": info.observation.to_json(),
        "combos": [list(COMBOS[combo]) for combo in info.combos],
        "all_combos": [list(combo) for combo in COMBOS],
        "end_x": {act.name: act.end_x for act in game.acts},
    }
    if info.kind == "network":
        described |= _describe_network(info)
    return described


def _describe_network(info: CheckpointInfo) -> Described:
    info.network.check_memoryless("export")
    pairs = Pairs(info.network)
    layers = [_describe_layer(layer, pairs) for layer in TORSOS[info.network.torso]]
    layers.append({"layer": "dense", **next(pairs), "relu": True})
    heads = [_describe_head(head, pairs) for head in HEADS[info.network.heads]]
    return {"layers": layers, "heads": heads}


def _describe_layer(layer: Layer, pairs: Pairs) -> Described:
    match layer:
        case Convolution():
            return {
                "layer": "convolution",
                **next(pairs),
                "stride": layer.stride,
                "same": layer.same,
                "relu": layer.relu,
            }
        case ResidualBlock():
            return {"layer": "residual", "inner": next(pairs), "outer": next(pairs)}
        case Pool():
            return {"layer": "pool"}
        case Relu():
            return {"layer": "relu"}
        case SeparableConvolution():
            raise ValueError("expected a torso of whole convolutions to export. Received: separable ones")


def _describe_head(head: Head, pairs: Pairs) -> Described:
    described: Described = {"name": head.name, "per_action": head.per_action, "atoms": head.atoms, **next(pairs)}
    if head.shared:
        described["shared"] = next(pairs)
    return described
