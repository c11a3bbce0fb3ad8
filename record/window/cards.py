"""The words on the recorder's cards."""

from collections.abc import Mapping
from typing import Any

from game.acts import act_title
from record.window.controls import Controls
from record.window.overlay import Card, clock
from record.window.remap import Remap
from record.window.screen import BLUE, GREEN, RED, Colour
from record.window.setup import Kind
from record.window.state import RecorderState

Row = tuple[str, str]
"""(left, right) on a card, or (key, what it does)."""

DASH_LESSON = "Spin dash: stand still, hold Down, tap jump, let Down go."


def start_card(state: RecorderState, controls: Controls) -> Card:
    """Before a take: the act and every key."""
    kind = state.setup.kind
    remarks = [state.note]
    if controls.pads.names:
        remarks.append(f"gamepad: {', '.join(controls.pads.names)}")
    lessons: tuple[Row, ...] = ()
    if kind != "watch":
        lessons = (("", DASH_LESSON),)
    return Card(
        act_title(state.start.act.name),
        subtitle=" · ".join(filter(None, remarks)),
        rows=lessons,
        keys=_beginning_keys(state, controls) + _keys(controls, _playing_commands(kind)),
    )


def _beginning_keys(state: RecorderState, controls: Controls) -> tuple[Row, ...]:
    """The keys that begin a take, move the player and choose another start."""
    begin = controls.keys_of("confirm")
    if state.setup.kind == "watch":
        keys = [(begin, "watch")]
    else:
        arrows = _keys_of_all(controls, "LEFT", "RIGHT", "UP", "DOWN")
        if arrows == "Left Right Up Down":  # as they are unless somebody chose others
            arrows = "Arrows"
        jumps = _keys_of_all(controls, "A", "B", "C")
        keys = [(begin, "play"), (arrows, "run, look, crouch"), (jumps, "A B C: jump")]
    if len(state.setup.starts) > 1:
        keys.append(("Left Right", "another act"))
    return tuple(keys)


def _keys_of_all(controls: Controls, *buttons: str) -> str:
    return " ".join(map(controls.keys_of, buttons))


def _playing_commands(kind: Kind) -> list[Row]:
    """(command, what it does) for every other key of this kind of window."""
    commands = []
    if kind == "policy":
        commands.append(("takeover", "take over, hand back"))
    commands += [("pause", "pause"), ("step", "step one frame"), ("rewind", "hold: rewind"), ("slow", "slow motion")]
    if kind != "watch":
        commands += [("save", "save take"), ("discard", "discard take")]
        commands += [("restart", "restart"), ("next_act", "next act"), ("remap", "change keys")]
    commands += [("overlay", "bar on, off"), ("mute", "sound on, off"), ("fullscreen", "full screen")]
    commands += [("screenshot", "screenshot"), ("leave", "leave")]
    return commands


def _keys(controls: Controls, commands: list[Row]) -> tuple[Row, ...]:
    """The card's keys for (command, what it does) pairs."""
    return tuple((controls.keys_of(name), meaning) for name, meaning in commands)


def pause_card(frames: int, kind: Kind, controls: Controls) -> Card:
    """While the game stands still, `frames` into the take."""
    commands = [("pause", "go on"), ("step", "step one frame"), ("rewind", "hold: rewind")]
    if kind == "watch":
        commands.append(("leave", "leave"))
    else:
        commands += [("save", "save take"), ("discard", "discard take")]
        commands += [("restart", "restart"), ("leave", "save and leave")]
    return Card("Paused", f"{clock(frames)}, frame {frames}", keys=_keys(controls, commands))


def summary_card(state: RecorderState, controls: Controls) -> Card:
    """After a take: what it came to, and what can be done with it."""
    keeper = state.keeper
    heading = "The take has ended"
    if keeper.saved:
        heading = "Take saved"
    return Card(
        heading,
        subtitle=act_title(state.start.act.name),
        rows=tuple(_summary_rows(state)),
        keys=_keys(controls, _ending_commands(state)),
        colour=_ending_colour(keeper.ending),
        progress=keeper.progress,
    )


def _summary_rows(state: RecorderState) -> list[Row]:
    facts = state.keeper.ending
    frames = facts["frames"]
    rows = [
        ("Ending", _ending(facts)),
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
    rows.append(("File", str(state.keeper.saved or "not saved yet")))
    if state.keeper.verdict:
        rows.append(("Replay", state.keeper.verdict))
    return rows


def _ending_commands(state: RecorderState) -> list[Row]:
    """(command, what it does) for a take that has ended."""
    if state.keeper.saved:
        return [("confirm", "play again"), ("next_act", "next act"), ("leave", "leave")]
    if state.has_unsaved_play:
        commands = [("confirm", "save"), ("next_act", "save, next act"), ("rewind", "hold: rewind, play on")]
        return [*commands, ("discard", "discard"), ("restart", "discard, restart"), ("leave", "save and leave")]
    commands = [("confirm", "again"), ("next_act", "next act"), ("rewind", "hold: rewind")]
    return [*commands, ("save", "save it anyway"), ("leave", "leave")]


def _ending_colour(facts: Mapping[str, Any]) -> Colour:
    if facts["finished"]:
        return GREEN
    if facts["died"]:
        return RED
    return BLUE


def _ending(facts: Mapping[str, Any]) -> str:
    if facts["finished"]:
        return "finished"
    what = "died" if facts["died"] else "stopped"
    return f"{what} at x {facts['x']}"


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
        ("Ending", _ending(facts)),
        ("Rings", str(facts["rings"])),
        ("Spin dashes", _dashes(facts)),
        ("Replay", state.keeper.verdict),
    )
    title = act_title(state.start.act.name)
    keys = _keys(controls, [("confirm", "watch again"), ("leave", "leave")])
    return Card("End of the movie", title, rows, keys, BLUE)


def remap_card(remap: Remap) -> Card:
    """While keys are being chosen."""
    question = f"Press the key or gamepad button for  {remap.button or ''}"
    rows = (("", question), ("", ""), *remap.chosen)
    keys = (("Escape", "keep as it is"), ("Delete", "no key at all"))
    return Card("Change keys", "a key replaces the key, a gamepad button the gamepad's", rows, keys)
