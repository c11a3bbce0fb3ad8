"""Places whose way on begins to the left, and the switches in RAM."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from game.acts import find_act
from game.emulator import Emulator, LentEmulator
from game.games import Game, GameError
from game.places import Place, Waypoint, places
from game.ram import SWITCHES

ACT = find_act("EmeraldHillZone.Act1")
DOOR = {
    "kind": "door",
    "from_x": 3200,
    "block_x": 3900,
    "waypoints": [{"x": 3300, "y": 360}, {"x": 3100, "y": 288, "switch": 0}],
}


def game_with(folder: Path, quillrush: Game, content: object) -> Game:
    (folder / "places.json").write_text(content if isinstance(content, str) else json.dumps(content))
    return replace(quillrush, integration=folder)


def test_an_act_has_its_own_places(tmp_path: Path, quillrush: Game) -> None:
    game = game_with(tmp_path, quillrush, {ACT.name: [DOOR], "WingFortressZone": []})
    assert places(game, ACT) == (Place("door", 3200, 3900, (Waypoint(3300, 360), Waypoint(3100, 288, switch=0))),)
    assert places(game, find_act("WingFortressZone")) == ()
    assert places(game, find_act("EmeraldHillZone.Act2")) == ()


def test_a_game_without_the_file_has_none(tmp_path: Path, quillrush: Game) -> None:
    assert places(replace(quillrush, integration=tmp_path), ACT) == ()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "places.json"),
        ({ACT.name: [DOOR | {"kind": "gate"}]}, "kind"),
        ({ACT.name: [DOOR | {"waypoints": []}]}, "waypoints"),
        ({ACT.name: [DOOR | {"waypoints": [{"x": 1, "y": 2, "switch": 16}]}]}, "switch"),
        ({ACT.name: [DOOR | {"from_x": -1}]}, "from_x"),
        ({ACT.name: [DOOR, DOOR | {"from_x": 100}]}, "order of from_x"),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, quillrush: Game, content: object, message: str) -> None:
    with pytest.raises(GameError, match=message):
        places(game_with(tmp_path, quillrush, content), ACT)


def test_the_embedded_games_places_lie_in_their_acts(quillrush: Game) -> None:
    for place in places(quillrush, ACT):
        assert place.from_x < place.block_x < ACT.end_x


def test_switches_are_bits_by_number(emulator: Emulator) -> None:
    emulator.set_state(emulator.game.start_state(ACT))
    assert emulator.switches() == 0
    for number in (0, 3, 15):
        emulator._memory.assign(SWITCHES + number, "|u1", 1)
    assert emulator.switches() == 1 << 0 | 1 << 3 | 1 << 15


def test_a_lent_emulator_reads_its_own_switches(quillrush: Game) -> None:
    one, other = LentEmulator(quillrush), LentEmulator(quillrush)
    try:
        for lent in (one, other):
            lent.set_state(quillrush.start_state(ACT))
        one._take_turn()._memory.assign(SWITCHES, "|u1", 1)
        assert (one.switches(), other.switches(), one.switches()) == (1, 0, 1)
    finally:
        one.close()
        other.close()
