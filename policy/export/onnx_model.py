"""An exported network as an ONNX graph, built with the onnx package's own helper.

Its layers are few and known, so the graph is written down here; converters from Keras would bring TensorFlow along.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from policy.export.description import Described

OPSET = 17
"""Of the operators: understood by every onnxruntime since 1.12 (2022)."""
IR_VERSION = 8
"""Of the file, as old as the opset."""
HOW_TO_INSTALL = "`make install-share` brings them; `--numpy-only` does without ONNX"


def import_onnx() -> tuple[Any, Any]:
    """(onnx, onnxruntime); ValueError says how to install them where they are not."""
    try:
        import onnx
        import onnxruntime
    except ImportError as error:
        wrong = f"ONNX needs the packages onnx and onnxruntime, and {error.name} is not installed"
        raise ValueError(f"{wrong}: {HOW_TO_INSTALL}.") from error
    return onnx, onnxruntime


def build_model(described: Described, arrays: Mapping[str, np.ndarray]) -> Any:
    """The network of policy.json as an onnx.ModelProto.

    Input: observation, uint8 [B, height, width, stack]. Outputs, float32: logits [B, actions] and value [B], or
    action_values [B, actions] (of distributions, their means on atoms from 0 to 1).

    Raises:
        ValueError: onnx is not installed, or it is no network.
    """
    if "layers" not in described:
        kind = described["kind"]
        raise ValueError(f"expected a checkpoint of kind network for ONNX. Received: kind {kind}. Take --numpy-only")
    onnx, _ = import_onnx()
    graph = _Graph(onnx, arrays)
    x = graph.add("Cast", ["observation"], to=onnx.TensorProto.FLOAT)
    x = graph.add("Mul", [x, graph.constant(np.float32(1 / 255))])
    x = graph.add("Transpose", [x], perm=[0, 3, 1, 2])  # ONNX has channels before rows
    for layer in described["layers"]:
        x = _LAYERS[layer["layer"]](graph, x, layer)
    outputs = [_add_head(graph, x, head) for head in described["heads"]]
    spec = described["observation"]
    shape = ["batch", spec["height"], spec["width"], spec["stack"]]
    return graph.model(shape, outputs, described)


class _Graph:
    """The nodes and constants of a graph under construction; every value in it has a name."""

    def __init__(self, onnx: Any, arrays: Mapping[str, np.ndarray]) -> None:
        self._onnx = onnx
        self._arrays = arrays
        self._nodes: list[Any] = []
        self._constants: dict[str, Any] = {}

    def add(self, operator: str, inputs: Sequence[str], output: str = "", **attributes: Any) -> str:
        """One more node; returns the name of what it gives."""
        name = output or f"{operator.lower()}_{len(self._nodes)}"
        self._nodes.append(self._onnx.helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def constant(self, value: np.ndarray | np.generic, name: str = "") -> str:
        """An array that is part of the model; returns its name."""
        name = name or f"constant_{len(self._constants)}"
        self._constants[name] = self._onnx.numpy_helper.from_array(
            np.ascontiguousarray(value).reshape(value.shape), name
        )
        return name

    def weights(self, layer: Mapping[str, Any]) -> list[str]:
        """Kernel and bias of a layer; a convolution's kernel turned from [k, k, inputs, filters] to [filters, inputs, k, k]."""
        kernel = self._arrays[layer["kernel"]]
        if kernel.ndim == 4:
            kernel = kernel.transpose(3, 2, 0, 1)
        bias = self._arrays[layer["bias"]]
        return [self.constant(kernel, layer["kernel"]), self.constant(bias, layer["bias"])]

    def arrays(self, *names: str) -> list[str]:
        """Arrays as they are."""
        return [self.constant(self._arrays[name], name) for name in names]

    def model(self, shape: Sequence[int | str], outputs: Sequence[tuple[str, int]], described: Described) -> Any:
        """The checked model; outputs are (name, axes)."""
        helper = self._onnx.helper
        types = self._onnx.TensorProto
        observation = helper.make_tensor_value_info("observation", types.UINT8, shape)
        actions = len(described["combos"])
        sizes = {1: ["batch"], 2: ["batch", actions]}
        given = [helper.make_tensor_value_info(name, types.FLOAT, sizes[axes]) for name, axes in outputs]
        constants = list(self._constants.values())
        graph = helper.make_graph(self._nodes, "policy", [observation], given, constants)
        opsets = [helper.make_opsetid("", OPSET)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="sonic2-imitation")
        combos = ["+".join(combo) or "none" for combo in described["combos"]]
        facts = {"game": described["game"], "frame_skip": str(described["frame_skip"]), "combos": ", ".join(combos)}
        helper.set_model_props(model, facts)
        self._onnx.checker.check_model(model, full_check=True)
        return model


