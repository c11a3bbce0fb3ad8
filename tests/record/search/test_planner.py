"""The search player finishes an act and what it pressed replays to the same end."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from game.acts import ACT_NAMES, ACTS, Act, find_act
from game.certificate import certify, read_sidecar
from game.emulator import Emulator
from game.games import find_game
from game.movie import Movie, read_movie, replay
from game.places import Place, Waypoint
from game.spindash import pad_spin_dashes
from record.cli import main
from record.search import route
from record.search.moves import JUMP_RIGHT, RIGHT, Hand, frames_of, masks_of, without_tail
from record.search.pad import STEP
from record.search.planner import Plan, Search, SearchFailed
from record.search.stages import Stage
from record.search.traces import is_same_play
from tests.conftest import MOVIES

ACT = find_act("EmeraldHillZone.Act1")


def test_a_take_is_searched_written_and_certified(workdir: Path, capsys) -> None:
    arguments = ["--player", "search", "--game", "quillrush", "--level", "EmeraldHillZone.Act1", "--seed", "40"]
    assert main(arguments) == 0
    (path,) = (workdir / "movies").rglob("*.bk2")
    sidecar = read_sidecar(path)
    assert sidecar.player == "search"
    assert sidecar.facts["finished"]
    movie = read_movie(path)
    assert len(pad_spin_dashes(movie.masks)) >= 2
    with Emulator(find_game("quillrush")) as emulator:
        assert certify(emulator, movie) == sidecar.certificate
        assert emulator.peek("level_end_bonus") or emulator.peek("act_number") == 1
    before = path.read_bytes()
    assert main(arguments) == 0
    assert path.read_bytes() == before  # the take is there; it is not made again


def test_the_first_gate_needs_a_spin_dash(emulator: Emulator, monkeypatch) -> None:
    monkeypatch.setattr(Hand, "spin_dash", lambda self, revs, pause: self.roll(0))
    monkeypatch.setattr(route, "DASHES", ())
    with pytest.raises(SearchFailed) as failure:
        Search(emulator, ACT, seed=1, budget=25_000).play()
    assert failure.value.x < 0.5 * ACT.end_x


def test_moves_have_human_lengths() -> None:
    hand = Hand(np.random.default_rng(0))
    moves = (hand.jump(5, 18), hand.jumps(0, (8, 8)), hand.spin_dash(3, 20), hand.hop_up(20), hand.run_up(90))
    for move in moves:
        assert len(masks_of(move)) == frames_of(move)
        assert all(frames >= 2 for _, frames in move)


def test_unknown_level(capsys) -> None:
    assert main(["--player", "search", "--game", "quillrush", "--level", "EmeraldHil.Act1"]) == 2
    assert "Did you mean EmeraldHillZone.Act1" in capsys.readouterr().err


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
def test_every_act_has_its_demonstrations(act: Act) -> None:
    """Twelve finished takes, six under the contest's sticky frames, no two the same play."""
    movies = sorted((MOVIES / act.name).glob("*-search-*.bk2"))
    assert len(movies) == 12
    sidecars = [read_sidecar(path) for path in movies]
    assert [sidecar.facts["sticky"] for sidecar in sidecars] == [0] * 6 + [0.25] * 6
    assert len({sidecar.facts["seed"] for sidecar in sidecars}) == 12
    for path, sidecar in zip(movies, sidecars, strict=True):
        assert sidecar.player == "search"
        assert sidecar.facts["finished"]
        assert sidecar.certificate is not None
        assert len(pad_spin_dashes(read_movie(path).masks)) >= 2
    traces = [sidecar.facts["trace"] for sidecar in sidecars]
    assert not any(is_same_play(one, other) for one, other in combinations(traces, 2))


def test_nobody_demonstrates_the_test_acts() -> None:
    assert {folder.name for folder in MOVIES.glob("[!.]*")} == set(ACT_NAMES)


def test_movies_states_and_rom_are_small() -> None:
    movies = sum(path.stat().st_size for path in MOVIES.rglob("*") if path.is_file())
    built = sum(path.stat().st_size for path in find_game("quillrush").integration.iterdir())
    assert movies + built < 3 * 1024 * 1024


