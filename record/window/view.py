"""Draws the recorder as it stands."""

from dataclasses import replace

from record.playback import Playback
from record.take import Take
from record.window import cards
from record.window.bar import Hud, draw_bar
from record.window.controls import Controls
from record.window.overlay import Card, draw_card, draw_message
from record.window.screen import Window
from record.window.state import RecorderState

SPEEDS = {1: "60 fps", 2: "slow, 1/2", 4: "slow, 1/4"}
"""What the bar says of each setting of slow motion, in ticks per frame."""

STATUS_OF_SCREEN = {"start": "READY", "remap": "READY", "summary": "ENDED", "saving": "SAVING"}


def draw(state: RecorderState, window: Window, controls: Controls, rings: int) -> None:
    """One picture of the window, shown. `rings` is the game's count at the moment."""
    card = card_of(state, controls)
    area = window.picture_area(state.overlay)
    window.draw_picture(state.picture, area, dim=card is not None)
    if state.overlay:
        draw_bar(window.surface, window.bar_area(), hud_of(state, rings))
    if card:
        draw_card(window.surface, area, card)
    if state.message:
        draw_message(window.surface, area, state.message)
    window.keep_pointer_off(area, wanted=state.screen == "watch")
    window.title(f"{state.title} - {status_of(state).lower()}")
    window.show()


def status_of(state: RecorderState) -> str:
    """The word at the left of the bar; `bar.STATUS_COLOURS` has its colour."""
    if state.screen in STATUS_OF_SCREEN:
        return STATUS_OF_SCREEN[state.screen]
    if state.rewinding:
        return "REWIND"
    if state.target is not None:
        return "SEEKING"
    if state.paused:
        return "PAUSED"
    if state.waiting:
        return "WAITING"
    if state.screen == "watch":
        return "REPLAY"
    if state.in_control == "policy":
        return "POLICY"
    # beside a policy, REC would not say whose frames they are
    return "REC" if state.setup.kind == "human" else "HUMAN"


def hud_of(state: RecorderState, rings: int) -> Hud:
    """What the bar shows."""
    speed = f"fast, {state.fast}x" if state.fast > 1 else SPEEDS[state.slow]
    hud = Hud(status_of(state), rings=rings, dropped=state.dropped, speed=speed)
    if state.playback:
        return _of_playback(hud, state.playback, state.target)
    return _of_take(hud, state.take) if state.take else hud


def _of_take(hud: Hud, take: Take) -> Hud:
    """Its line is the act."""
    return replace(
        hud,
        mask=take.mask,
        frame=take.frames,
        spin_dashes=len(take.spin_dashes),
        progress=take.progress,
        furthest=take.furthest,
        line=take.progress,
        mark=take.furthest,
    )


def _of_playback(hud: Hud, playback: Playback, target: int | None) -> Hud:
    """Its line is time; the mark is where a jump leads."""
    last = max(playback.last, 1)
    return replace(
        hud,
        mask=playback.mask,
        frame=playback.at,
        frames=playback.last,
        spin_dashes=len(playback.spin_dashes),
        progress=playback.progress,
        furthest=playback.furthest,
        line=playback.at / last,
        mark=None if target is None else target / last,
    )


def card_of(state: RecorderState, controls: Controls) -> Card | None:
    """The card over the picture, if there is one."""
    if state.remap:
        return cards.remap_card(state.remap)
    if state.showing_keys:
        return cards.keys_card(state, controls)
    if state.screen == "start":
        return cards.start_card(state, controls)
    if state.screen == "watch":
        return cards.watched_card(state, controls) if state.ended else None
    if state.take is None:
        return None
    if state.screen == "play":
        if state.paused and not state.stepped:
            return cards.pause_card(state.take.frames, controls)
        return None
    return cards.summary_card(state, controls)
