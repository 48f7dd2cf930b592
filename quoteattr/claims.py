"""The claims of a document, ready to be checked: the sentence, who says it, and what in it can be looked up.

What can be looked up is found by rules that read one sentence from left to right: a pattern for comparisons, dates and
numbers, then capitalised words in what is left. Every pattern is linear; what they find never overlaps.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from quoteattr.segmenter import STARTERS

if TYPE_CHECKING:
    from quoteattr.document import Document, Quote, Sentence, Span, Speaker

CHECKABLE_KINDS = ("number", "date", "name", "comparison")
_NEAR = 4  # characters before a word that tell whether it begins something
_SHORT = 3  # letters of words that have no capital in headlines either
_SCHEMA_TYPES = {"person": "Person", "body": "Organization"}


@dataclass(frozen=True, slots=True)
class Checkable:
    """Something in a claim that can be looked up.

    Attributes
    ----------
    start, end : int
        Offsets into the document's text.
    kind : str
        "number", "date", "name" or "comparison".
    """

    start: int
    end: int
    kind: str
    _source: str = field(repr=False, compare=False)

    @property
    def text(self) -> str:
        """Its words."""
        return self._source[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence that evidence could confirm or refute.

    Attributes
    ----------
    sentence : Sentence
    quote : Quote or None
        The quote that makes up most of the sentence, cue and speaker left aside; None where the article itself speaks.
    checkable : tuple of Checkable
        Numbers, dates, names and comparisons, in text order; they do not overlap.
    """

    sentence: Sentence
    quote: Quote | None
    checkable: tuple[Checkable, ...]

    @property
    def text(self) -> str:
        """The sentence's words."""
        return self.sentence.text

    @property
    def score(self) -> float:
        """The probability that the sentence is a claim."""
        return self.sentence.scores["claim"]

    @property
    def speaker(self) -> Speaker | None:
        """Who makes the claim; None where the article does, or where it is unsure who."""
        return None if self.quote is None else self.quote.speaker

    def to_claim_review(self) -> dict[str, Any]:
        """A draft of a schema.org `ClaimReview <https://schema.org/ClaimReview>`_, JSON-ready.

        It holds the claim and its author; rating, reviewer, address and date are for the fact-checker to add.
        """
        claim: dict[str, Any] = {"@type": "Claim"}
        if self.speaker and self.speaker.kind in _SCHEMA_TYPES:
            claim["author"] = {"@type": _SCHEMA_TYPES[self.speaker.kind], "name": self.speaker.name}
        return {
            "@context": "https://schema.org",
            "@type": "ClaimReview",
            "claimReviewed": self.text,
            "itemReviewed": claim,
        }


def find_claims(document: Document) -> tuple[Claim, ...]:
    """The claims of a document, in text order."""
    sentences = [s for s in document.sentences if "claim" in s.tags]
    if not sentences:
        return ()
    names = _Names(document)
    quotes = _quotes_of(sentences, document.quotes)
    return tuple(Claim(s, quote, tuple(_checkable(document.text, s, names))) for s, quote in zip(sentences, quotes))


# --- Who says it -----------------------------------------------------------------------------------------------------


def _quotes_of(sentences: Sequence[Sentence], quotes: Sequence[Quote]) -> Iterator[Quote | None]:
    """For each sentence the quote that makes up at least half of what is left of it without cue and mention."""
    pieces = sorted(((p.start, p.end, n) for n, quote in enumerate(quotes) for p in quote.spans), reverse=True)
    near: list[tuple[int, int, int]] = []  # pieces that end behind the last sentence's start
    for sentence in sentences:
        while pieces and pieces[-1][0] < sentence.end:
            near.append(pieces.pop())
        near = [piece for piece in near if piece[1] > sentence.start]
        covered: defaultdict[int, int] = defaultdict(int)
        for start, end, n in near:
            covered[n] += min(end, sentence.end) - max(start, sentence.start)
        yield _majority(sentence, quotes, covered)


