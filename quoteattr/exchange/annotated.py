"""The project's own format (training_data/GUIDELINES.md): a folder with a file for each article, to be edited as text.

`quoteattr.training.annotation` reads the files; here they are written, and turned into documents.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from quoteattr.document import Document, Quote, Sentence, Span, Speaker
from quoteattr.errors import AnnotationError
from quoteattr.exchange.files import stem_of, to_json, write_text
from quoteattr.exchange.graph import (
    CLAIM,
    CONTINUES,
    CUE,
    HAS_CUE,
    HAS_MENTION,
    HAS_SPEAKER,
    SAME,
    SENTENCE,
    UNKNOWN,
    Graph,
    document_of,
)
from quoteattr.training.annotation import LAYERS, QUOTE_KINDS, Article, parse
from quoteattr.training.annotation import read as read_article

NAME = "annotated"
DEFAULT_LAYERS = ("boilerplate", "claims", "quotes")  # a labeller marks the mentions of those alone who are quoted
_KIND_CODES = {kind: code for code, kind in QUOTE_KINDS.items()}
_PRONOUNS = {"him": "he", "his": "he", "her": "she", "hers": "she", "them": "they", "their": "they", "its": "it"}
_LONGEST_NAME = 200  # characters of a file's name


# --- writing ---------------------------------------------------------------------------------------------------------


def write(documents: Iterable[tuple[str, Document]], folder: Path, layers: Collection[str] = DEFAULT_LAYERS) -> None:
    """Write the folder.

    A mention that crosses the border of a content, which only a labeller's mistake does, is left out.

    Raises
    ------
    AnnotationError
        If a document has no text, or spans that the format cannot hold.
    """
    for id, document in documents:
        write_text(folder / f"{_file_stem(id)}.txt", source_of(id, document, layers))


def article_of(id: str, document: Document, layers: Collection[str] = DEFAULT_LAYERS) -> Article:
    """A document as the article that training reads."""
    return parse(source_of(id, document, layers), id)


def _file_stem(id: str) -> str:
    stem = stem_of(id.removesuffix(".txt"))
    if len(stem) <= _LONGEST_NAME:
        return stem
    return f"{stem[:_LONGEST_NAME]}-{hashlib.sha256(id.encode()).hexdigest()[:8]}"


def source_of(id: str, document: Document, layers: Collection[str] = DEFAULT_LAYERS) -> str:
    """A document in the annotation format."""
    stem = _file_stem(id)
    lines = [f"id: {stem}"]
    if id != stem:
        lines.append(f"document: {to_json(id)}")
    if set(layers) != set(LAYERS):
        lines.append(f"layers: {' '.join(layer for layer in LAYERS if layer in layers)}")
    keys = _keys(document.speakers)
    for speaker, key in keys.items():
        name = " ".join(speaker.name.split())
        lines.append(f"@{key}: {name} | {speaker.kind} | {_pronoun(document.text, speaker)}")
    return "\n".join([*lines, "", *_body(id, document, keys)]) + "\n"


def _keys(speakers: Iterable[Speaker]) -> dict[Speaker, str]:
    """A short key for each speaker: the last word of the name, with a number where that is taken."""
    keys: dict[Speaker, str] = {}
    for speaker in speakers:
        words = re.findall(r"[a-z0-9]+", speaker.name.lower())
        word = words[-1] if words else "s"
        key, n = word, 2
        while key in keys.values():
            key, n = f"{word}{n}", n + 1
        keys[speaker] = key
    return keys


def _pronoun(text: str, speaker: Speaker) -> str:
    words = (text[m.start : m.end].lower() for m in speaker.mentions)
    counts = Counter(pronoun for word in words if (pronoun := _PRONOUNS.get(word, word)) in _PRONOUNS.values())
    return counts.most_common(1)[0][0] if counts else "it" if speaker.kind == "body" else "they"


@dataclass(frozen=True, slots=True)
class _Mark:
    start: int
    end: int
    opening: str
    is_content: bool = False

    def crosses(self, other: _Mark) -> bool:
        """Whether each has an end of its own inside the other."""
        return self.start < other.start < self.end < other.end or other.start < self.start < other.end < self.end


def _body(id: str, document: Document, keys: dict[Speaker, str]) -> Iterator[str]:
    if not document.sentences:
        raise AnnotationError(f"{id}: the document has no text, and an annotated article needs some: leave it out")
    marks = sorted(_marks(document, keys), key=lambda m: (m.start, -m.end, not m.is_content))
    contents = [m for m in marks if m.is_content]
    marks = [m for m in marks if not (m.opening.startswith("@") and any(m.crosses(content) for content in contents))]
    text, sentences = document.text, document.sentences
    pending = text[: sentences[0].start]
    join = ""
    at = 0
    for sentence, following in zip(sentences, (*sentences[1:], None)):
        while at < len(marks) and marks[at].end <= sentence.start:
            at += 1
        own = [m for m in marks[at:] if m.start < sentence.end and m.end > sentence.start]
        gap = text[sentence.end : following.start if following else len(text)]
        rest, next_join = _split_gap(gap) if following else (gap, "")
        bar = "| " if join != "~" else "|"
        tag = sentence.boilerplate_kind or ("c" if CLAIM in sentence.tags else "-")
        yield join.strip("\n") + tag + bar + _escaped(pending) + _marked(id, text, sentence, own) + _escaped(rest)
        yield from [""] * (next_join.count("\n") - 1)
        pending, join = "", next_join


def _split_gap(gap: str) -> tuple[str, str]:
    """What stands between two sentences: white space that is written as escapes, and how the next line joins."""
    rest = gap.rstrip("\n")
    if len(rest) < len(gap):
        return rest, gap[len(rest) :]
    return (gap[:-1], "+") if gap.endswith(" ") else (gap, "~")


def _marks(document: Document, keys: dict[Speaker, str]) -> Iterator[_Mark]:
    """Every brace: mentions, of quotes and others, cues, and contents cut where sentences end."""
    served: dict[Span, list[int]] = {}
    owner: dict[Span, str] = {span: key for speaker, key in keys.items() for span in speaker.mentions}
    for n, quote in enumerate(document.quotes, 1):
        code = _KIND_CODES[quote.kind]
        stated = "" if quote.mention else f"={keys[quote.speaker]}" if quote.speaker else "=?"
        for start, end in _by_sentence(document, quote):
            yield _Mark(start, end, f"{n}{code}{stated}: ", True)
            stated = ""
        if quote.mention:
            served.setdefault(quote.mention, []).append(n)
            if quote.speaker:
                owner.setdefault(quote.mention, keys[quote.speaker])
        if quote.cue:
            yield _Mark(quote.cue.start, quote.cue.end, f"{n}! ")
    for span in sorted({*served, *owner}):
        numbers = ",".join(map(str, served.get(span, [])))
        yield _Mark(span.start, span.end, f"{numbers}@{owner.get(span, '?')} ")


def _by_sentence(document: Document, quote: Quote) -> Iterator[tuple[int, int]]:
    for span in quote.spans:
        for sentence in document.sentences:
            start, end = max(span.start, sentence.start), min(span.end, sentence.end)
            piece = document.text[start:end]
            if start < end and piece.strip():
                yield start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())


def _marked(id: str, text: str, sentence: Sentence, marks: list[_Mark]) -> str:
    """The sentence with its braces."""
    written: list[str] = []
    open_: list[_Mark] = []
    at = sentence.start

    def go_to(offset: int) -> None:
        nonlocal at
        while open_ and open_[-1].end <= offset:
            written.append(_escaped(text[at : open_[-1].end]) + "}")
            at = open_.pop().end
        written.append(_escaped(text[at:offset]))
        at = offset

    for mark in marks:
        if mark.start < sentence.start or mark.end > sentence.end:
            _cannot(id, text, mark, "goes over the end of a sentence")
        go_to(mark.start)
        if open_ and mark.end > open_[-1].end:
            _cannot(id, text, mark, f"crosses the end of {text[open_[-1].start : open_[-1].end]!r}")
        written.append("{" + mark.opening)
        open_.append(mark)
    go_to(sentence.end)
    return "".join(written)


def _cannot(id: str, text: str, mark: _Mark, why: str) -> NoReturn:
    raise AnnotationError(
        f"{id}: {text[mark.start : mark.end]!r} ({mark.start}-{mark.end}) {why}: mark it so that it does not"
    )


def _escaped(text: str) -> str:
    """The text with everything escaped that would not come back from a line of a file."""
    written = []
    for char in text:
        if char in "{}\\":
            written.append("\\" + char)
        elif char == " " or (char.isprintable() and not char.isspace()) or char > "\uffff":
            written.append(char)
        else:
            written.append("\\t" if char == "\t" else f"\\u{ord(char):04x}")
    return "".join(written)


# --- reading ---------------------------------------------------------------------------------------------------------


def read(folder: Path) -> Iterator[tuple[str, Document] | AnnotationError]:
    """Every article of a folder."""
    for path in sorted(folder.glob("*.txt")):
        try:
            graph = graph_of_article(read_article(path), str(path))
            yield graph.id, document_of(graph)
        except AnnotationError as error:
            yield error


def graph_of_article(article: Article, place: str) -> Graph:
    """The graph of an annotated article."""
    from json import loads

    id = loads(article.header["document"]) if "document" in article.header else article.id
    graph = Graph(id, article.text, place=place)
    for s in article.sentences:
        graph.add(s.start, s.end, s.boilerplate or (CLAIM if s.claim else SENTENCE))
    mentions: dict[tuple[int, int], int] = {}
    first: dict[str, int] = {}
    for start, end, key in article.mentions:
        entity = article.entities[key]
        number = graph.add(start, end, entity.kind, "" if key in first else entity.name)
        mentions.setdefault((start, end), number)
        graph.link(SAME, first.setdefault(key, number), number)
    for quote in article.quotes:
        pieces = [graph.add(start, end, quote.kind) for start, end in quote.spans]
        for a, b in itertools.pairwise(pieces):
            graph.link(CONTINUES, a, b)
        if quote.cue:
            graph.link(HAS_CUE, pieces[0], graph.add(*quote.cue, CUE))
        if quote.mention:
            if quote.mention not in mentions:
                mentions[quote.mention] = graph.add(*quote.mention, UNKNOWN)
            graph.link(HAS_MENTION, pieces[0], mentions[quote.mention])
        elif quote.speaker in first:
            graph.link(HAS_SPEAKER, pieces[0], first[quote.speaker])
    return graph
