"""The options of DAgger; apart from the learner, so that `--help` does not wait for TensorFlow."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from common.ranges import AboveZero, BelowOne, Count, NotNegative, Positive
from experiment.charts import PLAYING, Chart
from finetune.config import StageConfig


@dataclass(frozen=True)
class Config(StageConfig):
    """Go on cloning where the clone fails: the search player shows the way on, and what it presses is learnt (DAgger)."""

    data: str = ""
    """Data set of the demonstrations under data/, of the form NAME-v0; by default the clone's."""
    takes: Positive = 4
    """Takes of each act between two times of learning; in each the policy plays until it is past the act's end."""
    budget: Positive = 150_000
    """Emulated frames that a take may cost, the search player's trials included."""
    practise: Count = 3
    """How often the policy plays on again from before each of its troubles in a take, to be corrected again."""
    gradient_steps: Positive = 2_000
    """After every round of takes."""
    batch_size: Positive = 256
    """Windows per gradient step."""
    correction_share: BelowOne = 0.2
    """Share of the corrections in a batch and in its loss; the rest are demonstrations."""
    learning_rate: AboveZero = 2e-4
    """At the start; falls to a twentieth along a cosine. More undoes what the clone's last, small steps taught it."""
    phases: Positive = 2
    """How many of the frame_skip ways to cut a demonstration or a take into steps are used."""
    weight_decay: NotNegative = 1e-4
    """Of AdamW."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """Of the gradient steps; auto takes bfloat16 where it is fast."""

    @property
    def uses_demonstrations(self) -> bool:
        """Beside the corrections."""
        return True


PRESETS: Mapping[str, Config] = {
    "full": Config(total_steps=500_000, evaluate_every=50_000, max_frames=6000),
    "demo": Config(total_steps=50_000, evaluate_every=50_000, evaluate_episodes=3, max_frames=9000, finalists=1),
    "mine": Config(total_steps=50_000, evaluate_every=50_000, max_frames=9000, finalists=2),
    "smoke": Config(
        finalists=2,
        final_episodes=1,
        data="smoke-v0",
        total_steps=600,
        evaluate_every=300,
        evaluate_episodes=1,
        takes=1,
        practise=1,
        gradient_steps=4,
        batch_size=32,
        budget=6_000,
        max_frames=1200,
        acts="EmeraldHillZone.Act1",
        trial=True,
    ),
}

CHARTS = (
    PLAYING,
    Chart(
        "Takes that needed no help",
        {"lessons/unaided": "share of a round's takes"},
        share=True,
        note="Of the policy as it was when the round began, under sticky frames.",
    ),
    Chart("Corrections in a round", {"lessons/corrections": "how often the search player took over"}),
    Chart("Examples in a round", {"lessons/shown": "windows shown"}),
    Chart("Losses", {"loss/demonstrations": "of demonstrations", "loss/corrections": "of corrections"}),
)
