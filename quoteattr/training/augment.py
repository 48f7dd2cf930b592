"""Variants of training texts, so that the classifier's second stage sees more kinds of pages than were written.

Scraped text differs from page to page in what was left on it and what was lost. Each variant changes the lines of one
article: boilerplate taken out or added, pieces cut off, blank lines dropped, lists and tables put in. Labels travel
with their sentences. The same seed gives the same variants.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quoteattr.features import LABELS
from quoteattr.tokens import IntArray
from quoteattr.training.annotation import Article

_OUTER_MARKS = ".,;:“”\"'‘’()–—- "
_PARAGRAPH = 100  # characters


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence: its text, its label as an index into `LABELS`, whether it is a claim."""

    text: str
    label: int
    claim: bool


@dataclass(frozen=True, slots=True)
class Line:
    """Sentences on one line, and how many blank lines stand above."""

    blank: int
    pieces: tuple[Piece, ...]

    @property
    def boilerplate(self) -> bool:
        """Whether any of it is boilerplate."""
        return any(piece.label for piece in self.pieces)

    @property
    def characters(self) -> int:
        """The length of its sentences."""
        return sum(len(piece.text) for piece in self.pieces)


Lines = list[Line]


@dataclass(frozen=True)
class Sample:
    """A text, its sentences, and for each its label and whether it is a claim; or not, if claims are not `judged`."""

    text: str
    spans: list[tuple[int, int]]
    labels: IntArray
    claims: npt.NDArray[np.bool_]
    judged: bool = True


def sample_of(article: Article) -> Sample:
    """The sentences of an annotated article."""
    return Sample(
        article.text,
        [(s.start, s.end) for s in article.sentences],
        np.array([LABELS.index(s.boilerplate) if s.boilerplate else 0 for s in article.sentences], np.int32),
        np.array([s.claim for s in article.sentences], bool),
        "claims" in article.layers,
    )


def lines_of(sample: Sample) -> Lines:
    """The sample taken apart."""
    lines: Lines = []
    end = 0
    for (start, stop), label, claim in zip(sample.spans, sample.labels.tolist(), sample.claims.tolist(), strict=True):
        breaks = sample.text.count("\n", end, start)
        piece = Piece(sample.text[start:stop], label, claim)
        if breaks or not lines:
            lines.append(Line(max(breaks - 1, 0) if end else 0, (piece,)))
        else:
            lines[-1] = Line(lines[-1].blank, (*lines[-1].pieces, piece))
        end = stop
    return lines


def assemble(lines: Lines) -> Sample:
    """The sample that lines make up; a single space stands between the sentences of a line."""
    text: list[str] = []
    spans = []
    length = 0
    for i, line in enumerate(lines):
        for j, piece in enumerate(line.pieces):
            gap = " " if j else "\n" * (line.blank + 1) if i else ""
            start = length + len(gap)
            length = start + len(piece.text)
            spans.append((start, length))
            text += (gap, piece.text)
    pieces = [piece for line in lines for piece in line.pieces]
    labels, claims = [p.label for p in pieces], [p.claim for p in pieces]
    return Sample("".join(text), spans, np.array(labels, np.int32), np.array(claims, bool))


def leftover(lines: Lines, _: Lines, rng: random.Random) -> Lines:
    """What an extractor leaves: the article with hardly any boilerplate, often without its headline."""
    bad = [i for i, line in enumerate(lines) if line.boilerplate]
    kept = set(rng.sample(bad, min(rng.choice((0, 1, 1, 2, 3)), len(bad))))
    lines = [line for i, line in enumerate(lines) if not line.boilerplate or i in kept]
    return lines[1:] if len(lines) > 4 and rng.random() < 0.4 else lines


def thinned(lines: Lines, _: Lines, rng: random.Random) -> Lines:
    """The article with a part of its boilerplate lines."""
    share = rng.random()
    return [line for line in lines if not line.boilerplate or rng.random() > share]


def interrupted(lines: Lines, donor: Lines, rng: random.Random) -> Lines:
    """The article with boilerplate of another one between its lines."""
    lines, bad = list(lines), [line for line in donor if line.boilerplate]
    for _ in range(rng.randint(1, 4) if bad else 0):
        first = rng.randrange(len(bad))
        at = rng.randrange(len(lines) + 1)
        lines[at:at] = bad[first : first + rng.choice((1, 1, 1, 2, 4))]
    return lines


def excerpt(lines: Lines, _: Lines, rng: random.Random) -> Lines:
    """A stretch of the page."""
    first, last = sorted(rng.sample(range(len(lines) + 1), 2))
    return lines[first:last] if last - first >= 4 else lines


def listed(lines: Lines, donor: Lines, rng: random.Random) -> Lines:
    """The article with a list, a table or sub-headings made of words of another article."""
    paragraphs = [i for i, line in enumerate(lines) if not line.boilerplate and line.characters > _PARAGRAPH]
    sentences = [p.text for line in donor for p in line.pieces if not p.label]
    if not paragraphs or not sentences:
        return lines
    blank = rng.choice((0, 1))
    rows = [Line(blank, (Piece(text, 0, False),)) for text in _rows(sentences, rng)]
    lines = list(lines)
    if rng.random() < 0.5:
        at = rng.choice(paragraphs) + 1
        lines[at:at] = rows
    else:
        for row in rows:
            lines.insert(rng.choice(paragraphs) + 1, row)
    return lines


def _rows(sentences: list[str], rng: random.Random) -> list[str]:
    """Headings, list items or table rows: some words of a sentence each, all in one style."""
    style = rng.choice(("plain", "title", "number", "table", "bullet"))
    rows = []
    for _ in range(rng.randint(3, 12)):
        words = rng.choice(sentences).split()
        size = rng.randint(1, 7)
        first = rng.randrange(max(1, len(words) - size))
        row = " ".join(words[first : first + size]).strip(_OUTER_MARKS)
        if row:
            rows.append(_styled(row[0].upper() + row[1:], style, rng))
    return rows


def _styled(row: str, style: str, rng: random.Random) -> str:
    if style == "title":
        return row.title()
    if style == "number":
        return f"{row} {rng.randint(1, 99)} {rng.randint(1, 99)}%"
    if style == "table":
        return " | ".join([row.title(), *(str(rng.randint(0, 99)) for _ in range(rng.randint(1, 4)))])
    return rng.choice("•-*") + " " + row if style == "bullet" else row


CHANGES: tuple[Callable[[Lines, Lines, random.Random], Lines], ...] = (leftover, thinned, interrupted, excerpt, listed)


def variants(samples: Sequence[Sample], rounds: int, seed: int = 0) -> list[tuple[int, Sample]]:
    """Variants of samples, each with the number of the sample it was made from.

    Every round takes each sample once and gives it another of `CHANGES`; blank lines are dropped or made even in half.
    """
    rng = random.Random(seed)
    apart = [lines_of(sample) for sample in samples]
    found = []
    for turn in range(rounds):
        for i, lines in enumerate(apart):
            changed = CHANGES[(i + turn) % len(CHANGES)](lines, rng.choice(apart), rng)
            blank = rng.choice((None, None, 0, 1))
            if blank is not None:
                changed = [Line(blank, line.pieces) for line in changed]
            if changed:
                found.append((i, assemble(changed)))
    return found
