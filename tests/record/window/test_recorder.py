"""The recorder with somebody at its keys: played, rewound, saved, left, taken over, watched."""

import json
from pathlib import Path

import numpy as np
import pygame
import pytest

from game.actions import COMBO_NAMES, mask_of
from game.certificate import certify, read_sidecar
from game.emulator import Emulator
from game.movie import read_movie
from game.observation import ObservationSpec
from policy.checkpoint import CheckpointInfo
from record.drill import drill_starts
from record.library import recover
from record.pilots import PolicyPilot
from record.window.setup import Setup, Start
from record.window.view import card_of, hud_of
from tests.record.conftest import ACT, Desk, key

RIGHT = mask_of(("RIGHT",))


def movies_of(folder: Path) -> list[Path]:
    return sorted((folder / "movies").rglob("*.bk2"))


def test_a_take_is_played_rewound_and_saved(desk: Desk, workdir: Path, emulator: Emulator) -> None:
    desk.tap("return")
    assert desk.state.screen == "play"
    desk.hold("right", 100)
    desk.hold("right x", 20)
    assert desk.take.frames == 124
    assert (desk.take.masks[2:102] == RIGHT).all()
    desk.hold("backspace", 20)
    assert desk.take.frames == 104
    desk.tick(30)
    assert desk.take.frames == 104, "after a rewind the game waits for the pad"
    desk.hold("left", 10)
    desk.tap("f2")
    desk.finish_check()
    (path,) = movies_of(workdir)
    movie, sidecar = read_movie(path), read_sidecar(path)
    assert movie.frames == 115
    assert sidecar.facts["replay"] == "exact"
    assert sidecar.facts["device"] == "keyboard"
    assert certify(emulator, movie) == sidecar.certificate
    assert not any(movie.state[144_681:])
    assert desk.state.keeper.covered.startswith("1 take of yours, 0 spin dashes; no take of yours finishes it")


def test_pause_step_and_slow_motion(desk: Desk) -> None:
    desk.tap("return")
    desk.tick(9)
    desk.tap("p")
    paused = desk.take.frames
    desk.tick(20)
    assert desk.take.frames == paused
    desk.tick(1, key("right"))
    desk.tap("n")
    assert desk.take.frames == paused + 1
    assert desk.take.mask == RIGHT
    desk.tap("p")
    before = desk.take.frames
    desk.tap("s")
    desk.tick(39)
    assert desk.take.frames - before == 20


def test_only_a_short_take_is_thrown_away_at_one_press(desk: Desk, workdir: Path) -> None:
    desk.tap("return")
    desk.hold("right", 50)
    desk.tap("delete")
    assert desk.state.screen == "start"
    desk.tap("return")
    desk.hold("right", 400)
    desk.tap("f5")
    assert desk.take.frames > 400
    assert "once more" in desk.state.messages[-1]
    desk.tap("f5")
    assert desk.take.frames < 5
    assert movies_of(workdir) == []
    assert len(list((workdir / "movies" / "quillrush" / ".takes").iterdir())) == 1


@pytest.mark.parametrize("how", ["close", "escape", "interrupt"])
def test_leaving_saves_what_was_played(desk: Desk, workdir: Path, how: str) -> None:
    desk.tap("return")
    desk.hold("right", 100)
    if how == "close":
        desk.tick(1, pygame.event.Event(pygame.QUIT))
    elif how == "escape":
        desk.tap("escape")
        assert desk.state.paused
        desk.tap("escape")
        desk.finish_check()
        assert desk.state.screen == "quit"
    else:
        desk.recorder.keep_unsaved()
    (path,) = movies_of(workdir)
    assert read_movie(path).frames >= 101
    assert not list((workdir / "movies" / "quillrush" / ".takes").iterdir())


def test_leaving_without_having_played_leaves_nothing(desk: Desk, workdir: Path) -> None:
    desk.tap("return")
    desk.tick(100)
    desk.tick(1, pygame.event.Event(pygame.QUIT))
    desk.recorder.keep_unsaved()
    assert desk.state.screen == "quit"
    assert [path for path in (workdir / "movies").rglob("*") if path.is_file()] == []


def test_acts_are_chosen_on_the_start_card(desk: Desk) -> None:
    desk.tap("right")
    assert desk.state.start.act.name == "EmeraldHillZone.Act2"
    desk.tap("f6")
    assert desk.state.start.act is ACT


def test_a_finished_act_ends_the_take(desk: Desk, shipped_movie: Path, emulator: Emulator) -> None:
    desk.tap("return")
    take = desk.take
    for mask in read_movie(shipped_movie).masks.tolist()[take.frames :]:
        take.press(mask)
        if take.over:
            break
    desk.tick(120)
    assert desk.state.screen == "summary"
    assert desk.state.keeper.ending["finished"]
    card = card_of(desk.state, desk.controls)
    assert card
    assert (card.title, card.subtitle) == ("The take has ended", "Fernfall, Act 1 · EmeraldHillZone.Act1")
    desk.hold("backspace", 30)
    assert desk.state.screen == "play"
    desk.hold("right", 3)
    assert not desk.take.over


