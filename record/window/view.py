"""Draws the recorder as it stands."""

from dataclasses import replace

from game.acts import act_title
from record.window import cards
from record.window.controls import Controls
from record.window.overlay import Card, Hud, draw_bar, draw_card, draw_message
from record.window.screen import Window
from record.window.state import RecorderState

SPEEDS = {1: "60 fps", 2: "slow, 1/2", 4: "slow, 1/4"}
"""What the bar says of each setting of slow motion, in ticks per frame."""


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
    window.title(f"{act_title(state.start.act.name)} - {status_of(state).lower()}")
    window.show()


def status_of(state: RecorderState) -> str:
    """The word at the left of the bar; `overlay.STATUS_COLOURS` has its colour."""
    if state.screen == "summary":
        return "OVER"
    if state.screen == "saving":
        return "SAVING"
    if state.screen != "play":
        return "READY"
    if state.rewinding:
        return "REWIND"
    if state.paused:
        return "PAUSED"
    if state.waiting:
        return "WAITING"
    if state.setup.kind == "watch":
        return "REPLAY"
    if state.in_control == "policy":
        return "POLICY"
    # beside a policy, REC would not say whose frames they are
    return "REC" if state.setup.kind == "human" else "HUMAN"


def hud_of(state: RecorderState, rings: int) -> Hud:
    """What the bar shows."""
    hud = Hud(status_of(state), rings=rings, dropped=state.dropped, speed=SPEEDS[state.slow])
    take = state.take
    if take is None:
        return hud
    return replace(hud, mask=take.mask, frame=take.frames, spin_dashes=len(take.spin_dashes))


def card_of(state: RecorderState, controls: Controls) -> Card | None:
    """The card over the picture, if there is one."""
    if state.remap:
        return cards.remap_card(state.remap)
    if state.screen == "start":
        return cards.start_card(state, controls)
    if state.take is None:
        return None
    if state.screen == "play":
        if state.paused and not state.stepped:
            return cards.pause_card(state.take.frames, state.setup.kind, controls)
        return None
    if state.setup.kind == "watch":
        return cards.watched_card(state, controls)
    return cards.summary_card(state, controls)
