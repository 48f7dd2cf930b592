"""What labelling gives back: Span, Sentence, Quote, Speaker, Document.

The text is held once; everything else is offsets into it (code points, ends exclusive).
"""

from __future__ import annotations

import re
import secrets
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from quoteattr.errors import InputError
from quoteattr.segmenter import LINE_BREAKS

if TYPE_CHECKING:
    from quoteattr.claims import Claim

SCHEMA_VERSION = 1
TAGS = ("quote", "boilerplate", "claim")
BOILERPLATE_KINDS = (
    "donation",
    "consent",
    "ad",
    "subscribe",
    "newsletter",
    "share",
    "media_promo",
    "related",
    "navigation",
    "comments",
    "rights",
    "caption",
    "furniture",
)
TABLES = ("quotes", "sentences")
_SENTENCE_IS_OPEN = re.compile(r"[\w,;–—-]\Z")


class Span(NamedTuple):
    """A stretch of a text: code points from start up to, not including, end."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with its tags.

    Attributes
    ----------
    start, end : int
        Offsets into the document's text.
    tags : frozenset of str
        Any of "quote", "boilerplate" and "claim"; boilerplate excludes the others.
    scores : dict of str to float
        The probability of each tag.
    boilerplate_kind : str or None
        One of `BOILERPLATE_KINDS` where the sentence is tagged boilerplate.
    """

    start: int
    end: int
    tags: frozenset[str]
    scores: Mapping[str, float] = field(hash=False)
    boilerplate_kind: str | None
    _source: str = field(repr=False, compare=False)

    @property
    def text(self) -> str:
        """The sentence's own words."""
        return self._source[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Speaker:
    """A person or body that is quoted.

    Attributes
    ----------
    name : str
        The fullest name in the document, or a descriptor for an unnamed speaker.
    kind : str
        "person", "body" or "unnamed".
    mentions : tuple of Span
        Where the text names the speaker or points to it with a pronoun, in text order.
    """

    name: str
    kind: str
    mentions: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """One attributed utterance.

    Attributes
    ----------
    spans : tuple of Span
        The pieces of its content, in text order.
    kind : str
        "direct", "mixed" or "indirect".
    cue, mention : Span or None
        The words of saying, and the words right there that name the speaker.
    speaker : Speaker or None
        The resolved speaker; None when unsure.
    confidence : float
        Probability that content and speaker are both right.
    evidence : dict
        What decided, as data: "cue", "order" (how content, cue and source follow each other), "speaker_by" ("name",
        "descriptor", "pronoun", "relative", "carried" from another quotation or paragraph, "repeated" where a headline
        repeats a quotation, or "none"), "chain" (the [start, end] of the mentions that lead from the words beside the
        quotation to the speaker's name), and the probabilities "cue_probability", "content_probability", "mention_probability" and "speaker_probability".
    """

    spans: tuple[Span, ...]
    kind: str
    cue: Span | None
    mention: Span | None
    speaker: Speaker | None
    confidence: float
    evidence: Mapping[str, Any] = field(compare=False)
    _source: str = field(repr=False, compare=False)

    @property
    def start(self) -> int:
        """Where the first piece starts."""
        return self.spans[0].start

    @property
    def end(self) -> int:
        """Where the last piece ends."""
        return self.spans[-1].end

    @property
    def text(self) -> str:
        """The pieces of the content, joined by a space."""
        return " ".join(self._source[s.start : s.end] for s in self.spans)


@dataclass(frozen=True, slots=True)
class Document:
    """A labelled text.

    Attributes
    ----------
    text : str
        The input, unchanged.
    sentences : tuple of Sentence
        In text order; every character that is no outer white space belongs to exactly one.
    quotes : tuple of Quote
        In the order of their first pieces.
    speakers : tuple of Speaker
        Everyone who is quoted, in the order of their first mention.
    library_version, model_version : str
        What made this document.
    """

    text: str
    sentences: tuple[Sentence, ...]
    quotes: tuple[Quote, ...]
    speakers: tuple[Speaker, ...]
    library_version: str
    model_version: str

    @property
    def clean_text(self) -> str:
        """The article without boilerplate: `clean()` with its defaults."""
        return self.clean()

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The sentences that can be checked, each with its speaker and what in it can be looked up.

        They follow from text, sentences and quotes, and are worked out anew each time they are asked for.
        """
        from quoteattr.claims import find_claims

        return find_claims(self)

    def clean(self, kinds: Collection[str] = BOILERPLATE_KINDS, threshold: float = 0.5) -> str:
        """The text without boilerplate, mended where a dropped line had cut a sentence in two.

        Parameters
        ----------
        kinds : collection of str
            The kinds to drop; all thirteen by default.
        threshold : float
            Drop a sentence only if its boilerplate probability, from 0 to 1, is at least this. Below 0.5
            sentences without a kind are dropped too, provided that all kinds are.

        Raises
        ------
        InputError
            If a kind is unknown, or the threshold no probability.
        """
        if isinstance(kinds, str):
            kinds = (kinds,)
        unknown = set(kinds) - set(BOILERPLATE_KINDS)
        if unknown:
            raise InputError(f"unknown boilerplate kinds {sorted(unknown)}; there are {', '.join(BOILERPLATE_KINDS)}")
        if not 0 <= threshold <= 1:  # nor is NaN
            raise InputError(f"a threshold is a probability from 0 to 1, not {threshold!r}")
        every = set(kinds) == set(BOILERPLATE_KINDS)
        pieces: list[str] = []
        kept_end = last_end = breaks = 0
        for sentence in self.sentences:
            breaks = max(breaks, _line_breaks(self.text, last_end, sentence.start))
            last_end = sentence.end
            of_kind = sentence.boilerplate_kind in kinds or (every and threshold < 0.5)
            if of_kind and sentence.scores["boilerplate"] >= threshold:
                continue
            if pieces:
                pieces.append(_gap(self.text, kept_end, sentence.start, breaks))
            pieces.append(sentence.text)
            kept_end, breaks = sentence.end, 0
        return "".join(pieces)

    def to_html(self) -> str:
        """The document as a page to look at: boilerplate grey, claims underlined, quotes in the colours of their speakers.

        Notebooks show a document the same way by themselves.

        Returns
        -------
        str
            A whole page that needs neither network nor script.

        Examples
        --------
        >>> import quoteattr
        >>> page = quoteattr.load()("“We did it,” said Ada Obi.").to_html()
        >>> page.startswith("<!DOCTYPE html>")
        True
        """
        from quoteattr import html

        return html.page(self)

    def _repr_html_(self) -> str:
        from quoteattr import html

        # A prefix per output: a notebook can show one document twice.
        return html.fragment(self, f"quoteattr-{secrets.token_hex(4)}-")

    def to_dict(self) -> dict[str, Any]:
        """The document as JSON-ready data; `from_dict` reads it back.

        The claims are not in it: they follow from the rest, and `claims` of what `from_dict` gives is the same.
        """
        number = {speaker: i for i, speaker in enumerate(self.speakers)}
        return {
            "schema_version": SCHEMA_VERSION,
            "library_version": self.library_version,
            "model_version": self.model_version,
            "text": self.text,
            "sentences": [
                {
                    "start": s.start,
                    "end": s.end,
                    "tags": [tag for tag in TAGS if tag in s.tags],
                    "scores": dict(s.scores),
                    "boilerplate_kind": s.boilerplate_kind,
                }
                for s in self.sentences
            ],
            "speakers": [
                {"name": s.name, "kind": s.kind, "mentions": [_pair(m) for m in s.mentions]} for s in self.speakers
            ],
            "quotes": [
                {
                    "spans": [_pair(s) for s in q.spans],
                    "text": q.text,
                    "kind": q.kind,
                    "cue": q.cue and _pair(q.cue),
                    "mention": q.mention and _pair(q.mention),
                    "speaker": None if q.speaker is None else number[q.speaker],
                    "confidence": q.confidence,
                    "evidence": dict(q.evidence),
                }
                for q in self.quotes
            ],
        }

    def to_rows(self, table: str = "quotes") -> list[dict[str, Any]]:
        """The quotes or the sentences as flat rows, for a data frame; `docs/output.md` tells the columns.

        Parameters
        ----------
        table : str
            "quotes" or "sentences".

        Returns
        -------
        list of dict
            A row each, of str, int, float, bool and None.

        Raises
        ------
        InputError
            If there is no such table.

        Examples
        --------
        >>> import quoteattr
        >>> (row,) = quoteattr.load()("“We did it,” said Ada Obi.").to_rows()
        >>> row["speaker"], row["cue"], row["text"]
        ('Ada Obi', 'said', 'We did it,')
        """
        if table not in TABLES:
            raise InputError(f"there is no table {table!r}; the tables are {' and '.join(TABLES)}")
        made_by = {"schema_version": SCHEMA_VERSION, "model_version": self.model_version}
        rows = self._quote_rows() if table == "quotes" else self._sentence_rows()
        return [{**row, **made_by} for row in rows]

    def _quote_rows(self) -> Iterator[dict[str, Any]]:
        starts = [s.start for s in self.sentences]
        for number, q in enumerate(self.quotes):
            yield {
                "quote": number,
                "sentence": bisect_right(starts, q.start) - 1,
                "start": q.start,
                "end": q.end,
                "text": q.text,
                "kind": q.kind,
                "speaker": q.speaker and q.speaker.name,
                "speaker_kind": q.speaker and q.speaker.kind,
                "mention": q.mention and self.text[q.mention.start : q.mention.end],
                "cue": q.cue and self.text[q.cue.start : q.cue.end],
                "confidence": q.confidence,
            }

    def _sentence_rows(self) -> Iterator[dict[str, Any]]:
        for number, s in enumerate(self.sentences):
            yield {
                "sentence": number,
                "start": s.start,
                "end": s.end,
                "text": s.text,
                **{f"is_{tag}": tag in s.tags for tag in TAGS},
                **{f"{tag}_score": s.scores[tag] for tag in TAGS},
                "boilerplate_kind": s.boilerplate_kind,
            }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Document:
        """Read what `to_dict` wrote.

        Raises
        ------
        InputError
            If the data are of another schema version or lack a field.
        """
        version = data.get("schema_version") if isinstance(data, Mapping) else None
        if version != SCHEMA_VERSION:
            raise InputError(
                f"this is schema version {version!r}, but quoteattr reads {SCHEMA_VERSION}: "
                "pass what Document.to_dict() gave, or label the text again"
            )
        try:
            text = data["text"]
            speakers = tuple(
                Speaker(s["name"], s["kind"], tuple(Span(*m) for m in s["mentions"])) for s in data["speakers"]
            )
            sentences = tuple(
                Sentence(s["start"], s["end"], frozenset(s["tags"]), dict(s["scores"]), s["boilerplate_kind"], text)
                for s in data["sentences"]
            )
            quotes = tuple(
                Quote(
                    tuple(Span(*s) for s in q["spans"]),
                    q["kind"],
                    q["cue"] and Span(*q["cue"]),
                    q["mention"] and Span(*q["mention"]),
                    None if q["speaker"] is None else speakers[q["speaker"]],
                    q["confidence"],
                    q["evidence"],
                    text,
                )
                for q in data["quotes"]
            )
            return cls(text, sentences, quotes, speakers, data["library_version"], data["model_version"])
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise InputError(f"this is no labelled document: {type(error).__name__} {error}") from error


def _pair(span: Span) -> list[int]:
    return [span.start, span.end]


def _line_breaks(text: str, start: int, end: int) -> int:
    """How many lines end between two offsets."""
    gap = text[start:end].replace("\r\n", "\n")
    return sum(gap.count(char) for char in LINE_BREAKS)


def _gap(text: str, start: int, end: int, breaks: int) -> str:
    """What stands between two kept sentences: their own gap, or its mended form where something was dropped.

    `breaks` is the largest number of line breaks in one of the gaps between them.
    """
    gap = text[start:end]
    if not gap.strip():
        return gap
    if not breaks:
        return " "
    if _SENTENCE_IS_OPEN.search(text, 0, start) and text[end].islower():
        return " "
    return "\n\n" if breaks > 1 else "\n"
