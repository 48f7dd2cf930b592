"""What is counted of each article. Every number of a report is a count in a `Tally`, so memory stays bounded."""

from __future__ import annotations

import re
from collections import Counter

from quoteattr.corpus.about import iso_date, site_of
from quoteattr.document import Document, Quote, Speaker
from quoteattr.report.gender import MAN, WOMAN, stated_gender
from quoteattr.report.tally import Tally

UNKNOWN = "unknown"
GENDERS = (WOMAN, MAN, UNKNOWN)
NOBODY = "nobody found"
CONFIDENCE_BINS = 10
# Half of a surrogate pair has no UTF-8 form, and a control character no place in a page.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")


class Report:
    """Counts of a corpus of labelled articles, added one by one.

    Attributes
    ----------
    tally : Tally
        The counts.

    Examples
    --------
    >>> import quoteattr
    >>> report = Report()
    >>> for doc in quoteattr.load().pipe(["“We won,” said Ms Obi.", "“We lost,” said Peter Hall."]):
    ...     report.add(doc, date="2026-11-21")
    >>> report.tally.most_common("quotes of person")
    [('Ms Obi', 1), ('Peter Hall', 1)]
    """

    def __init__(self) -> None:
        self.tally = Tally()

    def add(self, document: Document, *, date: object = None, site: object = None) -> None:
        """Count an article.

        Parameters
        ----------
        document : Document
        date : str, number, datetime.date or None
            When it was published: an ISO date or time, a date as feeds have it, or seconds or milliseconds since 1970. Any
            other is counted as unreadable.
        site : str or None
            Where it was published: a name or a URL, of which the host counts.
        """
        counts: Counter[tuple[str, str]] = Counter()
        counts["total", "articles"] = 1
        labelled_by = f"quoteattr {document.library_version}, model {document.model_version}"
        counts["labelled by", _printable(labelled_by)] = 1
        _count_sentences(document, counts)
        _count_quotes(document, counts)
        if site is not None:
            _count_site(_printable(site_of(str(site))), counts)
        _count_day(date, counts)
        self.tally.add(counts)

    @property
    def articles(self) -> int:
        """How many articles were counted."""
        return self.tally.get("total", "articles")

    @property
    def undated(self) -> int:
        """How many of them had no date."""
        return self.tally.get("total", "articles without a date")

    @property
    def misdated(self) -> int:
        """How many had a date that can't be read."""
        return self.tally.total("unreadable date")

    def to_html(self) -> str:
        """The report as one page, which needs no other file and no network.

        Raises
        ------
        ReportError
            If matplotlib or Jinja is not installed.
        """
        from quoteattr.report.page import page

        return page(self.tally)


def _count_sentences(document: Document, counts: Counter[tuple[str, str]]) -> None:
    counts["total", "sentences"] = len(document.sentences)
    claims = 0
    for sentence in document.sentences:
        if sentence.boilerplate_kind:
            counts["boilerplate", sentence.boilerplate_kind] += 1
        claims += "claim" in sentence.tags
    counts["total", "claims"] = claims
    counts["claims an article", str(claims)] = 1


def _count_quotes(document: Document, counts: Counter[tuple[str, str]]) -> None:
    counts["total", "quotes"] = len(document.quotes)
    counts["total", "articles with quotes"] = bool(document.quotes)
    for quote in document.quotes:
        counts["quotes", quote.kind] += 1
        counts["confidence", str(min(int(quote.confidence * CONFIDENCE_BINS), CONFIDENCE_BINS - 1))] += 1
        counts["verb", _words_of(document, quote)] += 1
    said = Counter(quote.speaker for quote in document.quotes)
    counts["sources", NOBODY] = said.pop(None, 0)
    counts["speakers an article", str(len(said))] = 1
    for speaker, n in said.items():
        if speaker:
            _count_speaker(document, speaker, n, counts)


def _count_speaker(document: Document, speaker: Speaker, quotes: int, counts: Counter[tuple[str, str]]) -> None:
    kind, name = speaker.kind, _printable(speaker.name)
    counts["sources", kind] += quotes
    counts[f"quotes of {kind}", name] += quotes
    counts[f"articles of {kind}", name] = 1
    if kind != "body":
        gender = stated_gender(document, speaker) or UNKNOWN
        counts[f"speakers by gender of {kind}", gender] += 1
        counts[f"quotes by gender of {kind}", gender] += quotes


def _words_of(document: Document, quote: Quote) -> str:
    """The words of saying, in lower case; "" where there are none."""
    return _printable(document.text[quote.cue.start : quote.cue.end].lower()) if quote.cue else ""


def _count_site(site: str, counts: Counter[tuple[str, str]]) -> None:
    kinds = [(kind, n) for (family, kind), n in counts.items() if family == "boilerplate"]
    counts["articles of site", site] = 1
    counts["sentences of site", site] = counts["total", "sentences"]
    for kind, n in kinds:
        counts[f"{kind} of site", site] = n


def _count_day(given: object, counts: Counter[tuple[str, str]]) -> None:
    if given is None:
        counts["total", "articles without a date"] = 1
        return
    moment = iso_date(given if isinstance(given, (int, float)) else str(given))
    if moment is None:
        counts["unreadable date", _printable(str(given))] = 1
        return
    day = moment[: len("2026-11-21")]
    for what in ("articles", "quotes", "claims"):
        counts[f"{what} of day", day] = counts["total", what]
    for gender in GENDERS:
        counts[f"quotes by {gender} of day", day] = counts["quotes by gender of person", gender]


def _printable(text: str) -> str:
    """A text on one line, without the characters that no page can show."""
    if text.isprintable():
        return text
    return " ".join(_UNPRINTABLE.sub(" ", text).split())
