"""What is exported gives what the checkpoint gives: on the game's observations, with nothing but NumPy, and in ONNX."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from game.actions import COMBO_COUNT, COMBOS
from game.env import EnvConfig, make_env
from game.observation import NO_COMBO, ObservationSpec, observe
from game.rollout import play
from policy.architecture import NetworkConfig
from policy.checkpoint import CheckpointInfo, load_checkpoint, named, save_checkpoint
from policy.cli import main
from policy.export import standalone
from policy.export.export import TOLERANCE, ExportError, check_numpy, check_onnx, export, observations_of, outputs_of
from policy.export.onnx_model import build_model
from policy.players import player_of
from tests.conftest import ROOT
from tests.policy.made_up import SPEC, TINY, random_weights

ACT = "EmeraldHillZone.Act1"
NETWORKS = [
    NetworkConfig(hidden=16),
    NetworkConfig(torso="residual", hidden=16),
    NetworkConfig(torso="pooled", hidden=16, layer_norm=True),
    NetworkConfig(hidden=16, heads="dueling"),
    NetworkConfig(hidden=16, heads="rainbow", noisy=True),
]
ONLY_NUMPY = """
import sys
from importlib.abc import MetaPathFinder
allowed = {"numpy", "play", *sys.stdlib_module_names}
class Nothing(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.split(".")[0] not in allowed:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Nothing())
sys.path.insert(0, sys.argv[1])
import numpy as np
from play import Player
player = Player(sys.argv[1])
player.reset("EmeraldHillZone.Act1", 7)
print(["+".join(player.act(observation)) for observation in np.load(sys.argv[2])])
"""


def saved(path: Path, config: NetworkConfig, actions: str = "all") -> Path:
    info = CheckpointInfo("quillrush", 4, SPEC, config, action_set=actions)
    return save_checkpoint(path, info, named("w", random_weights(config, actions=len(info.combos))))


@pytest.fixture
def sequences(tmp_path: Path) -> Path:
    info = CheckpointInfo("quillrush", 4, SPEC, kind="sequences", action_set="jerk4")
    return save_checkpoint(tmp_path / "sequences", info, {ACT: np.array([2, 8, 2, 0], np.uint8)})


@pytest.fixture
def genome(tmp_path: Path) -> Path:
    rng = np.random.default_rng(3)
    arrays = {
        "picture": np.array([6, 8]),
        "activations": np.array(["sigmoid", "tanh", "relu", "gauss", "identity"]),
        "biases": rng.normal(size=5),
        "responses": rng.normal(size=5),
        "sources": rng.integers(0, 101, 40),
        "targets": rng.integers(0, 5, 40),
        "weights": rng.normal(size=40) * 3,
        "motion": np.array(True),
    }
    info = CheckpointInfo("quillrush", 4, SPEC, kind="genome", action_set="jerk4")
    return save_checkpoint(tmp_path / "genome", info, arrays)


@pytest.mark.parametrize("config", NETWORKS, ids=lambda config: f"{config.torso}-{config.heads}")
def test_numpy_folder_gives_the_networks_outputs_on_the_games_observations(
    tmp_path: Path, config: NetworkConfig
) -> None:
    checkpoint = saved(tmp_path / "c", config, actions="contest7")
    (said,) = export(checkpoint, tmp_path / "out", with_onnx=False)
    assert "play.py gives the network's outputs at 60 observations" in said
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["play.py", "policy.json", "weights.npz"]


def test_the_folder_needs_numpy_alone_and_draws_the_same(tmp_path: Path) -> None:
    checkpoint = saved(tmp_path / "c", TINY)
    export(checkpoint, tmp_path / "out", with_onnx=False)
    loaded = load_checkpoint(checkpoint)
    seen = observations_of(loaded, 20)
    np.save(tmp_path / "seen.npy", seen)
    code = [sys.executable, "-I", "-c", ONLY_NUMPY, str(tmp_path / "out"), str(tmp_path / "seen.npy")]
    done = subprocess.run(code, capture_output=True, text=True, check=True)
    ours = player_of(loaded)
    ours.reset(ACT, 7)
    assert done.stdout.strip() == str(["+".join(COMBOS[ours.act(observation)]) for observation in seen])


def test_it_plays_our_episode_in_stable_retro(tmp_path: Path) -> None:
    """The same seed, player and act: the same frames, the same furthest x."""
    checkpoint = saved(tmp_path / "c", TINY)
    export(checkpoint, tmp_path / "out", with_onnx=False)
    env = make_env(EnvConfig(act=ACT, max_frames=400))
    *_, last = play(env, player_of(load_checkpoint(checkpoint)), ACT, seed=5)
    env.close()
    code = (
        "import json, sys; sys.path.insert(0, sys.argv[1]); from play import Player, play\n"
        f"print(json.dumps(play(Player(sys.argv[1]), {ACT!r}, 5, sys.argv[2], max_frames=400)))"
    )
    games = ROOT / "game" / "quillrush" / "integration"
    command = [sys.executable, "-I", "-c", code, str(tmp_path / "out"), str(games)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    ended = json.loads(done.stdout)
    assert (ended["frames"], ended["x"]) == (last.info["frame"], last.info["max_x"])


@pytest.mark.parametrize(
    "spec",
    [ObservationSpec(), ObservationSpec(84, 84), ObservationSpec(hide_hud=True), ObservationSpec(action_history=True)],
)
@pytest.mark.parametrize("combo", [NO_COMBO, 0, COMBO_COUNT - 1])
def test_its_frames_are_ours_within_one_grey_level(spec: ObservationSpec, combo: int) -> None:
    screen = np.random.default_rng(0).integers(0, 256, (224, 320, 3), dtype=np.uint8)
    all_combos = [list(buttons) for buttons in COMBOS]
    observer = standalone.Observer({"observation": spec.to_json(), "all_combos": all_combos})
    received = observer(screen, None if combo == NO_COMBO else all_combos[combo])
    assert received.dtype == np.uint8
    assert np.abs(received.astype(int) - observe(screen, spec, combo)).max() <= 1


@pytest.mark.parametrize("kind", ["sequences", "genome"])
def test_other_kinds_play_in_numpy_and_say_that_they_are_no_onnx(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    checkpoint = request.getfixturevalue(kind)
    out = tmp_path / "out"
    assert main(["export", str(checkpoint), "--out", str(out)]) == 2
    assert f"Received: kind {kind}. Take --numpy-only" in capsys.readouterr().err
    assert not out.exists()
    assert main(["export", str(checkpoint), "--out", str(out), "--numpy-only"]) == 0
    assert "presses what the checkpoint's player presses" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (NetworkConfig(hidden=16, lstm=8), "without a memory. Received: network.lstm 8"),
        (NetworkConfig(hidden=16, torso="separable"), "whole convolutions to export. Received: separable ones"),
    ],
)
def test_a_network_that_play_py_does_not_know_is_refused(
    config: NetworkConfig, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["export", str(saved(tmp_path / "c", config)), "--out", str(out), "--numpy-only"]) == 2
    assert said in capsys.readouterr().err
    assert not out.exists()


def test_what_gives_something_else_is_not_exported(tmp_path: Path) -> None:
    checkpoint = saved(tmp_path / "c", TINY)
    export(checkpoint, tmp_path / "out", with_onnx=False)
    weights = random_weights(TINY)
    weights[-1] = weights[-1] + 10 * TOLERANCE
    np.savez(tmp_path / "out" / "weights.npz", **named("w", weights))
    with pytest.raises(ExportError, match=r"within 0\.0001.*Received: 0\.001"):
        check_numpy(load_checkpoint(checkpoint), tmp_path / "out", observations_of(load_checkpoint(checkpoint), 3))


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("")
    assert main(["export", str(saved(tmp_path / "c", TINY)), "--out", str(tmp_path / "out"), "--numpy-only"]) == 2
    assert "expected a new or empty folder" in capsys.readouterr().err


def test_onnx_that_is_missing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    assert main(["export", str(saved(tmp_path / "c", TINY)), "--out", str(tmp_path / "out")]) == 2
    assert "make install-share" in capsys.readouterr().err
    assert not list(tmp_path.glob("*out*"))


@pytest.mark.parametrize("config", NETWORKS, ids=lambda config: f"{config.torso}-{config.heads}")
def test_onnx_gives_the_networks_outputs(tmp_path: Path, config: NetworkConfig) -> None:
    pytest.importorskip("onnx")
    onnxruntime = pytest.importorskip("onnxruntime")
    checkpoint = saved(tmp_path / "c", config, actions="contest7")
    _, said = export(checkpoint, tmp_path / "out")
    assert "model.onnx gives the network's outputs at 60 observations" in said
    session = onnxruntime.InferenceSession(tmp_path / "out" / "model.onnx")
    batch = observations_of(load_checkpoint(checkpoint), 2)
    received = session.run(None, {"observation": batch})
    for name, values in outputs_of(load_checkpoint(checkpoint), batch).items():
        place = [output.name for output in session.get_outputs()].index(name)
        np.testing.assert_allclose(received[place], values, atol=TOLERANCE)
    assert session.get_modelmeta().custom_metadata_map["frame_skip"] == "4"


def test_onnx_of_other_weights_is_noticed(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    checkpoint = load_checkpoint(saved(tmp_path / "c", TINY))
    shutil.rmtree(tmp_path / "c")
    other = load_checkpoint(saved(tmp_path / "c", TINY))
    other.arrays["w009"][...] += 1.0  # type: ignore[index]
    from policy.export.description import describe

    model = tmp_path / "model.onnx"
    model.write_bytes(build_model(describe(other), other.arrays).SerializeToString())
    with pytest.raises(ExportError, match=r"Received: 1\b"):
        check_onnx(checkpoint, model, observations_of(checkpoint, 3))
