"""What every view of a document shows, whatever it is drawn with: where a note stands, what links to what."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from itertools import zip_longest

from quoteattr.document import Document, Quote, Span
from quoteattr.segmenter import LINE_BREAKS

UNKNOWN = "nobody found"  # the name of a speaker that is None
_OPENING_WORDS = 90  # characters
_CLOSING_MARKS = "\"“”'‘’»«"


def boilerplate_runs(document: Document) -> Iterator[tuple[int, int, str]]:
    """Start, end and kind of each stretch of boilerplate of one kind on one line."""
    start = None
    for sentence, following in zip_longest(document.sentences, document.sentences[1:]):
        if sentence.boilerplate_kind is None:
            continue
        start = sentence.start if start is None else start
        goes_on = (
            following is not None
            and following.boilerplate_kind == sentence.boilerplate_kind
            and _is_blank(document.text[sentence.end : following.start])
        )
        if not goes_on:
            yield start, sentence.end, sentence.boilerplate_kind
            start = None


def claim_spans(document: Document) -> list[Span]:
    """The sentences that claim something."""
    return [Span(s.start, s.end) for s in document.sentences if "claim" in s.tags]


def end_with_marks(document: Document, end: int) -> int:
    """Where the marks that close a quote end: its note stands behind them."""
    after = document.text[end : end + 3]
    return end + len(after) - len(after.lstrip(_CLOSING_MARKS))


def opening_words(quote: Quote) -> str:
    """A quote, cut where it is long."""
    return textwrap.shorten(quote.text, _OPENING_WORDS, placeholder=" …")


def speaker_numbers(document: Document) -> list[int]:
    """The number of each quote's speaker: from 1, and 0 for nobody."""
    numbers = {speaker: i for i, speaker in enumerate(document.speakers, 1)}
    return [numbers[quote.speaker] if quote.speaker else 0 for quote in document.quotes]


def full_name(document: Document, quote: Quote) -> tuple[Span, Span] | None:
    """The mention beside a quote and the one with the fullest name, if these are two."""
    if chain := quote.evidence.get("chain"):
        mention, named = Span(*chain[0]), Span(*chain[-1])
    elif quote.mention and quote.speaker and quote.speaker.name not in _text(document, quote.mention):
        mention = quote.mention
        name = quote.speaker.name
        named = next((m for m in quote.speaker.mentions if name in _text(document, m)), mention)
    else:
        return None
    return (mention, named) if mention != named else None


def _is_blank(gap: str) -> bool:
    """Whether there is nothing between two sentences, not even a line break."""
    return not gap.strip() and not any(char in gap for char in LINE_BREAKS)


def _text(document: Document, span: Span) -> str:
    return document.text[span.start : span.end]