def _majority(sentence: Sentence, quotes: Sequence[Quote], covered: dict[int, int]) -> Quote | None:
    """The longest quote of the speaker whose quotes make up at least half of a sentence."""
    of_speaker: defaultdict[int, list[int]] = defaultdict(list)
    for n in covered:
        of_speaker[id(quotes[n].speaker)].append(n)
    for numbers in of_speaker.values():
        told = {span for n in numbers for span in (quotes[n].cue, quotes[n].mention) if span}
        length = sentence.end - sentence.start - sum(_shared(sentence, span) for span in told)
        if 2 * sum(covered[n] for n in numbers) >= length:
            return quotes[max(numbers, key=lambda n: covered[n])]
    return None


def _shared(sentence: Sentence, span: Span) -> int:
    return max(0, min(span.end, sentence.end) - max(span.start, sentence.start))


# --- What can be looked up -------------------------------------------------------------------------------------------

_DAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec)\.?)"
)
_YEAR = r"(?:1[5-9]|20)\d\d"
_TIED = r"(?:[Ii]n|[Oo]n|[Ss]ince|[Bb]y|[Uu]ntil|[Bb]efore|[Aa]fter|[Ff]rom|[Dd]uring|[Ll]ast|[Nn]ext|[Tt]his|[Ee]arly|[Ll]ate)"
_PERIOD = r"(?:year|month|week|weekend|decade|century|quarter|season|spring|summer|autumn|fall|winter|night)"
_UNIT_OF_TIME = r"(?:years?|months?|weeks?|days?|hours?|minutes?|decades?|centuries)"


def _either(words: str) -> str:
    """A pattern for words with or without a capital; spelled out, as matching without regard to case is slow."""
    return "|".join(f"[{word[0].upper()}{word[0]}]{word[1:]}" for word in words.split())


_ONES = "two three four five six seven eight nine"
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_SMALL = rf"(?:{_either(_ONES + ' ' + _TEENS)}|(?:{_either(_TENS)})(?:-(?:one|{_ONES.replace(' ', '|')}))?)"
_LARGE = rf"(?:{_either('hundred thousand million billion trillion dozen lakh crore')})s?"
_SHARE = r"(?:half|halves|thirds?|quarters?|fifths?|tenths?)"
_SCALE = r"(?:hundred|thousand|million|billion|trillion|lakh|crore|mn|bn|tn|[mMkK](?![\w/]))"
_UNIT = (
    r"(?:%|per ?cent|percentage points?|pence|cents?|dollars?|euros?|pounds?|rupees?|naira|rand|shillings?"
    r"|(?:square |cubic )?(?:miles?|kilomet(?:re|er)s?|met(?:re|er)s?|feet|foot|inch(?:es)?|yards?)|acres?|hectares?"
    r"|kilos?|kilograms?|tonnes?|tons?|lit(?:re|er)s?|gallons?|degrees?|mph|k?m/h|kph|km|kg|cm|mm|ha|[kMG]W(?:h\b)?|°[CF]?"
    rf"|{_UNIT_OF_TIME}(?:-olds?)?)(?!\w)"
)
_MONEY = r"(?:(?:US|AU|NZ|HK|[ACST])?[$£€¥₹₦]|(?:Rs|Sh|KSh|GH¢|GHS)\.? ?(?=\d))"
_FIGURE = r"\d+(?:[,.]\d+)*"
_SPELT = rf"(?:{_SMALL}|{_LARGE})(?:[ -](?:and )?(?:{_SMALL}|{_LARGE}))*"

