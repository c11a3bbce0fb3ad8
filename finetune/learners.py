"""The table of learners. Adding one is one line here (docs/adding-a-learner.md)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from common.names import did_you_mean
from common.quiet import without_noise
from experiment.charts import Chart
from finetune.config import StageConfig
from policy.checkpoint import Checkpoint
from training.loop import Learner


@dataclass(frozen=True)
class LearnerEntry:
    """A learner by name.

    Attributes:
        name: what LEARNER= takes.
        config_module: has `Config`, `PRESETS` and, for the report, `CHARTS`; imports no TensorFlow, so that `--help` is
            quick.
        module: has `make_learner(config, parent)`; may be the same module.
    """

    name: str
    config_module: str
    module: str

    @property
    def config_class(self) -> type[StageConfig]:
        """The learner's options."""
        return import_module(self.config_module).Config

    @property
    def presets(self) -> Mapping[str, StageConfig]:
        """Name -> options."""
        return import_module(self.config_module).PRESETS

    @property
    def charts(self) -> Sequence[Chart]:
        """Which of its metrics its page in the report shows; () for a learner that does not say."""
        return getattr(import_module(self.config_module), "CHARTS", ())

    def make(self, config: Any, parent: Checkpoint | None) -> Learner:
        """The learner itself, from scratch or from a parent checkpoint."""
        with without_noise():
            module = import_module(self.module)
        return module.make_learner(config, parent)


LEARNERS = {
    "ppo": LearnerEntry("ppo", "finetune.ppo.config", "finetune.ppo.learner"),
    "dagger": LearnerEntry("dagger", "finetune.dagger.config", "finetune.dagger.learner"),
    "impala": LearnerEntry("impala", "finetune.impala.config", "finetune.impala.learner"),
    "jerk": LearnerEntry("jerk", "finetune.jerk.config", "finetune.jerk.learner"),
    "evolution": LearnerEntry("evolution", "finetune.evolution", "finetune.evolution"),
    "neat": LearnerEntry("neat", "finetune.neat.learner", "finetune.neat.learner"),
    "rainbow": LearnerEntry("rainbow", "finetune.rainbow.config", "finetune.rainbow.learner"),
}
DEFAULT = "ppo"


def find_learner(name: str) -> LearnerEntry:
    """The learner of this name. ValueError names the nearest one and the list."""
    if name not in LEARNERS:
        hint = did_you_mean(name, LEARNERS, most=1)
        raise ValueError(f"Unknown LEARNER {name!r}.{hint} The learners are: {', '.join(LEARNERS)}.")
    return LEARNERS[name]
