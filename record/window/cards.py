"""The words on the recorder's cards."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from game.acts import Act
from game.games import find_game
from game.places import places
from record.window.bar import percent
from record.window.controls import Controls
from record.window.overlay import Card, clock
from record.window.remap import OWN, Remap
from record.window.screen import BLUE, GREEN, RED, Colour
from record.window.setup import Kind
from record.window.state import RecorderState

Row = tuple[str, str]
"""(left, right) on a card, or (key, what it does)."""

DASH_LESSON = "Spin dash: stand still, hold Down, tap jump, let Down go."

BACK_LESSON = "Where nothing leads on: back to the left, for a lever or a ledge."


def start_card(state: RecorderState, controls: Controls) -> Card:
    """Before a take or a movie: the act, and the first keys."""
    rows: list[Row] = []
    if state.setup.kind != "watch":
        rows.append(("", DASH_LESSON))
        if _turns_back(state.game, state.start.act):
            rows.append(("", BACK_LESSON))
    if len(state.setup.starts) > 1:
        place = "act" if state.start.state is None else "place"
        choose = f"{controls.key_of('previous')} and {controls.key_of('next')}: another {place}"
        rows.append(("", f"{choose} ({state.index + 1} of {len(state.setup.starts)})"))
    return Card(
        state.title,
        subtitle=_line(state.start.act.name, state.note),
        rows=tuple(rows),
        keys=(*_first_keys(state.setup.kind, controls), (controls.key_of("keys"), "all keys")),
    )


@cache
def _turns_back(game: str, act: Act) -> bool:
    """Whether the act has places where the way on begins to the left; a card is drawn sixty times a second."""
    return bool(places(find_game(game), act))


def _line(*parts: str) -> str:
    return " · ".join(filter(None, parts))


def _first_keys(kind: Kind, controls: Controls) -> tuple[Row, ...]:
    """The three keys to begin with."""
    if kind == "watch":
        commands = [("confirm", "watch"), ("takeover", "play on yourself"), ("leave", "leave")]
        return _keys(controls, commands)
    leave = (controls.key_of("leave"), "pause, leave")
    if kind == "policy":
        return (*_keys(controls, [("confirm", "let it play"), ("takeover", "take over, hand back")]), leave)
    return ((controls.key_of("confirm"), "play"), (_jump_keys(controls), "jump"), leave)


def _jump_keys(controls: Controls) -> str:
    return " ".join(controls.key_of(button) for button in ("A", "B", "C"))


def keys_card(state: RecorderState, controls: Controls) -> Card:
    """All keys of this kind of window."""
    kind = state.setup.kind
    gamepads = ", ".join(controls.pads.names)
    keys = _watching_keys(controls) if kind == "watch" else _playing_keys(kind, controls)
    volume = f"{controls.key_of('quieter')}  {controls.key_of('louder')}"
    keys += ((volume, "volume"), *_keys(controls, [("mute", "sound on, off"), ("overlay", "bar on, off")]))
    keys += _keys(controls, [("fullscreen", "full screen"), ("screenshot", "screenshot"), ("leave", "pause, leave")])
    back = f"{controls.key_of('keys')} or {controls.key_of('leave')}: back"
    return Card("All keys", _line(back, gamepads and f"gamepad: {gamepads}"), keys=keys)


def _playing_keys(kind: Kind, controls: Controls) -> tuple[Row, ...]:
    arrows = " ".join(controls.key_of(button) for button in ("LEFT", "RIGHT", "UP", "DOWN"))
    if arrows == "Left Right Up Down":  # as they are unless somebody chose others
        arrows = "Arrows"
    pad = (
        (controls.key_of("confirm"), "play, save"),
        (arrows, "run, look, crouch"),
        (_jump_keys(controls), "A B C: jump"),
    )
    commands = [("takeover", "take over, hand back")] if kind == "policy" else []
    commands += [("pause", "pause"), ("step", "step one frame"), ("rewind", "hold: rewind"), ("slow", "slow motion")]
    commands += [("save", "save take"), ("discard", "discard take"), ("restart", "restart"), ("next_act", "next act")]
    commands.append(("watch", "after a take: watch it"))
    return pad + _keys(controls, [*commands, ("remap", "choose keys")])


def _watching_keys(controls: Controls) -> tuple[Row, ...]:
    ways = f"{controls.key_of('previous')} {controls.key_of('next')}"
    steps = f"{controls.key_of('step_back')} {controls.key_of('step')}"
    ends = f"{controls.key_of('first')} {controls.key_of('last')}"
    keys: tuple[Row, ...] = ((controls.keys_of("pause"), "pause, go on"),)
    keys += ((ways, "5 seconds back, on"), (steps, "a frame back, on"), (ends, "first, last frame"))
    commands = [("frame", "go to a frame"), ("rewind", "hold: backwards"), ("fast", "fast forward")]
    keys += _keys(controls, [*commands, ("slow", "slow motion"), ("takeover", "play on yourself")])
    return (*keys, ("Mouse", "on the line: go there"))


def _keys(controls: Controls, commands: list[Row]) -> tuple[Row, ...]:
    """The card's keys for (command, what it does) pairs."""
    return tuple((controls.key_of(name), meaning) for name, meaning in commands)