_DAY_OR_YEAR = "|".join([
    rf"{_DAY}(?: (?:morning|afternoon|evening|night))?",
    rf"\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}(?:,? {_YEAR})?",
    rf"{_MONTH} (?:\d{{1,2}}(?:st|nd|rd|th)?(?![\d:])(?:,? {_YEAR})?|{_YEAR})",
    rf"(?:the )?(?:mid-)?{_YEAR}(?:s|[-–/](?:{_YEAR}|\d\d))?(?![/\d,.]*\d|[%\w]| (?:{_SCALE}|{_UNIT}))",
])  # fmt: skip
_DATE = "|".join([
    rf"{_TIED} (?:{_DAY_OR_YEAR}|{_MONTH})",
    _DAY_OR_YEAR,
    r"\d{1,2}(?:(?:[:.]\d\d)? ?[ap]\.?m\b\.?|:\d\d(?![:\d]))|noon|midnight",
    rf"(?:\d{{1,2}}|{_SMALL}|[Oo]ne) ?o[’']clock",
    r"[Yy]esterday|[Tt]oday|[Tt]onight|[Tt]omorrow",
    rf"(?:[Ll]ast|[Tt]his|[Nn]ext|[Pp]revious) {_PERIOD}",
    rf"(?:{_FIGURE}|[Aa]n?|[Ss]everal|[Aa] few|{_SPELT}) {_UNIT_OF_TIME} (?:ago|earlier|later|before)",
])  # fmt: skip
_NUMBER = "|".join([
    rf"(?:{_MONEY} ?)?{_FIGURE}(?:st|nd|rd|th|[-–]{_FIGURE})?(?:[ -]?{_SCALE})?(?:[ -]?{_UNIT})?",
    rf"[Oo]ne in (?:{_FIGURE}|{_SPELT})",
    rf"{_SMALL}[ -]{_SHARE}|(?:[Oo]ne|[Aa])[ -]{_SHARE}(?= (?:of|as|the)\b|\W*$)|[Hh]alf(?= (?:of|the|its|their|all)\b)",
    rf"(?:[Aa] |[Oo]ne )?{_SPELT}(?: {_UNIT})?",
])  # fmt: skip
_DEGREE = (
    r"(?:high|low|larg|small|bigg|great|few|long|short|old|young|fast|slow|cheap|rich|poor|strong|weak|deep|wide|heavi|earli|lat|clos"
    r"|dri|wett|hott|cold|warm|safe|dead?li|busi)"
)
_TREND = (
    r"(?:rose|risen|rising|fell|fallen|falling|grew|grown|dropp?ed|climbed|declined|increased|decreased|soared|plunged|plummeted"
    r"|surged|slumped|jumped|shrank|shrunk|gained|slipped|rises?|falls?|grows?|up|down|cut)"
)
_AMOUNT = rf"(?:{_MONEY}|\d|{_SMALL}|{_LARGE}|{_SHARE})"
_COMPARISON = "|".join([
    r"(?:[Mm]ore|[Ll]ess|[Ff]ewer|[Bb]etter|[Ww]orse|[Oo]ther) than",
    rf"{_DEGREE}(?:e?r than|e?st)|best|worst|most|(?<!at )least",
    rf"(?:second|third|fourth|fifth|sixth|tenth)[- ](?:{_DEGREE}e?st|best|worst|most)",
    rf"(?:[Tt]wice|(?:{_FIGURE}|{_SMALL}) times) (?:as \w+ as|as|the|more|higher|larger)",
    r"[Tt]wice|[Dd]oubl(?:ed?|ing)|(?:tripl|trebl|quadrupl)(?:ed?|ing)|halv(?:ed?|ing)",
    rf"(?<!the ){_TREND} (?:by|from|to)(?= (?:about |almost |around |nearly |more than |less than |just |only |an? )*{_AMOUNT})",
    r"(?:in|de)creased|soared|plunged|plummeted|surged|slumped|outnumber(?:s|ed)?|exceed(?:s|ed)?|compared (?:with|to)",
    r"[Rr]ecord (?:high|low)|[Tt]he only|(?:for )?the first time|as (?:many|much|high|low|few|little) as",
])  # fmt: skip
_RULES = re.compile(rf"(?<![\w.,$£€])(?:(?P<comparison>{_COMPARISON})|(?P<date>{_DATE})|(?P<number>{_NUMBER}))(?!\w)")

# A word that may begin with a capital: Python's patterns have no class for those, isupper() decides.
_CAPITAL = re.compile(r"(?<!\w)[^\W\d_a-z](?:[\w&]|[-’'.](?=\w))*")
_LINK = re.compile(r"\.?[ \u00a0](?:(?:of|of the|de|de la|van|van der|von|bin|al|&)[ \u00a0])?")
_I = re.compile(r"I(?:[’']\w+)?")
_POSSESSIVE = re.compile(r"[’']s?\Z")
_OPENING = "“\"‘'«([:—–-"

