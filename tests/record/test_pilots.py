"""A policy at the recorder's pad sees what it sees in scoring."""

import numpy as np

from game.actions import COMBO_NAMES
from game.acts import find_act
from game.emulator import Emulator
from game.env import EnvConfig, make_env
from game.observation import HISTORY_ROWS, ObservationSpec
from policy.checkpoint import CheckpointInfo
from record.pilots import PolicyPilot

ACT = "EmeraldHillZone.Act1"
COMBOS = [COMBO_NAMES.index(name) for name in ("RIGHT", "B+RIGHT", "DOWN", "RIGHT", "none", "B", "LEFT", "RIGHT")]
SPEC = ObservationSpec(action_history=True)


class Scripted:
    """Plays COMBOS whatever it sees; remembers what that was."""

    def reset(self, act: str, seed: int) -> None:
        self.seen: list[np.ndarray] = []

    def act(self, observation: np.ndarray) -> int:
        self.seen.append(observation)
        return COMBOS[len(self.seen) - 1]


def scored(emulator: Emulator) -> list[np.ndarray]:
    """The observations of COMBOS as they are scored."""
    env = make_env(EnvConfig(act=ACT, observation=SPEC, stick_probability=0.0), emulator)
    return [env.reset(seed=0)[0], *(env.step(combo)[0] for combo in COMBOS[:-1])]


def at_the_pad(emulator: Emulator) -> tuple[PolicyPilot, Scripted]:
    """A pilot at the start of the act."""
    player = Scripted()
    pilot = PolicyPilot(player, CheckpointInfo("quillrush", 4, SPEC))
    emulator.set_state(emulator.game.start_state(find_act(ACT)))
    emulator.step(0)
    pilot.begin(ACT, emulator.screen())
    return pilot, player


def play(pilot: PolicyPilot, emulator: Emulator, first: int, last: int) -> None:
    for frame in range(first, last + 1):
        emulator.step(pilot.mask(frame))
        pilot.see(frame, emulator.screen())


def test_it_sees_its_own_steps_as_in_scoring(emulator: Emulator) -> None:
    expected = scored(emulator)
    pilot, player = at_the_pad(emulator)
    play(pilot, emulator, 1, 4 * len(COMBOS))
    np.testing.assert_array_equal(player.seen, expected)


def test_behind_a_persons_turn_it_knows_of_no_combo_but_its_new_ones(emulator: Emulator) -> None:
    pilot, player = at_the_pad(emulator)
    play(pilot, emulator, 1, 12)
    pilot.hand_over()
    play(pilot, emulator, 13, 17)
    behind, next_step = (observation[:HISTORY_ROWS] == 255 for observation in player.seen[3:])
    assert not behind.any()
    assert next_step.any(axis=(0, 1)).tolist() == [False, False, False, True]


def test_what_was_rewound_is_no_history(emulator: Emulator) -> None:
    pilot, player = at_the_pad(emulator)
    play(pilot, emulator, 1, 12)
    pilot.see(6, emulator.screen())
    pilot.mask(7)
    assert not (player.seen[-1][:HISTORY_ROWS] == 255).any()
