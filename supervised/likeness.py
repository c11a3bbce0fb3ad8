"""How like a person a policy plays: what it would press in takes of theirs that it was not taught.

Most frames repeat the frame before, in anybody's play; so only *change* windows are asked, in which the player pressed
something else than in the window before. *Agreement* is how often the policy would press the player's combo there: it plays
by drawing, so that is the mean of the probability it gives it. *Surprise* is the mean negative logarithm of the same, in nats;
it counts what the policy would hardly ever do. (How often the likeliest combo is the player's says little of such a policy: one
that hops at random half of the time is named best by somebody who never hops.)

Intervals are a bootstrap over pieces of PIECE_SECONDS seconds of the held-out takes (Künsch 1989, blocks: neighbouring windows
are not independent), all phases of a moment in one piece. Two policies are compared on the same draws of pieces.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from common.words import counted
from dataset.batches import Epoch
from dataset.loader import Dataset, open_dataset, split_movies
from dataset.selection import Selection
from dataset.store import dataset_path
from dataset.windows import Windows, thin
from experiment.run import Run
from game.actions import COMBO_COUNT
from game.certificate import is_by_a_person
from game.seeds import Stream, stream
from policy.checkpoint import Checkpoint, CheckpointError, check_compatible
from policy.numpy_network import NumpyNetwork, log_softmax

PIECE_SECONDS = 5
BATCH = 64
MOST_WINDOWS = 4000
"""So many change windows, evenly spread, are asked of each side."""
REPETITIONS = 2000


@dataclass(frozen=True)
class Figure:
    """A mean and its 95 % interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Likeness:
    """One policy beside one side's held-out takes.

    Attributes:
        player: the policy's label.
        whose: "yours" or "search".
        takes, windows: held out, and change windows asked in them.
        agreement: share of them, 0 to 1.
        surprise: nats.
        acts: agreement by act.
    """

    player: str
    whose: str
    takes: int
    windows: int
    agreement: Figure
    surprise: Figure
    acts: dict[str, float]


@dataclass(frozen=True)
class Difference:
    """How much more like you one policy is than another, on the same windows: agreement, and surprise saved, in nats."""

    player: str
    other: str
    agreement: Figure
    surprise: Figure

    @property
    def in_words(self) -> str:
        """The verdict by the interval of the surprise, which sees more than right or wrong; where agreement contradicts
        it, that is said."""
        if self.surprise.low > 0 and self.agreement.high < 0:
            return f"{self.player} is less surprised by you than {self.other}, but presses your combo less often"
        if self.surprise.high < 0 and self.agreement.low > 0:
            return f"{self.player} presses your combo more often than {self.other}, but is more surprised by you"
        if self.surprise.low > 0:
            return f"{self.player} plays more like you than {self.other}"
        if self.surprise.high < 0:
            return f"{self.player} plays less like you than {self.other}"
        return f"no difference seen between {self.player} and {self.other}"


@dataclass(frozen=True)
class Answers:
    """What a policy makes of windows: the probability of the player's combo, and its surprise, float [W] each."""

    agreement: np.ndarray
    surprise: np.ndarray


def held_out(run: Run) -> tuple[Dataset, dict[str, Windows]]:
    """The change windows of the takes that a clone was not taught, by whose they are: "yours" and "search".

    Raises:
        ValueError: its data set has changed since, so that nobody knows which takes it has not seen.
    """
    config = run.config
    select = Selection(**config["select"])
    dataset = open_dataset(
        dataset_path(config["data"]),
        config["frame_skip"],
        config["merge_a_into_b"],
        select=select,
        action_history=config.get("action_history", False),
    )
    if dataset.fingerprint != run.identity.get("inputs"):
        raise ValueError(
            f"{run.path}: expected the data set it was trained on, to know which takes it has not seen. "
            f"Received: {dataset.path}, which has changed since. `make bc` trains a clone on it."
        )
    held = split_movies(dataset, config["validation"], config["seed"]).held
    sides = {"yours": set[int](), "search": set[int]()}
    for number in held:
        sides["yours" if is_by_a_person(dataset.attributes[number]["player"]) else "search"].add(number)
    asked = {}
    for whose, movies in sides.items():
        if movies:
            windows = dataset.windows.of(movies)
            asked[whose] = thin(windows.where(windows.changes), MOST_WINDOWS)
    return dataset, asked


def check_answers(checkpoint: Checkpoint) -> None:
    """CheckpointError unless it has a probability for every combo: what always plays one of them has no surprise to measure."""
    info = checkpoint.info
    kind = f"a checkpoint of kind {info.kind}"
    if info.kind == "network":
        if not info.network.gives_values:
            return
        kind = "a network of action values, which always takes the best"
    raise CheckpointError(f"{checkpoint.path}: expected a network with a policy to draw from. Received: {kind}")


