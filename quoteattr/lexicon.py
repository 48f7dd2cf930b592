"""The vocabulary with what is known of its words: lexicon classes such as "title" or "report_verb"."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np
import numpy.typing as npt

from quoteattr.tokens import SHAPES, IntArray, Vocabulary

# What a word does in a clause: the later of these wins where a word is in several.
CATEGORIES = (
    "other", "noun", "verb", "maybe_verb", "preposition", "report_noun", "role", "body", "report_verb", "time", "determiner", "possessive", "subordinator",
    "relative", "object_pronoun", "subject_pronoun", "auxiliary", "modal", "negation", "conjunction", "punctuation", "that", "comma", "stop",
    "opening", "closing", "break", "Name", "digits",
)  # fmt: skip
FORMS = ("none", "base", "s", "ing", "past", "modal")
_TITLE, _DIGITS = SHAPES.index("Title"), SHAPES.index("digits")
_CLOSED = CATEGORIES.index("determiner")
OPENING, CLOSING, BREAK = "\u201c", "\u201d", "\n"


class Lexicon:
    """A vocabulary and the classes of its words.

    Parameters
    ----------
    vocabulary : Vocabulary
    classes : mapping of str to bool array
        For each class, whether each word of the vocabulary is in it.
    given_names : mapping of str to str, optional
        Lower-case given names, in the vocabulary or not, with the pronoun of their bearers: "he" or "she".
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        classes: Mapping[str, npt.NDArray[np.bool_]],
        given_names: Mapping[str, str] | None = None,
    ):
        self.vocabulary = vocabulary
        self.classes = dict(classes)
        self.given_names = dict(given_names or {})
        self._unions: dict[tuple[str, ...], npt.NDArray[np.bool_]] = {}
        self.opening, self.closing, self.line_break = (self.number(w) for w in (OPENING, CLOSING, BREAK))

    def number(self, word: str) -> int:
        """The vocabulary number of a lower-case word; 0 if it is unknown."""
        return self.vocabulary.index.get(word, 0)

    def has_class(self, word: str, name: str) -> bool:
        """Whether a lower-case word is in a class."""
        return word in self._members[name]

    def name_gender(self, word: str) -> str:
        """The pronoun of those who bear a given name: "he" or "she", "" for others."""
        return self.given_names.get(word) or self.given_names.get(word.split("-")[0], "")

    @cached_property
    def _members(self) -> dict[str, frozenset[str]]:
        words = [[word] for word in self.vocabulary.words]
        for word in self.vocabulary.alike:
            words[self.number(word)].append(word)
        return {name: frozenset(w for i in np.flatnonzero(m) for w in words[i]) for name, m in self.classes.items()}

    def any_of(self, *names: str) -> npt.NDArray[np.bool_]:
        """Over the vocabulary: whether a word is in any of the classes."""
        if names not in self._unions:
            self._unions[names] = np.logical_or.reduce([self.classes[name] for name in names])
        return self._unions[names]

    def one_of(self, words: tuple[str, ...]) -> npt.NDArray[np.bool_]:
        """Over the vocabulary: whether a word is one of these."""
        if words not in self._unions:
            self._unions[words] = np.isin(np.arange(len(self.vocabulary)), [self.number(w) for w in words])
            self._unions[words][0] = False  # the unknown word
        return self._unions[words]

    @cached_property
    def verbs(self) -> npt.NDArray[np.bool_]:
        """Over the vocabulary: what is a verb, or looks like one."""
        return self.any_of("report_verb", "auxiliary", "modal", "verb", "maybe_verb")

    @cached_property
    def adverbs(self) -> npt.NDArray[np.bool_]:
        """Over the vocabulary: what is an adverb, by a list or by its ending."""
        ending = np.array([w.endswith("ly") for w in self.vocabulary.words], bool)
        return (ending & ~self.any_of("noun", "verb")) | self.classes["adverb"]

    @cached_property
    def forms(self) -> IntArray:
        """Over the vocabulary: what form of a verb a word is, mostly by its ending, as an index into `FORMS`."""
        words = self.vocabulary.words
        result = np.full(len(words), FORMS.index("base"), np.int32)
        for ending in ("s", "ing"):
            result[[w.endswith(ending) for w in words] & ~self.classes["lemma"]] = FORMS.index(ending)  # not "discuss"
        for name in ("past", "modal"):
            result[self.classes[name]] = FORMS.index(name)
        result[~self.verbs] = FORMS.index("none")
        return result

    def category(self, words: IntArray, shapes: IntArray) -> IntArray:
        """What tokens of these words and shapes do in a clause: indices into `CATEGORIES`."""
        category = self.categories[words]
        capital = (shapes >= _TITLE) & (shapes != _DIGITS) & (category < _CLOSED)
        category = np.where(capital, CATEGORIES.index("Name"), category)
        return np.where(shapes == _DIGITS, CATEGORIES.index("digits"), category).astype(np.int32)

    @cached_property
    def categories(self) -> npt.NDArray[np.int32]:
        """The category of each word, as an index into `CATEGORIES` (capitals and digits are seen by shape, not here)."""
        single = {
            "that": "that", "comma": ",", "stop": ".", "opening": OPENING, "closing": CLOSING, "break": BREAK,
        }  # fmt: skip
        result = np.zeros(len(self.vocabulary), np.int32)
        for number, name in enumerate(CATEGORIES):
            if name in single:
                result[self.number(single[name])] = number
            elif name in self.classes:
                result[self.classes[name]] = number
        result[0] = 0
        return result
