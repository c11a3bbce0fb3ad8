"""How a population develops: neat-python's settings, and its species with a bound on their number."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import neat
from neat.config import ConfigParameter, DefaultClassConfig
from neat.species import Species


@dataclass(frozen=True)
class Rules:
    """What decides how a population develops; the rest stands in SETTINGS."""

    inputs: int
    outputs: int
    population: int
    species: int
    """The most at once."""
    connection_share: float = 1.0
    """Of all connections from an input to an output and of outputs to themselves, in a genome of the first generation."""
    add_node: float = 0.2
    add_connection: float = 0.5
    """Chance of each mutation per child."""
    stagnation: int = 20
    """Generations without a better member after which a species ends; the two fittest never do."""


SETTINGS = """
[NEAT]
pop_size = {population}
fitness_criterion = max
no_fitness_termination = True
fitness_threshold = 0
reset_on_extinction = False

[DefaultGenome]
num_inputs = {inputs}
num_outputs = {outputs}
num_hidden = 0
feed_forward = False
initial_connection = partial_direct {connection_share}
compatibility_disjoint_coefficient = 1.0
compatibility_weight_coefficient = 0.5
conn_add_prob = {add_connection}
conn_delete_prob = 0.2
node_add_prob = {add_node}
node_delete_prob = 0.1
# bounded ones only: through a loop, others would grow without end
activation_default = tanh
activation_options = tanh sigmoid gauss
activation_mutate_rate = 0.05
aggregation_default = sum
aggregation_options = sum
aggregation_mutate_rate = 0.0
bias_init_mean = 0.0
bias_init_stdev = 1.0
bias_max_value = 30.0
bias_min_value = -30.0
bias_mutate_power = 0.5
bias_mutate_rate = 0.7
bias_replace_rate = 0.1
# a response scales all that comes in, which weights do as well
response_init_mean = 1.0
response_init_stdev = 0.0
response_max_value = 30.0
response_min_value = -30.0
response_mutate_power = 0.0
response_mutate_rate = 0.0
response_replace_rate = 0.0
weight_init_mean = 0.0
weight_init_stdev = 1.0
weight_max_value = 30.0
weight_min_value = -30.0
weight_mutate_power = 0.5
weight_mutate_rate = 0.8
weight_replace_rate = 0.1
enabled_default = True
enabled_mutate_rate = 0.01

[BoundedSpecies]
# where it begins; it follows the number of species
compatibility_threshold = 1.0
most = {species}

[DefaultStagnation]
species_fitness_func = max
max_stagnation = {stagnation}
species_elitism = 2

[DefaultReproduction]
elitism = 1
survival_threshold = 0.2
min_species_size = 2
"""
"""The library's settings, all of which it wants to be told."""

SMALLEST_SPECIES = 2
"""Members (min_species_size)."""


def library_config(rules: Rules) -> neat.Config:
    """The settings as the library reads them, which is from a file. ValueError when so many species would not fit."""
    if rules.population < SMALLEST_SPECIES * rules.species:
        raise ValueError(
            f"Expected a population of at least {SMALLEST_SPECIES} for each of {rules.species} species. "
            f"Received: {rules.population}"
        )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "settings"
        file.write_text(SETTINGS.format(**vars(rules)))
        return neat.Config(neat.DefaultGenome, neat.DefaultReproduction, BoundedSpecies, neat.DefaultStagnation, file)


class BoundedSpecies(neat.DefaultSpeciesSet):
    """Species by distance, whose threshold follows their number: higher while there are too many, lower where there are few."""

    species: dict[int, Species]

    @classmethod
    def parse_config(cls, param_dict: dict[str, str]) -> Any:
        known = [ConfigParameter("compatibility_threshold", float), ConfigParameter("most", int)]
        return DefaultClassConfig(param_dict, known, cls.__name__)

    def speciate(self, config: neat.Config, population: dict[int, neat.DefaultGenome], generation: int) -> None:
        """Sort a generation into at most `most` species (at any distance, those that are there already suffice)."""
        settings = self.species_set_config
        before = dict(self.species)
        super().speciate(config, population, generation)
        while len(self.species) > settings.most:
            settings.compatibility_threshold *= 1.1
            self.species = dict(before)  # whose representatives are of this generation by now
            super().speciate(config, population, generation)
        if len(self.species) <= settings.most / 2:
            settings.compatibility_threshold *= 0.9  # from the next generation on