def ask(checkpoint: Checkpoint, dataset: Dataset, windows: Windows) -> Answers:
    """What a network would press in windows. CheckpointError for one without a policy, or of another game, frame skip or
    picture."""
    check_answers(checkpoint)
    info = checkpoint.info
    check_compatible(info, checkpoint.path, dataset.game, dataset.frame_skip, dataset.observation)
    info.network.check_memoryless("likeness")
    network = NumpyNetwork(info.network, checkpoint.weights)
    rows = []
    batches = Epoch(dataset, windows, BATCH, seed=0, epoch=0, shuffle=False)
    for number in range(len(batches)):
        observations, _, _ = batches[number]
        logits, _ = network(observations)
        rows.append(log_softmax(logits))
    among = np.concatenate(rows)  # [W, actions of its set]
    log_probabilities = np.full((len(windows), COMBO_COUNT), np.log(1e-6), np.float32)
    log_probabilities[:, list(info.combos)] = np.maximum(among, np.log(1e-6))
    labels = windows.labels.astype(np.int64)
    chosen = log_probabilities[np.arange(len(labels)), labels]
    return Answers(agreement=np.exp(chosen), surprise=-chosen)


def pieces_of(dataset: Dataset, windows: Windows) -> np.ndarray:
    """Which piece of which take each window lies in, integer [W], counted from 0."""
    first_rows = {
        movie: int(windows.stacks[windows.movies == movie, -1].min()) for movie in set(windows.movies.tolist())
    }
    frames = windows.stacks[:, -1] - np.vectorize(first_rows.get)(windows.movies)
    keys = windows.movies.astype(np.int64) * 1_000_000 + frames // (60 * PIECE_SECONDS)
    return np.unique(keys, return_inverse=True)[1]


def bootstrap(values: np.ndarray, pieces: np.ndarray, seed: int = 0) -> Figure:
    """The mean of values [W] and its interval, pieces drawn with replacement; the same draws for the same pieces."""
    count = int(pieces.max()) + 1
    sums = np.bincount(pieces, values, count)
    sizes = np.bincount(pieces, minlength=count)
    drawn = stream(Stream.LIKENESS, seed).integers(count, size=(REPETITIONS, count))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Figure(float(values.mean()), float(low), float(high))


def likeness(player: str, whose: str, dataset: Dataset, windows: Windows, answers: Answers) -> Likeness:
    """One policy's figures on one side's windows."""
    pieces = pieces_of(dataset, windows)
    act_of = np.array(dataset.acts)[windows.movies]
    return Likeness(
        player=player,
        whose=whose,
        takes=len(set(windows.movies.tolist())),
        windows=len(windows),
        agreement=bootstrap(answers.agreement, pieces),
        surprise=bootstrap(answers.surprise, pieces),
        acts={str(act): float(answers.agreement[act_of == act].mean()) for act in np.unique(act_of)},
    )


def difference(player: str, other: str, pieces: np.ndarray, one: Answers, two: Answers) -> Difference:
    """How much more one policy agrees, and how much less it is surprised, than another on the same windows."""
    return Difference(
        player=player,
        other=other,
        agreement=bootstrap(one.agreement - two.agreement, pieces),
        surprise=bootstrap(two.surprise - one.surprise, pieces),
    )


def as_table(figures: Sequence[Likeness], differences: Sequence[Difference]) -> str:
    """What is printed: one line per policy and side, then the verdicts."""
    lines = ["how like you (what each would press where a player pressed something new, in takes held out):"]
    for figure in figures:
        told = "of yours" if figure.whose == "yours" else "of the search player"
        asked = f"{counted(figure.windows, 'changes')} in {counted(figure.takes, 'takes')} {told}"
        surprise = figure.surprise
        nats = f"{surprise.mean:.2f} [{surprise.low:.2f}, {surprise.high:.2f}] nats"
        lines.append(f"  {figure.player:14} agrees in {_percent(figure.agreement)} of {asked}, surprise {nats}")
    for verdict in differences:
        gain = verdict.surprise
        lines.append(f"  {verdict.in_words} (by {gain.mean:+.2f} [{gain.low:+.2f}, {gain.high:+.2f}] nats)")
    return "\n".join(lines)


def _percent(figure: Figure) -> str:
    return f"{100 * figure.mean:.1f} % [{100 * figure.low:.1f}, {100 * figure.high:.1f}]"


def place_of(run: Run) -> Path:
    """Where a clone's likeness is kept."""
    return run.path / "likeness.json"
