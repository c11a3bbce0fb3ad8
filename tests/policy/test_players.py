"""Players of every kind, and the actor of the rollouts."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from game.actions import ACTION_SETS, COMBO_NAMES
from policy import players
from policy.architecture import flatten
from policy.baselines import BASELINES
from policy.checkpoint import CheckpointError, CheckpointInfo, load_checkpoint, named, save_checkpoint
from policy.episodes import EpisodeWorker, make_player
from policy.genome import Genome, GenomeNetwork
from policy.numpy_network import NumpyNetwork, log_softmax
from policy.players import NetworkActor, SequencePlayer
from tests.policy.made_up import SPEC, TINY, observations, random_weights

ACT = "EmeraldHillZone.Act1"


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


def test_players_repeat_themselves_under_a_seed(checkpoint) -> None:
    network = players.load(checkpoint)
    for player in (network, *(make() for make in BASELINES.values())):
        runs = []
        for seed in (1, 1, 2):
            player.reset("EmeraldHillZone.Act1", seed)
            runs.append([player.act(observation) for observation in observations(20)])
        assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def test_a_greedy_player_takes_the_likeliest(checkpoint) -> None:
    player = players.load(checkpoint, temperature=0)
    batch = observations(4)
    logits, _ = NumpyNetwork(TINY, load_checkpoint(checkpoint).weights)(batch)
    assert [player.act(observation) for observation in batch] == logits.argmax(axis=1).tolist()


def test_actions_of_a_set_are_combos_outside(tmp_path: Path) -> None:
    """A network with seven outputs plays the contest's seven combos, as a player and as an actor."""
    weights = random_weights(TINY, actions=7)
    info = CheckpointInfo("quillrush", 4, SPEC, TINY, action_set="contest7")
    player = players.load(save_checkpoint(tmp_path / "seven", info, named("w", weights)))
    player.reset(ACT, 1)
    played = {player.act(observation) for observation in observations(200)}
    assert played == set(ACTION_SETS["contest7"])
    actor = NetworkActor(TINY, SPEC, "contest7")
    actor.load(flatten(weights))
    rng = np.random.default_rng(0)
    assert {actor.decide(observations(1)[0], rng)[0] for _ in range(200)} == set(ACTION_SETS["contest7"])


def test_action_sets_are_those_of_the_contract() -> None:
    assert [len(ACTION_SETS[name]) for name in ("all", "merged", "contest7", "jerk4")] == [23, 16, 7, 4]
    assert not any("A" in COMBO_NAMES[combo].split("+") for combo in ACTION_SETS["merged"])
    assert [COMBO_NAMES[combo] for combo in ACTION_SETS["jerk4"]] == ["RIGHT", "LEFT", "B+RIGHT", "B+LEFT"]


def test_a_sequence_is_played_in_its_act_and_then_nothing() -> None:
    player = SequencePlayer({ACT: np.array([2, 8], np.uint8)})
    for act, expected in ((ACT, [2, 8, 0, 0]), ("HillTopZone.Act1", [0, 0, 0, 0])):
        player.reset(act, 0)
        assert [player.act(np.zeros(0)) for _ in range(4)] == expected


def test_sequences_are_a_checkpoint(tmp_path: Path) -> None:
    info = CheckpointInfo("quillrush", 4, SPEC, kind="sequences")
    folder = save_checkpoint(tmp_path / "jerk", info, {ACT: np.array([1, 22], np.uint8)})
    player = players.load(folder)
    player.reset(ACT, 0)
    assert [player.act(np.zeros(0)) for _ in range(3)] == [1, 22, 0]
    for bad in ({ACT: np.array([23], np.uint8)}, {"Nowhere": np.array([1], np.uint8)}, {ACT: np.array([1.0])}):
        save_checkpoint(folder, info, bad)
        with pytest.raises(CheckpointError, match="jerk: Expected"):
            players.load(folder)


def genome() -> Genome:
    """Two pixels; node 0 (RIGHT) sees the left one, node 1 (LEFT) the right one, node 4 what node 0 gave before."""
    return Genome(
        picture=np.array([1, 2]),
        activations=np.array(["identity"] * 5),
        biases=np.zeros(5),
        responses=np.ones(5),
        sources=np.array([0, 1, 2]),
        targets=np.array([0, 1, 4]),
        weights=np.ones(3),
    )


def test_a_genome_is_a_checkpoint_and_steps_by_hand(tmp_path: Path) -> None:
    info = CheckpointInfo("quillrush", 4, SPEC, kind="genome", action_set="jerk4")
    folder = save_checkpoint(tmp_path / "genome", info, genome().to_arrays())
    player = players.load(folder)
    player.reset(ACT, 0)
    left = np.zeros(SPEC.shape, np.uint8)
    left[:, :48] = 255
    left[..., :-1] = 255 - left[..., -1:]  # the older frames show the opposite
    right = 255 - left
    assert [COMBO_NAMES[player.act(picture)] for picture in (left, right, left)] == ["RIGHT", "LEFT", "RIGHT"]
    assert player._network.values.tolist() == [1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0]
    player.act(right)
    assert player._network.values[-1] == 1.0  # a step later


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("weights", np.array([1.0, np.nan, 1.0])),
        ("sources", np.array([0, 1, 99])),
        ("targets", np.array([0, 1, 5])),
        ("activations", np.array(["magic"] * 5)),
        ("biases", np.zeros(3)),
        ("picture", np.array([1, 100_000])),
        ("motion", np.array([True])),
    ],
)
def test_damaged_genomes_are_refused(tmp_path: Path, name: str, value: np.ndarray) -> None:
    info = CheckpointInfo("quillrush", 4, SPEC, kind="genome", action_set="jerk4")
    folder = save_checkpoint(tmp_path / "genome", info, genome().to_arrays() | {name: value})
    with pytest.raises(CheckpointError, match="Expected"):
        players.load(folder)