Word = tuple[str, int, int]  # without a possessive ending; start; end


def _checkable(text: str, sentence: Sentence, names: _Names) -> list[Checkable]:
    """What can be looked up in a sentence, in text order."""
    found = [(*m.span(), str(m.lastgroup)) for m in _RULES.finditer(text, sentence.start, sentence.end)]
    edges = [sentence.start, *(edge for start, end, _ in found for edge in (start, end)), sentence.end]
    found += [(start, end, "name") for start, end in names.within(sentence, edges[::2], edges[1::2])]
    return [Checkable(start, end, kind, text) for start, end, kind in sorted(found)]


class _Names:
    """Tells names by their capitals; where a capital says nothing, the rest of the document has to vouch for the word.

    A capital says nothing at the start of a sentence or a quotation, and in headlines that have one in every word.
    """

    def __init__(self, document: Document):
        self._text = document.text
        self._vouched = {word for s in document.speakers if s.kind != "unnamed" for word in s.name.split()}
        self._titles = {s.start for s in document.sentences if _is_title(s.text)}
        for sentence in document.sentences:
            if "boilerplate" not in sentence.tags and sentence.start not in self._titles:
                words = self._capitals(sentence.start, sentence.end)
                self._vouched.update(w for w, start, _ in words if not self._opens(start, sentence))

    def within(self, sentence: Sentence, starts: Sequence[int], ends: Sequence[int]) -> Iterator[tuple[int, int]]:
        """The names in stretches of a sentence."""
        settle = self._known if sentence.start in self._titles else self._named
        for low, high in zip(starts, ends):
            run: list[Word] = []
            for word in self._capitals(low, high):
                if run and not _LINK.fullmatch(self._text, run[-1][2], word[1]):
                    yield from settle(run, sentence)
                    run = []
                run.append(word)
            if run:
                yield from settle(run, sentence)

    def _named(self, run: list[Word], sentence: Sentence) -> Iterator[tuple[int, int]]:
        """What of a run of capitalised words is a name: all, all but its first word, or nothing."""
        if self._opens(run[0][1], sentence):
            if run[0][0] in STARTERS or (len(run) == 1 and run[0][0] not in self._vouched):
                run = run[1:]
        elif len(run) == 1 and run[0][0] in STARTERS:  # a sentence that nothing set apart
            run = []
        return self._span(run)

    def _known(self, run: list[Word], _: Sentence) -> Iterator[tuple[int, int]]:
        """What of a run is a name if all words have capitals: the words, side by side, that the document vouches for."""
        known = [word[0] in self._vouched and word[0] not in STARTERS for word in run]
        first = known.index(True) if True in known else len(run)
        last = known.index(False, first) if False in known[first:] else len(run)
        return self._span(run[first:last])

    def _span(self, run: list[Word]) -> Iterator[tuple[int, int]]:
        if run:
            start, end = run[0][1], run[-1][2]
            ending = _POSSESSIVE.search(self._text, start, end)
            yield start, ending.start() if ending else end

    def _capitals(self, start: int, end: int) -> list[Word]:
        """The capitalised words of a stretch, other than I."""
        return [
            (m[0].removesuffix("’s").removesuffix("'s"), *m.span())
            for m in _CAPITAL.finditer(self._text, start, end)
            if m[0][0].isupper() and not _I.fullmatch(m[0])
        ]

    def _opens(self, at: int, sentence: Sentence) -> bool:
        """Whether a word begins its sentence or a quotation in it."""
        before = self._text[max(sentence.start, at - _NEAR) : at].rstrip()
        return not before or before[-1] in _OPENING or not any(map(str.isalnum, before))


def _is_title(text: str) -> bool:
    """Whether nearly every longer word has a capital, as in a headline; a full stop ends none."""
    if text.endswith("."):
        return False
    longer = [word[0] for word in text.split() if len(word) > _SHORT]
    return len(longer) > 2 and sum(map(str.islower, longer)) < 0.2 * len(longer)
