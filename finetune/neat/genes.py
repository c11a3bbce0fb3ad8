"""neat-python's genomes as plain arrays and back, and as what plays.

Genes keep their order in the arrays, because the library's draws depend on it.
"""

from collections.abc import Mapping

import neat
import numpy as np

from policy.genome import Genome, input_count


def genomes_to_arrays(genomes: Mapping[int, neat.DefaultGenome]) -> dict[str, np.ndarray]:
    """A population as arrays.

    Returns:
        genomes: int64 [G], their keys.
        nodes: float64 [N, 4], genome, node, bias, response; activations: unicode [N].
        connections: float64 [C, 6], genome, source, target, innovation, weight, whether it is enabled.
    """
    nodes: list[tuple[float, ...]] = []
    activations: list[str] = []
    connections: list[tuple[float, ...]] = []
    for key, genome in genomes.items():
        for node in genome.nodes.values():
            nodes.append((key, node.key, node.bias, node.response))
            activations.append(node.activation)
        for gene in genome.connections.values():
            connections.append((key, *gene.key, gene.innovation, gene.weight, gene.enabled))
    return {
        "genomes": np.array(list(genomes), np.int64),
        "nodes": np.array(nodes, np.float64),
        "activations": np.array(activations),
        "connections": np.array(connections, np.float64).reshape(-1, 6),
    }


def genomes_of(arrays: Mapping[str, np.ndarray]) -> dict[int, neat.DefaultGenome]:
    """The inverse of `genomes_to_arrays`; fitness is not kept."""
    found = {key: neat.DefaultGenome(key) for key in arrays["genomes"].tolist()}
    for (key, name, bias, response), activation in zip(arrays["nodes"].tolist(), arrays["activations"], strict=True):
        node = neat.DefaultNodeGene(int(name))
        node.bias = bias
        node.response = response
        node.activation = str(activation)
        node.aggregation = "sum"
        node.time_constant = 1.0  # of continuous-time networks only
        found[int(key)].nodes[node.key] = node
    for key, source, target, innovation, weight, enabled in arrays["connections"].tolist():
        gene = neat.DefaultConnectionGene((int(source), int(target)), int(innovation))
        gene.weight = weight
        gene.enabled = bool(enabled)
        found[int(key)].connections[gene.key] = gene
    return found


def express(genome: neat.DefaultGenome, picture: tuple[int, int], motion: bool) -> Genome:
    """A library's genome as what plays: enabled connections only, the outputs before the hidden nodes."""
    inputs = input_count(picture[0], picture[1], motion)
    keys = sorted(genome.nodes)  # outputs are numbered from 0, hidden nodes after them
    nodes = [genome.nodes[key] for key in keys]
    place = {-1 - i: i for i in range(inputs)} | {key: inputs + i for i, key in enumerate(keys)}
    genes = [gene for gene in genome.connections.values() if gene.enabled]
    return Genome(
        picture=np.array(picture, np.int64),
        activations=np.array([node.activation for node in nodes]),
        biases=np.array([node.bias for node in nodes]),
        responses=np.array([node.response for node in nodes]),
        sources=np.array([place[gene.key[0]] for gene in genes], np.int64),
        targets=np.array([place[gene.key[1]] - inputs for gene in genes], np.int64),
        weights=np.array([gene.weight for gene in genes], np.float64),
        motion=np.array(motion),
    )
