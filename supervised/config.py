"""The options of cloning; apart from the trainer, so that `--help` does not wait for TensorFlow."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from policy.architecture import NetworkConfig


@dataclass(frozen=True)
class Config:
    """Clone the play in a data set, choose the checkpoint that plays best, and check its spin dash."""

    game: str = ""
    """sonic2 or quillrush; by default sonic2 once its ROM is imported."""
    data: str = ""
    """Data set name under data/; by default <game>-v0."""
    name: str = ""
    """Run name under runs/supervised/; by default made from the configuration."""
    seed: int = 1
    """Of all chance in the run."""
    epochs: int = 12
    """Passes over the training windows."""
    batch_size: int = 256
    """Windows per gradient step."""
    learning_rate: float = 5e-4
    """At the start; falls to a twentieth along a cosine."""
    weight_decay: float = 1e-4
    """Of AdamW."""
    rare_combo_power: float = 0.4
    """Weight of a combo: its share of the labels to minus this power (0: all alike)."""
    shift: int = 4
    """Pictures move by up to so many pixels (0: not at all)."""
    phases: int = 4
    """How many of the frame_skip ways to cut a movie into steps are used (an epoch grows with it)."""
    validation: float = 0.17
    """Share of each act's movies kept for validation."""
    takeover_weight: float = 2.0
    """How often a window from a takeover (a person correcting the policy, HG-DAgger) counts, beside 1 for any other."""
    merge_a_into_b: bool = True
    """Count A-combos as B-combos: the same button to the game, only thumbs differ."""
    frame_skip: int = 4
    """Frames per step."""
    network: NetworkConfig = NetworkConfig()
    """What is trained."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """Of the gradient steps; auto takes bfloat16 where it is fast."""
    play_every: int = 3
    """Epochs between two rounds of playing; the last epoch is always played."""
    play_episodes: int = 1
    """Episodes per act in such a round."""
    check_episodes: int = 6
    """Episodes per act in the spin-dash check; with fewer, the clone may not cover enough ground for a verdict."""
    max_frames: int = 18_000
    """Frames per episode in both."""
    workers: int = 0
    """Emulator processes (0: one per core)."""


PRESETS: Mapping[str, Config] = {
    "full": Config(),
    "gpu": Config(batch_size=1024, learning_rate=1e-3),
    "demo": Config(epochs=5, play_every=2, play_episodes=2, max_frames=4500, phases=2),
    "smoke": Config(
        data="smoke-v0", epochs=1, phases=1, check_episodes=1, max_frames=300, network=NetworkConfig(hidden=64)
    ),
}
