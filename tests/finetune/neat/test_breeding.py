"""NEAT by neat-python: distance, crossover and innovations on genomes made by hand; XOR; the same numbers from arrays."""

import random
from pathlib import Path

import neat
import numpy as np
import pytest
from neat.reporting import ReporterSet

from finetune.neat.breeding import Breeding
from finetune.neat.genes import express
from finetune.neat.rules import BoundedSpecies, Rules, library_config
from policy.genome import GenomeNetwork

RULES = Rules(inputs=2, outputs=1, population=60, species=8)


def genome(key: int, biases: dict[int, float], genes: dict[int, tuple], fitness: float = 0.0) -> neat.DefaultGenome:
    """A genome of these nodes' biases and genes: innovation -> (source, target, weight, enabled)."""
    made = neat.DefaultGenome(key)
    made.fitness = fitness
    for name, bias in biases.items():
        node = neat.DefaultNodeGene(name)
        node.bias = bias
        node.response = 1.0
        node.activation = "tanh"
        node.aggregation = "sum"
        node.time_constant = 1.0
        made.nodes[name] = node
    for innovation, (source, target, weight, enabled) in genes.items():
        gene = neat.DefaultConnectionGene((source, target), innovation)
        gene.weight = weight
        gene.enabled = enabled
        made.connections[gene.key] = gene
    return made


SMALL = genome(1, {0: 0.5}, {1: (-1, 0, 2.0, True), 2: (-2, 0, 1.0, True)}, fitness=1.0)
LARGE = genome(
    2,
    {0: -0.5, 1: 3.0},
    {1: (-1, 0, 0.5, True), 3: (-1, 1, 1.0, True), 4: (1, 0, 4.0, False), 5: (1, 1, 1.0, True)},
    fitness=2.0,
)


def test_the_distance_by_hand() -> None:
    config = library_config(RULES).genome_config
    nodes = (0.5 * 1.0 + 1) / 2  # biases 1 apart, one node disjoint; the larger has 2
    connections = (0.5 * 1.5 + 4) / 4  # weights 1.5 apart; genes 2, 3, 4, 5 disjoint or excess; the larger has 4
    assert SMALL.distance(LARGE, config) == pytest.approx(nodes + connections)
    assert LARGE.distance(SMALL, config) == pytest.approx(nodes + connections)
    assert SMALL.distance(SMALL, config) == 0.0


@pytest.mark.parametrize("parents", [(SMALL, LARGE), (LARGE, SMALL)])
def test_a_child_has_the_genes_of_the_fitter_parent_and_matching_ones_of_either(parents: tuple) -> None:
    config = library_config(RULES).genome_config
    random.seed(0)
    weights = set()
    for key in range(100):
        child = neat.DefaultGenome(key)
        child.configure_crossover(*parents, config)
        assert set(child.nodes) == {0, 1}
        assert {gene.innovation for gene in child.connections.values()} == {1, 3, 4, 5}
        assert child.connections[1, 0].weight == 4.0
        assert not child.connections[1, 0].enabled
        weights.add(child.connections[-1, 0].weight)
    assert weights == {2.0, 0.5}


def test_equal_structures_have_equal_innovations() -> None:
    first = Breeding(RULES, seed=0).genomes
    numbers = [{gene.key: gene.innovation for gene in one.connections.values()} for one in first]
    assert all(one == numbers[0] for one in numbers)
    assert sorted(numbers[0].values()) == [1, 2, 3]  # two inputs, and the output itself


def xor_fitness(one: neat.DefaultGenome) -> float:
    network = GenomeNetwork(express(one, (1, 2), motion=False))
    error = 0.0
    for left, right in ((0, 0), (0, 1), (1, 0), (1, 1)):
        network.reset()
        for _ in range(4):  # what a hidden node gives arrives a step later
            output = network.step(np.array([[left * 255, right * 255]], np.uint8))[0]
        error += (output - (left ^ right)) ** 2
    return -error


