"""The options of IMPALA; apart from the learner, so that `--help` does not wait for TensorFlow."""

from collections.abc import Mapping
from dataclasses import dataclass

from common.ranges import AboveZero, Count, Positive, Share
from experiment.charts import PLAYING, Chart
from finetune.config import ActorCriticConfig


@dataclass(frozen=True)
class Config(ActorCriticConfig):
    """Fine-tune the clone with IMPALA (V-trace): rollouts are played while those before are learnt from."""

    lag: Count = 1
    """Updates by which the weights that play are behind: that many rollouts are under way while one is learnt from. 0: nobody
    plays meanwhile."""
    epochs: Positive = 1
    """Passes over a rollout."""
    batch_unrolls: Positive = 3
    """Unrolls per gradient step."""
    trace_lambda: Share = 1.0
    """How far V-trace looks ahead before it trusts the critic."""
    rho_clip: AboveZero = 1.0
    """Largest importance weight of a step."""
    c_clip: AboveZero = 1.0
    """Largest importance weight by which what was found at a step counts for those before."""

    @property
    def gradient_steps(self) -> int:
        """In an update: as many whole batches as there are."""
        return max(self.epochs * self.num_envs // self.batch_unrolls, 1)


PRESETS: Mapping[str, Config] = {
    "full": Config(patience=20),
    "demo": Config(total_steps=100_000, max_frames=9000, evaluate_every=50_000, finalists=2, final_episodes=3),
    "smoke": Config(
        finalists=2,
        final_episodes=1,
        total_steps=512,
        num_envs=4,
        batch_unrolls=2,
        max_frames=300,
        evaluate_every=256,
        evaluate_episodes=1,
        acts="EmeraldHillZone.Act1,WingFortressZone",
        trial=True,
    ),
}

CHARTS = (
    PLAYING,
    Chart(
        "Age of unrolls, gradient steps",
        {"loss/age_mean": "mean", "loss/age_largest": "oldest"},
        note="How far the weights that played are behind those that learn. The pipeline is of fixed depth, so a level line.",
    ),
    Chart(
        "V-trace: rho clipped",
        {"loss/clipped": "share of the steps"},
        share=True,
        note="Where the policy that learns has grown more likely to act so than the one that played, by more than is trusted.",
    ),
    Chart("V-trace: importance ratio", {"loss/ratio": "mean of pi / mu"}, note="1: what was played is what is learnt."),
    Chart("KL, nats", {"loss/kl": "from the clone"}),
    Chart("Entropy, nats", {"loss/entropy": "of the policy"}),
    Chart("Explained variance", {"loss/explained_variance": "of V-trace's targets, by the critic"}),
    Chart("Losses", {"loss/value": "value, half squared error", "loss/cloning": "cloning, on demonstrations"}),
)
