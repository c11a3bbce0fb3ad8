"""A network that was bred rather than trained: nodes and connections of any shape, played in NumPy.

It is fed the newest frame, averaged down to a few pixels, if wanted also what changed in them, and stepped once per
observation; what a node gives reaches the next node one step later, so that loops are allowed (neat-python's recurrent
network, but that a node into which nothing leads gives its bias, not 0). Its action is the largest output.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import cv2
import numpy as np

ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "sigmoid": lambda x: 1.0 / (1.0 + np.exp(-np.clip(5.0 * x, -60.0, 60.0))),
    "tanh": lambda x: np.tanh(np.clip(2.5 * x, -60.0, 60.0)),
    "relu": lambda x: np.maximum(x, 0.0),
    "gauss": lambda x: np.exp(-5.0 * np.clip(x, -3.4, 3.4) ** 2),
    "identity": lambda x: x,
}
"""As neat-python defines them."""


@dataclass(frozen=True)
class Genome:
    """P inputs, N nodes of which the first A are the outputs, C connections.

    Attributes:
        picture: int64 [2], rows and columns the frame is averaged down to; P is their product, or with motion twice that.
        activations: unicode [N], names in ACTIVATIONS.
        biases, responses: float64 [N].
        sources, targets: int64 [C]; a source below P is an input, P + n is node n; a target is a node.
        weights: float64 [C].
        motion: bool [], whether the pixels (0 to 1) are followed by what each has gained since the frame before.
    """

    picture: np.ndarray
    activations: np.ndarray
    biases: np.ndarray
    responses: np.ndarray
    sources: np.ndarray
    targets: np.ndarray
    weights: np.ndarray
    motion: np.ndarray = field(default_factory=lambda: np.array(False))

    @property
    def inputs(self) -> int:
        """P."""
        rows, columns = self.picture.tolist()
        return input_count(rows, columns, bool(self.motion))

    def to_arrays(self) -> dict[str, np.ndarray]:
        """As a checkpoint holds it."""
        return dict(vars(self))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray], actions: int) -> "Genome":
        """The genome of a checkpoint. ValueError when the arrays are not those of one with so many outputs."""
        names = set(cls.__dataclass_fields__)
        if set(arrays) | {"motion"} != names:
            raise ValueError(f"Expected the arrays {', '.join(sorted(names))}. Received: {', '.join(sorted(arrays))}")
        genome = cls(**arrays)
        nodes = len(genome.biases)
        connections = len(genome.weights)
        shapes = {
            "picture": (2,),
            "activations": (nodes,),
            "biases": (nodes,),
            "responses": (nodes,),
            "sources": (connections,),
            "targets": (connections,),
            "weights": (connections,),
            "motion": (),
        }
        for name, shape in shapes.items():
            received = getattr(genome, name).shape
            if received != shape:
                raise ValueError(f"Expected {name} of shape {shape}. Received: {received}")
        unknown = set(genome.activations.tolist()) - set(ACTIVATIONS)
        if unknown:
            raise ValueError(f"Expected activations of {', '.join(ACTIVATIONS)}. Received: {unknown}")
        genome._check_places(actions)
        for name in ("biases", "responses", "weights"):
            if not np.isfinite(arrays[name]).all():
                raise ValueError(f"Expected finite {name}. Received: NaN or infinity")
        return genome

    def _check_places(self, actions: int) -> None:
        nodes = len(self.biases)
        rows, columns = self.picture.tolist()
        if not (0 < rows <= 256 and 0 < columns <= 256):
            raise ValueError(f"Expected a picture of at most 256 x 256. Received: {rows} x {columns}")
        if nodes < actions:
            raise ValueError(f"Expected at least {actions} nodes, one per action. Received: {nodes}")
        if len(self.weights):
            places = self.inputs + nodes
            if self.sources.min() < 0 or self.sources.max() >= places:
                raise ValueError(f"Expected sources from 0 to {places - 1}.")
            if self.targets.min() < 0 or self.targets.max() >= nodes:
                raise ValueError(f"Expected targets from 0 to {nodes - 1}.")


def input_count(rows: int, columns: int, motion: bool) -> int:
    """How many inputs a picture of this size is, with its motion or without."""
    pixels = rows * columns
    return 2 * pixels if motion else pixels


class GenomeNetwork:
    """A genome being stepped; `values` is what every input and node gave last, float64 [P + N]."""

    def __init__(self, genome: Genome) -> None:
        self._genome = genome
        rows, columns = genome.picture.tolist()
        self._size = (columns, rows)  # as cv2 counts
        self._pixels = rows * columns
        self.values = np.zeros(genome.inputs + len(genome.biases))
        self._is_first = True

    def reset(self) -> None:
        """An episode begins."""
        self.values[:] = 0.0
        self._is_first = True

    def step(self, frame: np.ndarray) -> np.ndarray:
        """The nodes' values, float64 [N], after one step on a grey frame, uint8 [height, width]."""
        genome = self._genome
        small = cv2.resize(frame, self._size, interpolation=cv2.INTER_AREA)
        self._see(small.reshape(-1) / 255.0)
        sums = np.zeros(len(genome.biases))
        np.add.at(sums, genome.targets, genome.weights * self.values[genome.sources])
        inner = genome.biases + genome.responses * sums
        after = np.empty_like(inner)
        for name in set(genome.activations.tolist()):
            mine = genome.activations == name
            after[mine] = ACTIVATIONS[name](inner[mine])
        # only now: within a step, every node sees what the others gave before it
        self.values[genome.inputs :] = after
        return after

    def _see(self, pixels: np.ndarray) -> None:
        """Set the inputs; at an episode's first frame nothing has moved."""
        if self._genome.motion:
            before = pixels if self._is_first else self.values[: self._pixels]
            self.values[self._pixels : self._genome.inputs] = pixels - before
        self.values[: self._pixels] = pixels
        self._is_first = False