def test_xor_is_solved() -> None:
    breeding = Breeding(Rules(inputs=2, outputs=1, population=100, species=10), seed=0)
    best = [max(map(xor_fitness, breeding.genomes))]
    assert best[0] < -0.5  # no genome without hidden nodes can
    while best[-1] < -0.2:
        breeding.breed([xor_fitness(one) for one in breeding.genomes])
        best.append(max(map(xor_fitness, breeding.genomes)))
        assert breeding.generation <= 30
        assert len(breeding.genomes) == 100
        assert 1 <= breeding.species_count <= 10
    # the fittest of each species lives on
    assert best == sorted(best)


def same(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> bool:
    return set(one) == set(other) and all(np.array_equal(one[name], other[name]) for name in one)


def test_from_its_arrays_it_goes_on_to_the_same_genomes(tmp_path: Path) -> None:
    rules = Rules(inputs=6, outputs=3, population=24, species=6, connection_share=0.4, stagnation=3)
    whole = Breeding(rules, seed=5)
    resumed = whole
    global_state = random.getstate()
    luck = np.random.default_rng(0)
    for generation in range(12):
        np.savez(tmp_path / f"{generation}.npz", **resumed.get_state())
        with np.load(tmp_path / f"{generation}.npz", allow_pickle=False) as arrays:
            state = dict(arrays)
        resumed = Breeding(rules, seed=5)
        resumed.set_state(state)
        assert same(resumed.get_state(), whole.get_state())
        fitness = luck.normal(size=24).tolist()
        whole.breed(fitness)
        resumed.breed(fitness)
        assert same(resumed.get_state(), whole.get_state())
    assert whole.generation == 12
    assert random.getstate() == global_state  # nobody else's chance was touched
    assert not same(whole.get_state(), Breeding(rules, seed=5).get_state())
    assert not same(Breeding(rules, seed=6).get_state(), Breeding(rules, seed=5).get_state())


def test_species_are_no_more_than_asked_for() -> None:
    """Genomes with few connections in common are all far apart; without a bound the library stops."""
    rules = Rules(inputs=100, outputs=4, population=20, species=4, connection_share=0.05)
    breeding = Breeding(rules, seed=0)
    for generation in range(8):
        assert breeding.species_count <= 4
        assert len(breeding.genomes) == 20
        breeding.breed(np.random.default_rng(generation).normal(size=20).tolist())
    assert breeding.threshold > 1.0


@pytest.mark.parametrize(("most", "found", "threshold"), [(1, 1, 1.1**7), (2, 2, 1.0), (4, 2, 0.9)])
def test_the_threshold_follows_the_number_of_species(most: int, found: int, threshold: float) -> None:
    """Two genomes 1.9375 apart, a threshold that begins at 1: raised to join them, left alone, or lowered."""
    config = library_config(Rules(inputs=2, outputs=1, population=8, species=most))
    species = BoundedSpecies(config.species_set_config, ReporterSet())
    species.speciate(config, {1: SMALL, 2: LARGE}, 0)
    assert len(species.species) == found
    assert config.species_set_config.compatibility_threshold == pytest.approx(threshold)


def test_species_that_would_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match=r"a population of at least 2 for each of 8 species. Received: 15"):
        Breeding(Rules(inputs=2, outputs=1, population=15, species=8), seed=0)


def test_an_expressed_genome_computes_what_the_librarys_network_does() -> None:
    rules = Rules(inputs=6, outputs=3, population=20, species=4, add_node=0.9, add_connection=0.9)
    breeding = Breeding(rules, seed=2)
    for generation in range(6):
        breeding.breed(np.random.default_rng(generation).normal(size=20).tolist())
    largest = max(breeding.genomes, key=lambda one: len(one.nodes))
    assert len(largest.nodes) >= 5
    for key in largest.nodes:  # the library skips nodes that nothing leads to
        largest.add_connection(library_config(rules).genome_config, -1, key, 0.5, True, innovation=10_000 + key)
    library = neat.nn.RecurrentNetwork.create(largest, library_config(rules))
    ours = GenomeNetwork(express(largest, (2, 3), motion=False))
    for step in range(10):
        frame = np.random.default_rng(step).integers(0, 256, (2, 3)).astype(np.uint8)
        outputs = library.activate((frame.reshape(-1) / 255.0).tolist())
        np.testing.assert_allclose(ours.step(frame)[:3], outputs, atol=1e-9)
