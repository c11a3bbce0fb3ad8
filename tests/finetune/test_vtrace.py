"""V-trace against a slow transcription of its sum, and as what it must be where the policy itself played."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finetune.returns import fold_truncations, generalised_advantages
from finetune.vtrace import vtrace

pytestmark = pytest.mark.filterwarnings("ignore")


def slow_targets(ratios, rewards, discounts, values, bootstrap, rho_clip, c_clip, trace_lambda):
    """Espeholt et al. 2018, eq. 1, summed term by term for one unroll; the value after every step is there."""
    following = [*values[1:], bootstrap]
    targets = []
    for s in range(len(rewards)):
        total = values[s]
        for t in range(s, len(rewards)):
            product = 1.0
            for i in range(s, t):
                product *= discounts[i] * trace_lambda * min(c_clip, ratios[i])
            delta = min(rho_clip, ratios[t]) * (rewards[t] + discounts[t] * following[t] - values[t])
            total += product * delta
        targets.append(total)
    return targets


def unrolls(steps: int, count: int, seed: int) -> dict[str, np.ndarray]:
    """Made-up unrolls [T, B], some with ends inside."""
    rng = np.random.default_rng(seed)
    shape = (steps, count)
    rewards, values, log_ratios = rng.normal(size=(3, *shape)).astype(np.float32)
    return {
        "log_ratios": log_ratios,
        "rewards": rewards,
        "discounts": (0.9 * (rng.random(shape) > 0.2)).astype(np.float32),
        "values": values,
        "bootstrap_values": rng.normal(size=count).astype(np.float32),
    }


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 9), st.integers(0, 10_000), st.floats(0.1, 3), st.floats(0.1, 3), st.floats(0, 1))
def test_targets_and_advantages_equal_the_paper(
    steps: int, seed: int, rho_clip: float, c_clip: float, trace_lambda: float
) -> None:
    played = unrolls(steps, 2, seed)
    found = vtrace(**played, rho_clip=rho_clip, c_clip=c_clip, trace_lambda=trace_lambda)
    for b in range(2):
        ratios = np.exp(played["log_ratios"][:, b].astype(float))
        one = {name: played[name][:, b].astype(float) for name in ("rewards", "discounts", "values")}
        last = float(played["bootstrap_values"][b])
        slow = slow_targets(ratios, *one.values(), last, rho_clip, c_clip, trace_lambda)
        np.testing.assert_allclose(found.targets[:, b], slow, rtol=1e-3, atol=1e-3)
        for t in range(steps):
            following = slow[t + 1] if t + 1 < steps else last
            advantage = one["rewards"][t] + one["discounts"][t] * following - one["values"][t]
            expected = min(rho_clip, ratios[t]) * advantage
            assert float(found.advantages[t, b]) == pytest.approx(expected, rel=1e-3, abs=1e-3)


def test_what_the_policy_played_itself_has_the_returns_for_targets() -> None:
    """n-step returns up to the unroll's end: the rewards, discounted, and the value after the last step."""
    played = unrolls(6, 3, seed=1) | {"log_ratios": np.zeros((6, 3), np.float32)}
    found = vtrace(**played)
    following = played["bootstrap_values"]
    for t in reversed(range(6)):
        following = played["rewards"][t] + played["discounts"][t] * following
        np.testing.assert_allclose(found.targets[t], following, rtol=1e-5, atol=1e-5)


def test_what_the_policy_played_itself_has_the_targets_of_gae() -> None:
    played = unrolls(7, 2, seed=2) | {"log_ratios": np.zeros((7, 2), np.float32)}
    found = vtrace(**played, trace_lambda=0.8)
    of = {name: array for name, array in played.items() if name != "log_ratios"}
    expected = generalised_advantages(**of, gae_lambda=0.8) + played["values"]
    np.testing.assert_allclose(found.targets, expected, rtol=1e-5, atol=1e-5)


def test_nothing_behind_the_end_of_an_episode_counts() -> None:
    """Neither behind a termination nor behind a truncation, which is worth what its last observation is."""
    rng = np.random.default_rng(3)
    rewards, values, log_ratios = rng.normal(size=(3, 4, 1)).astype(np.float32)
    ends = np.array([[False], [True], [False], [False]])
    never = np.zeros_like(ends)
    worth = np.full((4, 1), 7.0, np.float32)
    bootstrap = np.array([5.0], np.float32)
    for terminated, truncated, paid in ((ends, never, 0.0), (never, ends, 0.9 * 7.0)):
        folded, discounts = fold_truncations(rewards, terminated, truncated, worth, 0.9)
        whole = vtrace(log_ratios, folded, discounts, values, bootstrap)
        other = vtrace(log_ratios, folded, discounts, np.where(np.arange(4)[:, None] > 1, 99.0, values), bootstrap)
        for expected, received in zip(whole, other, strict=True):
            np.testing.assert_array_equal(expected[:2], received[:2])
        rho = min(1.0, float(np.exp(log_ratios[1, 0])))
        expected = values[1, 0] + rho * (rewards[1, 0] + paid - values[1, 0])
        assert float(whole.targets[1, 0]) == pytest.approx(expected, rel=1e-5)


def test_clips_bound_the_weights_from_above_only() -> None:
    """By hand: one step that the policy would take four times as often, one a quarter as often."""
    log_ratios = np.log(np.array([[4.0], [0.25]], np.float32))
    one = np.ones((2, 1), np.float32)
    found = vtrace(log_ratios, one, 0.5 * one, 0 * one, np.zeros(1, np.float32), rho_clip=2.0, c_clip=1.0)
    # delta: 2 x 1 and 0.25 x 1; the first trace is cut to 1
    np.testing.assert_allclose(found.targets[:, 0], [2.0 + 0.5 * 1.0 * 0.25, 0.25])
    np.testing.assert_allclose(found.advantages[:, 0], [2.0 * (1.0 + 0.5 * 0.25), 0.25])
