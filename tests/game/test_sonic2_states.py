"""The 18 real Sonic 2 states under the stub image: what every stage reads from them, without the game's ROM."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest

from dataset.episode import replay_episode
from dataset.store import episode_file
from game.actions import COMBO_NAMES, mask_of
from game.acts import ACTS, Act
from game.certificate import certify
from game.emulator import Emulator
from game.env import EnvConfig, make_env
from game.games import Game
from game.movie import Movie, read_movie, write_movie
from game.observation import ObservationSpec, observe
from game.ram import MODE_IN_PLAY
from game.rollout import play, summarise
from game.savestate import CORE_DATA_BYTES, CORE_STATE_BYTES, clean_state
from record.take import Take
from tests.stub_rom import make_stub_rom

TITLE_CARD = 0x8C
START = {  # x, y (pixels), where the level's right border is, and the game mode
    "EmeraldHillZone.Act1": (96, 656, 0x29A0, MODE_IN_PLAY),
    "EmeraldHillZone.Act2": (96, 688, 0x2940, MODE_IN_PLAY),
    "ChemicalPlantZone.Act1": (96, 492, 0x2780, MODE_IN_PLAY),
    "ChemicalPlantZone.Act2": (96, 300, 0x2A80, MODE_IN_PLAY),
    "AquaticRuinZone.Act1": (96, 894, 0x28C0, MODE_IN_PLAY),
    "AquaticRuinZone.Act2": (96, 894, 0x3FFF, MODE_IN_PLAY),
    "CasinoNightZone.Act1": (96, 684, 0x27A0, MODE_IN_PLAY),
    "CasinoNightZone.Act2": (96, 1420, 0x2A80, MODE_IN_PLAY),
    "HillTopZone.Act1": (96, 1008, 0x2800, TITLE_CARD),
    "HillTopZone.Act2": (96, 1712, 0x3280, TITLE_CARD),
    "MysticCaveZone.Act1": (96, 1708, 0x2380, MODE_IN_PLAY),
    "MysticCaveZone.Act2": (96, 1452, 0x3FFF, MODE_IN_PLAY),
    "OilOceanZone.Act1": (96, 1708, 0x2F80, MODE_IN_PLAY),
    "OilOceanZone.Act2": (96, 1388, 0x2D00, MODE_IN_PLAY),
    "MetropolisZone.Act1": (96, 652, 0x2280, MODE_IN_PLAY),
    "MetropolisZone.Act2": (96, 1516, 0x1E80, MODE_IN_PLAY),
    "MetropolisZone.Act3": (96, 524, 0x2A80, MODE_IN_PLAY),
    "WingFortressZone": (111, 1224, 0x3FFF, TITLE_CARD),
}
RIGHT = COMBO_NAMES.index("RIGHT")
every_act = pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)


@pytest.fixture(scope="module")
def stub(stub_sonic2: Game) -> Iterator[Emulator]:
    with Emulator(stub_sonic2) as emulator:
        yield emulator


def seen(emulator: Emulator, state: bytes, frames: int = 10) -> list[tuple[bytes, bytes, bytes]]:
    """RAM, picture and sound of the frames after a state."""
    emulator.set_state(state)
    found = []
    for _ in range(frames):
        emulator.step(0)
        found.append((emulator.ram(), emulator.screen().tobytes(), emulator.audio().tobytes()))
    return found


class RunRight:
    """Holds RIGHT."""

    def reset(self, act: str, seed: int) -> None:
        pass

    def act(self, observation: np.ndarray) -> int:
        return RIGHT


def test_the_stub_is_a_cartridge_without_a_game() -> None:
    image = make_stub_rom()
    assert len(image) == 1 << 20
    assert image[0x100:0x110] == b"SEGA MEGA DRIVE "
    assert len(set(image[0x220:])) == 2


@every_act
def test_ram_tells_the_act_and_its_start(stub: Emulator, act: Act) -> None:
    stub.set_state(stub.game.start_state(act))
    variables = stub.variables()
    assert (variables["zone"], variables["act_number"]) == (act.zone, act.number)
    x, y, border, mode = START[act.name]
    assert (variables["x"], variables["y"]) == (x, y)
    assert (variables["screen_x_end"], variables["game_mode"]) == (border, mode)
    assert (variables["lives"], variables["rings"], variables["score"]) == (3, 0, 0)
    assert (variables["inertia"], variables["spindash_flag"], variables["level_end_bonus"]) == (0, 0, 0)
    assert variables["x"] < act.end_x <= border + 320


@every_act
def test_a_clean_state_plays_as_the_shipped_one(stub: Emulator, act: Act) -> None:
    """The shipped states carry 890 kB of stray memory and pointers, which no movie of ours may publish."""
    shipped = gzip.decompress((stub.game.integration / f"{act.name}.state").read_bytes())
    clean = stub.game.start_state(act)
    assert len(clean) == CORE_STATE_BYTES
    assert any(shipped[CORE_DATA_BYTES:])
    assert not any(clean[CORE_DATA_BYTES:])
    assert sum(a != b for a, b in zip(clean[:CORE_DATA_BYTES], shipped[:CORE_DATA_BYTES], strict=True)) < 450
    assert seen(stub, clean) == seen(stub, shipped)


@every_act
def test_the_picture_is_drawn(stub: Emulator, act: Act) -> None:
    stub.set_state(stub.game.start_state(act))
    stub.step(0)
    screen = stub.screen()
    assert screen.shape == (224, 320, 3)
    assert len(np.unique(screen.reshape(-1, 3), axis=0)) >= 10
    frame = observe(screen, ObservationSpec())
    assert frame.shape == (96, 96)
    assert frame.std() > 10


def test_a_clean_state_depends_on_nothing_but_the_game(stub: Emulator) -> None:
    """Whatever the process has in memory, the same moment gives the same clean state."""
    stub.set_state(stub.game.start_state(ACTS[0]))
    first = clean_state(stub.get_state())
    stray = [bytes([i]) * CORE_STATE_BYTES for i in range(20)]
    del stray
    assert clean_state(stub.get_state()) == first


def test_no_two_acts_look_alike(stub: Emulator) -> None:
    pictures = {seen(stub, stub.game.start_state(act), 1)[0][1] for act in ACTS}
    assert len(pictures) == len(ACTS)


@every_act
def test_an_episode_that_goes_nowhere_scores_nothing(stub: Emulator, act: Act) -> None:
    env = make_env(EnvConfig(game="sonic2", act=act.name, max_frames=24, stick_probability=0), stub)
    steps = list(play(env, RunRight(), act.name, seed=1))
    assert len(steps) == 6
    assert steps[0].observation.shape == (96, 96, 4)
    assert steps[-1].truncated
    episode = summarise(steps, act.name, seed=1)
    assert (episode.score, episode.progress, episode.spin_dashes) == (0.0, 0.0, 0)
    assert (episode.passed_end_x, episode.finished, episode.died) == (False, False, False)
    assert steps[-1].info["start_x"] == episode.max_x == START[act.name][0]


@every_act
def test_a_movie_begun_in_it_converts(stub: Emulator, act: Act, tmp_path: Path) -> None:
    masks = np.random.default_rng(act.end_x).integers(0, 4096, 40).astype(np.uint16)
    masks[0] = 0
    write_movie(tmp_path / "a.bk2", Movie(stub.game.retro_id, stub.game.start_state(act), masks))
    assert (tmp_path / "a.bk2").stat().st_size < 100_000
    movie = read_movie(tmp_path / "a.bk2")
    spec = ObservationSpec()
    with episode_file(tmp_path / "a.hdf5", movie.frames, spec.frame_shape) as writer:
        certificate = replay_episode(stub, movie, spec, writer)
    with h5py.File(tmp_path / "a.hdf5") as file:
        episode = file["episode"]
        assert episode.attrs["act"].decode() == act.name
        assert len(episode["actions"]) == len(masks)
        np.testing.assert_array_equal(episode["infos/pad_mask"][:-1], masks)
        assert not episode["rewards"][()].any()
    assert certificate == certify(stub, movie)


@every_act
def test_a_take_can_be_recorded_from_it(stub: Emulator, act: Act) -> None:
    take = Take(stub, act)
    for mask in (mask_of(("RIGHT",)), mask_of(("B", "RIGHT"))) * 10:
        take.press(mask)
    take.rewind_to(12)
    movie = take.movie()
    assert (movie.frames, int(movie.masks[0]), take.spin_dashes) == (13, 0, [])
    assert movie.state == stub.game.start_state(act)
    assert take.certificate() == certify(stub, movie)
