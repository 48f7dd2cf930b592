"""Whether the speakers that two articles name can be one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from quoteattr.index.wording import is_typo
from quoteattr.lexicon import Lexicon
from quoteattr.people import BODY, PERSON

SAME, OPEN, OTHER = "same", "open", "other"
_WORD = re.compile(r"\w+(?:[-’']\w+)*")
_SMALL = {"the", "of", "for", "and", "in", "at"}


@dataclass(frozen=True, slots=True)
class Name:
    """A speaker's name: lower-case words without titles, offices and articles, and "person" or "body"."""

    words: tuple[str, ...]
    kind: str


class Names:
    """Reads names; a title or an office in front is told by the lexicon.

    Examples
    --------
    >>> from quoteattr import model
    >>> names = Names(model.read().lexicon)
    >>> agree(names("Sir Mark Rowley", "person"), names("Mark Rowly", "person"))
    'same'
    >>> agree(names("Sir Mark Rowley", "person"), names("Ann Rowley", "person"))
    'other'
    """

    def __init__(self, lexicon: Lexicon):
        words = lexicon.vocabulary.words
        self._titles = {words[i] for i in lexicon.any_of("title", "role").nonzero()[0]}

    def __call__(self, name: str | None, kind: str | None) -> Name | None:
        """The name; None where there is none, or a descriptor ("neighbour"), which may be anybody."""
        if name is None or kind not in (PERSON, BODY):
            return None
        words = [w.lower() for w in _WORD.findall(name)]
        if kind == PERSON:
            while len(words) > 1 and words[0] in self._titles:
                del words[0]
        else:
            words = [w for w in words if w not in _SMALL] or words
        return Name(tuple(words), kind) if words else None


def agree(a: Name | None, b: Name | None) -> str:
    """SAME, OPEN or OTHER: OPEN where one is unknown, or a person may speak for a body."""
    if a is None or b is None or a.kind != b.kind:
        return OPEN
    return SAME if a == b or (_same_person if a.kind == PERSON else _same_body)(a.words, b.words) else OTHER


def _same_person(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """The same surname, up to a slip, and no given names that contradict each other."""
    if not is_typo(a[-1], b[-1]):
        return False
    if len(a) == 1 or len(b) == 1:
        return True
    first, other = a[0], b[0]
    if first[0] != other[0]:
        return first in b or other in a  # a middle name goes first, or a title that the lexicon lacks
    return min(len(first), len(other)) == 1 or is_typo(first, other)


def _same_body(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """The same words, some of them cut short ("Met Police") or with a slip, or one the other's initials."""
    if len(a) > len(b):
        a, b = b, a
    if len(a) == 1 < len(b):
        return a[0] == "".join(w[0] for w in b)
    return len(a) == len(b) and all(is_typo(v, w) or v.startswith(w) or w.startswith(v) for v, w in zip(a, b))
