"""A checkpoint in words that need nothing of this project: policy.json, from which play.py and the ONNX graph are made.

A network is a list of layers that names its arrays; noise is left out, as in every player of it.
"""

from collections.abc import Iterator
from typing import Any

from game.actions import COMBOS
from game.games import find_game
from policy.architecture import (
    HEADS,
    NORM_EPSILON,
    TORSOS,
    Convolution,
    Head,
    Layer,
    Mean,
    NetworkConfig,
    Pool,
    Relu,
    ResidualBlock,
    SeparableConvolution,
)
from policy.checkpoint import Checkpoint

FORMAT = 1
"""Of policy.json."""

Described = dict[str, Any]
"""JSON values."""


Names = Iterator[str]
"""Of all arrays that no layer has taken yet (policy.architecture.parameter_shapes)."""


def _next_pair(names: Names) -> Described:
    """The names of the next layer's kernel and bias."""
    kernel = next(names)
    return {"kernel": kernel, "bias": next(names)}


def _next_dense(names: Names, is_noisy: bool) -> Described:
    """Those of the next dense layer; a noisy one has two deviations more, which no player draws from."""
    pair = _next_pair(names)
    if is_noisy:
        _next_pair(names)
    return pair


def describe(checkpoint: Checkpoint) -> Described:
    """The content of policy.json. `layers` and `heads` are there for a checkpoint of kind `network` only.

    A layer is {"layer": "convolution" | "pool" | "residual" | "relu" | "mean" | "dense", …} with the names of its arrays:
    kernels are [k, k, inputs, filters] or [inputs, outputs]. What they mean is written down in play.py
    (policy.export.standalone).
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
        described |= _describe_network(checkpoint)
    return described


def _describe_network(checkpoint: Checkpoint) -> Described:
    network = checkpoint.info.network
    network.check_memoryless("export")
    names = iter(sorted(checkpoint.arrays))
    layers = [_describe_layer(layer, names) for layer in TORSOS[network.torso]]
    layers.append(_describe_hidden(network, names))
    heads = [_describe_head(head, names, network.noisy) for head in HEADS[network.heads]]
    return {"layers": layers, "heads": heads}


def _describe_hidden(network: NetworkConfig, names: Names) -> Described:
    described = {"layer": "dense", **_next_dense(names, network.noisy), "relu": True}
    if network.layer_norm:
        described["norm"] = {"scale": next(names), "shift": next(names), "epsilon": NORM_EPSILON}
    return described


def _describe_layer(layer: Layer, names: Names) -> Described:
    match layer:
        case Convolution():
            return {
                "layer": "convolution",
                **_next_pair(names),
                "stride": layer.stride,
                "same": layer.same,
                "relu": layer.relu,
            }
        case ResidualBlock():
            return {"layer": "residual", "inner": _next_pair(names), "outer": _next_pair(names)}
        case Pool():
            return {"layer": "pool"}
        case Relu():
            return {"layer": "relu"}
        case Mean():
            return {"layer": "mean"}
        case SeparableConvolution():
            raise ValueError("expected a torso of whole convolutions to export. Received: separable ones")


def _describe_head(head: Head, names: Names, is_noisy: bool) -> Described:
    own = _next_dense(names, is_noisy)
    described: Described = {"name": head.name, "per_action": head.per_action, "atoms": head.atoms, **own}
    if head.shared:
        described["shared"] = _next_dense(names, is_noisy)
    return described
