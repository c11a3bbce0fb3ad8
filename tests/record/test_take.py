"""A take: what was pressed, rewinding, and the movie that comes of it."""

import numpy as np
import pytest
import stable_retro

from game.acts import find_act
from game.certificate import CERTIFICATE_FRAMES, certify
from game.emulator import Emulator
from game.movie import read_movie, write_movie
from game.ram import MODE_SPECIAL_STAGE
from game.savestate import CORE_DATA_BYTES, clean_state
from record import tape
from record.take import Take, check_replay
from tests.record.conftest import ACT

RIGHT, JUMP_RIGHT, DOWN, JUMP_DOWN = 128, 129, 32, 33


def play_at_random(take: Take, frames: int, seed: int = 0) -> None:
    rng = np.random.default_rng(seed)
    while take.frames < frames:
        mask = int(rng.choice([RIGHT, RIGHT, JUMP_RIGHT, DOWN, 64, 0]))
        for _ in range(int(rng.integers(2, 25))):
            take.press(mask)


def test_a_take_begins_with_an_idle_line_and_replays_exactly(emulator: Emulator) -> None:
    take = Take(emulator, ACT)
    play_at_random(take, 400)
    assert take.masks[0] == 0
    assert certify(emulator, take.movie()) == take.certificate()


def test_after_any_rewinds_the_movie_still_replays_exactly(emulator: Emulator) -> None:
    take = Take(emulator, ACT)
    rng = np.random.default_rng(1)
    for round_number in range(12):
        play_at_random(take, take.frames + 50, round_number)
        take.rewind_to(take.frames - int(rng.integers(1, 90)))
    play_at_random(take, take.frames + 7)
    movie, certificate = take.movie(), take.certificate()
    assert list(check_replay(emulator, movie, certificate)) == list(range(movie.frames))


@pytest.mark.parametrize("frame", [0, 1, 9, 10, 11, 20, 57, 119])
def test_rewinding_shows_the_frame_as_it_was(emulator: Emulator, frame: int) -> None:
    take = Take(emulator, ACT)
    seen = [(emulator.screen(), emulator.ram())]
    for i in range(120):
        take.press(RIGHT if i % 50 < 40 else JUMP_RIGHT)
        seen.append((emulator.screen(), emulator.ram()))
    take.rewind_to(frame)
    assert take.frames == frame + 1
    assert np.array_equal(emulator.screen(), seen[frame][0])
    assert emulator.ram() == seen[frame][1]


def test_rewinding_works_without_the_oldest_savestates(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tape, "KEYFRAME_BYTES", 20_000)
    take = Take(emulator, ACT)
    play_at_random(take, 200)
    take.rewind_to(30)
    play_at_random(take, 100, seed=3)
    assert certify(emulator, take.movie()) == take.certificate()


def test_rewinding_takes_back_a_spin_dash(emulator: Emulator) -> None:
    take = Take(emulator, ACT)
    for mask, frames in ((0, 10), (DOWN, 10), (JUMP_DOWN, 4), (DOWN, 4), (JUMP_DOWN, 4), (DOWN, 4), (RIGHT, 30)):
        for _ in range(frames):
            take.press(mask)
    assert [dash.revs for dash in take.spin_dashes] == [2]
    take.rewind_to(15)
    assert take.spin_dashes == []


def test_a_death_ends_a_take(emulator: Emulator) -> None:
    take = Take(emulator, find_act("CasinoNightZone.Act2"))
    for _ in range(3000):
        take.press(RIGHT)
        if take.over:
            break
    assert take.died
    assert not take.finished
    assert take.facts()["died"]


def test_a_take_ends_a_second_after_the_act_is_finished(emulator: Emulator, shipped_movie) -> None:
    take = Take(emulator, ACT, read_movie(shipped_movie).state)
    masks = read_movie(shipped_movie).masks.tolist()
    for mask in (*masks[1:], *[0] * 600):
        take.press(mask)
        if take.over:
            break
    assert take.finished
    assert not take.died
    assert take.over


def test_a_rewind_to_before_the_end_takes_back_that_it_was_finished(emulator: Emulator, shipped_movie) -> None:
    movie = read_movie(shipped_movie)
    take = Take(emulator, ACT, movie.state)
    for mask in (*movie.masks.tolist()[1:], *[0] * 600):
        take.press(mask)
        if take.finished:
            break
    assert take.finished
    end = take.frames
    take.rewind_to(end - 30)
    assert not take.finished
    assert not take.facts()["finished"]
    for mask in (*movie.masks.tolist()[take.frames : end], *[0] * 30):
        take.press(mask)
    assert take.finished


