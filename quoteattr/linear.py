"""Linear scorers that score by gather and sum.

A row to be scored is described by a fixed number of slots, each holding one small integer: the word at an
offset, the shape of a token, a bucketed distance. A scorer keeps one table of weights per slot; the score
of a row is the sum of one table row per slot. Whatever a word's features are (itself, its suffix class, its
lexicon classes), their weights are summed into its table row once, when the model is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
_FEW = 300
WORD = 0  # the size of a slot that holds words


@dataclass(frozen=True, slots=True)
class Slot:
    """A named slot that holds integers below `size`; a size of `WORD` means words of the vocabulary."""

    name: str
    size: int


def window(
    values: npt.NDArray[np.int32], at: npt.NDArray[np.int32], offsets: Sequence[int], pad: int
) -> npt.NDArray[np.int32]:
    """The values at each offset from each position (0 .. len(values)), a row an offset; `pad` beyond the ends."""
    reach = max(map(abs, offsets)) + 1
    padded = np.full(len(values) + 2 * reach, pad, values.dtype)
    padded[reach : reach + len(values)] = values
    result: npt.NDArray[np.int32] = padded[at + (np.array(offsets)[:, None] + reach)]
    return result


def bucket(values: npt.NDArray[np.int32], edges: Sequence[int]) -> npt.NDArray[np.int32]:
    """The number of edges at or below each value: 0 .. len(edges)."""
    return np.searchsorted(np.asarray(edges), values, side="right").astype(np.int32)


class Linear:
    """A fitted linear scorer.

    Parameters
    ----------
    slots : sequence of Slot
    classes : sequence of str
        Names of the outputs.
    tables : sequence of float arrays, each of shape (slot size, outputs)
    bias : float array of shape (outputs,)
    joined : float array, optional
        The tables as one array, where they are views of one: then nothing is copied.
    """

    def __init__(
        self,
        slots: Sequence[Slot],
        classes: Sequence[str],
        tables: Sequence[FloatArray],
        bias: FloatArray,
        joined: FloatArray | None = None,
    ):
        self.slots = tuple(slots)
        self.classes = tuple(classes)
        self.tables = tuple(tables)
        self.bias = bias
        self._joined = np.concatenate(self.tables) if joined is None else joined
        self._offsets = np.cumsum([0, *(len(t) for t in self.tables[:-1])])[:, None]

    def scores(self, columns: Sequence[npt.NDArray[np.int32]]) -> FloatArray:
        """Logits of the rows whose slots hold `columns`: shape (rows, outputs)."""
        if len(columns) != len(self.tables):
            raise ValueError(f"{len(columns)} columns are shorter or longer than the {len(self.tables)} slots")
        rows = len(columns[0])
        if rows <= _FEW:  # one gather for all slots saves calls ...
            index = np.concatenate(columns).reshape(len(self.tables), rows) + self._offsets
            few: FloatArray = self._joined.take(index, axis=0).sum(axis=0) + self.bias
            return few
        total: FloatArray = np.tile(self.bias, (rows, 1))  # ... and one a slot saves memory traffic
        for table, column in zip(self.tables, columns, strict=True):
            total += table.take(column, axis=0)
        return total


def softmax(scores: FloatArray) -> FloatArray:
    """Probabilities of each row's outputs."""
    shifted: FloatArray = np.exp(scores - scores.max(axis=1, keepdims=True))
    shifted /= shifted.sum(axis=1, keepdims=True)
    return shifted


def sigmoid(scores: FloatArray) -> FloatArray:
    """Probability of each score in log odds."""
    return (1 / (1 + np.exp(-np.clip(scores, -30, 30)))).astype(np.float32)
