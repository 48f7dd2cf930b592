"""The view of a document as HTML: one page that needs nothing else, or a fragment for a notebook.

There is no script in it. Folding is ``<details>``; filters are form controls that the style sheet asks with ``:has()``;
where a browser can't do that, everything is shown. Class names carry numbers only, never words of the document:

=========  ==============================================================
``s3``     belongs to speaker 3 (0: nobody)
``c3``     has the third colour of the palette
``n7``     belongs to the seventh quote
``p80``    is a quote with a confidence of at least 80 percent
=========  ==============================================================
"""

from __future__ import annotations

import html
import json
import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import groupby, pairwise

from quoteattr.document import Document, Quote, Span, Speaker
from quoteattr.segmenter import LINE_BREAKS
from quoteattr.view import (
    UNKNOWN,
    boilerplate_runs,
    claim_spans,
    end_with_marks,
    full_name,
    opening_words,
    speaker_numbers,
)

COLOURS = 8
STEPS = (50, 60, 70, 80, 90, 95)  # of the confidence filter, in percent
_LONGEST_HEADLINE = 160  # characters
_LINE_BREAK = re.compile(f"[{LINE_BREAKS}]")
# What HTML can't hold: controls but white space, and halves of surrogate pairs.
_FORBIDDEN = {
    code: "\N{REPLACEMENT CHARACTER}"
    for code in (*range(32), *range(127, 160), *range(0xD800, 0xE000))
    if not chr(code).isspace()
}


@cache
def asset(name: str) -> str:
    """A style sheet or script of the package."""
    return (resources.files("quoteattr") / "assets" / name).read_text(encoding="utf-8")


def escape(text: object) -> str:
    """Text, to stand in an element or a quoted attribute."""
    return html.escape(str(text).translate(_FORBIDDEN))


def page(document: Document) -> str:
    """The view as a page of its own."""
    # The page says itself that it loads and runs nothing, should anything of the text ever get through.
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(title(document))}</title>
<style>{asset("page.css")}</style>
<style>{style(document)}</style>
</head>
<body>
<header><h1>Who said what</h1></header>
<main>
{body(document)}
</main>
</body>
</html>
"""


def fragment(document: Document, prefix: str) -> str:
    """The view to put into another page, with a prefix that makes its ids its own."""
    return f"<div><style>{style(document)}</style>\n{body(document, prefix)}</div>"


def title(document: Document) -> str:
    """The headline of a document, or what stands for one."""
    blocks = _blocks(document)
    return document.text[blocks[0].start : blocks[0].end] if _has_headline(document, blocks) else "Who said what"


def style(document: Document) -> str:
    """The style sheet: the part that all documents share, and the rules that count speakers and quotes."""
    root = ".quoteattr:has"
    hidden = [f"{root}(.f{n}:not(:checked)) .s{n}" for n in sorted(speaker_numbers(document).values())]
    hidden += [f"{root}(.f-quotes:not(:checked)) :is(.quote, a.badge)"]
    hidden += [f'{root}(option[value="{step}"]:checked) :is(.quote, a.badge):not(.p{step})' for step in STEPS]
    shown = [f"{root}(.n{n}:is(:hover, :focus)) .note{n}" for n in range(1, len(document.quotes) + 1)]
    rules = [f"{','.join(hidden)}{{background:none;box-shadow:none;color:inherit;--shown:none}}"]
    rules += [f"{','.join(shown)}{{display:block}}"] if shown else []
    return asset("view.css") + "\n".join(rules)


def body(document: Document, prefix: str = "") -> str:
    """The view without its style sheet: legend, article, notes."""
    numbers = speaker_numbers(document)
    return f"""<div class="quoteattr">
<div class="sheet">
<section class="legend" aria-label="Legend and filters">
{_legend(document, numbers)}
</section>
<article aria-label="Article">
{_article(document, numbers, prefix)}
</article>
<section class="notes" aria-label="Notes on the quotes">
{_notes(document, numbers, prefix)}
</section>
</div>
<footer>Marked by quoteattr {escape(document.library_version)}, model {escape(document.model_version)}.</footer>
</div>"""


# --- Legend ----------------------------------------------------------------------------------------------------------


def _legend(document: Document, numbers: Mapping[Speaker | None, int]) -> str:
    quoted = [quote.speaker for quote in document.quotes]
    rows = [
        f'<li><label><input type="checkbox" class="f{number}" checked autocomplete="off"> {_badge(number)} '
        f"<bdi>{escape(speaker.name if speaker else UNKNOWN)}</bdi> "
        f"<small>{escape(speaker.kind) + ', ' if speaker else ''}{_count(quoted.count(speaker), 'quote')}</small></label></li>"
        for speaker, number in sorted(numbers.items(), key=lambda item: item[1] or len(numbers))
        if speaker in quoted
    ]
    speakers = "<h2>Speakers</h2>\n<ul>\n" + "\n".join(rows) + "\n</ul>" if rows else "<p>No quotes.</p>"
    boilerplate = sum(s.boilerplate_kind is not None for s in document.sentences)
    tags = {
        "quotes": ('<b class="sample c0">Quotes</b>', _count(len(document.quotes), "quote")),
        "claims": ('<b class="claim">Claims</b>', _count(len(claim_spans(document)), "sentence")),
        "boilerplate": ('<b class="grey">Boilerplate</b>', _count(boilerplate, "sentence")),
    }
    checkboxes = "\n".join(
        f'<li><label><input type="checkbox" class="f-{tag}" checked autocomplete="off"> {sample} <small>{count}</small></label></li>'
        for tag, (sample, count) in tags.items()
    )
    options = "".join(f'<option value="{step}">at least {step} %</option>' for step in STEPS)
    return f"""{speakers}
