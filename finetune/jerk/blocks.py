"""What JERK presses where it knows nothing: blocks forward, and one back after each that won nothing.

The scripted blocks are those of the Retro Contest's baseline (openai/retro-baselines, jerk_agent.py): the pad held one way,
with jumps at random. A policy or an episodic memory may play blocks forward in their place; blocks back stay scripted.
"""

import numpy as np

from finetune.jerk.config import Config
from finetune.jerk.memory import EpisodicMemory
from game.actions import ACTION_SETS
from policy.checkpoint import Checkpoint
from policy.numpy_network import NumpyNetwork
from policy.players import draw

RIGHT, LEFT, JUMP_RIGHT, JUMP_LEFT = ACTION_SETS["jerk4"]


class ParentPolicy:
    """The parent's network, frozen: it is shown a picture, and then asked for its features or for a combo."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        checkpoint.info.network.check_memoryless("JERK")
        self._network = NumpyNetwork(checkpoint.info.network, checkpoint.weights)
        self._combos = checkpoint.info.combos
        self._observation = np.zeros(checkpoint.info.observation.shape, np.uint8)
        self._features: np.ndarray | None = None

    def see(self, observation: np.ndarray) -> None:
        """The observation that is asked about from now on, uint8 [height, width, stack]."""
        self._observation = observation
        self._features = None

    @property
    def features(self) -> np.ndarray:
        """Its hidden layer: float32 [hidden]. Made when first asked for: most steps of a replay need none."""
        if self._features is None:
            self._features = self._network.features(self._observation[None])[0].copy()
        return self._features

    def draw(self, rng: np.random.Generator) -> int:
        """A combo drawn from the policy."""
        logits, _ = self._network.outputs(self.features[None])
        return self._combos[draw(logits[0], rng)]


class ScriptedRun:
    """Holds one direction, and jumps at random."""

    def __init__(self, config: Config, rng: np.random.Generator) -> None:
        self._config = config
        self._rng = rng
        self._run = RIGHT
        self._jump = JUMP_RIGHT
        self._jump_left = 0

    def begin(self, is_forward: bool) -> None:
        """A new block, which begins on the ground."""
        self._run = RIGHT if is_forward else LEFT
        self._jump = JUMP_RIGHT if is_forward else JUMP_LEFT
        self._jump_left = 0

    def act(self) -> int:
        """The combo of the next step."""
        if self._jump_left == 0 and self._rng.random() < self._config.jump_probability:
            self._jump_left = self._config.jump_steps
        if self._jump_left == 0:
            return self._run
        self._jump_left -= 1
        return self._jump


class Blocks:
    """Block after block; who plays it is drawn for each.

    Attributes:
        lookups: steps in which memory was asked; hits: in which it answered.
    """

    def __init__(
        self, config: Config, rng: np.random.Generator, policy: ParentPolicy | None, memory: EpisodicMemory | None
    ) -> None:
        self.lookups = 0
        self.hits = 0
        self._config = config
        self._rng = rng
        self._policy = policy if config.blocks == "policy" else None
        self._features_of = policy
        self._memory = memory
        self._script = ScriptedRun(config, rng)
        self._steps_left = 0
        self._paid = 0.0
        self._is_forward = False
        self._asks_memory = False
        self._asks_policy = False

    def act(self) -> int:
        """The combo of the next step; the policy has seen its observation."""
        if self._steps_left == 0:
            self._begin()
        self._steps_left -= 1
        if self._asks_memory:
            combo = self._remembered()
            if combo is not None:
                return combo
        if self._asks_policy and self._policy is not None:
            return self._policy.draw(self._rng)
        return self._script.act()

    def pay(self, reward: float) -> None:
        """What the last step paid."""
        self._paid += reward

    def _begin(self) -> None:
        """The next block: back after one forward that won nothing, else forward."""
        config = self._config
        self._is_forward = not (self._is_forward and self._paid <= 0)
        self._steps_left = config.forward_steps if self._is_forward else config.backward_steps
        self._paid = 0.0
        self._script.begin(self._is_forward)
        knows = self._memory is not None and self._memory.size > 0
        self._asks_memory = self._is_forward and knows and self._rng.random() < config.memory_share
        # where memory is silent, its blocks are the policy's
        asks_policy = self._asks_memory or self._rng.random() < config.policy_share
        self._asks_policy = self._is_forward and asks_policy

    def _remembered(self) -> int | None:
        if self._memory is None or self._features_of is None:
            return None
        self.lookups += 1
        combo = self._memory.suggest(self._features_of.features)
        self.hits += combo is not None
        return combo