def test_a_full_disk_keeps_the_journal(desk: Desk, workdir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    desk.tap("return")
    desk.hold("right", 60)
    monkeypatch.setattr("record.library.write_movie", full)
    desk.tap("f2")
    assert "No space left" in desk.state.messages[-1]
    desk.recorder.keep_unsaved()
    assert len(list((workdir / "movies" / "quillrush" / ".takes").glob("*.journal"))) == 1


def no_room(*_: object, **__: object) -> None:
    raise OSError(28, "the disk is full")


def test_closing_the_window_with_a_full_disk_ends_with_one_line(
    desk: Desk, workdir: Path, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.tap("return")
    desk.hold("right", 60)
    masks = desk.take.masks.tolist()
    monkeypatch.setattr("record.library.write_movie", no_room)
    monkeypatch.setattr(pygame.event, "get", lambda: [pygame.event.Event(pygame.QUIT)])
    desk.recorder.run()
    assert desk.state.screen == "quit"
    (line,) = desk.state.messages
    assert line == "not saved: the disk is full. The take stays in its journal; the next start recovers it."
    monkeypatch.undo()
    assert len(list(recover(emulator, workdir / "movies"))) == 1
    (path,) = movies_of(workdir)
    assert read_movie(path).masks.tolist() == masks


def test_a_window_stays_open_once_when_not_even_the_journal_is_whole(
    desk: Desk, workdir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.tap("return")
    monkeypatch.setattr("os.write", no_room)
    monkeypatch.setattr("record.library.write_movie", no_room)
    desk.hold("right", 60)
    close = pygame.event.Event(pygame.QUIT)
    desk.tick(1, close)
    assert desk.state.screen == "summary"
    assert "make room" in desk.state.messages[-1]
    desk.tick(50)
    assert desk.state.screen == "summary", "closed once, tried once"
    assert len([line for line in desk.state.messages if line.startswith("not saved")]) == 1
    monkeypatch.undo()  # there is room now
    desk.tick(1, close)
    desk.finish_check()
    assert desk.state.screen == "quit"
    assert len(movies_of(workdir)) == 1


def test_a_disk_that_stays_full_lets_the_user_go_at_the_second_time(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.tap("return")
    monkeypatch.setattr("os.write", no_room)
    monkeypatch.setattr("record.library.write_movie", no_room)
    desk.hold("right", 60)
    desk.tick(1, pygame.event.Event(pygame.QUIT))
    desk.tick(1, pygame.event.Event(pygame.QUIT))
    assert desk.state.screen == "quit"


def test_a_full_disk_after_the_movie_does_not_end_the_session(
    desk: Desk, workdir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check's verdict, a picture, the keys: each is said, and the recorder goes on."""
    desk.tap("return")
    desk.hold("right", 60)
    monkeypatch.setattr("record.window.saving.add_facts", no_room)
    monkeypatch.setattr("record.window.controls.write_json", no_room)
    monkeypatch.setattr(desk.window, "screenshot", no_room)
    desk.tap("f12")
    assert "no picture" in desk.state.messages[-1]
    desk.tap("f2")
    desk.finish_check()
    assert "the disk is full" in desk.state.messages[-1]
    assert desk.state.keeper.verdict.startswith("exact")
    desk.recorder.show_start()
    desk.tap("f4")
    for name in ("up", "down", "left", "right", "z", "x", "v", "return"):
        desk.tap(name)
    assert desk.state.messages[-1] == "keys not saved: the disk is full"
    assert desk.state.screen == "start"
    assert len(movies_of(workdir)) == 1


def test_every_screen_can_be_drawn(desk: Desk, workdir: Path) -> None:
    """At several window sizes: start, keys, play, pause, rewind, summary, saving."""
    sizes = ((320, 300), (640, 524), (1280, 900))
    desk.state.say("a line that is far longer than the smallest window is wide, so that it must be made smaller")

    def draw_all() -> None:
        for size in sizes:
            pygame.display.set_mode(size)
            surface = desk.draw()
            assert pygame.surfarray.array3d(surface).std() > 10

    draw_all()
    desk.tap("f4")
    draw_all()
    for name in ("up", "down", "left", "right", "z", "x", "v", "return"):
        desk.tap(name)
    desk.tap("f1")
    draw_all()
    desk.tap("f1")
    desk.tap("return")
    desk.hold("right x", 30)
    draw_all()
    desk.tap("p")
    draw_all()
    desk.tap("o")
    draw_all()
    desk.tap("f12")
    assert len(list((workdir / "movies" / "quillrush" / "screenshots").glob("*.png"))) == 1
    desk.tap("f2")
    draw_all()
    desk.finish_check()
    draw_all()
    assert json.loads((workdir / "controls.json").read_text())["pad"]["A"]


class Runner:
    """Runs right; counts what it was shown."""

    def __init__(self) -> None:
        self.seen: list[np.ndarray] = []

    def reset(self, act: str, seed: int) -> None:
        self.seen = []

    def act(self, observation: np.ndarray) -> int:
        self.seen.append(observation)
        return COMBO_NAMES.index("RIGHT")


@pytest.fixture
def coach(emulator: Emulator, workdir: Path) -> Desk:
    player = Runner()
    pilot = PolicyPilot(player, CheckpointInfo("quillrush", 4, ObservationSpec()))
    desk = Desk(emulator, workdir, Setup("policy", (Start(ACT),), pilot=pilot, movies=workdir / "movies"))
    desk.player = player
    return desk


def test_the_policy_is_taken_over_and_handed_back(coach: Desk, workdir: Path) -> None:
    coach.tap("return")
    coach.tick(40)
    played = coach.take.frames
    coach.tap("tab")
    coach.hold("left", 10)
    coach.tap("tab")
    coach.tick(20)
    coach.tap("f2")
    coach.finish_check()
    (path,) = movies_of(workdir)
    assert path.name.endswith("-takeover-000.bk2")
    sidecar, masks = read_sidecar(path), read_movie(path).masks
    assert sidecar.player == "takeover"
    (first, count), (second, human), (third, _) = sidecar.facts["segments"]
    assert (first, second, third) == ("policy", "human", "policy")
    assert count == played
    assert (masks[1:count] == RIGHT).all()
    assert set(masks[count : count + human]) == {0, mask_of(("LEFT",))}


def test_the_policy_sees_what_scoring_shows_it(coach: Desk, emulator: Emulator) -> None:
    from game.env import EnvConfig, make_env
    from game.rollout import play

    coach.tap("return")
    coach.tick(40)
    seen = coach.player.seen[:9]
    env = make_env(EnvConfig(stick_probability=0.0), emulator)
    steps = [step.observation for step, _ in zip(play(env, Runner(), ACT.name, 0), range(9), strict=False)]
    assert len(seen) == len(steps)
    assert all(np.array_equal(a, b) for a, b in zip(seen, steps, strict=True))


def test_a_policy_that_was_only_watched_is_not_kept(coach: Desk, workdir: Path) -> None:
    coach.tap("return")
    coach.tick(60)
    coach.tap("escape")
    coach.tap("escape")
    coach.recorder.keep_unsaved()
    assert coach.state.screen == "quit"
    assert movies_of(workdir) == []
    assert not list((workdir / "movies" / "quillrush" / ".takes").iterdir())


def test_after_a_rewind_a_button_takes_over(coach: Desk) -> None:
    coach.tap("return")
    coach.tick(80)
    coach.hold("backspace", 20)
    coach.tick(5, key("x"))
    assert coach.state.in_control == "human"
    assert coach.take.segments()[-1][0] == "human"


def test_a_drill_begins_before_a_spin_dash_and_is_saved_after_one(
    emulator: Emulator, workdir: Path, shipped_movie: Path
) -> None:
    starts = drill_starts(emulator, shipped_movie.parents[2], ACT)
    assert len(starts) >= 2
    assert all(start.goal == "spindash" for start in starts)
    desk = Desk(emulator, workdir, Setup("human", tuple(starts), movies=workdir / "movies"))
    desk.tap("return")
    desk.tick(150)  # until he stands
    desk.tick(12, key("down"))
    for _ in range(2):
        desk.hold("x", 4)
        desk.tick(4)
    desk.tick(1, key("down", False))
    for _ in range(200):
        desk.tick()
        if desk.state.screen != "play":
            break
    desk.finish_check()
    (path,) = movies_of(workdir)
    assert path.name == f"{ACT.name}-spindash-000.bk2"
    facts = read_sidecar(path).facts
    assert facts["spin_dashes"] == 1
    assert facts["skill"] == "spindash"
    assert facts["made_from"]["file"].endswith(".bk2")  # so that the split keeps it on its movie's side
    assert desk.state.start is starts[1]


def test_losing_the_focus_pauses(desk: Desk) -> None:
    desk.tap("return")
    desk.tick(5, pygame.event.Event(pygame.WINDOWFOCUSLOST))
    assert desk.state.paused
    assert card_of(desk.state, desk.controls)


def test_losing_the_focus_leaves_a_single_frame_to_be_seen(desk: Desk) -> None:
    desk.tap("return")
    desk.tap("n")
    desk.tick(5, pygame.event.Event(pygame.WINDOWFOCUSLOST))
    assert desk.state.paused
    assert card_of(desk.state, desk.controls) is None


def test_a_take_begun_from_a_single_frame_pauses_with_its_card(desk: Desk) -> None:
    desk.tap("return")
    desk.tap("n")
    desk.tap("f5")
    desk.tick(5, pygame.event.Event(pygame.WINDOWFOCUSLOST))
    assert card_of(desk.state, desk.controls)


def test_the_first_card_shows_the_first_keys_and_f1_all(desk: Desk) -> None:
    card = card_of(desk.state, desk.controls)
    assert card
    assert card.title == "Fernfall, Act 1"
    assert card.subtitle.startswith("EmeraldHillZone.Act1")
    assert card.keys == (("Return", "play"), ("Z X C", "jump"), ("Escape", "pause, leave"), ("F1", "all keys"))
    desk.tap("f1")
    card = card_of(desk.state, desk.controls)
    assert card
    assert card.title == "All keys"
    assert len(card.keys) > 15
    desk.tap("delete")
    assert desk.state.showing_keys, "nothing else is done meanwhile"
    desk.tap("return")
    assert not desk.state.showing_keys
    assert desk.state.screen == "start"


def test_f1_in_the_middle_of_play_stops_it_and_leaves_it_stopped(desk: Desk) -> None:
    desk.tap("return")
    desk.hold("right", 30)
    frames = desk.take.frames
    desk.tap("f1")
    desk.tick(20)
    desk.tick(20, key("backspace"))
    desk.tick(1, key("backspace", False))
    assert desk.take.frames == frames
    desk.tap("f1")
    assert desk.state.paused
    desk.tap("f1")
    desk.tap("escape")
    assert desk.state.screen == "play", "Escape puts the keys away first"


def test_a_hint_goes_with_what_it_asks_for(desk: Desk) -> None:
    desk.tap("return")
    desk.hold("right", 60)
    desk.hold("backspace", 20)
    desk.tick(600)
    assert "press a button" in desk.state.message
    desk.tick(1, key("right"))
    assert desk.state.message == ""


def test_nothing_of_a_take_is_left_on_the_next_start_card(desk: Desk) -> None:
    desk.tap("return")
    desk.hold("right", 60)
    desk.state.dropped = 7
    desk.tap("f6")
    assert "first save this take" in desk.state.message
    desk.tap("f2")
    desk.finish_check()
    assert desk.state.message.startswith("saved")
    assert hud_of(desk.state, rings=0).dropped == 7
    desk.tap("f6")
    assert desk.state.screen == "start"
    assert desk.state.message == ""
    assert hud_of(desk.state, rings=0).dropped == 0


def test_the_bar_says_how_far_the_player_stands_and_stood(desk: Desk) -> None:
    desk.tap("return")
    desk.hold("right", 150)
    desk.hold("left", 60)
    hud = hud_of(desk.state, rings=0)
    assert 0 < hud.progress < hud.furthest < 0.2
    assert (hud.line, hud.mark) == (hud.progress, hud.furthest)


def test_the_card_at_the_end_says_per_cent(desk: Desk) -> None:
    desk.tap("return")
    desk.hold("right", 200)
    desk.tap("f2")
    desk.finish_check()
    x, reached = desk.state.keeper.ending["x"], desk.state.keeper.ending["reached"]
    card = card_of(desk.state, desk.controls)
    assert card
    assert card.title == "Take saved"
    assert dict(card.rows)["Ending"] == f"reached {int(reached * 100)} % of the act (x {x} of 10816)"


def test_the_volume_goes_in_steps(desk: Desk) -> None:
    sound = desk.recorder.sound
    sound.trouble, sound.muted = "", False
    for _ in range(3):
        desk.tap("-")
    assert sound.volume == 7
    assert desk.state.message == "volume 7 of 10"
    desk.tap("m")
    assert sound.muted
    desk.tap("=")
    assert (sound.volume, sound.muted) == (8, False)
    for _ in range(20):
        desk.tap("-")
    assert sound.volume == 0


def test_escape_while_keys_are_chosen_writes_nothing(desk: Desk) -> None:
    desk.tap("f4")
    desk.tap("i")
    desk.tap("escape")
    assert desk.state.screen == "start"
    assert desk.state.message == "keys as they were"
    assert not desk.controls.path.exists()
    assert desk.controls.pad["UP"][0] == "key:up"


def test_the_pointer_is_hidden_over_the_picture(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    bar = desk.window.bar_area()
    for place, visible in ((desk.window.picture_area(True).center, False), (bar.center, True), ((5, 5), False)):
        monkeypatch.setattr(pygame.mouse, "get_pos", lambda place=place: place)
        desk.draw()
        assert pygame.mouse.get_visible() == visible
