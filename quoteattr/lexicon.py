"""The vocabulary with what is known of its words: lexicon classes such as "title" or "report_verb"."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from quoteattr.tokens import Vocabulary

OPENING, CLOSING, BREAK = "\u201c", "\u201d", "\n"


class Lexicon:
    """A vocabulary and the classes of its words.

    Parameters
    ----------
    vocabulary : Vocabulary
    classes : mapping of str to bool array
        For each class, whether each word of the vocabulary is in it.
    """

    def __init__(self, vocabulary: Vocabulary, classes: Mapping[str, npt.NDArray[np.bool_]]):
        self.vocabulary = vocabulary
        self.classes = dict(classes)
        self.opening, self.closing, self.line_break = (self.number(w) for w in (OPENING, CLOSING, BREAK))

    def number(self, word: str) -> int:
        """The vocabulary number of a lower-case word; 0 if it is unknown."""
        return self.vocabulary.index.get(word, 0)

    def is_in(self, name: str, words: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
        """Whether each word is in a class."""
        return self.classes[name][words]

    def any_of(self, *names: str) -> npt.NDArray[np.bool_]:
        """Over the vocabulary: whether a word is in any of the classes."""
        result: npt.NDArray[np.bool_] = np.logical_or.reduce([self.classes[name] for name in names])
        return result
