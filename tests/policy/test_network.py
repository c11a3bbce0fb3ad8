"""The NumPy forward pass against Keras, weights' order, players."""

import numpy as np
import pytest

from game.observation import ObservationSpec
from policy.baselines import CONTROLS
from policy.checkpoint import (
    CheckpointError,
    CheckpointInfo,
    check_compatible,
    load_checkpoint,
    save_checkpoint,
)
from policy.episodes import make_player
from policy.forward import (
    NetworkConfig,
    NumpyNetwork,
    flatten,
    log_softmax,
    parameter_count,
    parameter_shapes,
    unflatten,
)
from policy.players import NetworkActor, NetworkPlayer, SequencePlayer

SPEC = ObservationSpec()
TINY = NetworkConfig(hidden=16)


def random_weights(config: NetworkConfig, seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.normal(0, 0.05, shape).astype(np.float32) for shape in parameter_shapes(config, SPEC)]


def observations(count: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (count, *SPEC.shape), dtype=np.uint8)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("torso", ["nature", "residual"])
def test_numpy_equals_keras(torso: str) -> None:
    from policy.keras_network import build_network

    config = NetworkConfig(torso=torso, hidden=32)
    weights = random_weights(config)
    model = build_network(config, SPEC)
    assert [w.shape for w in model.get_weights()] == parameter_shapes(config, SPEC)
    model.set_weights(weights)
    batch = observations(3)
    expected_logits, expected_values = model(batch)
    logits, values = NumpyNetwork(config, weights)(batch)
    np.testing.assert_allclose(logits, expected_logits, atol=1e-4)
    np.testing.assert_allclose(values, np.asarray(expected_values)[:, 0], atol=1e-4)


def test_flat_weights_round_trip() -> None:
    weights = random_weights(TINY)
    vector = flatten(weights)
    assert len(vector) == parameter_count(TINY, SPEC)
    for expected, received in zip(weights, unflatten(vector, parameter_shapes(TINY, SPEC)), strict=True):
        np.testing.assert_array_equal(expected, received)
    with pytest.raises(ValueError, match=r"Received: 3"):
        unflatten(np.zeros(3, np.float32), parameter_shapes(TINY, SPEC))


def test_an_actor_draws_from_the_policy_and_reports_its_log_probability() -> None:
    weights = random_weights(TINY)
    actor = NetworkActor(TINY, SPEC)
    actor.load(flatten(weights))
    observation = observations(1)[0]
    logits, values = NumpyNetwork(TINY, weights)(observation[None])
    rng = np.random.default_rng(0)
    draws = [actor.decide(observation, rng) for _ in range(2000)]
    shares = np.bincount([combo for combo, _, _ in draws], minlength=23) / len(draws)
    np.testing.assert_allclose(shares, np.exp(log_softmax(logits[0])), atol=0.03)
    combo, log_prob, value = draws[0]
    assert log_prob == pytest.approx(log_softmax(logits[0])[combo], abs=1e-5)
    assert value == pytest.approx(values[0], abs=1e-5)


@pytest.fixture
def checkpoint(tmp_path):
    info = CheckpointInfo("quillrush", 4, SPEC, TINY, 7, {"eval/progress": 0.5}, extra={"update": 3})
    return save_checkpoint(tmp_path / "000007", info, random_weights(TINY), [np.arange(3.0), np.array(5)])


def test_a_checkpoint_comes_back_whole(checkpoint) -> None:
    loaded = load_checkpoint(checkpoint)
    assert loaded.info.network == TINY
    assert loaded.info.extra == {"update": 3}
    assert loaded.info.metrics == {"eval/progress": 0.5}
    np.testing.assert_array_equal(loaded.optimizer[0], np.arange(3.0))
    for expected, received in zip(random_weights(TINY), loaded.weights, strict=True):
        np.testing.assert_array_equal(expected, received)


def test_saving_again_replaces_the_whole(checkpoint) -> None:
    save_checkpoint(checkpoint, CheckpointInfo("quillrush", 4, SPEC, TINY, 8), random_weights(TINY, 1))
    assert load_checkpoint(checkpoint).info.step == 8
    assert [path.name for path in checkpoint.parent.iterdir()] == ["000007"]


def test_damaged_and_foreign_checkpoints_are_refused(checkpoint, tmp_path) -> None:
    with pytest.raises(CheckpointError, match=r"not a checkpoint folder"):
        load_checkpoint(tmp_path / "nowhere")
    text = (checkpoint / "checkpoint.json").read_text()
    (checkpoint / "checkpoint.json").write_text(text.replace("B+RIGHT+DOWN", "A+RIGHT+DOWN"))
    with pytest.raises(CheckpointError, match=r"expected the actions"):
        load_checkpoint(checkpoint)
    (checkpoint / "checkpoint.json").write_text(text.replace('"hidden": 16', '"hidden": 17'))
    with pytest.raises(CheckpointError, match=r"expected weights of shapes"):
        load_checkpoint(checkpoint)
    (checkpoint / "checkpoint.json").write_text(text)
    (checkpoint / "weights.npz").write_bytes(b"cut off")
    with pytest.raises(CheckpointError, match=r"not a readable array file"):
        load_checkpoint(checkpoint)


def test_pickles_are_never_loaded(checkpoint) -> None:
    np.savez(checkpoint / "weights.npz", w000=np.array([object()]))
    with pytest.raises(CheckpointError, match=r"allow_pickle"):
        load_checkpoint(checkpoint)


def test_incompatible_checkpoints_name_both_sides(checkpoint) -> None:
    info = load_checkpoint(checkpoint).info
    check_compatible(info, checkpoint, "quillrush", 4, SPEC)
    with pytest.raises(CheckpointError, match=r"expected frame_skip 3. Received: 4"):
        check_compatible(info, checkpoint, "quillrush", 3, SPEC)
    with pytest.raises(CheckpointError, match=r"expected observation .*hide_hud=True.* Received: .*hide_hud=False"):
        check_compatible(info, checkpoint, "quillrush", 4, ObservationSpec(hide_hud=True))


def test_players_repeat_themselves_under_a_seed(checkpoint) -> None:
    network = NetworkPlayer.load(checkpoint)
    for player in (network, *(make() for make in CONTROLS.values())):
        runs = []
        for seed in (1, 1, 2):
            player.reset("EmeraldHillZone.Act1", seed)
            runs.append([player.act(observation) for observation in observations(20)])
        assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def test_a_greedy_player_takes_the_likeliest(checkpoint) -> None:
    player = NetworkPlayer.load(checkpoint, temperature=0)
    batch = observations(4)
    logits, _ = load_checkpoint(checkpoint).numpy_network()(batch)
    assert [player.act(observation) for observation in batch] == logits.argmax(axis=1).tolist()


def test_a_sequence_player_stands_still_at_its_end() -> None:
    player = SequencePlayer([2, 8])
    player.reset("EmeraldHillZone.Act1", 0)
    assert [player.act(np.zeros(0)) for _ in range(4)] == [2, 8, 0, 0]


def test_an_unknown_player_is_named(tmp_path) -> None:
    with pytest.raises(ValueError, match=r"random, right, right-and-jump"):
        make_player("nobody")