def _add_convolution(graph: _Graph, x: str, layer: Mapping[str, Any]) -> str:
    stride = layer.get("stride", 1)
    padding = "SAME_UPPER" if layer.get("same") else "VALID"
    x = graph.add("Conv", [x, *graph.weights(layer)], strides=[stride, stride], auto_pad=padding)
    return graph.add("Relu", [x]) if layer.get("relu") else x


def _add_residual(graph: _Graph, x: str, layer: Mapping[str, Any]) -> str:
    inner = _add_convolution(graph, graph.add("Relu", [x]), layer["inner"] | {"same": True, "relu": True})
    outer = _add_convolution(graph, inner, layer["outer"] | {"same": True})
    return graph.add("Add", [x, outer])


def _add_pool(graph: _Graph, x: str, layer: Mapping[str, Any]) -> str:
    return graph.add("MaxPool", [x], kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_UPPER")


def _add_relu(graph: _Graph, x: str, layer: Mapping[str, Any]) -> str:
    return graph.add("Relu", [x])


def _add_mean(graph: _Graph, x: str, layer: Mapping[str, Any]) -> str:
    return graph.add("ReduceMean", [x], axes=[2, 3], keepdims=1)


def _add_dense(graph: _Graph, x: str, layer: Mapping[str, Any]) -> str:
    """The layer above the torso, whose kernel is in the order rows, columns, channels."""
    x = graph.add("Transpose", [x], perm=[0, 2, 3, 1])
    x = graph.add("Flatten", [x])
    x = graph.add("Gemm", [x, *graph.weights(layer)])
    if "norm" in layer:
        norm = layer["norm"]
        x = graph.add("LayerNormalization", [x, *graph.arrays(norm["scale"], norm["shift"])], epsilon=norm["epsilon"])
    return graph.add("Relu", [x])


_LAYERS = {
    "convolution": _add_convolution,
    "residual": _add_residual,
    "pool": _add_pool,
    "relu": _add_relu,
    "mean": _add_mean,
    "dense": _add_dense,
}


def _add_head(graph: _Graph, x: str, head: Mapping[str, Any]) -> tuple[str, int]:
    """A head above the hidden layer; returns its output's (name, axes)."""
    name = head["name"]
    by_atom = graph.constant(np.array([0, -1, head["atoms"]], np.int64))
    output = graph.add("Reshape", [graph.add("Gemm", [x, *graph.weights(head)]), by_atom])  # [B, actions, atoms]
    if "shared" in head:
        of_state = graph.add("Reshape", [graph.add("Gemm", [x, *graph.weights(head["shared"])]), by_atom])
        mean = graph.add("ReduceMean", [output], axes=[1], keepdims=1)
        output = graph.add("Add", [of_state, graph.add("Sub", [output, mean])])
    if head["atoms"] > 1:
        values = np.linspace(0, 1, head["atoms"], dtype=np.float32)[:, None]
        output = graph.add("MatMul", [graph.add("Softmax", [output], axis=-1), graph.constant(values)])
    axes = 2 if head["per_action"] else 1
    shape = graph.constant(np.array([0, -1] if axes == 2 else [-1], np.int64))
    return graph.add("Reshape", [output, shape], output=name), axes
