"""The wording of a quote: its words without what editors change, and whether two wordings are one utterance.

Editors shorten, re-mark, correct and insert: case, marks, [insertions], contractions, "3" for "three" and "%" for "per
cent" are levelled first; a word that is one slip away counts as the same. What they don't do is change a number, a
negation or a name: two wordings that differ in one of these are two utterances, however much else they share.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher

_LETTER_CHANGED = re.compile(r"\[(\w)\]")  # "[w]e will"
_INSERTED = re.compile(r"\[[^\]]{0,200}\]")
_PER_CENT = re.compile(r"%|\bper cent\b", re.I)
_NOT = re.compile(r"(?<=\w)n['’‘`´]t\b", re.I)
_APOSTROPHE = re.compile(r"(?<=\w)['’‘`´](?=\w)")
_IRREGULAR = {"ca not": "can not", "wo not": "will not", "sha not": "shall not", "cannot": "can not"}
_IS_IRREGULAR = re.compile(r"\b(?:" + "|".join(_IRREGULAR) + r")\b", re.I)
_WORD = re.compile(r"\d+(?:[.,]\d+)*\w*|[^\W_]+")
_STARTS_SENTENCE = re.compile(r"(?:\A|[.!?…:]['\"”’)]*\s+)\W*\Z")
_NEAREST = 40  # characters before a word that may show that it starts a sentence
_NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve".split()
_NUMBER = {word: str(number) for number, word in enumerate(_NUMBERS)}
_NEGATIONS = {"not", "no", "never", "nobody", "nothing", "none", "nor", "neither", "without"}

_LEAST_SHARED = 0.8  # of the shorter wording's words
_MOST_REPLACED = 0.1  # of them, by other words in the same place
_WORDS_A_GAP = 5  # a shortened quote has at most one gap for so many words
_TYPO_FROM = 4  # letters: in shorter words one other letter is another word
_SHORT_GAP = 3  # words: a negation is not cut out with so few


def words_of(text: str) -> list[str]:
    """The words of a quote, levelled; only names keep their capitals.

    Examples
    --------
    >>> words_of("“[W]e won’t lose three per cent of [the] Leeds flats…")
    ['we', 'will', 'not', 'lose', '3', 'percent', 'of', 'Leeds', 'flats']
    """
    text = unicodedata.normalize("NFKC", html.unescape(text))
    text = _INSERTED.sub(" ", _LETTER_CHANGED.sub(r"\1", text))
    text = _IS_IRREGULAR.sub(lambda m: _IRREGULAR[m[0].lower()], _NOT.sub(" not", _PER_CENT.sub(" percent", text)))
    text = _APOSTROPHE.sub("", text)
    if text.isupper():
        text = text.lower()
    words = []
    end = 0
    for match in _WORD.finditer(text):
        word = match[0]
        if word[0].isdigit():
            word = word.replace(",", "").lower()
        elif not word.islower():
            before = text[max(end - 1, match.start() - _NEAREST, 0) : match.start()]
            if len(word) == 1 or _STARTS_SENTENCE.search(before):
                word = word.lower()
        words.append(_NUMBER.get(word, word))
        end = match.end()
    return words


def shared(part: Sequence[str], whole: Sequence[str]) -> float:
    """The share of one wording's words that another, as long or longer, has in the same order.

    0 if they are not the same utterance: too little is shared, it is scattered over the longer one, or they differ in
    a number, a negation or a name.

    Examples
    --------
    >>> whole = words_of("We scored three goals, and I am proud of every one of these players")
    >>> shared(words_of("I am prowd of every … of these players"), whole)
    1.0
    >>> shared(words_of("We scored four goals"), whole)
    0.0
    """
    text, whole_text = f" {' '.join(part)} ".lower(), f" {' '.join(whole)} ".lower()
    if text in whole_text:
        return 1.0
    low, low_whole = text.split(), whole_text.split()
    different = set(low)
    if len(different & set(low_whole)) < len(different) / 2:
        return 0.0
    matcher = SequenceMatcher(None, low, low_whole, autojunk=False)
    same = gaps = replaced = 0
    i = j = 0
    for block in matcher.get_matching_blocks():  # the last one is empty and stands at the end of both
        at_start, at_end = i == 0, block.size == 0
        ours = part[i : block.a]
        if at_start:  # the longer one may begin earlier and end later: what stands in the place of ours
            j = max(0, block.b - len(ours))
        theirs = whole[j : j + len(ours)] if at_end else whole[j : block.b]
        if _is_slip(ours, theirs):
            same += len(ours)
        elif ours or theirs:
            if _contradict(ours, theirs):
                return 0.0
            gaps += not (at_start or at_end)
            replaced += min(len(ours), len(theirs))
        same += block.size
        i, j = block.a + block.size, block.b + block.size
    fits = gaps <= 1 + len(part) // _WORDS_A_GAP and replaced <= _MOST_REPLACED * len(part)
    share = same / len(part)
    return share if fits and share >= _LEAST_SHARED else 0.0


def _is_slip(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether two stretches are the same but for one slip of the pen each, or for where a word is divided."""
    if not ours or not theirs:
        return False
    if "".join(ours).lower() == "".join(theirs).lower():
        return True
    return len(ours) == len(theirs) and all(is_typo(a.lower(), b.lower()) for a, b in zip(ours, theirs))


def is_typo(a: str, b: str) -> bool:
    """Whether two words are equal, or one letter apart: added, left out, changed, or swapped with its neighbour.

    Examples
    --------
    >>> is_typo("rowley", "rowly"), is_typo("palyers", "players"), is_typo("3000", "4000"), is_typo("he", "she")
    (True, True, False, False)
    """
    if a == b:
        return True
    if min(len(a), len(b)) < _TYPO_FROM or abs(len(a) - len(b)) > 1 or not (a.isalpha() and b.isalpha()):
        return False
    i = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
    rest, other = a[i + 1 :], b[i + 1 :]
    swapped = a[i : i + 2] == b[i : i + 2][::-1] and rest[1:] == other[1:]
    return rest == other or rest == b[i:] or a[i:] == other or swapped


def _contradict(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether two stretches that stand in the same place can't be one utterance."""
    if not ours:  # cut out
        return len(theirs) <= _SHORT_GAP and not _NEGATIONS.isdisjoint(theirs)
    if _telling(ours) != _telling(theirs):
        return True
    names, other_names = _names(ours), _names(theirs)
    return bool(names and other_names) and not names & other_names


def _telling(words: Sequence[str]) -> list[str]:
    return sorted(w for w in words if w[0].isdigit() or w in _NEGATIONS)


def _names(words: Sequence[str]) -> set[str]:
    return {w for w in words if w[0].isupper()}
