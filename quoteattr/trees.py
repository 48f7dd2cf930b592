"""Gradient-boosted trees, scored by gathering: a few array steps per level whatever the number of rows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from quoteattr.linear import FloatArray


class Trees:
    """A boosted ensemble for one output.

    Parameters
    ----------
    feature, left, right : int arrays of shape (trees, nodes)
        The feature a node asks for (-1 in a leaf) and its children; a leaf is its own child.
    threshold, value : float arrays of shape (trees, nodes)
        A row goes left where its feature is at most the threshold; leaves hold values.
    depth : int
        Levels to walk down.
    bias : float
        Log odds before the first tree.
    """

    def __init__(
        self,
        feature: npt.NDArray[np.int32],
        threshold: FloatArray,
        left: npt.NDArray[np.int32],
        right: npt.NDArray[np.int32],
        value: FloatArray,
        depth: int,
        bias: float,
    ):
        self._arrays = {"feature": feature, "threshold": threshold, "left": left, "right": right, "value": value}
        trees, nodes = feature.shape
        offset = (np.arange(trees, dtype=np.int32) * nodes)[:, None]
        self._root = offset[:, 0]
        self._feature = feature.clip(0).ravel()
        self._threshold = threshold.ravel()
        self._child = np.stack([(right + offset).ravel(), (left + offset).ravel()], axis=1).ravel()
        self._value = value.ravel()
        self.depth, self.bias = depth, bias

    def scores(self, features: FloatArray) -> FloatArray:
        """Log odds of each row of a (rows, features) matrix."""
        rows, width = features.shape
        flat = features.ravel()
        base = (np.arange(rows, dtype=np.int64) * width)[:, None]
        node = np.broadcast_to(self._root, (rows, len(self._root)))
        for _ in range(self.depth):
            goes_left = flat[base + self._feature[node]] <= self._threshold[node]
            node = self._child[node * 2 + goes_left]
        total: FloatArray = self._value[node].sum(axis=1) + np.float32(self.bias)
        return total

    def arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """The arrays as passed in, by parameter name."""
        return dict(self._arrays)
