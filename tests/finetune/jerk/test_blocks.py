"""Blocks: the scripted ones against the baseline's code, and who plays which."""

from pathlib import Path

import numpy as np
import pytest

from finetune.jerk.blocks import JUMP_LEFT, JUMP_RIGHT, LEFT, RIGHT, Blocks, ParentPolicy, ScriptedRun
from finetune.jerk.config import Config
from finetune.jerk.memory import EpisodicMemory
from game.actions import COMBO_NAMES
from policy.checkpoint import load_checkpoint
from tests.finetune.clones import NETWORK, clone_run

SHORT = Config(forward_steps=10, backward_steps=7)


def rng_of(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_it_presses_what_the_baseline_pressed() -> None:
    assert [COMBO_NAMES[combo] for combo in (RIGHT, LEFT, JUMP_RIGHT, JUMP_LEFT)] == [
        "RIGHT",
        "LEFT",
        "B+RIGHT",
        "B+LEFT",
    ]


def baseline_jumps(steps: int, rng: np.random.Generator) -> list[bool]:
    """retro-baselines' `move`, line by line: whether B is held in each step."""
    held = []
    jumping_steps_left = 0
    for _ in range(steps):
        jumps = False
        if jumping_steps_left > 0:
            jumps = True
            jumping_steps_left -= 1
        elif rng.random() < 1.0 / 10.0:
            jumping_steps_left = 4 - 1
            jumps = True
        held.append(jumps)
    return held


@pytest.mark.parametrize("is_forward", [True, False])
def test_a_scripted_block_is_the_baselines(is_forward: bool) -> None:
    jump = JUMP_RIGHT if is_forward else JUMP_LEFT
    for seed in range(50):
        run = ScriptedRun(Config(), rng_of(seed))
        pressed = []
        for steps in (13, 100):  # a jump does not reach into the next block
            run.begin(is_forward)
            pressed += [run.act() for _ in range(steps)]
        assert set(pressed) <= {jump, RIGHT if is_forward else LEFT}
        rng = rng_of(seed)
        assert [combo == jump for combo in pressed] == baseline_jumps(13, rng) + baseline_jumps(100, rng)


def directions(blocks: Blocks, rewards: list[float]) -> str:
    """Which way each step was played, as letters: R and L."""
    letters = []
    for reward in rewards:
        letters.append("R" if blocks.act() in (RIGHT, JUMP_RIGHT) else "L")
        blocks.pay(reward)
    return "".join(letters)


def test_after_a_block_that_won_nothing_it_goes_back_once() -> None:
    blocks = Blocks(SHORT, rng_of(0), None, None)
    won = [0.0] * 9 + [1.0]
    nothing = [2.0] + [-0.25] * 8 + [0.0]  # 0 in sum
    back = [5.0] * 7
    rewards = won + nothing + back + [-1.0] * 10 + back + won
    assert directions(blocks, rewards) == "R" * 20 + "L" * 7 + "R" * 10 + "L" * 7 + "R" * 10


@pytest.fixture
def policy(workdir: Path) -> ParentPolicy:
    made = ParentPolicy(load_checkpoint(clone_run(workdir, check="pass")))
    made.see(np.full((96, 96, 4), 200, np.uint8))
    return made


def pressed(blocks: Blocks, count: int = 600) -> list[int]:
    """Steps that each pay, so that all blocks go forward."""
    combos = []
    for _ in range(count):
        combos.append(blocks.act())
        blocks.pay(1.0)
    return combos


def by_block(combos: list[int]) -> list[list[int]]:
    return [combos[i : i + 10] for i in range(0, len(combos), 10)]


def is_scripted(block: list[int]) -> bool:
    return set(block) <= {RIGHT, JUMP_RIGHT}


def test_the_policy_plays_its_share_of_the_blocks_forward(policy: ParentPolicy) -> None:
    config = Config(forward_steps=10, blocks="policy", policy_share=0.7)
    blocks = by_block(pressed(Blocks(config, rng_of(1), policy, None), 4000))
    assert np.mean([not is_scripted(block) for block in blocks]) == pytest.approx(0.7, abs=0.08)
    scripted = pressed(Blocks(SHORT, rng_of(1), policy, None))
    assert is_scripted(scripted)


def test_blocks_back_stay_scripted(policy: ParentPolicy) -> None:
    config = Config(forward_steps=1, backward_steps=400, blocks="policy", policy_share=1.0)
    blocks = Blocks(config, rng_of(0), policy, None)
    blocks.act()
    blocks.pay(-1.0)
    assert {blocks.act() for _ in range(400)} == {LEFT, JUMP_LEFT}


def planted(policy: ParentPolicy, combo: int) -> EpisodicMemory:
    memory = EpisodicMemory(NETWORK.hidden, 10, 3, 0.01, 0.001)
    memory.add(policy.features[None], np.array([combo]), np.array([1.0]))
    return memory


def test_memory_is_asked_in_its_share_of_the_blocks_and_answers_where_it_knows(policy: ParentPolicy) -> None:
    config = Config(forward_steps=10, memory=True, memory_share=0.5)
    asked = Blocks(config, rng_of(2), policy, planted(policy, 19))
    blocks = by_block(pressed(asked, 4000))
    assert all(block == [19] * 10 or is_scripted(block) for block in blocks)
    assert np.mean([block == [19] * 10 for block in blocks]) == pytest.approx(0.5, abs=0.08)
    assert asked.hits == asked.lookups == 10 * sum(block == [19] * 10 for block in blocks)


def test_where_memory_is_silent_the_policy_or_the_script_plays(policy: ParentPolicy) -> None:
    memory = planted(policy, 19)
    policy.see(np.random.default_rng(0).integers(0, 256, (96, 96, 4), dtype=np.uint8))
    assert memory.suggest(policy.features) is None
    silent = Blocks(Config(memory=True, memory_share=1.0), rng_of(3), policy, memory)
    assert is_scripted(pressed(silent))
    assert (silent.lookups, silent.hits) == (600, 0)
    by_policy = Config(memory=True, memory_share=1.0, blocks="policy", policy_share=0.0)
    assert not is_scripted(pressed(Blocks(by_policy, rng_of(3), policy, memory)))
    empty = Blocks(Config(memory=True, memory_share=1.0), rng_of(3), policy, EpisodicMemory(16, 9, 3, 0.1, 0.01))
    pressed(empty)
    assert empty.lookups == 0
