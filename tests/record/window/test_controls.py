"""Keys and gamepads."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pygame
import pytest

from game.actions import mask_of
from record.window.controls import COMMANDS, MAPPING_BYTES, PAD, Controls, ControlsError, load_mapping
from record.window.remap import ORDER, Remap
from tests.record.conftest import key
from tests.record.test_journal_reader import damaged


@pytest.fixture
def controls(tmp_path: Path) -> Iterator[Controls]:
    pygame.display.init()
    yield Controls(tmp_path / "controls.json")
    pygame.display.quit()


def event(kind: int, **fields: object) -> pygame.event.Event:
    return pygame.event.Event(kind, instance_id=7, **fields)


def test_keys_held_are_the_mask(controls: Controls) -> None:
    controls.poll([key("right"), key("x")])
    assert controls.mask() == mask_of(("RIGHT", "B"))
    controls.poll([key("x", False)])
    assert controls.mask() == mask_of(("RIGHT",))
    assert controls.used == {"keyboard"}


def test_a_tap_between_two_frames_counts_for_one(controls: Controls) -> None:
    controls.poll([key("z"), key("z", False)])
    assert [controls.mask(), controls.mask()] == [mask_of(("A",)), 0]


def test_the_key_that_began_the_take_is_not_pressed_in_it(controls: Controls) -> None:
    assert controls.poll([key("return")]) == ["confirm"]
    controls.begin()
    assert controls.mask() == 0
    controls.poll([key("return", False)])
    controls.poll([key("return")])
    assert controls.mask() == mask_of(("START",))


def test_a_known_gamepad(controls: Controls) -> None:
    controls.poll(
        [event(pygame.CONTROLLERBUTTONDOWN, button=0), event(pygame.CONTROLLERAXISMOTION, axis=0, value=-30000)]
    )
    assert controls.mask() == mask_of(("B", "LEFT"))
    controls.poll([event(pygame.CONTROLLERAXISMOTION, axis=0, value=-14000)])
    assert controls.mask() == mask_of(("B", "LEFT"))  # it must come back further to count as let go
    controls.poll([event(pygame.CONTROLLERAXISMOTION, axis=0, value=-9000), event(pygame.CONTROLLERBUTTONUP, button=0)])
    assert controls.mask() == 0
    assert controls.used == {"gamepad 7"}


def test_any_other_gamepad(controls: Controls) -> None:
    controls.poll([event(pygame.JOYBUTTONDOWN, button=2), event(pygame.JOYHATMOTION, hat=0, value=(1, -1))])
    assert controls.mask() == mask_of(("C", "RIGHT", "DOWN"))
    controls.poll([event(pygame.JOYHATMOTION, hat=0, value=(0, 0)), event(pygame.JOYAXISMOTION, axis=1, value=-0.9)])
    assert controls.mask() == mask_of(("C", "UP"))


def test_a_gamepad_pulled_out_lets_go(controls: Controls) -> None:
    controls.poll([event(pygame.JOYBUTTONDOWN, button=2), key("right")])
    controls.poll([event(pygame.JOYDEVICEREMOVED)])
    controls.mask()
    assert controls.mask() == mask_of(("RIGHT",))


def test_losing_the_focus_lets_go(controls: Controls) -> None:
    controls.poll([key("right")])
    controls.poll([pygame.event.Event(pygame.WINDOWFOCUSLOST)])
    controls.mask()
    assert controls.mask() == 0
    assert controls.focus_lost


def choose(remap: Remap, chosen: dict[str, str], otherwise: str = "key:f4") -> None:
    for name in ORDER:
        assert remap.button == name
        remap.take(None)
        remap.take(chosen.get(name, otherwise))
    assert remap.button is None


def test_chosen_keys_are_kept(controls: Controls) -> None:
    remap = Remap(controls)
    choose(remap, {"A": "key:j", "B": "pad:y", "C": "key:delete"})
    assert "saved" in remap.outcome
    again = Controls(controls.path)
    assert again.pad["A"] == ("key:j", "pad:x", "joy:0")
    assert again.pad["B"] == ("key:x", "pad:y", "joy:1")
    assert again.pad["C"] == ()
    assert again.pad["UP"] == Controls(controls.path.with_name("none.json")).pad["UP"]


def test_escape_leaves_all_keys_as_they_were(controls: Controls) -> None:
    before = controls.mapping()
    remap = Remap(controls)
    for token in ("key:i", "key:k", "key:p", "key:escape"):
        remap.take(token)
    assert remap.button is None
    assert remap.outcome == "keys as they were"
    assert controls.mapping() == before
    assert not controls.path.exists()


def test_the_same_keys_again_write_nothing(controls: Controls) -> None:
    remap = Remap(controls)
    own = {name: PAD[name][0] for name in ORDER}
    choose(remap, own | {"A": "key:f4"})
    assert remap.outcome == "keys as they were"
    assert not controls.path.exists()


def test_a_key_of_the_recorder_can_be_given_to_the_pad(controls: Controls) -> None:
    """And does not pause at every jump then; what the cards listen to stays."""
    controls.bind("A", "key:space")
    controls.bind("B", "key:return")
    assert controls.commands["pause"] == ("key:p", "pad:guide")
    assert "key:return" in controls.commands["confirm"]
    assert COMMANDS["pause"] == ("key:p", "key:space", "pad:guide")


def test_a_key_belongs_to_one_button(controls: Controls) -> None:
    controls.bind("A", "key:x")
    assert "key:x" not in controls.pad["B"]


@pytest.mark.parametrize(
    "content",
    [
        "", "[]", "{", "null", "3", '{"pad": {"JUMP": []}}', '{"pad": {"A": "z"}}', '{"pad": {"A": ["z"]}}', '{"pad": []}',
        '{"commands": {"pause": [1]}}', '{"commands": {"pause": null}}', "[" * 50_000, '{"pad": ' * 5_000,
        '{"pad": {}, "more": "' + "x" * MAPPING_BYTES + '"}',
    ],
)  # fmt: skip
def test_a_senseless_mapping_is_refused_by_name(tmp_path: Path, content: str) -> None:
    path = tmp_path / "controls.json"
    path.write_text(content)
    with pytest.raises(ControlsError, match=r"controls\.json"):
        load_mapping(path)


def test_a_mapping_may_name_only_what_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "controls.json"
    path.write_text(json.dumps({"commands": {"pause": ["key:space"]}}))
    pad, commands = load_mapping(path)
    assert commands["pause"] == ("key:space",)
    assert pad["A"] == ("key:z", "pad:x", "joy:0")


def test_a_key_chosen_for_the_pad_stays_its_own_when_the_recorder_gets_new_keys(tmp_path: Path) -> None:
    path = tmp_path / "controls.json"
    path.write_text(json.dumps({"pad": {"A": ["key:space", "key:-"]}, "commands": {"pause": ["key:p"]}}))
    pad, commands = load_mapping(path)
    assert pad["A"] == ("key:space", "key:-")
    assert commands["quieter"] == ("key:[-]",)
    assert commands["pause"] == ("key:p",)
    assert commands["confirm"] == COMMANDS["confirm"]


def test_an_endless_or_unreadable_mapping_is_refused_by_name(tmp_path: Path) -> None:
    endless = tmp_path / "controls.json"
    endless.symlink_to("/dev/zero")
    with pytest.raises(ControlsError, match=r"controls\.json"):
        load_mapping(endless)
    with pytest.raises(ControlsError, match="directory"):
        load_mapping(tmp_path)


@pytest.mark.parametrize("count", [300, pytest.param(10_000, marks=pytest.mark.slow)])
def test_no_damage_does_worse_than_a_refusal(tmp_path: Path, count: int) -> None:
    path = tmp_path / "controls.json"
    whole = json.dumps({"pad": PAD, "commands": COMMANDS}).encode()
    rng = np.random.default_rng(count)
    read = 0
    for _ in range(count):
        path.write_bytes(damaged(rng, whole))
        try:
            pad, commands = load_mapping(path)
        except ControlsError as error:
            assert str(path) in str(error)  # noqa: PT017
            continue
        read += 1
        assert pad.keys() == PAD.keys()
        assert commands.keys() == COMMANDS.keys()
        tokens = [token for mapping in (pad, commands) for tokens in mapping.values() for token in tokens]
        assert all(":" in token for token in tokens)
    assert 0 < read < count
