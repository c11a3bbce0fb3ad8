"""The picture of a genome: nodes stand where they belong, and any genome can be drawn."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from policy.genome import Genome
from policy.genome_picture import OUTPUTS_X, _depths, _places, draw

SAMPLE = Genome(
    picture=np.array([2, 3]),
    activations=np.array(["tanh"] * 5),
    biases=np.zeros(5),
    responses=np.ones(5),
    # outputs 0 and 1; a pixel -> 2 -> 3 -> output 0; 4 hears only itself; a loop from output 0 to 2
    sources=np.array([5, 12 + 2, 12 + 3, 12 + 4, 12 + 0]),
    targets=np.array([2, 3, 0, 4, 2]),
    weights=np.array([1.0, -2.0, 0.5, 1.0, 0.1]),
    motion=np.array(True),
)


def test_depths_by_hand() -> None:
    assert _depths(SAMPLE).tolist() == [3, 1, 1, 2, 1]  # where no way leads from an input, 1


def test_inputs_lie_as_pixels_and_outputs_at_the_right() -> None:
    places = _places(SAMPLE, 2)
    pixels = places[:12].reshape(2, 2, 3, 2)  # frame, row, column
    assert (np.diff(pixels[..., 0], axis=2) > 0).all()
    assert (np.diff(pixels[..., 1], axis=1) < 0).all()  # rows count downwards
    assert pixels[0, ..., 1].min() > pixels[1, ..., 1].max()  # the change lies below
    nodes = places[12:]
    assert nodes[:2, 0].tolist() == [OUTPUTS_X, OUTPUTS_X]
    assert nodes[2, 0] == nodes[4, 0] < nodes[3, 0] < OUTPUTS_X
    assert len(np.unique(places, axis=0)) == len(places)


def test_a_genome_is_drawn(tmp_path: Path) -> None:
    nothing = np.zeros(0, np.int64)
    empty = replace(SAMPLE, sources=nothing, targets=nothing, weights=np.zeros(0), motion=np.array(False))
    pictures = []
    for name, genome in (("sample", SAMPLE), ("empty", empty)):
        path = draw(genome, tmp_path / f"{name}.png", ["LEFT", "RIGHT"])
        pictures.append(cv2.imread(str(path)))
    assert (pictures[0].reshape(-1, 3) != 255).any(axis=1).sum() > 2000
    blue = [((picture[..., 0] > 150) & (picture[..., 2] < 120)).sum() for picture in pictures]
    assert blue[0] > 100 > blue[1]
