"""Quotation marks: which stretches of the text stand between them.

The state of the marks is rebuilt in every line, so that a stray mark costs one line at most. What a mark does
(open or close) is told by its own form, by what stands beside it, and by whether anything is open. Single marks
count only where the document uses them for speech, and in its headlines; elsewhere they are apostrophes, or nested.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from quoteattr.segmenter import LINE_BREAKS

# Forms that scrapers leave: plain, doubled singles, HTML entities, UTF-8 read as Windows-1252.
_OPENERS = ("\N{LEFT DOUBLE QUOTATION MARK}", "\N{DOUBLE LOW-9 QUOTATION MARK}", "\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}",
            "``", "&ldquo;", "&#8220;", "&#x201c;", "&laquo;", "\u00e2\u20ac\u0153")  # fmt: skip
_CLOSERS = ("\N{RIGHT DOUBLE QUOTATION MARK}", "\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}",
            "&rdquo;", "&#8221;", "&#x201d;", "&raquo;", "\u00e2\u20ac\u009d")  # fmt: skip
_EITHER = ('"', "''", "&quot;", "&#34;", "\u00e2\u20ac")
_DOUBLE = re.compile("|".join(map(re.escape, sorted(_OPENERS + _CLOSERS + _EITHER, key=len, reverse=True))))
_MOJIBAKE_APOSTROPHE = (
    "\u2122",
    "\u02dc",
    "\u201d",
    "\u201c",
    "\u00a6",
)  # what follows "\u00e2\u20ac" where it is no mark
# The class of characters stands first: so the search finds them fast.
_SINGLE = re.compile(
    r"""[\u2018\u2019'`]           # curly ones, apostrophes, backticks,
    (?<!['`]['`])                # not the second of two
    (?!(?<=['`])['`])            # nor the first of them,
    (?:(?![^\W_])|(?<![^\W_].))  # and not within a word, where they are apostrophes""",
    re.VERBOSE,
)
LINE = re.compile(rf"\S(?:[^{LINE_BREAKS}]*\S)?")  # without the white space around it
_BEFORE_OPENING = set(
    "([{\N{EM DASH}\N{EN DASH}-:\N{LEFT SINGLE QUOTATION MARK}\N{LEFT DOUBLE QUOTATION MARK}'/\u200b>|*\""
)
_HEADLINES = 3
_LONG = 4  # words: a stretch this long is speech, not a name or a scare quote


@dataclass(frozen=True, slots=True)
class Stretch:
    """Text between quotation marks within one line.

    Attributes
    ----------
    start, end : int
        Offsets of what stands between the marks.
    outer_start, outer_end : int
        Offsets with the marks.
    opened, closed : bool
        Whether the opening and the closing mark are there.
    continues : int
        Index of the stretch of an earlier line that this one goes on from, or -1.
    """

    start: int
    end: int
    outer_start: int
    outer_end: int
    opened: bool
    closed: bool
    continues: int = -1


def find_stretches(
    text: str, dropped: Iterable[tuple[int, int]] = (), places: Sequence[tuple[int, int]] | None = None
) -> list[Stretch]:
    """Every quoted stretch of a text, in order.

    Parameters
    ----------
    text : str
        One text, or several that were joined.
    dropped : iterable of (start, end)
        Lines that are no part of the article: no quotation stands in them, and one may go on behind them.
    places : sequence of (start, end), optional
        Where each of several texts stands.
    """
    starts_dropped = {start for start, _ in dropped}
    stretches: list[Stretch] = []
    for place in places or [(0, len(text))]:
        _read_marks(text, place, starts_dropped, stretches)
    return stretches


def _read_marks(text: str, place: tuple[int, int], starts_dropped: set[int], stretches: list[Stretch]) -> None:
    """Add the stretches of one text."""
    lines = [m.span() for m in LINE.finditer(text, *place) if m.start() not in starts_dropped]
    double = _by_line(text, place, lines, _DOUBLE)
    single = _by_line(text, place, lines, _SINGLE)
    double_stretches = [_pair_double(text, line, marks) if marks else [] for line, marks in zip(lines, double)]
    # Whether a line begins with a mark: then what is open at the end of the line before may go on in it.
    begins = [bool(marks) and marks[0][0] == start for (start, _), marks in zip(lines, single)]
    single_stretches = [
        _pair_single(text, line, marks, goes_on) if marks else []
        for line, marks, goes_on in zip(lines, single, [*begins[1:], False])
    ]
    speech_in_single = _long(text, single_stretches) > _long(text, double_stretches)
    for n in range(len(lines)):
        if speech_in_single:
            found = single_stretches[n] or double_stretches[n]
        else:
            found = double_stretches[n]
            if not found and n < _HEADLINES:
                found = [s for s in single_stretches[n] if s.closed]
        for stretch in found:
            stretches.append(_linked(stretches, stretch, lines, n))


def _by_line(
    text: str, place: tuple[int, int], lines: Sequence[tuple[int, int]], pattern: re.Pattern[str]
) -> list[list[tuple[int, int]]]:
    """The marks of each line, as (start, end)."""
    found: list[list[tuple[int, int]]] = [[] for _ in lines]
    n = 0
    for match in pattern.finditer(text, *place):
        while n < len(lines) and lines[n][1] <= match.start():
            n += 1
        if n == len(lines):
            break
        if match.start() >= lines[n][0]:
            if match[0] == "\u00e2\u20ac" and text[match.end() : match.end() + 1] in _MOJIBAKE_APOSTROPHE:
                continue
            found[n].append(match.span())
    return found


def _looks(text: str, line: tuple[int, int], start: int, end: int) -> tuple[bool, bool]:
    """Whether a mark, by its neighbours, can open and can close."""
    before = text[start - 1] if start > line[0] else " "
    after = text[end] if end < line[1] else " "
    free_before = before.isspace() or before in _BEFORE_OPENING
    free_after = not (after.isalnum() or after in "\u2018$\u00a3\u20ac#@([\u2026\u201c'")
    return free_before and not after.isspace(), not before.isspace() and (free_after or not free_before)


def _pair_double(text: str, line: tuple[int, int], marks: list[tuple[int, int]]) -> list[Stretch]:
    stretches: list[Stretch] = []
    opened: tuple[int, int] | None = None
    for start, end in marks:
        mark = text[start:end]
        can_open, can_close = _looks(text, line, start, end)
        if opened is None and text[start - 1 : start].isdigit() and start > line[0] and mark in ('"', "''"):
            continue  # inches, seconds
        if mark in _OPENERS:
            opens = not (opened is not None and can_close and not can_open)
        elif mark in _CLOSERS:
            opens = opened is None and can_open and not can_close
        elif opened is None:
            opens = can_open or not can_close
        else:
            opens = can_open and not can_close and text[end : end + 1].isalnum()
        if opens:
            opened = (start, end)
        elif opened is not None:
            if start > opened[1]:
                stretches.append(Stretch(opened[1], start, opened[0], end, True, True))
            opened = None
        elif not stretches and start > line[0] and _ends_speech(text, line, start, end):
            stretches.append(Stretch(line[0], start, line[0], end, False, True))
    if opened is not None and line[1] > opened[1]:
        stretches.append(Stretch(opened[1], line[1], opened[0], line[1], True, False))
    return stretches


def _ends_speech(text: str, line: tuple[int, int], start: int, end: int) -> bool:
    """Whether a mark with nothing open before it closes a quotation whose opening mark was lost."""
    after = text[end : end + 1] if end < line[1] else " "
    return text[start - 1] in ",.?!\u2026" and not after.isalnum()


def _pair_single(text: str, line: tuple[int, int], marks: list[tuple[int, int]], goes_on: bool) -> list[Stretch]:
    """Single-marked stretches; an apostrophe after s closes only if no better mark comes before the next opening.

    One that nothing closes counts if it fills its line, or `goes_on` with the next one.
    """
    stretches: list[Stretch] = []
    opened: tuple[int, int] | None = None
    closing: int | None = None

    def finish() -> None:
        if opened is not None and closing is not None and closing > opened[1]:
            stretches.append(Stretch(opened[1], closing, opened[0], closing + 1, True, True))

    for start, end in marks:
        mark = text[start:end]
        before = text[start - 1] if start > line[0] else " "
        after = text[end] if end < line[1] else " "
        opens = (before.isspace() or before in _BEFORE_OPENING) and (
            after.isalnum() or after in '\u201c"\u2026[$\u00a3'
        )
        if opens and mark != "\N{RIGHT SINGLE QUOTATION MARK}" and not (mark == "'" and after.isdigit()):
            if opened is not None and closing is None and mark != "`":
                continue  # nested, or an elision: 'til
            finish()
            opened, closing = (start, end), None
        elif opened is not None and not before.isspace() and not after.isalnum() and mark not in "`\u2018":
            firm = before in '.,?!\u2026\u201d"' or (before.isalnum() and before != "s")
            weak_so_far = closing is not None and text[closing - 1] == "s"
            if closing is None or (weak_so_far and firm):
                closing = start
    if opened is not None and closing is None and (goes_on or opened[0] == line[0]):
        stretches.append(Stretch(opened[1], line[1], opened[0], line[1], True, False))
    finish()
    return stretches


def _long(text: str, by_line: list[list[Stretch]]) -> int:
    """How many stretches, past the headlines, are long enough to be speech."""
    return sum(text.count(" ", s.start, s.end) >= _LONG - 1 for line in by_line[1:] for s in line)


def _linked(stretches: list[Stretch], stretch: Stretch, lines: Sequence[tuple[int, int]], n: int) -> Stretch:
    """The stretch, linked to an unclosed one that ended the line before where this one starts its line."""
    if stretches and n and not stretches[-1].closed:
        last = stretches[-1]
        if last.end == lines[n - 1][1] and stretch.outer_start == lines[n][0]:
            return Stretch(
                stretch.start, stretch.end, stretch.outer_start, stretch.outer_end,
                stretch.opened, stretch.closed, len(stretches) - 1,
            )  # fmt: skip
    return stretch