<h2>Tags</h2>
<ul>
{checkboxes}
</ul>
<h2>Confidence</h2>
<label class="confidence">Show quotes with
<select autocomplete="off"><option value="0">any confidence</option>{options}</select></label>"""


def _badge(number: int) -> str:
    return f'<b class="badge c{_colour(number)}">{number or "?"}</b>'


def _colour(number: int) -> int:
    return (number - 1) % COLOURS + 1 if number else 0


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


# --- Article ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Block:
    """A line, or the part of it that is boilerplate of one kind or none."""

    start: int
    end: int
    kind: str | None


@dataclass(frozen=True)
class _Mark:
    """A stretch to put into an element: piece by piece, so that stretches may overlap and go over several blocks."""

    start: int
    end: int
    tag: str
    attributes: str


Insertion = tuple[int, str]  # offset, HTML


def _article(document: Document, numbers: Mapping[Speaker | None, int], prefix: str) -> str:
    blocks = _blocks(document)
    contents = _contents(document, blocks, numbers, prefix)
    out = []
    if _has_headline(document, blocks):
        out.append(f"<h2>{next(contents)}</h2>")
        blocks = blocks[1:]
    for kind, group in groupby(zip(blocks, contents), key=lambda pair: pair[0].kind):
        paragraphs = [f"<p>{content}</p>" for _, content in group]
        if kind is None:
            out += paragraphs
        else:
            count = f" <small>{len(paragraphs)} lines</small>" if len(paragraphs) > 1 else ""
            name = escape(kind.replace("_", " "))
            out.append(f'<details class="boilerplate" open><summary>{name}{count}</summary>')
            out += ["<div>", *paragraphs, "</div></details>"]
    return "\n".join(out)


def _blocks(document: Document) -> list[_Block]:
    text = document.text
    runs = {start: (end, kind) for start, end, kind in boilerplate_runs(document)}
    cuts = {0, len(text), *runs, *(end for end, _ in runs.values())}
    cuts.update(match.end() for match in _LINE_BREAK.finditer(text))
    blocks = []
    run_end, run_kind = 0, ""
    for start, end in pairwise(sorted(cuts)):
        run_end, run_kind = runs.get(start, (run_end, run_kind))
        words = text[start:end]
        if words.strip():
            ink = start + len(words) - len(words.lstrip())
            blocks.append(_Block(ink, start + len(words.rstrip()), run_kind if start < run_end else None))
    return blocks


def _has_headline(document: Document, blocks: list[_Block]) -> bool:
    """Whether the text opens with a line of the article that reads like a headline."""
    if len(blocks) < 2 or blocks[0].kind is not None:
        return False
    return blocks[0].end - blocks[0].start <= _LONGEST_HEADLINE and document.text[blocks[0].end - 1] != "."


def _contents(
    document: Document, blocks: list[_Block], numbers: Mapping[Speaker | None, int], prefix: str
) -> Iterator[str]:
    """The marked words of each block: one sweep over all places where something starts or ends."""
    links = dict(filter(None, (full_name(document, quote) for quote in document.quotes)))
    marks = _marks(document, links, numbers, prefix)
    before = [
        (name.start, f'<span class="anchor" id="{prefix}name-{name.start}"></span>') for name in {*links.values()}
    ]
    after = _notes_between(document, numbers, prefix)
    edges = {edge for block in blocks for edge in (block.start, block.end)}
    edges.update(edge for mark in marks for edge in (mark.start, mark.end))
    edges.update(at for at, _ in (*before, *after))
    cuts = sorted(edges)
    waiting = sorted(range(len(marks)), key=lambda i: -marks[i].start)
    before, after = sorted(before, reverse=True), sorted(after, reverse=True)
    open_marks: list[int] = []
    for block in blocks:
        out: list[str] = []
        for start, end in pairwise(cuts[bisect_left(cuts, block.start) : bisect_right(cuts, block.end)]):
            while waiting and marks[waiting[-1]].start <= start:
                insort(open_marks, waiting.pop())
            open_marks = [i for i in open_marks if marks[i].end > start]
            out += _popped(before, start)
            out += [f"<{marks[i].tag} {marks[i].attributes}>" for i in open_marks]
            out.append(escape(document.text[start:end]))
            out += [f"</{marks[i].tag}>" for i in reversed(open_marks)]
            out += _popped(after, end if end < blocks[-1].end else len(document.text))
        yield "".join(out)


def _popped(insertions: list[Insertion], end: int) -> Iterator[str]:
    """Take what stands at or before an offset off a list in falling order."""
    while insertions and insertions[-1][0] <= end:
        yield insertions.pop()[1]


def _marks(
    document: Document, links: Mapping[Span, Span], numbers: Mapping[Speaker | None, int], prefix: str
) -> list[_Mark]:
    """All marks; where two cover the same words, the earlier in the list is the outer element."""
    marks = [_Mark(span.start, span.end, "span", 'class="claim"') for span in claim_spans(document)]
    quotes = [
        _Mark(span.start, span.end, "span", f'class="quote {_classes(n, quote, numbers)}"')
        for n, quote in enumerate(document.quotes, 1)
        for span in quote.spans
    ]
    marks += sorted(quotes, key=lambda mark: (mark.start, -mark.end))
    for mention, name in links.items():
        title = escape(document.text[name.start : name.end])
        marks.append(
            _Mark(mention.start, mention.end, "a", f'class="mention" href="#{prefix}name-{name.start}" title="{title}"')
        )
    return marks


def _notes_between(document: Document, numbers: Mapping[Speaker | None, int], prefix: str) -> list[Insertion]:
    """What stands behind the words: the number of a quote's speaker; for those who can't see it, that this is a claim."""
    notes = [(span.end, '<span class="unseen"> (claim)</span>') for span in claim_spans(document)]
    for n, quote in enumerate(document.quotes, 1):
        name = quote.speaker.name if quote.speaker else UNKNOWN
        label = escape(f"{quote.kind} quote: {name}, confidence {quote.confidence:.0%}")
        link = (
            f'<a class="badge {_classes(n, quote, numbers)}" id="{prefix}quote-{n}" href="#{prefix}note-{n}" '
            f'aria-label="{label}">{numbers[quote.speaker] or "?"}</a>'
        )
        notes.append((end_with_marks(document, quote.end), link))
    return notes


def _classes(n: int, quote: Quote, numbers: Mapping[Speaker | None, int]) -> str:
    speaker = numbers[quote.speaker]
    steps = (f"p{step}" for step in STEPS if quote.confidence * 100 >= step)
    return " ".join((f"n{n} s{speaker} c{_colour(speaker)}", *steps))


# --- Notes -----------------------------------------------------------------------------------------------------------


def _notes(document: Document, numbers: Mapping[Speaker | None, int], prefix: str) -> str:
    if not document.quotes:
        return ""
    notes = "\n".join(_note(document, n, quote, numbers, prefix) for n, quote in enumerate(document.quotes, 1))
    return f"""<h2>Notes</h2>
