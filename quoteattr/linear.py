"""Linear scorers that score by gather and sum.

A row to be scored is described by a fixed number of slots, each holding one small integer: the word at an
offset, the shape of a token, a bucketed distance. A scorer keeps one table of weights per slot; the score
of a row is the sum of one table row per slot. Whatever a word's features are (itself, its suffix class, its
lexicon classes), their weights are summed into its table row once, when the model is written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import getitem

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


def coverage(start: npt.ArrayLike, end: npt.ArrayLike, n: int) -> npt.NDArray[np.signedinteger]:
    """How many of the ranges from `start` to below `end` hold each of n positions."""
    steps = np.bincount(np.asarray(start, np.intp), minlength=n + 1)
    steps -= np.bincount(np.asarray(end, np.intp), minlength=n + 1)
    result: npt.NDArray[np.signedinteger] = np.cumsum(steps[:-1])
    return result


def bucket(values: npt.NDArray[np.int32], edges: Sequence[int]) -> npt.NDArray[np.int32]:
    """The number of edges at or below each value: 0 .. len(edges)."""
    return np.searchsorted(np.asarray(edges), values, side="right").astype(np.int32)


Row = tuple[int, ...]


class Linear:
    """A fitted linear scorer.

    Parameters
    ----------
    slots : sequence of Slot
    classes : sequence of str
        Names of the outputs.
    tables : sequence of int8 arrays, each of shape (slot size, outputs)
        Weights in steps of the slot's scale: a quarter of the memory, and what is gathered stays in the cache.
    scales : float array of shape (slots,)
    bias : float array of shape (outputs,)
    joined : int8 array, optional
        The tables as one array, where they are views of one: then nothing is copied.
    """

    def __init__(
        self,
        slots: Sequence[Slot],
        classes: Sequence[str],
        tables: Sequence[npt.NDArray[np.int8]],
        scales: FloatArray,
        bias: FloatArray,
        joined: npt.NDArray[np.int8] | None = None,
    ):
        self.slots = tuple(slots)
        self.classes = tuple(classes)
        self.tables = tuple(tables)
        self.scales, self.bias = scales, bias
        self._joined = np.concatenate(self.tables) if joined is None else joined
        self._offsets = np.cumsum([0, *(len(t) for t in self.tables[:-1])])[:, None]

    @classmethod
    def rounded(
        cls, slots: Sequence[Slot], classes: Sequence[str], tables: Sequence[FloatArray], bias: FloatArray
    ) -> Linear:
        """A scorer whose weights are rounded to 127 steps up and down, as large as each slot's largest weight needs."""
        largest = [float(np.abs(table).max(initial=0)) for table in tables]
        scales = np.array([most / 127 or 1.0 for most in largest], np.float32)
        whole = [np.round(table / scale).astype(np.int8) for table, scale in zip(tables, scales)]
        return cls(slots, classes, whole, scales, bias)

    def scores(self, columns: Sequence[npt.NDArray[np.int32]]) -> FloatArray:
        """Logits of the rows whose slots hold `columns`: shape (rows, outputs)."""
        if len(columns) != len(self.tables):
            raise ValueError(f"{len(columns)} columns are shorter or longer than the {len(self.tables)} slots")
        rows = len(columns[0])
        if rows <= _FEW:  # one gather for all slots saves calls ...
            index = np.concatenate(columns).reshape(len(self.tables), rows) + self._offsets
            parts = np.empty((len(self.tables) + 1, rows, len(self.bias)), np.float32)
            parts[0] = self.bias
            np.multiply(self._joined.take(index, axis=0), self.scales[:, None, None], out=parts[1:])
            # A single number numpy would add up in another order, and so score a row otherwise alone than among others.
            few: FloatArray = np.add.reduce(parts, axis=0) if parts[0].size > 1 else np.add.accumulate(parts)[-1]
            return few
        total: FloatArray = np.tile(self.bias, (rows, 1))  # ... and one a slot saves memory traffic
        for table, column, scale in zip(self.tables, columns, self.scales, strict=True):
            total += table.take(column, axis=0) * scale
        return total

    def margins(
        self, columns: Sequence[npt.NDArray[np.int32]], chosen: npt.NDArray[np.int32], against: int
    ) -> FloatArray:
        """What each slot adds to one output, chosen row by row, less what it adds to another: shape (rows, slots)."""
        rows = np.arange(len(chosen))
        result = np.empty((len(chosen), len(self.tables)), np.float32)
        for slot, (table, column, scale) in enumerate(zip(self.tables, columns, self.scales, strict=True)):
            weights = table.take(column, axis=0).astype(np.float32)
            result[:, slot] = (weights[rows, chosen] - weights[:, against]) * scale
        return result

    def weights(self, slot: int) -> FloatArray:
        """The weights of a slot as they are added up."""
        result: FloatArray = self.tables[slot] * self.scales[slot]
        return result


def by_row(model: Linear) -> Callable[[Row], float]:
    """A scorer of single rows, in log odds: for a handful of them lists are faster than arrays."""
    tables = [model.weights(slot)[:, 0].tolist() for slot in range(len(model.slots))]
    bias = float(model.bias[0])
    return lambda row: max(-30.0, min(30.0, sum(map(getitem, tables, row), bias)))


def product(rows: FloatArray, weights: FloatArray) -> FloatArray:
    """The product of two matrices, in one thread: those of a linear algebra library cost more, also while they wait."""
    result: FloatArray = np.einsum("ij,jk->ik", rows, weights)
    return result


def softmax(scores: FloatArray) -> FloatArray:
    """Probabilities of each row's outputs."""
    shifted: FloatArray = np.exp(scores - scores.max(axis=1, keepdims=True))
    shifted /= shifted.sum(axis=1, keepdims=True)
    return shifted


def sigmoid(scores: FloatArray) -> FloatArray:
    """Probability of each score in log odds."""
    return (1 / (1 + np.exp(-np.clip(scores, -30, 30)))).astype(np.float32)
