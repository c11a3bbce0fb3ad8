"""Players made from checkpoints of every kind, and the actor that plays rollouts; all in NumPy."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from game.actions import ACTION_SETS, COMBO_COUNT
from game.acts import is_act
from game.observation import ObservationSpec
from game.rollout import Player
from game.seeds import Stream, stream
from policy.architecture import NetworkConfig, factorised_noise, noise_size, parameter_shapes, unflatten
from policy.checkpoint import Checkpoint, CheckpointError, load_checkpoint
from policy.genome import Genome, GenomeNetwork
from policy.numpy_network import NumpyNetwork, action_values, log_softmax


def load(path: Path, temperature: float = 1.0) -> Player:
    """A checkpoint of any kind as a player. CheckpointError when it cannot be used.

    Args:
        temperature: of a network's choice: 1 draws from the policy as it is, 0 takes the likeliest action.
    """
    return player_of(load_checkpoint(path), temperature)


def player_of(checkpoint: Checkpoint, temperature: float = 1.0) -> Player:
    """The same for a checkpoint that is loaded already."""
    try:
        if checkpoint.info.kind == "sequences":
            return SequencePlayer(checkpoint.arrays)
        if checkpoint.info.kind == "genome":
            combos = checkpoint.info.combos
            return GenomePlayer(Genome.from_arrays(checkpoint.arrays, len(combos)), combos)
    except ValueError as error:
        raise CheckpointError(f"{checkpoint.path}: {error}") from error
    return NetworkPlayer(checkpoint, temperature)


class NetworkPlayer:
    """Plays a network by drawing from its policy; the draws come from the episode's seed.

    Of a network of action values it takes the best, whatever the temperature, and a noisy one plays its mean weights: noise is
    there to explore with, and what has been learnt is scored without.
    """

    def __init__(self, checkpoint: Checkpoint, temperature: float = 1.0) -> None:
        self._gives_values = checkpoint.info.network.gives_values
        self._first_state = np.zeros((1, checkpoint.info.network.state_size), np.float32)
        self._state = self._first_state
        self._network = NumpyNetwork(checkpoint.info.network, checkpoint.weights)
        self._combos = checkpoint.info.combos
        self._temperature = temperature
        self._rng = stream(Stream.NETWORK_PLAYER, 0)

    def reset(self, act: str, seed: int) -> None:
        self._rng = stream(Stream.NETWORK_PLAYER, seed)
        self._state = self._first_state

    def act(self, observation: np.ndarray) -> int:
        (logits, *_), self._state = self._network.step(observation[None], self._state)
        if self._gives_values:
            action = int(action_values(logits)[0].argmax())
        elif self._temperature == 0:
            action = int(logits[0].argmax())
        else:
            action = draw(logits[0] / self._temperature, self._rng)
        return self._combos[action]


class SequencePlayer:
    """Plays a fixed list of combos in each act it knows, whatever it sees, then stands still.

    Args:
        sequences: act -> combo of every step, uint8 [steps]. ValueError for an unknown act or combo.
    """

    def __init__(self, sequences: Mapping[str, np.ndarray]) -> None:
        self._sequences: dict[str, list[int]] = {}
        for act, combos in sequences.items():
            if not is_act(act):
                raise ValueError(f"Expected sequences of known acts. Received: {act!r}")
            array = np.asarray(combos)
            if array.ndim != 1 or array.dtype != np.uint8 or (array >= COMBO_COUNT).any():
                raise ValueError(f"Expected combos below {COMBO_COUNT} as uint8 [steps] for {act}.")
            self._sequences[act] = array.tolist()
        self._combos: list[int] = []
        self._next = 0

    def reset(self, act: str, seed: int) -> None:
        self._combos = self._sequences.get(act, [])
        self._next = 0

    def act(self, observation: np.ndarray) -> int:
        if self._next >= len(self._combos):
            return 0
        combo = self._combos[self._next]
        self._next += 1
        return combo


class GenomePlayer:
    """Plays a bred network: the combo of the largest output."""

    def __init__(self, genome: Genome, combos: Sequence[int]) -> None:
        self._combos = combos
        self._network = GenomeNetwork(genome)

    def reset(self, act: str, seed: int) -> None:
        self._network.reset()

    def act(self, observation: np.ndarray) -> int:
        newest = observation[..., -1]
        # the first nodes are the outputs; the others are hidden
        outputs = self._network.step(newest)[: len(self._combos)]
        return self._combos[int(outputs.argmax())]


class NetworkActor:
    """The policy inside a rollout worker (game.rollouts.Actor): weights come in flat with every rollout.

    Attributes:
        memory: the network's state before the next step, float32 [state_size].
    """

    def __init__(self, config: NetworkConfig, spec: ObservationSpec, action_set: str = "all") -> None:
        self._config = config
        self._combos = ACTION_SETS[action_set]
        self._shapes = parameter_shapes(config, spec, len(self._combos))
        self._noise_size = noise_size(config, spec, len(self._combos))
        self._network: NumpyNetwork | None = None
        self._noise: np.ndarray | None = None
        self.memory = np.zeros(config.state_size, np.float32)

    def load(self, weights: np.ndarray) -> None:
        # copied: the shared memory is overwritten while the next update is learnt
        self._network = NumpyNetwork(self._config, unflatten(weights.copy(), self._shapes))

    def begin(self, rng: np.random.Generator) -> None:
        """A noisy network keeps the first noise drawn for a whole rollout, so that whoever learns can draw it again."""
        if self._noise_size:
            self._noise = factorised_noise(rng, self._noise_size)

    def decide(self, observation: np.ndarray, rng: np.random.Generator) -> tuple[int, float, float]:
        logits, value, self.memory = self._forward(observation)
        action = draw(logits, rng)
        return self._combos[action], float(log_softmax(logits)[action]), value

    def value(self, observation: np.ndarray) -> float:
        return self._forward(observation)[1]

    def _forward(self, observation: np.ndarray) -> tuple[np.ndarray, float, np.ndarray]:
        """(logits [actions], the value, the memory after this step)."""
        if self._network is None:
            raise RuntimeError("Expected load() before decide() or value().")
        if not self._config.has_memory:
            logits, values = self._network(observation[None], self._noise)
            return logits[0], float(values[0]), self.memory
        (logits, values), memories = self._network.step(observation[None], self.memory[None])
        return logits[0], float(values[0]), memories[0]


def draw(logits: np.ndarray, rng: np.random.Generator) -> int:
    """An action drawn from softmax(logits), float32 [actions], by the Gumbel-maximum trick."""
    return int((logits + rng.gumbel(size=len(logits))).argmax())
