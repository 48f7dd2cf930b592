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
        self.depth, self.bias = depth, bias
        # Level by level, all trees filled up: the children of node i stand at 2 i (right) and 2 i + 1 (left) of the next.
        tree = np.arange(len(feature))[:, None]
        node: npt.NDArray[np.signedinteger] = np.zeros((len(feature), 1), np.intp)
        self._levels: list[tuple[npt.NDArray[np.intp], FloatArray]] = []
        for _ in range(depth):  # numpy gathers fastest with intp
            self._levels.append((feature[tree, node].clip(0).ravel().astype(np.intp), threshold[tree, node].ravel()))
            node = np.stack([right[tree, node], left[tree, node]], axis=2).reshape(len(feature), -1)
        self._value = value[tree, node].ravel()

    def scores(self, features: FloatArray) -> FloatArray:
        """Log odds of each row of a (rows, features) matrix."""
        rows, width = features.shape
        flat = features.ravel()
        base = (np.arange(rows) * width)[:, None]
        trees = len(self._arrays["feature"])
        node = np.arange(trees)
        for feature, threshold in self._levels:
            goes_left = flat.take(base + feature.take(node)) <= threshold.take(node)
            node = node * 2 + goes_left
        total: FloatArray = self._value.take(np.broadcast_to(node, (rows, trees))).sum(axis=1) + np.float32(self.bias)
        return total

    def arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """The arrays as passed in, by parameter name."""
        return dict(self._arrays)
