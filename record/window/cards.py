"""The words on the recorder's cards."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from record.window.controls import Controls
from record.window.overlay import Card, clock
from record.window.screen import BLUE, GREEN, RED

if TYPE_CHECKING:
    from record.window.recorder import Recorder


def act_title(name: str) -> str:
    """ "EmeraldHillZone.Act1" -> "Emerald Hill Zone, Act 1"."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z0-9])", " ", name)
    return words.replace(".", ", ")


def _keys(controls: Controls, *pairs: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((controls.keys_of(name), meaning) for name, meaning in pairs)


def start_card(title: str, note: str, controls: Controls, kind: str, many: bool) -> Card:
    """Before a take: the act and every key."""
    arrows = " ".join(controls.keys_of(name) for name in ("LEFT", "RIGHT", "UP", "DOWN"))
    arrows = "Arrows" if arrows == "Left Right Up Down" else arrows
    jumps = " ".join(controls.keys_of(name) for name in ("A", "B", "C"))
    begin = "play" if kind != "watch" else "watch"
    keys = [(controls.keys_of("confirm"), begin)]
    if kind != "watch":
        keys += [(arrows, "run, look, crouch"), (jumps, "A B C: jump")]
    keys += [("Left Right", "another act")] if many else []
    wanted = [("takeover", "take over, hand back")] if kind == "policy" else []
    wanted += [("pause", "pause"), ("step", "step one frame"), ("rewind", "hold: rewind"), ("slow", "slow motion")]
    if kind != "watch":
        wanted += [("save", "save take"), ("discard", "discard take"), ("restart", "restart"), ("next_act", "next act")]
        wanted += [("remap", "change keys")]
    wanted += [("overlay", "bar on, off"), ("mute", "sound on, off"), ("fullscreen", "full screen")]
    wanted += [("screenshot", "screenshot"), ("leave", "leave")]
    pads = ", ".join(controls.pads.names)
    subtitle = " · ".join(part for part in (note, f"gamepad: {pads}" if pads else "") if part)
    rows = (("", "Spin dash: stand still, hold Down, tap jump, let Down go."),) if kind != "watch" else ()
    return Card(title, subtitle, rows, (*keys, *_keys(controls, *wanted)))


def pause_card(controls: Controls, frames: int, kind: str) -> Card:
    wanted = [("pause", "go on"), ("step", "step one frame"), ("rewind", "hold: rewind")]
    if kind == "watch":
        wanted += [("leave", "leave")]
    else:
        wanted += [
            ("save", "save take"),
            ("discard", "discard take"),
            ("restart", "restart"),
            ("leave", "save and leave"),
        ]
    return Card("Paused", f"{clock(frames)}, frame {frames}", keys=_keys(controls, *wanted))


def summary_card(title: str, recorder: "Recorder", controls: Controls) -> Card:
    """After a take: what it came to, and what can be done with it."""
    facts, keeper = recorder.keeper.ending, recorder.keeper
    rows = [
        ("Ending", _ending(facts)),
        ("Frames", f"{facts['frames']}   ({clock(facts['frames'])})"),
        ("Rings", str(facts["rings"])),
        ("Score", str(facts["score"])),
        ("Spin dashes", _dashes(facts)),
    ]
    if len(facts["segments"]) > 1:
        human = sum(frames for who, frames in facts["segments"] if who == "human")
        rows.append(("Pressed by", f"you {human} frames, the policy {facts['frames'] - human}"))
    rows.append(
        ("Dropped", f"{recorder.dropped} of {facts['frames']} frames ({recorder.dropped / facts['frames']:.2%})")
    )
    rows.append(("File", str(keeper.saved) if keeper.saved else "not saved yet"))
    rows += [("Replay", keeper.verdict)] if keeper.verdict else []
    if keeper.saved:
        heading = "Take saved"
        wanted = [("confirm", "play again"), ("next_act", "next act"), ("leave", "leave")]
    elif recorder.keeps:
        heading = "Take over"
        wanted = [("confirm", "save"), ("next_act", "save, next act"), ("rewind", "hold: rewind, play on")]
        wanted += [("discard", "discard"), ("restart", "discard, restart"), ("leave", "save and leave")]
    else:
        heading = "Take over"
        wanted = [("confirm", "again"), ("next_act", "next act"), ("rewind", "hold: rewind")]
        wanted += [("save", "save it anyway"), ("leave", "leave")]
    colour = GREEN if facts["finished"] else RED if facts["died"] else BLUE
    return Card(heading, title, tuple(rows), _keys(controls, *wanted), colour, keeper.progress)


def _ending(facts: Mapping[str, Any]) -> str:
    if facts["finished"]:
        return "finished"
    return f"{'died' if facts['died'] else 'stopped'} at x {facts['x']}"


def _dashes(facts: Mapping[str, Any]) -> str:
    revs = ", ".join(map(str, facts["spin_dash_revs"]))
    return f"{facts['spin_dashes']}   (revs {revs})" if revs else "0"


def watched_card(title: str, facts: Mapping[str, Any], verdict: str, controls: Controls) -> Card:
    """After a movie was watched."""
    rows = (
        ("Frames", f"{facts['frames']}   ({clock(facts['frames'])})"),
        ("Ending", _ending(facts)),
        ("Rings", str(facts["rings"])),
        ("Spin dashes", _dashes(facts)),
        ("Replay", verdict),
    )
    return Card("End of the movie", title, rows, _keys(controls, ("confirm", "watch again"), ("leave", "leave")), BLUE)


def remap_card(button: str, done: Sequence[tuple[str, str]]) -> Card:
    """While keys are being chosen."""
    rows = (("", f"Press the key or gamepad button for  {button}"), ("", ""))
    keys = (("Escape", "keep as it is"), ("Delete", "no key at all"))
    return Card("Change keys", "a key replaces the key, a gamepad button the gamepad's", (*rows, *done), keys)