def test_an_unknown_player_is_named(tmp_path) -> None:
    with pytest.raises(ValueError, match=r"random, right, right-and-jump"):
        make_player("nobody")


def plays(player, seed: int, count: int = 200) -> list[int]:
    player.reset(ACT, seed)
    return [player.act(observation) for observation in observations(count)]


def test_a_networks_draws_come_from_the_episodes_seed(checkpoint) -> None:
    player = players.load(checkpoint)
    assert plays(player, 1) == plays(player, 1)
    assert plays(player, 1) != plays(player, 2)


def test_a_lower_temperature_plays_less_at_random(checkpoint) -> None:
    likeliest = plays(players.load(checkpoint, temperature=0), 1)
    agreement = []
    for temperature in (0.05, 1.0, 20.0):
        drawn = plays(players.load(checkpoint, temperature), 1)
        agreement.append(sum(one == other for one, other in zip(drawn, likeliest, strict=True)))
    assert agreement[0] > agreement[1] >= agreement[2]


@pytest.mark.parametrize("act", ["TestZone.Act3", "OilOceanZone.Custom"])
def test_sequences_of_the_contests_acts_are_played(act: str) -> None:
    player = SequencePlayer({act: np.array([2], np.uint8)})
    player.reset(act, 0)
    assert player.act(np.zeros(0)) == 2


def test_a_sequence_begins_anew_in_every_episode() -> None:
    player = SequencePlayer({ACT: np.array([2, 8, 5], np.uint8)})
    for _ in range(2):
        player.reset(ACT, 0)
        assert [player.act(np.zeros(0)) for _ in range(2)] == [2, 8]


def test_a_kept_player_is_kept_for_one_temperature(checkpoint) -> None:
    worker = EpisodeWorker()
    drawn = worker.player(str(checkpoint), 1.0)
    assert worker.player(str(checkpoint), 1.0) is drawn
    greedy = worker.player(str(checkpoint), 0.0)
    assert plays(greedy, 1) == plays(players.load(checkpoint, temperature=0), 1) != plays(drawn, 1)


def test_a_node_is_its_bias_plus_its_response_times_what_comes_in() -> None:
    network = GenomeNetwork(replace(genome(), biases=np.arange(5.0), responses=np.array([2.0, 3, 1, 1, 1])))
    white = np.full((96, 96), 255, np.uint8)
    assert network.step(white).tolist() == [2.0, 1.0 + 3.0, 2.0, 3.0, 4.0]
    assert network.step(white).tolist() == [2.0, 4.0, 2.0, 3.0, 4.0 + 2.0]  # node 4 hears of node 0 a step later


def test_motion_is_what_a_pixel_gained_since_the_frame_before() -> None:
    moving = replace(genome(), motion=np.array(True), sources=np.array([2, 3, 4]))  # node 4 hears of node 0
    network = GenomeNetwork(moving)
    white = np.full((96, 96), 255, np.uint8)
    half = white.copy()
    half[:, :48] = 0
    for _ in range(2):
        network.reset()
        assert network.step(half)[:2].tolist() == [0.0, 0.0]  # nothing was before it
        assert network.step(white)[:2].tolist() == [1.0, 0.0]
        assert network.step(white)[:2].tolist() == [0.0, 0.0]
        assert network.step(half).tolist() == [-1.0, 0.0, 0.0, 0.0, 0.0]
        assert network.values[:4].tolist() == [0.0, 1.0, -1.0, 0.0]


def test_a_genome_without_motion_may_leave_it_out(tmp_path: Path) -> None:
    info = CheckpointInfo("quillrush", 4, SPEC, kind="genome", action_set="jerk4")
    arrays = genome().to_arrays()
    assert not arrays.pop("motion")
    player = players.load(save_checkpoint(tmp_path / "genome", info, arrays))
    assert len(player._network.values) == 2 + 5
    arrays.pop("biases")
    with pytest.raises(CheckpointError, match="Expected the arrays"):
        players.load(save_checkpoint(tmp_path / "genome", info, arrays))


def test_a_genome_begins_every_episode_anew(tmp_path: Path) -> None:
    info = CheckpointInfo("quillrush", 4, SPEC, kind="genome", action_set="jerk4")
    player = players.load(save_checkpoint(tmp_path / "genome", info, genome().to_arrays()))
    player.reset(ACT, 0)
    player.act(np.full(SPEC.shape, 255, np.uint8))
    assert player._network.values.any()
    player.reset(ACT, 1)
    assert not player._network.values.any()


def test_a_player_with_a_memory_begins_every_episode_anew(tmp_path: Path) -> None:
    """Its choice depends on what it saw before, within an episode, and on nothing from the episode before."""
    config = replace(TINY, lstm=8)
    weights = [5 * array for array in random_weights(config)]
    info = CheckpointInfo("quillrush", 4, SPEC, config)
    folder = save_checkpoint(tmp_path / "lstm", info, named("w", weights))
    loaded = load_checkpoint(folder)
    assert loaded.info.network == config
    for expected, received in zip(weights, loaded.weights, strict=True):
        np.testing.assert_array_equal(expected, received)
    player = players.player_of(loaded)
    first = plays(player, 1, 5)
    states = player._state.copy()
    assert plays(player, 1, 5) == first
    np.testing.assert_array_equal(player._state, states)
    network = NumpyNetwork(config, weights)
    state = np.zeros((1, 16), np.float32)
    for observation in observations(5):
        _, state = network.step(observation[None], state)
    np.testing.assert_array_equal(player._state, state)
