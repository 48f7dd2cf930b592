"""Terminal views: a labelled article as it reads, and who said what; the scores of an evaluation.

Everything here is a rich renderable. What colour says is said in signs as well, so that the views read the same where
there is none: ``‹ad›`` after boilerplate, and the number of the speaker after a quote. Only the underlining of a claim
has its sign, ``‹claim›``, just where there are no styles: in many articles every other sentence is one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from statistics import mean
from typing import Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from quoteattr.document import Document, Quote, Speaker
from quoteattr.view import UNKNOWN, boilerplate_runs, claim_spans, end_with_marks, opening_words

_SPEAKER_STYLES = ("cyan", "green", "magenta", "yellow", "blue", "red", "bright_cyan", "bright_green", "bright_magenta")
_NOBODY_STYLE = "italic"
_BOILERPLATE_STYLE = "dim"
_CLAIM_STYLE = "underline"
# A scraped page may hold escape sequences, which a terminal would obey. One sign for one, so that offsets hold.
_CONTROLS = {code: "\N{REPLACEMENT CHARACTER}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\t\n"}

Notes = Iterator[tuple[int, Text]]


def print_document(document: Document, console: Console) -> None:
    """Print an article with its labels, then who said what, as tables."""
    article = article_view(document, signs_claims=console.color_system is None)
    # Only a terminal has a width to wrap to: elsewhere the article keeps its lines.
    console.print(article, soft_wrap=not console.is_terminal)
    console.print()
    if document.quotes:
        console.print(speakers_view(document))
        console.print(quotes_view(document))
    else:
        console.print(Text("No quotes.", style=_BOILERPLATE_STYLE))


def article_view(document: Document, signs_claims: bool = False) -> Text:
    """The article as it reads: boilerplate dimmed with its kind, claims underlined, quotes in a colour per speaker."""
    article = Text(document.text.rstrip().replace("\r\n", " \n").replace("\r", "\n").translate(_CONTROLS))
    for span in claim_spans(document):
        article.stylize(_CLAIM_STYLE, span.start, span.end)
    for start, end, _ in boilerplate_runs(document):
        article.stylize(_BOILERPLATE_STYLE, start, end)
    for quote in document.quotes:
        for span in quote.spans:
            article.stylize(_style(document, quote.speaker), span.start, span.end)
    notes = [*_speaker_notes(document), *_kind_notes(document), *(_claim_notes(document) if signs_claims else ())]
    notes.sort(key=lambda note: note[0])
    pieces = article.divide([at for at, _ in notes])
    return Text().join(part for pair in zip_longest(pieces, (note for _, note in notes)) for part in pair if part)


def _kind_notes(document: Document) -> Notes:
    for _, end, kind in boilerplate_runs(document):
        yield end, Text(f" ‹{kind}›", style=_BOILERPLATE_STYLE)


def _claim_notes(document: Document) -> Notes:
    for span in claim_spans(document):
        yield span.end, Text(" ‹claim›", style=_BOILERPLATE_STYLE)


def _speaker_notes(document: Document) -> Notes:
    """Where a quote and the marks that close it end, the number of its speaker."""
    for quote in document.quotes:
        number = _number(document, quote.speaker)
        yield end_with_marks(document, quote.end), Text(f"[{number}]", style=f"bold {_style(document, quote.speaker)}")


def speakers_view(document: Document) -> Table:
    """Who said how much, and how sure that is."""
    table = _table("Who said what", ("", "speaker", "kind"), ("quotes", "mean confidence"))
    for speaker in (*document.speakers, None):
        quotes = [quote for quote in document.quotes if quote.speaker == speaker]
        if quotes:
            table.add_row(*_speaker_row(document, speaker, quotes), style=_style(document, speaker))
    return table


def quotes_view(document: Document) -> Table:
    """Each quote with its kind and confidence."""
    table = _table("Quotes", ("", "quote", "kind"), ("confidence",))
    for quote in document.quotes:
        words = Text(opening_words(quote).translate(_CONTROLS))
        row = Text(_number(document, quote.speaker)), words, Text(quote.kind), Text(f"{quote.confidence:.2f}")
        table.add_row(*row, style=_style(document, quote.speaker))
    return table


def _speaker_row(document: Document, speaker: Speaker | None, quotes: list[Quote]) -> Iterator[Text]:
    yield Text(_number(document, speaker))
    yield Text(speaker.name.translate(_CONTROLS) if speaker else UNKNOWN)
    yield Text(speaker.kind if speaker else "")
    yield Text(str(len(quotes)))
    yield Text(f"{mean(quote.confidence for quote in quotes):.2f}")


def _number(document: Document, speaker: Speaker | None) -> str:
    return str(document.speakers.index(speaker) + 1) if speaker else "?"


def _style(document: Document, speaker: Speaker | None) -> str:
    if speaker is None:
        return _NOBODY_STYLE
    return _SPEAKER_STYLES[document.speakers.index(speaker) % len(_SPEAKER_STYLES)]


def scores_view(scores: Mapping[str, Any]) -> RenderableType:
    """The scores that `quoteattr.training.evaluate.evaluate` gives."""
    boilerplate, claims, quotes, speakers = (scores[key] for key in ("boilerplate", "claims", "quotes", "speakers"))
    return Group(
        _f_scores("Sentences", {"boundaries": scores["sentences"], "boilerplate": boilerplate, "claims": claims}),
        _shares(
            "More about sentences",
            {
                "characters of the article kept": boilerplate["article_characters_kept"],
                "boilerplate kind right": boilerplate["kind_accuracy"],
                "boilerplate calibration error": boilerplate["calibration_error"],
                "claims, area under the ROC curve": claims["auc"],
                "claims calibration error": claims["calibration_error"],
            },
        ),
        _counted_shares("Boilerplate found, by kind", "sentences", boilerplate["recall_by_kind"]),
        _f_scores("Quotes: half the words", quotes["over"]),
        _f_scores("Quotes: every word", quotes["exact"]),
        _f_scores("Quotes: half the words, and speaker", quotes["e2e"]),
        _shares(
            "More about the quotes found",
            {
                "kind right": quotes["kind_accuracy"],
                "speaker right": speakers["accuracy"],
                "speaker left open though there is one": speakers["none_instead"],
                "confidence calibration error": scores["confidence"]["calibration_error"],
            },
        ),
        _counted_shares("Speaker right, by mention", "quotes", speakers["by_mention"]),
    )


def polnear_view(scores: Mapping[str, Any]) -> RenderableType:
    """The scores that `quoteattr.training.evaluate.evaluate_brat` gives."""
    return _f_scores(
        f"PolNeAR: {scores['attributions']} attributions, {scores['quotes']} quotes found",
        {"half the words": scores["content"], "half the words, and source": scores["end_to_end"]},
    )


def _f_scores(title: str, rows: Mapping[str, Mapping[str, float]]) -> Table:
    table = _table(title, ("",), ("precision", "recall", "F1"))
    for name, scores in rows.items():
        table.add_row(name, *(f"{scores[key]:.3f}" for key in ("p", "r", "f1")))
    return table


def _shares(title: str, rows: Mapping[str, float]) -> Table:
    table = _table(title, ("",), ("",))
    for name, share in rows.items():
        table.add_row(name, f"{share:.3f}")
    return table


def _counted_shares(title: str, unit: str, rows: Mapping[str, tuple[int, float]]) -> Table:
    table = _table(title, ("",), (unit, "share"))
    for name, (count, share) in rows.items():
        table.add_row(name, str(count), f"{share:.3f}")
    return table


def _table(title: str, left: Sequence[str], right: Sequence[str]) -> Table:
    has_header = any((*left, *right))
    table = Table(*left, title=title, title_justify="left", title_style="bold", box=box.SIMPLE, show_header=has_header)
    for column in right:
        table.add_column(column, justify="right")
    return table
