"""How like a person a policy plays, on data sets made by hand and policies whose answers are known."""

from pathlib import Path

import numpy as np
import pytest

from dataset.loader import open_dataset, split_movies
from experiment.run import Run
from game.actions import COMBO_OF_MASK, MERGED_COMBO, mask_of
from game.observation import ObservationSpec
from policy.architecture import NetworkConfig
from policy.checkpoint import Checkpoint, CheckpointError, CheckpointInfo
from policy.numpy_network import NumpyNetwork
from supervised import likeness as module
from supervised.cli import main
from supervised.config import Config
from supervised.likeness import Answers, Difference, Figure, ask, bootstrap, difference, held_out, likeness, pieces_of
from tests.dataset.small import make_dataset

RIGHT, DOWN = mask_of(("RIGHT",)), mask_of(("DOWN",))
PADS = [0, RIGHT, DOWN, RIGHT] * 30


@pytest.fixture
def run(workdir: Path) -> Run:
    """A cloning run on three takes of a person and three of the search player, as if it had been trained."""
    names = {name: {"player": "human" if name[0] == "h" else "search"} for name in ("h0", "h1", "h2", "s0", "s1", "s2")}
    make_dataset(workdir / "data" / "t-v0", {name: PADS for name in names}, **names)
    config = Config(game="quillrush", data="t-v0", frame_skip=1)
    dataset = open_dataset(workdir / "data" / "t-v0", 1)
    return Run.open("supervised", config, dataset.fingerprint, name="mine")


def test_only_takes_that_were_not_taught_are_asked_and_only_changes(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "Selection", lambda **fields: None)
    dataset, sides = held_out(run)
    held = split_movies(dataset, Config().validation, Config().seed).held
    assert {int(movie) for windows in sides.values() for movie in windows.movies} == held
    assert set(sides) == {"yours", "search"}
    for whose, windows in sides.items():
        assert windows.changes.all()
        assert {dataset.names[movie][0] for movie in windows.movies} == {"h" if whose == "yours" else "s"}


def test_a_data_set_that_has_changed_is_refused(run: Run, workdir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody knows any more what the clone has not seen."""
    monkeypatch.setattr(module, "Selection", lambda **fields: None)
    (workdir / "data/t-v0/data/movies/h0.hdf5").unlink()
    make_dataset(workdir / "data" / "t-v0", {"h9": PADS})
    with pytest.raises(ValueError, match=r"expected .*(which takes it has not seen|movies of its metadata)"):
        held_out(run)


class Naming(NumpyNetwork):
    """A network that names the label of every picture by its grey, in action set `contest7` or all."""

    def __init__(self, answers: np.ndarray) -> None:
        self._answers = answers

    def __call__(self, observations: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self._answers[observations[:, 0, 0, -1]], np.zeros(len(observations), np.float32)


class Info:
    """What `ask` needs of a checkpoint's."""

    kind = "network"
    network = NetworkConfig()
    combos = tuple(range(23))


class Given:
    """A checkpoint without files."""

    info = Info()
    path = Path("nowhere")
    weights = ()


def test_a_policy_that_presses_the_same_agrees_and_one_that_does_not_is_surprised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_dataset(tmp_path / "t-v0", {"h0": PADS})
    dataset = open_dataset(tmp_path / "t-v0", frame_skip=1, stack=1)
    windows = dataset.windows.where(dataset.windows.changes)
    answers = np.zeros((256, 23), np.float32)
    labels = MERGED_COMBO[COMBO_OF_MASK[np.array(PADS)]]
    answers[np.arange(len(PADS)), labels] = 50.0
    monkeypatch.setattr(module, "check_compatible", lambda *of: None)
    for logits, agreement, surprise in (
        (answers, 1.0, 0.0),
        (-answers, 0.0, -np.log(1e-6)),
        (0 * answers, 1 / 23, np.log(23)),
    ):
        monkeypatch.setattr(module, "NumpyNetwork", lambda network, weights, logits=logits: Naming(logits))
        found = ask(Given(), dataset, windows)
        assert found.agreement.mean() == pytest.approx(agreement, abs=1e-4)
        assert found.surprise.mean() == pytest.approx(surprise, abs=1e-4)
    figure = likeness("clone", "yours", dataset, windows, found)
    assert (figure.takes, figure.windows) == (1, len(windows))
    assert list(figure.acts) == ["EmeraldHillZone.Act1"]


def test_pieces_are_five_seconds_of_one_take(tmp_path: Path) -> None:
    make_dataset(tmp_path / "t-v0", {name: [0, RIGHT] * 350 for name in ("a", "b")})
    dataset = open_dataset(tmp_path / "t-v0", frame_skip=4)
    pieces = pieces_of(dataset, dataset.windows)
    assert len(set(pieces.tolist())) == 6  # two takes of 700 frames: 300, 300, 100
    for piece in range(6):
        mine = dataset.windows.where(pieces == piece)
        assert len(set(mine.movies.tolist())) == 1
        assert np.ptp(mine.stacks[:, -1]) < 300


def test_the_interval_holds_the_mean_in_simulations() -> None:
    """Windows of one piece are alike; an interval that took them for independent would be far too narrow."""
    rng = np.random.default_rng(0)
    pieces = np.repeat(np.arange(40), 30)
    held = 0
    for _ in range(200):
        values = 0.5 + 0.2 * rng.normal(size=40)[pieces] + 0.1 * rng.normal(size=len(pieces))
        figure = bootstrap(values, pieces)
        held += figure.low <= 0.5 <= figure.high
    assert held >= 0.9 * 200


def test_differences_are_said_by_their_interval() -> None:
    pieces = np.repeat(np.arange(20), 5)
    sure = Answers(np.ones(100), np.full(100, 0.5))
    unsure = Answers(np.zeros(100), np.full(100, 1.5))
    better = difference("clone", "without-you", pieces, sure, unsure)
    assert better.surprise == Figure(1.0, 1.0, 1.0)
    assert better.agreement.mean == 1.0
    assert better.in_words == "clone plays more like you than without-you"
    assert difference("clone", "x", pieces, unsure, sure).in_words == "clone plays less like you than x"
    assert (
        Difference("a", "b", better.agreement, Figure(0.1, -0.1, 0.3)).in_words == "no difference seen between a and b"
    )


def test_without_any_clone_it_says_so(workdir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["likeness", "--game", "quillrush"]) == 2
    assert "No finished supervised run on quillrush" in capsys.readouterr().err


def test_a_network_of_action_values_is_refused_by_name(tmp_path: Path) -> None:
    """What always takes the best has no probability for anything else."""
    rainbow = CheckpointInfo("quillrush", 4, ObservationSpec(), NetworkConfig(heads="rainbow"))
    bred = CheckpointInfo("quillrush", 4, ObservationSpec(), kind="genome")
    for info, said in ((rainbow, "action values, which always takes the best"), (bred, "of kind genome")):
        with pytest.raises(CheckpointError, match=f"a policy to draw from. Received: .*{said}"):
            ask(Checkpoint(tmp_path, info, {}, {}), None, None)
