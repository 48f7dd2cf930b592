"""The vocabulary with what is known of its words: lexicon classes such as "title" or "report_verb"."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from quoteattr.tokens import SHAPES, IntArray, Vocabulary

if TYPE_CHECKING:
    from quoteattr.parts_of_speech import PartTagger

# What a word by itself does in a clause: the later of these wins where a word is in several.
WORD_CATEGORIES = (
    "other", "noun", "verb", "maybe_verb", "preposition", "report_noun", "role", "body", "report_verb", "time", "determiner", "possessive", "subordinator",
    "relative", "object_pronoun", "subject_pronoun", "auxiliary", "modal", "negation", "conjunction", "punctuation", "that", "comma", "stop",
    "opening", "closing", "break", "Name", "digits",
)  # fmt: skip
# What it does where it stands.
CATEGORIES = (*WORD_CATEGORIES, "adjective", "adverb", "base form", "ing form", "participle", "particle", "to")
# Parts of speech: what `quoteattr.parts_of_speech` tells.
PARTS = (
    "other", "noun", "name", "verb", "base form", "ing form", "participle", "auxiliary", "adjective", "adverb", "determiner", "pronoun", "relative",
    "subordinator", "preposition", "particle", "to", "conjunction", "number", "possessive",
)  # fmt: skip
FORMS = ("none", "base", "s", "ing", "past", "modal", "participle")
_TITLE, _DIGITS = SHAPES.index("Title"), SHAPES.index("digits")
_CLOSED = WORD_CATEGORIES.index("determiner")
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

    Attributes
    ----------
    tagger : PartTagger
        Says what words are where they stand; it is fitted when the words are known.
    """

    tagger: PartTagger

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
        return np.where(self.verbs, self._as_verb, FORMS.index("none")).astype(np.int32)

    @cached_property
    def _as_verb(self) -> IntArray:
        """The form of each word if it is a verb."""
        words = self.vocabulary.words
        result = np.full(len(words), FORMS.index("base"), np.int32)
        result[[w.endswith("ed") for w in words] & ~self.classes["lemma"]] = FORMS.index("past")  # not "need"
        for ending in ("s", "ing"):
            result[[w.endswith(ending) for w in words] & ~self.classes["lemma"]] = FORMS.index(ending)  # not "discuss"
        for name in ("past", "modal"):
            result[self.classes[name]] = FORMS.index(name)
        return result

    def category(self, words: IntArray, shapes: IntArray) -> IntArray:
        """What tokens of these words and shapes do in a clause: indices into `WORD_CATEGORIES`."""
        category = self.categories[words]
        capital = (shapes >= _TITLE) & (shapes != _DIGITS) & (category < _CLOSED)
        category = np.where(capital, WORD_CATEGORIES.index("Name"), category)
        return np.where(shapes == _DIGITS, WORD_CATEGORIES.index("digits"), category).astype(np.int32)

    def in_context(self, words: IntArray, category: IntArray, part: IntArray) -> IntArray:
        """What tokens do in a clause where they stand: indices into `CATEGORIES`."""
        result = _IN_CONTEXT[part, category]
        says = _IS_VERBAL[part] & self.classes["report_verb"][words]
        result = np.where(says, CATEGORIES.index("report_verb"), result)
        return np.where(part == NOUN, self._as_noun[words], result).astype(np.int32)

    @cached_property
    def _as_noun(self) -> IntArray:
        """The category of each word if it is a noun."""
        result = np.full(len(self.vocabulary), CATEGORIES.index("noun"), np.int32)
        for name in ("report_noun", "role", "body", "time"):
            result[self.classes[name]] = CATEGORIES.index(name)
        return result

    def forms_in_context(self, words: IntArray, part: IntArray) -> IntArray:
        """What form of a verb tokens are where they stand: indices into `FORMS`."""
        form = np.where(_FORM_OF[part] >= 0, _FORM_OF[part], self._as_verb[words])
        return np.where(_IS_VERBAL[part] | (part == AUXILIARY), form, FORMS.index("none")).astype(np.int32)

    @cached_property
    def categories(self) -> npt.NDArray[np.int32]:
        """The category of each word, as an index into `WORD_CATEGORIES` (capitals and digits are seen by shape, not here)."""
        single = {
            "that": "that", "comma": ",", "stop": ".", "opening": OPENING, "closing": CLOSING, "break": BREAK,
        }  # fmt: skip
        result = np.zeros(len(self.vocabulary), np.int32)
        for number, name in enumerate(WORD_CATEGORIES):
            if name in single:
                result[self.number(single[name])] = number
            elif name in self.classes:
                result[self.classes[name]] = number
        result[0] = 0
        return result


NOUN, VERB, AUXILIARY = (PARTS.index(part) for part in ("noun", "verb", "auxiliary"))
_VERBAL = ("verb", "base form", "ing form", "participle")
_IS_VERBAL = np.isin(PARTS, _VERBAL)
# The form that a part tells; -1: the word does.
_FORM_OF = np.array(
    [FORMS.index({"base form": "base", "ing form": "ing"}.get(p, p)) if p in _VERBAL[1:] else -1 for p in PARTS]
)
# Most parts give the category of their name; words of these categories keep theirs, as they say more ("everyone" is no "he").
_CATEGORY_OF = {"name": "Name", "pronoun": "subject_pronoun"}
_KEPT = {
    "auxiliary": ("modal",), "adverb": ("negation", "time"), "determiner": ("possessive",), "subordinator": ("that",),
    "pronoun": ("object_pronoun", "possessive", "time", "other", "noun", "Name"),
}  # fmt: skip


def _in_context() -> npt.NDArray[np.int32]:
    """For each part of speech and each category of a word by itself its category in context.

    Marks and digits keep theirs, and so do numbers, possessives and nouns (whose words tell more).
    """
    marks = ("punctuation", "comma", "stop", "opening", "closing", "break", "digits")
    table = np.tile(np.arange(len(CATEGORIES), dtype=np.int32), (len(PARTS), 1))
    for row, part in zip(table, PARTS):
        if part not in ("noun", "number", "possessive"):
            kept = np.isin(CATEGORIES, (*marks, *_KEPT.get(part, ())))
            row[~kept] = CATEGORIES.index(_CATEGORY_OF.get(part, part))
    return table


_IN_CONTEXT = _in_context()
