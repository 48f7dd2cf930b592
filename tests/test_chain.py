"""The chain: neighbours pull doubtful items along, sure ones stand, and what has nothing to do with each other stays apart."""

import itertools
import math

import numpy as np
import pytest

from quoteattr.chain import smoothed


def brute(odds, same):
    """Posterior log odds by summing over all sequences of states."""
    n = len(odds)
    weight = np.zeros((n, 2))
    for states in itertools.product((0, 1), repeat=n):
        w = math.prod(math.exp(o) if s else 1.0 for o, s in zip(odds, states, strict=True))
        for i in range(1, n):
            w *= same[i] if states[i] == states[i - 1] else 1 - same[i]
        for i, s in enumerate(states):
            weight[i, s] += w
    return np.log(weight[:, 1] / weight[:, 0])


def test_it_is_the_posterior_of_all_sequences():
    random = np.random.default_rng(3)
    odds = random.normal(0, 2, 8).astype(np.float32)
    same = random.uniform(0.5, 0.95, 8).astype(np.float32)

    assert smoothed(odds, same) == pytest.approx(brute(odds.tolist(), same.tolist()), abs=1e-4)


def test_a_doubtful_item_goes_with_its_surroundings():
    odds = np.array([-4, -4, 0.5, -4, -4], np.float32)

    assert smoothed(odds, np.full(5, 0.8, np.float32))[2] < 0


def test_a_sure_item_stands_against_its_surroundings():
    odds = np.array([-4, -4, 6, -4, -4], np.float32)

    assert smoothed(odds, np.full(5, 0.8, np.float32))[2] > 0


def test_a_half_keeps_neighbours_apart():
    odds = np.array([3, -2, 1], np.float32)

    assert smoothed(odds, np.full(3, 0.5, np.float32)) == pytest.approx(odds)


def test_no_items_give_none():
    assert len(smoothed(np.zeros(0, np.float32), np.zeros(0, np.float32))) == 0
