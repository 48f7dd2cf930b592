"""Neighbours belong together: what is sure of one sentence is evidence for the next.

Article and boilerplate come in runs. A chain of two states (Rabiner 1989) weighs what each sentence looks like with what
its neighbours turn out to be: a doubtful sentence goes with its surroundings, a sure one stands against them.
"""

from __future__ import annotations

from math import exp, log

import numpy as np

from quoteattr.linear import FloatArray

_MOST = 30.0  # log odds


def smoothed(odds: FloatArray, same: FloatArray) -> FloatArray:
    """Log odds of each item, given all the others, by the forward-backward algorithm.

    Parameters
    ----------
    odds : float array
        Log odds of each item by itself.
    same : float array
        How probable it is that each item is as the one before it is; 0.5 where the two have nothing to do with each other.
    """
    own, stay = odds.tolist(), same.tolist()
    forward = _passed(own, stay)
    backward = _passed(own[::-1], [0.5, *stay[:0:-1]])[::-1]
    result: FloatArray = (odds + np.array(forward) + np.array(backward)).astype(np.float32)
    return result


def _passed(odds: list[float], stay: list[float]) -> list[float]:
    """What the items before each one say of it, in log odds."""
    message, messages = 0.0, []
    for own, p in zip(odds, stay):
        e = exp(max(-_MOST, min(_MOST, message)))
        message = log((e * p + 1 - p) / (e * (1 - p) + p))
        messages.append(message)
        message += own
    return messages
