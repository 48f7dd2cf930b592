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
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import groupby, pairwise

from quoteattr.document import Document, Quote, Span
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
    headline = _headline(document, _blocks(document))
    return document.text[headline.start : headline.end] if headline else "Who said what"


def style(document: Document) -> str:
    """The style sheet: the part that all documents share, and the rules that count speakers and quotes."""
    root = ".quoteattr:has"
    hidden = [f"{root}(.f{n}:not(:checked)) .s{n}" for n in range(len(document.speakers) + 1)]
    hidden += [f"{root}(.f-quotes:not(:checked)) :is(.quote, button.badge)"]
    hidden += [f'{root}(option[value="{step}"]:checked) :is(.quote, button.badge):not(.p{step})' for step in STEPS]
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


def _legend(document: Document, numbers: Sequence[int]) -> str:
    counts = Counter(numbers)
    speakers = [(n, speaker.name, f"{speaker.kind}, ") for n, speaker in enumerate(document.speakers, 1)]
    rows = [
        f'<li><label><input type="checkbox" class="f{n}" checked autocomplete="off"> {_badge(n)} '
        f"<bdi>{escape(name)}</bdi> <small>{escape(kind)}{_count(counts[n], 'quote')}</small></label></li>"
        for n, name, kind in (*speakers, (0, UNKNOWN, ""))
        if counts[n]
    ]
    legend = "<h2>Speakers</h2>\n<ul>\n" + "\n".join(rows) + "\n</ul>" if rows else "<p>No quotes.</p>"
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
    return f"""{legend}
<h2>Tags</h2>
<ul>
{checkboxes}
</ul>
<div class="confidence">
<h2>Confidence</h2>
<label>Show quotes with
<select autocomplete="off"><option value="0">any confidence</option>{options}</select></label>
</div>"""


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


def _article(document: Document, numbers: Sequence[int], prefix: str) -> str:
    blocks = _blocks(document)
    contents = _contents(document, blocks, numbers, prefix)
    headline = _headline(document, blocks)
    out = []
    for kind, group in groupby(zip(blocks, contents), key=lambda pair: pair[0].kind):
        lines = [f"<h2>{line}</h2>" if block is headline else f"<p>{line}</p>" for block, line in group]
        if kind is None:
            out += lines
        else:
            count = f" <small>{len(lines)} lines</small>" if len(lines) > 1 else ""
            name = escape(kind.replace("_", " "))
            out.append(f'<details class="boilerplate" open><summary>{name}{count}</summary>')
            out += ["<div>", *lines, "</div></details>"]
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


def _headline(document: Document, blocks: list[_Block]) -> _Block | None:
    """The first line of the article, if it reads like a headline and more follows."""
    lines = [block for block in blocks if block.kind is None]
    if len(lines) < 2 or lines[0].end - lines[0].start > _LONGEST_HEADLINE:
        return None
    return None if document.text[lines[0].end - 1] == "." else lines[0]


def _contents(document: Document, blocks: list[_Block], numbers: Sequence[int], prefix: str) -> Iterator[str]:
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


def _marks(document: Document, links: Mapping[Span, Span], numbers: Sequence[int], prefix: str) -> list[_Mark]:
    """All marks; where two cover the same words, the earlier in the list is the outer element."""
    marks = [_Mark(span.start, span.end, "span", 'class="claim"') for span in claim_spans(document)]
    quotes = [
        _Mark(span.start, span.end, "span", f'class="quote {_classes(n, number, quote)}"')
        for n, (number, quote) in enumerate(zip(numbers, document.quotes), 1)
        for span in quote.spans
    ]
    marks += sorted(quotes, key=lambda mark: (mark.start, -mark.end))
    for mention, name in links.items():
        title = escape(document.text[name.start : name.end])
        marks.append(
            _Mark(mention.start, mention.end, "a", f'class="mention" href="#{prefix}name-{name.start}" title="{title}"')
        )
    return marks


def _notes_between(document: Document, numbers: Sequence[int], prefix: str) -> list[Insertion]:
    """What stands behind the words: the number of a quote's speaker; for those who can't see it, that this is a claim."""
    notes = [(span.end, '<span class="unseen"> (claim)</span>') for span in claim_spans(document)]
    for n, (number, quote) in enumerate(zip(numbers, document.quotes), 1):
        name = quote.speaker.name if quote.speaker else UNKNOWN
        label = escape(f"{quote.kind} quote: {name}, confidence {quote.confidence:.0%}")
        button = (
            f'<button type="button" class="badge {_classes(n, number, quote)}" id="{prefix}quote-{n}" '
            f'aria-label="{label}" aria-describedby="{prefix}note-{n}">{number or "?"}</button>'
        )
        notes.append((end_with_marks(document, quote.end), button))
    return notes


def _classes(n: int, number: int, quote: Quote) -> str:
    steps = (f"p{step}" for step in STEPS if quote.confidence * 100 >= step)
    return " ".join((f"n{n} s{number} c{_colour(number)}", *steps))


# --- Notes -----------------------------------------------------------------------------------------------------------


def _notes(document: Document, numbers: Sequence[int], prefix: str) -> str:
    if not document.quotes:
        return ""
    notes = "\n".join(
        _note(document, n, number, quote, prefix) for n, (number, quote) in enumerate(zip(numbers, document.quotes), 1)
    )
    return f"""<h2>Notes</h2>
<p class="hint">Point at a quote, or go to its number, to see who speaks and what tells so.</p>
<ol>
{notes}
</ol>"""


def _note(document: Document, n: int, number: int, quote: Quote, prefix: str) -> str:
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