def positions(emulator: Emulator, movie: Movie) -> list[int]:
    return [emulator.peek("x") for _ in replay(emulator, movie)]


@pytest.mark.parametrize(("seed", "sticky"), [(0, 0.0), (1, 0.0), (2, 0.25), (3, 0.25)])
def test_after_a_setback_the_movie_still_leads_to_where_the_play_stands(
    emulator: Emulator, seed: int, sticky: float
) -> None:
    search = Search(emulator, ACT, seed, sticky=sticky, known=())
    start = search.begin()
    for _ in range(8):
        search.advance(search._sandbox.look())
    search._stage = Stage(place=1)
    search.go_back(search._sandbox.look())
    assert search.setbacks == 1
    assert search._stage == Stage()
    stands = emulator.ram()
    movie = Movie(emulator.game.retro_id, start, np.array(search._pad.masks, np.uint16))
    positions(emulator, movie)
    assert emulator.ram() == stands


@pytest.mark.parametrize("sticky", [0.0, 0.25])
def test_a_place_sends_the_player_back_to_its_waypoints(emulator: Emulator, sticky: float) -> None:
    search = Search(emulator, ACT, 1, sticky=sticky)
    search.begin()
    start = search._sandbox.look()
    back = (Waypoint(start.x + 150, start.feet), Waypoint(start.x + 40, start.feet))
    known = (Place("tower", start.x + 250, start.x + 400, back),)
    search = Search(emulator, ACT, 1, sticky=sticky, known=known)
    search.begin()
    xs = [start.x]
    while xs[-1] < start.x + 500:
        search.advance(search._sandbox.look())
        xs.append(search._sandbox.look().x)
    turned = next(number for number, x in enumerate(xs) if x >= start.x + 250)
    assert min(xs[turned:]) <= start.x + 56
    assert max(xs[:turned]) < start.x + 400


def test_sticky_frames_are_in_the_movie_and_it_is_finished(emulator: Emulator) -> None:
    movie = Search(emulator, ACT, 5, sticky=0.25).play()
    assert emulator.peek("level_end_bonus") or emulator.peek("act_number") == 1
    changes = [frame for frame in range(1, movie.frames) if movie.masks[frame] != movie.masks[frame - 1]]
    assert {frame % STEP for frame in changes} == {1, 2}
    late = sum(frame % STEP == 2 for frame in changes)
    assert late > len(changes) / 10


def test_what_the_noise_spoilt_is_not_played_to_its_end(emulator: Emulator) -> None:
    asked: list[list[int]] = []

    def spoilt(state: bytes, masks: list[int]) -> bool:
        asked.append(masks)
        return False

    search = Search(emulator, ACT, 0, sticky=1.0)
    search.begin()
    before = len(search._pad.masks)
    search._follow(Plan([JUMP_RIGHT] * 8 + [RIGHT] * 8, spoilt))
    assert search._pad.masks[before:] == [0, *[JUMP_RIGHT] * 3]
    assert asked == [[JUMP_RIGHT] * 4 + [RIGHT] * 8]


def test_what_still_works_after_a_slip_is_played_on(emulator: Emulator) -> None:
    search = Search(emulator, ACT, 0, sticky=1.0)
    search.begin()
    before = len(search._pad.masks)
    search._follow(Plan([JUMP_RIGHT] * 8 + [RIGHT] * 8, lambda state, masks: True))
    assert search._pad.masks[before:] == [0, *[JUMP_RIGHT] * 8, *[RIGHT] * 7]


def test_moves_are_as_long_as_they_are_pressed() -> None:
    move = ((RIGHT, 3), (JUMP_RIGHT, 2), (RIGHT, 4))
    assert without_tail(masks_of(move), RIGHT) == 5
    assert without_tail(masks_of(move), JUMP_RIGHT) == frames_of(move)
    assert without_tail([RIGHT] * 4, RIGHT) == 0
