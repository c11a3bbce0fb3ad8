"""The options of cloning; apart from the trainer, so that `--help` does not wait for TensorFlow."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from common.ranges import AboveZero, Count, NotNegative, Positive, Share
from dataset import weights
from dataset.selection import Selection
from policy.architecture import NetworkConfig


@dataclass(frozen=True)
class Config:
    """Clone the play in a data set, choose the checkpoint that plays best, and check its spin dash."""

    game: str = ""
    """sonic2 or quillrush; by default sonic2 once its ROM is imported."""
    data: str = ""
    """Data set name under data/, of the form NAME-v0; by default <game>-v0."""
    name: str = ""
    """Run name under runs/supervised/; by default made from the configuration."""
    seed: Count = 1
    """Of all chance in the run."""
    epochs: Positive = 12
    """Passes over the training windows."""
    batch_size: Positive = 256
    """Windows per gradient step."""
    sequence_steps: Annotated[int, Meta(ge=2)] = 32
    """Of a network with a memory: steps of the sequences that it is taught from, each from an empty memory; but for a movie's
    first, their first quarter teaches nothing. (It looks at all windows, whatever steady_share says.)"""
    learning_rate: AboveZero = 5e-4
    """At the start; falls to a twentieth along a cosine."""
    weight_decay: NotNegative = 1e-4
    """Of AdamW."""
    rare_combo_power: NotNegative = weights.RARE_COMBO_POWER
    """Weight of a combo: its share of the labels to minus this power (0: all alike)."""
    shift: Annotated[int, Meta(ge=0, le=48)] = 4
    """Pictures move by up to so many pixels (0: not at all)."""
    action_history: bool = False
    """Show the network the combos of the last steps, drawn along the top of the frames. What was pressed last foretells what
    is pressed next, so that a clone may learn to copy itself instead of to look."""
    history_dropout: Share = 0.5
    """Share of the windows (of a network with a memory, of the sequences) whose action history is left blank, against that."""
    phases: Positive = 4
    """How many of the frame_skip ways to cut a movie into steps are used (an epoch grows with it); 1: the agent's own, with
    which its first step begins behind a movie's idle first frame."""
    steady_share: Annotated[float, Meta(gt=0, le=1)] = weights.STEADY_SHARE
    """Share of the windows far from any change of combo that an epoch draws; each counts for those left out."""
    validation: Annotated[float, Meta(ge=0, lt=1)] = 0.17
    """Share of each act's movies kept for validation."""
    select: Selection = Selection()
    """Which of the data set's movies are learnt from."""
    human_weight: NotNegative = weights.HUMAN
    """How often a window of a person's own play counts, beside one of the search player's."""
    takeover_weight: NotNegative = weights.TAKEOVER
    """The same of a takeover's (a person correcting the policy, HG-DAgger)."""
    correction_weight: NotNegative = weights.CORRECTION
    """The same of a correction's (the search player correcting the policy, DAgger)."""
    merge_a_into_b: bool = True
    """Count A-combos as B-combos: the same button to the game, only thumbs differ."""
    frame_skip: Positive = 4
    """Frames per step."""
    network: NetworkConfig = NetworkConfig()
    """What is trained."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """Of the gradient steps; auto takes bfloat16 where it is fast."""
    play_every: Positive = 3
    """Epochs between two rounds of playing; the last epoch is always played."""
    play_episodes: Positive = 1
    """Episodes per act in such a round."""
    check_episodes: Positive = 6
    """Episodes per act in the spin-dash check; with fewer, the clone may not cover enough ground for a verdict."""
    max_frames: Positive = 18_000
    """Frames per episode in both."""
    workers: Count = 0
    """Emulator processes (0: one per core)."""
    trial: bool = False
    """Only try whether everything works: no other stage takes this run for the newest."""


@dataclass(frozen=True)
class LikenessConfig:
    """How like you a clone plays, in takes of yours that were held out; beside other players."""

    game: str = ""
    """sonic2 or quillrush; by default sonic2 once its ROM is imported."""
    run: str = ""
    """The clone whose held-out takes are asked, by run, checkpoint or name; by default the newest."""
    players: tuple[str, ...] = ("clone", "finetuned", "without-you")
    """Whom to ask: clone is the run itself; other names, runs and checkpoints as everywhere. The last is compared with."""


PRESETS: Mapping[str, Config] = {
    "full": Config(),
    "gpu": Config(batch_size=1024, learning_rate=1e-3),
    "demo": Config(
        epochs=7,
        learning_rate=1.5e-3,
        shift=0,
        phases=2,
        play_every=7,
        play_episodes=1,
        max_frames=9000,
        validation=0.05,
    ),
    "mine": Config(epochs=5, play_every=2, play_episodes=2, max_frames=9000, phases=2),
    "smoke": Config(
        data="smoke-v0",
        epochs=1,
        phases=1,
        check_episodes=1,
        max_frames=300,
        network=NetworkConfig(hidden=64),
        trial=True,
    ),
}
