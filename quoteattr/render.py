"""Terminal views: a labelled article as it reads, and who said what; the scores of an evaluation.

Everything here is a rich renderable. What colour says is said in signs as well, so that the views read the same where
there is none: ``‹ad›`` after boilerplate, and the number of the speaker after a quote.
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

_SPEAKER_STYLES = ("cyan", "green", "magenta", "yellow", "blue", "red", "bright_cyan", "bright_green", "bright_magenta")
_NOBODY_STYLE = "italic"
_BOILERPLATE_STYLE = "dim"
# A scraped page may hold escape sequences, which a terminal would obey. One sign for one, so that offsets hold.
_CONTROLS = {code: "\N{REPLACEMENT CHARACTER}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\t\n"}
_CLOSING_MARKS = "\"“”'‘’»«"

Notes = Iterator[tuple[int, Text]]


def print_document(document: Document, console: Console) -> None:
    """Print an article with its labels, then the table of its speakers."""
    # Only a terminal has a width to wrap to: elsewhere the article keeps its lines.
    console.print(article_view(document), soft_wrap=not console.is_terminal)
    console.print()
    console.print(speakers_view(document) if document.quotes else Text("No quotes.", style=_BOILERPLATE_STYLE))


def article_view(document: Document) -> Text:
    """The article as it reads: boilerplate dimmed with its kind, quotes in a colour per speaker."""
    article = Text(document.text.rstrip().replace("\r\n", " \n").replace("\r", "\n").translate(_CONTROLS))
    for sentence in document.sentences:
        if sentence.boilerplate_kind:
            article.stylize(_BOILERPLATE_STYLE, sentence.start, sentence.end)
    for quote in document.quotes:
        for span in quote.spans:
            article.stylize(_style(document, quote.speaker), span.start, span.end)
    notes = sorted([*_kind_notes(document), *_speaker_notes(document)], key=lambda note: note[0])
    pieces = article.divide([at for at, _ in notes])
    return Text().join(part for pair in zip_longest(pieces, (note for _, note in notes)) for part in pair if part)


def _kind_notes(document: Document) -> Notes:
    """Where a stretch of boilerplate of one kind ends on a line, the kind."""
    for sentence, following in zip_longest(document.sentences, document.sentences[1:]):
        if sentence.boilerplate_kind is None:
            continue
        goes_on = (
            following is not None
            and following.boilerplate_kind == sentence.boilerplate_kind
            and "\n" not in document.text[sentence.end : following.start]
        )
        if not goes_on:
            yield sentence.end, Text(f" ‹{sentence.boilerplate_kind}›", style=_BOILERPLATE_STYLE)


def _speaker_notes(document: Document) -> Notes:
    """Where a quote and the marks that close it end, the number of its speaker."""
    for quote in document.quotes:
        after = document.text[quote.end : quote.end + 3]
        end = quote.end + len(after) - len(after.lstrip(_CLOSING_MARKS))
        yield end, Text(f"[{_number(document, quote.speaker)}]", style=f"bold {_style(document, quote.speaker)}")


def speakers_view(document: Document) -> Table:
    """Who said how much, and how sure that is."""
    table = _table("Who said what", ("", "speaker", "kind"), ("quotes", "mean confidence"))
    for speaker in (*document.speakers, None):
        quotes = [quote for quote in document.quotes if quote.speaker == speaker]
        if quotes:
            table.add_row(*_speaker_row(document, speaker, quotes), style=_style(document, speaker))
    return table


def _speaker_row(document: Document, speaker: Speaker | None, quotes: list[Quote]) -> Iterator[Text]:
    yield Text(_number(document, speaker))
    yield Text(speaker.name.translate(_CONTROLS) if speaker else "nobody found")
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


def comparison_view(comparison: Mapping[str, Any]) -> RenderableType:
    """What `quoteattr.training.compare.compare` gives."""
    table = _table(f"{comparison['articles_compared']} articles", ("",), ("old", "new", "change", "95 % interval"))
    table.add_column("")
    for name, total in comparison["totals"].items():
        interval = "{:+.3f} to {:+.3f}".format(*total["interval"]) if total["interval"] else ""
        scores = (f"{total['old']:.3f}", f"{total['new']:.3f}", f"{total['difference']:+.3f}", interval)
        table.add_row(name, *scores, total["verdict"])
    changed = comparison["articles"]
    unchanged = comparison["articles_compared"] - len(changed)
    lines = [_line(f"{unchanged} articles unchanged, {len(changed)} changed", "bold")]
    for article in changed:
        fixed, broken = article["fixed"], article["broken"]
        lines.append(_line(f"\n{article['id']}: {len(fixed)} fixed, {len(broken)} broken", "bold"))
        lines += [_line(f"  + {message.translate(_CONTROLS)}", "green") for message in fixed]
        lines += [_line(f"  - {message.translate(_CONTROLS)}", "red") for message in broken]
    return Group(table, *lines)


def _line(text: str, style: str) -> Text:
    """A line that is never broken: it may be searched for, or compared with another run's."""
    return Text(text, style, no_wrap=True, overflow="ignore")


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