def test_a_special_stage_ends_a_take(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    take = Take(emulator, ACT)
    play_at_random(take, 30)
    assert not take.over
    real = tape.rule_variables
    monkeypatch.setattr(tape, "rule_variables", lambda peek: real(peek) | {"game_mode": MODE_SPECIAL_STAGE})
    take.press(RIGHT)
    assert take.over
    assert take.died
    assert not take.finished


def test_the_oldest_savestates_go_first(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that going back a moment, which is what people do, replays a moment and not the whole take."""
    monkeypatch.setattr(tape, "KEYFRAME_BYTES", 60_000)
    take = Take(emulator, ACT)
    play_at_random(take, 300)
    steps = []
    real = emulator.step
    monkeypatch.setattr(emulator, "step", lambda mask: steps.append(mask) or real(mask))
    take.rewind_to(take.frames - 5)
    assert len(steps) <= 2 * tape.KEYFRAME_FRAMES
    steps.clear()
    take.rewind_to(15)
    assert len(steps) == 16  # from the start: the savestates of back then are gone


def test_the_state_holds_nothing_past_the_core(emulator: Emulator) -> None:
    stray = emulator.get_state()[:CORE_DATA_BYTES] + b"\xaa" * 100
    clean = clean_state(stray.ljust(len(emulator.get_state()), b"\xbb"))
    assert not any(clean[CORE_DATA_BYTES:])
    take = Take(
        emulator,
        ACT,
        clean_state(emulator.game.start_state(ACT))[:CORE_DATA_BYTES] + b"\xaa" * (len(clean) - CORE_DATA_BYTES),
    )
    play_at_random(take, 200)
    dirty = take.certificate()
    again = Take(emulator, ACT)
    play_at_random(again, 200)
    assert again.certificate() == dirty


def test_who_pressed_is_kept_frame_by_frame(emulator: Emulator) -> None:
    take = Take(emulator, ACT, who="policy")
    for who, frames in (("policy", 5), ("human", 7), ("policy", 3)):
        for _ in range(frames):
            take.press(RIGHT, who)
    assert take.segments() == [["policy", 6], ["human", 7], ["policy", 3]]
    take.rewind_to(8)
    assert take.segments() == [["policy", 6], ["human", 3]]


def test_movies_play_in_stable_retros_own_playback(emulator: Emulator, workdir) -> None:
    """As stable_retro.scripts.playback_movie does it: the first line read, the state set, reset, then step by step."""
    take = Take(emulator, find_act("EmeraldHillZone.Act2"))
    play_at_random(take, 300)
    write_movie(workdir / "take.bk2", take.movie())
    masks, expected, game = take.masks, emulator.ram(), emulator.game
    emulator.close()
    stable_retro.data.Integrations.add_custom_path(str(game.integration.parent))
    movie = stable_retro.Movie(str(workdir / "take.bk2"))
    movie.step()
    assert movie.get_game() == game.retro_id
    env = stable_retro.make(
        game=movie.get_game(), state=stable_retro.State.NONE, use_restricted_actions=stable_retro.Actions.ALL,
        players=movie.players, inttype=stable_retro.data.Integrations.ALL, render_mode="rgb_array",
    )  # fmt: skip
    try:
        env.initial_state = movie.get_state()
        env.reset()
        frames = 1
        while movie.step():
            keys = [movie.get_key(i, 0) for i in range(env.num_buttons)]
            assert sum(held << i for i, held in enumerate(keys)) == masks[frames]
            env.step(np.array(keys, np.int8))
            frames += 1
        assert frames == len(masks)
        assert env.data.memory.blocks[0xFF0000] == expected
    finally:
        env.close()


def test_a_certificate_ends_with_the_last_frame_once(emulator: Emulator) -> None:
    for frames in (CERTIFICATE_FRAMES, CERTIFICATE_FRAMES + 1, CERTIFICATE_FRAMES + 2):
        take = Take(emulator, ACT)
        while take.frames < frames:
            take.press(RIGHT)
        certificate = take.certificate()
        assert certificate == certify(emulator, take.movie())


def test_how_far_is_counted_from_the_acts_own_start(emulator: Emulator) -> None:
    """A take that begins inside the act does not begin at 0 %."""
    whole = Take(emulator, ACT)
    assert whole.progress == whole.furthest == 0.0
    for _ in range(150):
        whole.press(RIGHT)
    x = emulator.peek("x")
    assert whole.progress == (x - 96) / (ACT.end_x - 96)
    inside = Take(emulator, ACT, emulator.get_state())
    begun = inside.progress
    assert begun == pytest.approx(whole.progress, abs=0.002)
    for _ in range(90):
        inside.press(64)
    assert inside.progress < begun
    assert inside.furthest >= begun
    assert inside.facts()["reached"] == round(inside.furthest, 4)
