"""Draws the recorder as it stands."""

from typing import TYPE_CHECKING

from record.window import cards
from record.window.overlay import Card, Hud, draw_bar, draw_card, draw_message

if TYPE_CHECKING:
    from record.window.recorder import Recorder

SPEEDS = {1: "60 fps", 2: "slow, 1/2", 4: "slow, 1/4"}


def draw(recorder: "Recorder") -> None:
    """One picture of the window, shown."""
    window = recorder.window
    card = card_of(recorder)
    area = window.picture_area(recorder.overlay)
    window.draw_picture(recorder.picture, area, dim=card is not None)
    if recorder.overlay:
        draw_bar(window.surface, window.bar_area(), hud_of(recorder))
    if card:
        draw_card(window.surface, area, card)
    if recorder.messages and recorder.ticks < recorder.message_until:
        draw_message(window.surface, area, recorder.messages[-1])
    window.title(f"{cards.act_title(recorder.start.act.name)} - {status_of(recorder).lower()}")
    window.show()


def status_of(recorder: "Recorder") -> str:
    if recorder.screen != "play":
        return {"summary": "OVER", "saving": "SAVING"}.get(recorder.screen, "READY")
    if recorder.rewinding:
        return "REWIND"
    if recorder.paused or recorder.waiting:
        return "PAUSED" if recorder.paused else "WAITING"
    if recorder.setup.kind == "watch":
        return "REPLAY"
    return {"human": "REC" if recorder.setup.kind == "human" else "HUMAN", "policy": "POLICY"}[recorder.in_control]


def hud_of(recorder: "Recorder") -> Hud:
    """What the bar shows."""
    take = recorder.take
    return Hud(
        status=status_of(recorder),
        mask=take.mask if take else 0,
        frame=take.frames if take else 0,
        spin_dashes=len(take.spin_dashes) if take else 0,
        rings=recorder.emulator.peek("rings"),
        dropped=recorder.dropped,
        speed=SPEEDS[recorder.slow],
    )


def card_of(recorder: "Recorder") -> Card | None:
    """The card over the picture, if there is one."""
    setup, controls, take = recorder.setup, recorder.controls, recorder.take
    if recorder.remap:
        return cards.remap_card(recorder.remap.button or "", recorder.remap.chosen)
    title = cards.act_title(recorder.start.act.name)
    if recorder.screen == "start":
        return cards.start_card(title, recorder.note, controls, setup.kind, len(setup.starts) > 1)
    if take and recorder.screen == "play" and recorder.paused and not recorder.stepped:
        return cards.pause_card(controls, take.frames, setup.kind)
    if take is None or recorder.screen == "play":
        return None
    if setup.kind == "watch":
        return cards.watched_card(title, recorder.keeper.ending, recorder.keeper.verdict, controls)
    return cards.summary_card(title, recorder, controls)