def pause_card(frames: int, controls: Controls) -> Card:
    """While the game stands still, `frames` into the take."""
    commands = [("pause", "go on"), ("step", "step one frame"), ("rewind", "hold: rewind")]
    commands += [("save", "save take"), ("discard", "discard take"), ("restart", "restart")]
    commands += [("leave", "save and leave"), ("keys", "all keys")]
    return Card("Paused", f"{clock(frames)}, frame {frames}", keys=_keys(controls, commands))


def summary_card(state: RecorderState, controls: Controls) -> Card:
    """After a take: what it came to, and what can be done with it."""
    keeper = state.keeper
    heading = "The take has ended"
    if keeper.saved:
        heading = "Take saved"
    return Card(
        heading,
        subtitle=_line(state.title, state.start.act.name),
        rows=tuple(_summary_rows(state)),
        keys=_keys(controls, _ending_commands(state)),
        colour=_ending_colour(keeper.ending),
        progress=keeper.progress,
    )


def _summary_rows(state: RecorderState) -> list[Row]:
    facts = state.keeper.ending
    frames = facts["frames"]
    rows = [
        ("Ending", _ending(state, facts)),
        ("Frames", f"{frames}   ({clock(frames)})"),
        ("Rings", str(facts["rings"])),
        ("Score", str(facts["score"])),
        ("Spin dashes", _dashes(facts)),
    ]
    if len(facts["segments"]) > 1:
        human = sum(count for who, count in facts["segments"] if who == "human")
        rows.append(("Pressed by", f"you {human} frames, the policy {frames - human}"))
    share = state.dropped / frames
    rows.append(("Dropped", f"{state.dropped} of {frames} frames ({share:.2%})"))
    rows.append(("File", state.keeper.saved.name if state.keeper.saved else "not saved yet"))
    if state.keeper.verdict:
        rows.append(("Replay", state.keeper.verdict))
    if state.keeper.covered:
        rows.append(("This act", state.keeper.covered))
    return rows


def _ending_commands(state: RecorderState) -> list[Row]:
    """(command, what it does) for a take that has ended."""
    if state.keeper.saved:
        commands = [("confirm", "play again"), ("next_act", "next act"), ("watch", "watch, play on from a frame")]
        return [*commands, ("leave", "leave")]
    if state.has_unsaved_play:
        commands = [("confirm", "save"), ("next_act", "save, next act"), ("rewind", "hold: rewind, play on")]
        commands.append(("watch", "save, watch"))
        return [*commands, ("discard", "discard"), ("restart", "discard, restart"), ("leave", "save and leave")]
    commands = [("confirm", "again"), ("next_act", "next act"), ("rewind", "hold: rewind")]
    return [*commands, ("save", "save it anyway"), ("leave", "leave")]


def _ending_colour(facts: Mapping[str, Any]) -> Colour:
    if facts["finished"]:
        return GREEN
    if facts["died"]:
        return RED
    return BLUE


def _ending(state: RecorderState, facts: Mapping[str, Any]) -> str:
    """How far the player came; the x beside it is where the contest calls the act passed."""
    if facts["finished"]:
        return "finished the act"
    end_x = state.start.act.end_x
    if facts["died"]:
        return f"died; reached {percent(facts['reached'])} of the act (x {facts['x']} of {end_x})"
    return f"reached {percent(facts['reached'])} of the act (x {facts['x']} of {end_x})"


def _dashes(facts: Mapping[str, Any]) -> str:
    revs = ", ".join(map(str, facts["spin_dash_revs"]))
    if not revs:
        return "0"
    return f"{facts['spin_dashes']}   (revs {revs})"


def watched_card(state: RecorderState, controls: Controls) -> Card:
    """After a movie was watched."""
    facts = state.keeper.ending
    rows = (
        ("Frames", f"{facts['frames']}   ({clock(facts['frames'])})"),
        ("Ending", _ending(state, facts)),
        ("Rings", str(facts["rings"])),
        ("Spin dashes", _dashes(facts)),
        ("Replay", state.keeper.verdict),
    )
    title = _line(state.title, state.start.act.name, state.setup.watched.file if state.setup.watched else "")
    commands = [("confirm", "watch again"), ("rewind", "hold: backwards"), ("leave", "leave"), ("keys", "all keys")]
    return Card("End of the movie", title, rows, _keys(controls, commands), BLUE)


def remap_card(remap: Remap) -> Card:
    """While keys are being chosen."""
    question = f"Press the key or gamepad button for  {remap.button or ''}"
    rows = (("", question), ("", ""), *remap.chosen)
    keys = tuple((token.removeprefix("key:").capitalize(), meaning) for token, meaning in OWN.items())
    return Card("Choose keys", "a key replaces the key, a gamepad button the gamepad's", rows, keys)
