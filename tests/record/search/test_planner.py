"""The search player finishes an act and what it pressed replays to the same end."""

from pathlib import Path

import numpy as np
import pytest

from game.acts import find_act
from game.certificate import certify, read_sidecar
from game.emulator import Emulator
from game.movie import Movie, read_movie, replay
from game.spindash import pad_spin_dashes
from record.cli import main
from record.search.moves import Hand, frames_of, masks_of
from record.search.planner import Node, Search, SearchFailed
from tests.conftest import MOVIES


def test_a_take_is_searched_written_and_certified(workdir: Path, capsys) -> None:
    arguments = ["--player", "search", "--game", "quillrush", "--level", "EmeraldHillZone.Act1", "--seed", "40"]
    assert main(arguments) == 0
    (path,) = (workdir / "movies").rglob("*.bk2")
    sidecar = read_sidecar(path)
    assert sidecar.player == "search"
    assert sidecar.facts["finished"]
    movie = read_movie(path)
    assert len(pad_spin_dashes(movie.masks)) >= 2
    with Emulator(__import__("game.games").games.find_game("quillrush")) as emulator:
        assert certify(emulator, movie) == sidecar.certificate
        assert emulator.peek("level_end_bonus") or emulator.peek("act_number") == 1
    before = path.read_bytes()
    assert main(arguments) == 0
    assert path.read_bytes() == before  # the take is there; it is not made again


def test_the_first_gate_needs_a_spin_dash(emulator: Emulator, monkeypatch) -> None:
    monkeypatch.setattr(Hand, "spin_dash", lambda self, revs, pause: self.roll(0))
    act = find_act("EmeraldHillZone.Act1")
    with pytest.raises(SearchFailed) as failure:
        Search(emulator, act, seed=1, budget=25_000).play()
    assert failure.value.x < 0.5 * act.end_x


def test_moves_have_human_lengths() -> None:
    hand = Hand(np.random.default_rng(0))
    for move in (hand.jump(5, 18), hand.spin_dash(3, 20), hand.hop_up(20), hand.step_back(30)):
        assert len(masks_of(move)) == frames_of(move)
        assert all(frames >= 2 for _, frames in move)


def test_unknown_level(capsys) -> None:
    assert main(["--player", "search", "--game", "quillrush", "--level", "EmeraldHil.Act1"]) == 2
    assert "Did you mean EmeraldHillZone.Act1" in capsys.readouterr().err


def test_every_act_has_six_finished_demonstrations() -> None:
    for folder in sorted(MOVIES.iterdir()):
        movies = sorted(folder.glob("*-search-*.bk2"))
        assert len(movies) >= 6
        assert len({path.read_bytes() for path in movies}) == len(movies)
        for path in movies:
            sidecar = read_sidecar(path)
            assert sidecar.player == "search"
            assert sidecar.facts["finished"]
            assert sidecar.certificate is not None
            assert len(pad_spin_dashes(read_movie(path).masks)) >= 2
    assert len(list(MOVIES.iterdir())) == 18


@pytest.mark.parametrize("seed", range(4))
def test_after_a_setback_the_movie_still_leads_to_where_the_play_stands(emulator: Emulator, seed: int) -> None:
    act = find_act("EmeraldHillZone.Act1")
    start = emulator.game.start_state(act)
    search = Search(emulator, act, seed)
    emulator.set_state(start)
    search._lives = emulator.peek("lives")
    search._commit(search._hand.wait(14))
    for _ in range(8):
        search._nodes.append(Node(emulator.get_state(), pressed=len(search._masks)))
        search._commit(search._hand.run(12))
    search._go_back()
    stands = emulator.ram()
    movie = Movie(emulator.game.retro_id, start, np.array(search._masks, np.uint16))
    for _ in replay(emulator, movie):
        pass
    assert emulator.ram() == stands