<p class="hint">Point at a quote, or go to its number, to see who speaks and what tells so.</p>
<ol>
{notes}
</ol>"""


def _note(document: Document, n: int, quote: Quote, numbers: Mapping[Speaker | None, int], prefix: str) -> str:
    number = numbers[quote.speaker]
    name = escape(quote.speaker.name) if quote.speaker else UNKNOWN
    evidence = "".join(
        f"<div><dt>{escape(str(key).replace('_', ' '))}</dt><dd>{_value(document, key, value)}</dd></div>"
        for key, value in quote.evidence.items()
    )
    return f"""<li class="note note{n}" id="{prefix}note-{n}">
<h3>{_badge(number)} <bdi>{name}</bdi></h3>
<blockquote><a href="#{prefix}quote-{n}" title="Back to the text"><bdi>{escape(opening_words(quote))}</bdi></a></blockquote>
<p>{escape(quote.kind)} quote, confidence {quote.confidence:.0%}
<meter class="c{_colour(number)}" value="{quote.confidence:.4f}" aria-hidden="true"></meter></p>
<dl>{evidence}</dl>
</li>"""


def _value(document: Document, key: str, value: object) -> str:
    if key == "chain" and isinstance(value, (list, tuple)):
        return " → ".join(f"<bdi>{escape(document.text[start:end])}</bdi>" for start, end in value)
    if isinstance(value, float):
        return f"{value:.2f}"
    return escape(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
