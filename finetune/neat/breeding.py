"""NEAT (Stanley and Miikkulainen 2002, doi:10.1162/106365602320169811) by neat-python: a population, bred by fitness.

The library speciates, crosses and mutates. What is added here is what a run needs of it:

* chance from the run's own streams: the library draws from Python's global generator, which is begun anew for each
  generation and then left as it was;
* populations as plain arrays, from which breeding goes on to the same genomes: the library's own checkpoints are pickles;
* a bound on the number of species, without which the library stops where they no longer fit into the population (rules).

Where the library departs from the paper: its distance adds that of the nodes to that of the connections, and counts
disjoint and excess genes alike; and each split of a connection makes a node of its own number, so that equal splits in two
genomes are not matched.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import neat
import numpy as np
from neat.species import Species

from finetune.neat.genes import genomes_of, genomes_to_arrays
from finetune.neat.rules import BoundedSpecies, Rules, library_config
from game.seeds import Stream, stream


class Breeding:
    """A population of genomes, one generation after the other.

    Args:
        seed: of the run.
    """

    def __init__(self, rules: Rules, seed: int) -> None:
        self.rules = rules
        self._seed = seed
        self._config = library_config(rules)
        self._config.genome_config.node_indexer = Counter(rules.outputs)
        with _chance(seed, 0):
            self._population = neat.Population(self._config)
        self._use_counters(genome=rules.population + 1, species=max(self._population.species.species) + 1)

    @property
    def generation(self) -> int:
        """Generations bred so far."""
        return self._population.generation

    @property
    def species_count(self) -> int:
        """Species in this generation."""
        return len(self._population.species.species)

    @property
    def threshold(self) -> float:
        """The distance from which on two genomes are of different species."""
        return self._config.species_set_config.compatibility_threshold

    @property
    def genomes(self) -> list[neat.DefaultGenome]:
        """This generation, in the order in which `breed` wants its fitness."""
        return list(self._population.population.values())

    def breed(self, fitness: Sequence[float]) -> None:
        """Go on to the next generation; the higher the fitness, the better."""

        def assign(genomes: list[tuple[int, neat.DefaultGenome]], _: neat.Config) -> None:
            for (_key, genome), value in zip(genomes, fitness, strict=True):
                genome.fitness = float(value)

        with _chance(self._seed, self.generation + 1):
            self._population.run(assign, 1)

    def get_state(self) -> dict[str, np.ndarray]:
        """This generation as the arrays that `set_state` describes."""
        population = self._population
        rows: list[tuple[int, ...]] = []
        members: list[tuple[int, int]] = []
        histories: list[tuple[int, float]] = []
        for key, species in population.species.species.items():
            rows.append((key, species.created, species.last_improved, species.representative.key))
            members += [(key, genome) for genome in species.members]
            histories += [(key, fitness) for fitness in species.fitness_history]
        counters = (
            population.generation,
            population.reproduction.genome_indexer.following,
            population.species.indexer.following,
            self._config.genome_config.node_indexer.following,
            population.reproduction.innovation_tracker.global_counter,
        )
        return genomes_to_arrays(population.population) | {
            "species": np.array(rows, np.int64),
            "members": np.array(members, np.int64),
            "histories": np.array(histories, np.float64).reshape(-1, 2),
            "counters": np.array(counters, np.int64),
            "threshold": np.array(self.threshold),
        }

    def set_state(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Go back to a generation as `get_state` gave it.

        Args:
            arrays: those of the genomes (genes.genomes_to_arrays), and
                species: int64 [S, 4], key, generation in which it began and last improved, key of its representative;
                members: int64 [G, 2], species and genome; histories: float64 [H, 2], species and its best fitness once;
                counters: int64 [5], generation, the next genome, species and node, innovations so far;
                threshold: float64 [].
        """
        genomes = genomes_of(arrays)
        generation, genome, species, node, innovations = arrays["counters"].tolist()
        self._config.species_set_config.compatibility_threshold = float(arrays["threshold"])
        kinds = BoundedSpecies(self._config.species_set_config, None)
        kinds.species = _species_of(arrays, genomes)
        self._config.genome_config.node_indexer = Counter(node)
        self._population = neat.Population(self._config, (genomes, kinds, generation))
        self._population.reproduction.innovation_tracker.global_counter = innovations
        self._use_counters(genome=genome, species=species)

    def _use_counters(self, genome: int, species: int) -> None:
        self._population.reproduction.genome_indexer = Counter(genome)
        self._population.species.indexer = Counter(species)


class Counter:
    """Whole numbers, one after the other, as itertools.count; which one follows can be seen."""

    def __init__(self, following: int) -> None:
        self.following = following

    def __next__(self) -> int:
        self.following += 1
        return self.following - 1


def _species_of(arrays: Mapping[str, np.ndarray], genomes: Mapping[int, neat.DefaultGenome]) -> dict[int, Species]:
    """The library's species, from the arrays of `Breeding.set_state`."""
    found: dict[int, Species] = {}
    for key, created, improved, representative in arrays["species"].tolist():
        species = Species(key, created)
        species.last_improved = improved
        species.representative = genomes[representative]
        found[key] = species
    for key, genome in arrays["members"].tolist():
        found[key].members[genome] = genomes[genome]
    for key, fitness in arrays["histories"].tolist():
        found[int(key)].fitness_history.append(fitness)
    return found


@contextmanager
def _chance(seed: int, generation: int) -> Iterator[None]:
    """Python's global generator, begun from the run's stream for as long as the block lasts."""
    before = random.getstate()
    random.seed(int(stream(Stream.BREEDING, seed, generation).integers(1 << 62)))
    try:
        yield
    finally:
        random.setstate(before)
