"""The gender of a speaker, as far as the article itself says it; a name says nothing.

What counts is a pronoun that stands for the speaker ("she", "his"), a title in front of a name ("Mr", "Dame",
"spokeswoman"), and a noun ("a woman", "her father"). The lists are shorter than those that help to resolve pronouns:
a chairman, a bishop or an Earl may be anybody. "They" and "Mx" leave it open.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import takewhile

from quoteattr.document import Document, Speaker

WOMAN, MAN = "woman", "man"


def _table(women: str, men: str) -> dict[str, str]:
    return {**dict.fromkeys(women.split(), WOMAN), **dict.fromkeys(men.split(), MAN)}


_PRONOUNS = _table("she her hers herself", "he him his himself")
_VOICES = _table(
    "spokeswoman businesswoman policewoman congresswoman councilwoman mother mum mom sister",
    "spokesman businessman policeman congressman councilman father dad brother",
)
_TITLES = _VOICES | _table("mrs ms miss madam madame lady dame", "mr sir lord")
_NOUNS = _VOICES | _table(
    "woman girl schoolgirl lady grandmother aunt wife widow girlfriend daughter granddaughter niece queen princess"
    " duchess countess baroness",
    "man boy schoolboy gentleman grandfather uncle husband widower boyfriend son grandson nephew king prince duke",
)
_OFFICES = {"mayor", "provost", "chancellor", "advocate", "lieutenant", "speaker", "president"}  # "Lord Mayor Ann Bell"
_POSSESSIVES = ("'s", "’s", "'", "’")
_OWNERS = {"my", "our", "your", "his", "her", "its", "their"}
_ENDS_PHRASE = {"of", "for", "from", "at", "in", "on", "with", "to", "by", "near", "who", "whose", "that"}
_COUPLES = {"and", "&"}
_WORD = re.compile(r"&|[\w-]+(?:[.'’][\w-]+)*['’]?")


def stated_gender(document: Document, speaker: Speaker) -> str | None:
    """What the mentions of a speaker say.

    Returns
    -------
    str or None
        "woman" or "man"; None where the article does not say it, or its words contradict each other.

    Examples
    --------
    >>> import quoteattr
    >>> doc = quoteattr.load()("“We won,” said Ms Obi. “We lost,” said Peter Hall.")
    >>> [(speaker.name, stated_gender(doc, speaker)) for speaker in doc.speakers]
    [('Ms Obi', 'woman'), ('Peter Hall', None)]
    """
    said = {gender_in(document.text[mention.start : mention.end]) for mention in speaker.mentions} - {None}
    return said.pop() if len(said) == 1 else None


@lru_cache(maxsize=1 << 16)
def gender_in(mention: str) -> str | None:
    """What the words of one mention say of whom they stand for: "woman", "man" or None.

    Examples
    --------
    >>> gender_in("her father"), gender_in("a spokesman for Ms Obi"), gender_in("Martin King")
    ('man', 'man', None)
    """
    words = _WORD.findall(mention)
    if len(words) == 1 and words[0].lower() in _PRONOUNS:
        return _PRONOUNS[words[0].lower()]
    if not _COUPLES.isdisjoint(words):  # "Mr and Mrs Hall"
        return None
    words = _without_owners(list(takewhile(lambda word: word.lower() not in _ENDS_PHRASE, words)))
    said = {_word_gender(*three) for three in zip(["", *words], words, [*words[1:], ""])} - {None}
    return said.pop() if len(said) == 1 else None


def _without_owners(words: list[str]) -> list[str]:
    """What follows the last possessive: of "the Queen's spokesman" the spokesman."""
    owners = [n for n, word in enumerate(words) if word.lower() in _OWNERS or word.endswith(_POSSESSIVES)]
    return words[owners[-1] + 1 :] if owners else words


def _word_gender(before: str, word: str, after: str) -> str | None:
    """What a word says between its neighbours, which are "" at the ends of the phrase."""
    lower = word.lower().partition("-of-")[0]  # "mother-of-two"
    before_name = after[:1].isupper()
    if before_name and lower in _TITLES and after.lower() not in _OFFICES:
        return _TITLES[lower]
    # With a capital it may be a name, "Martin King", unless the article shows otherwise, "the King".
    is_noun = (before_name or not after) if word.islower() else not after and before.lower() in ("the", "a", "an")
    return _NOUNS.get(lower) if is_noun else None
