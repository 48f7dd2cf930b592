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
        offset = (np.arange(trees) * nodes)[:, None]
        # Node i stands at 2 i, so that "goes left" is added to find the child; numpy gathers fastest with intp.
        self._root = offset[:, 0] * 2
        self._feature = np.repeat(feature.clip(0).ravel(), 2).astype(np.intp)
        self._threshold = np.repeat(threshold.ravel(), 2)
        self._child = np.stack([(right + offset).ravel(), (left + offset).ravel()], axis=1).ravel().astype(np.intp) * 2
        self._value = np.repeat(value.ravel(), 2)
        self.depth, self.bias = depth, bias

    def scores(self, features: FloatArray) -> FloatArray:
        """Log odds of each row of a (rows, features) matrix."""
        rows, width = features.shape
        flat = features.ravel()
        base = (np.arange(rows) * width)[:, None]
        node = np.broadcast_to(self._root, (rows, len(self._root)))
        for _ in range(self.depth):
            goes_left = flat.take(base + self._feature.take(node)) <= self._threshold.take(node)
            node = self._child.take(node + goes_left)
        total: FloatArray = self._value.take(node).sum(axis=1) + np.float32(self.bias)
        return total

    def arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """The arrays as passed in, by parameter name."""
        return dict(self._arrays)
