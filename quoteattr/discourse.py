"""The discourse: who has been mentioned and who has spoken so far, and how well each fits a question.

The questions are pronouns ("he") and quotations that name nobody. Each candidate answer is described by a row of small
integers, and a fitted ranker gives the odds.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import islice

from quoteattr.analysis import TokenLists
from quoteattr.linear import Linear, Row, Slot, by_row
from quoteattr.mentions import PRONOUN
from quoteattr.people import BODY, PERSON, UNNAMED, Cluster, People, gender_fits
from quoteattr.quotations import Utterance

QUERIES = {query: n for n, query in enumerate(("he", "she", "they", "it", "passive", "free"))}
NAMELESS = ("passive", "free")  # queries of quotations that name nobody
_CLUSTER_KINDS = {PERSON: 0, BODY: 1, UNNAMED: 2}
_POSSESSIVES = {"his", "her", "its", "their"}  # "her" may be an object too
_MOST_CANDIDATES = 8
_LOOK_BACK = 40  # clusters: who was mentioned before so many others is not meant
_UNCLEAR, _SUBJECT, _OBJECT, _POSSESSIVE = range(4)  # the part that a mention plays in its clause

RANKER_SLOTS = (
    Slot("query, agreement and kind", 6 * 3 * 3),
    Slot("query and sentences since", 6 * 8),
    Slot("query and lines since", 6 * 6),
    Slot("query and rank", 6 * 6),
    Slot("last speaker and lines since", 6 * 3 * 6),
    Slot("opens its sentence", 6 * 2 * 4),
    Slot("times mentioned", 6 * 5),
    Slot("last mention's type", 6 * 4),
    Slot("speaks elsewhere", 6 * 3),
    Slot("same line", 6 * 4),
    Slot("speaker before last", 6 * 2 * 3),
    Slot("parts played and sentences since", 6 * 4 * 4 * 4),
    Slot("part, kind and last mention's type", 6 * 4 * 3 * 4),
    Slot("both open their sentences", 6 * 2 * 2 * 4),
    Slot("candidates and rank", 6 * 4 * 4),
    Slot("most mentioned and rank", 6 * 2 * 4),
    Slot("times spoken and last speaker", 6 * 4 * 3),
    Slot("whole line, last speaker and lines since", 6 * 2 * 3 * 6),
    Slot("answers, last speakers and whole line", 6 * 2 * 3 * 2 * 2),
    Slot("last quotation and last speaker", 6 * 2 * 3 * 3),
    Slot("last quotation and last mention", 6 * 3 * 3 * 2),
    Slot("asked by the text, spoken most and last speaker", 6 * 2 * 2 * 3),
)

# query, token it is asked at, candidates, their rows -> index of the chosen candidate (-1: none), its probability
Chooser = Callable[[str, int, list[Cluster], list[Row]], tuple[int, float]]


class Discourse:
    """The state of reading a text from start to end.

    Attributes
    ----------
    last : dict of int to (token, mention type, opens its sentence, part)
        The latest mention of each cluster; the latest of all comes last.
    times, spoken : dict of int to int
        How often each cluster was mentioned and spoke.
    speaker : (cluster, line) or None
        The last one who spoke.
    before_last : int
        The latest speaker that is not the last one; -1 for none.
    """

    def __init__(self, a: TokenLists, people: People, speaks: set[int]):
        self._a = a
        self._clusters = people.clusters
        self._speaks = speaks
        self._governs = a.lexicon.any_of("preposition", "report_verb", "verb", "maybe_verb")
        self._question = a.lexicon.number("?")
        self.last: dict[int, tuple[int, int, bool, int]] = {}
        self.times: dict[int, int] = {}
        self.spoken: dict[int, int] = {}
        self.speaker: tuple[int, int] | None = None
        self.before_last = -1
        self._most = 0  # mentions of one cluster
        # The last one that has a speaker: its line, whether it asks, whether it named nobody.
        self._quotation = -2, False, False

    def see(self, cluster: int, start: int, end: int, type_: int) -> None:
        """Note a mention."""
        self.last.pop(cluster, None)
        self.last[cluster] = start, type_, self._opens(start), self._part(start, end, type_ == PRONOUN)
        self.times[cluster] = self.times.get(cluster, 0) + 1
        self._most = max(self._most, self.times[cluster])

    def speak(self, cluster: int, at: int, u: Utterance) -> None:
        """Note a speaker and the quotation."""
        if self.speaker and self.speaker[0] != cluster:
            self.before_last = self.speaker[0]
        self.speaker = cluster, self._a.line[at]
        self.spoken[cluster] = self.spoken.get(cluster, 0) + 1
        start, end = u.pieces[-1]
        tail = [word for word in self._a.words[max(start, end - 3) : end] if word != self._a.lexicon.closing]
        self._quotation = self._a.line[start], tail[-1:] == [self._question], u.source < 0

    def candidates(self, query: str) -> tuple[list[Cluster], list[int]]:
        """The clusters mentioned last that agree with a query, the latest first, and how well each agrees."""
        found: list[Cluster] = []
        fits = []
        for number in islice(reversed(self.last), _LOOK_BACK):
            cluster = self._clusters[number]
            agreement = 1 if query in NAMELESS else gender_fits(query, cluster)
            if agreement:
                found.append(cluster)
                fits.append(agreement)
                if len(found) == _MOST_CANDIDATES:
                    break
        return found, fits

    def rows(
        self, query: str, at: int, candidates: list[Cluster], fits: list[int], u: Utterance | None = None
    ) -> list[Row]:
        """The slots of the candidates for a query at a token; `u` is the quotation that names nobody."""
        a = self._a
        q, sentence, line = QUERIES[query], a.sentence[at], a.line[at]
        speaker, since = (self.speaker[0], min(max(line - self.speaker[1], 0), 4)) if self.speaker else (-1, 5)
        own_part, own_opens = (_UNCLEAR, False) if u else (self._part(at, at + 1, True), self._opens(at))
        whole = u is not None and self._is_whole_line(u)
        is_answer = u is not None and self._is_answer(u)
        spoken_most = max(self.spoken.values(), default=0)
        quotation_line, asked, was_free = self._quotation
        behind = min(max(line - quotation_line, 0), 2)  # lines since the last quotation
        rivals = min(len(fits), 4) - 1
        rows: list[Row] = []
        for rank, (c, agreement) in enumerate(zip(candidates, fits)):
            number, kind = c.number, _CLUSTER_KINDS[c.kind]
            token, type_, opens, part = self.last.get(number, _BEHIND)
            if token < 0:  # named behind the quotation
                sentences, lines, rank, same = 7, 5, 5, 3
            else:
                sentences, lines = max(sentence - a.sentence[token], 0), max(line - a.line[token], 0)
                same = 0 if lines else 1 if sentences else 2
                sentences, lines = min(sentences, 6), min(lines, 4)
            spoke = 0 if speaker < 0 else 2 if speaker == number else 1
            before_last, times, spoken = (
                self.before_last == number,
                self.times.get(number, 0),
                self.spoken.get(number, 0),
            )
            near, third = min(sentences, 3), min(rank, 3)
            rows.append((
                (q * 3 + agreement) * 3 + kind, q * 8 + sentences, q * 6 + lines, q * 6 + min(rank, 5),
                (q * 3 + spoke) * 6 + since, (q * 2 + opens) * 4 + near,
                q * 5 + min(times, 4), q * 4 + type_, q * 3 + (number in self._speaks) + (c.kind == PERSON),
                q * 4 + same, (q * 2 + before_last) * 3 + min(since, 2),
                ((q * 4 + own_part) * 4 + part) * 4 + near, ((q * 4 + part) * 3 + kind) * 4 + type_,
                ((q * 2 + own_opens) * 2 + opens) * 4 + near, (q * 4 + rivals) * 4 + third,
                (q * 2 + (times == self._most)) * 4 + third, (q * 4 + min(spoken, 3)) * 3 + spoke,
                ((q * 2 + whole) * 3 + spoke) * 6 + since, (((q * 2 + asked) * 3 + spoke) * 2 + before_last) * 2 + whole,
                ((q * 2 + was_free) * 3 + spoke) * 3 + behind, ((q * 3 + behind) * 3 + min(lines, 2)) * 2 + (spoke == 2),
                ((q * 2 + is_answer) * 2 + (0 < spoken == spoken_most)) * 3 + spoke,
            ))  # fmt: skip
        return rows

    def _opens(self, token: int) -> bool:
        """Whether a mention that starts here opens its sentence, or stands behind one word."""
        return token in self._a.opens_sentence or token - 1 in self._a.opens_sentence

    def _part(self, start: int, end: int, is_pronoun: bool) -> int:
        """The part that a mention plays in its clause, by the words beside it."""
        a = self._a
        has_s = a.text[a.ends[end - 1] : a.ends[end - 1] + 2] in ("'s", "\N{RIGHT SINGLE QUOTATION MARK}s")
        if a.word(start).lower() in _POSSESSIVES if is_pronoun else has_s:
            return _POSSESSIVE
        if (is_pronoun and has_s) or (end < len(a) and a.lexicon.verbs[a.words[end]]):  # "he's", "he had"
            return _SUBJECT
        return _OBJECT if start and self._governs[a.words[start - 1]] else _UNCLEAR

    def _is_whole_line(self, u: Utterance) -> bool:
        """Whether a quotation is a line of its own, but for a token on either side."""
        words, line_break = self._a.words, self._a.lexicon.line_break
        start, end = u.pieces[0][0], u.pieces[-1][1]
        in_front, behind = words[max(start - 2, 0) : start], words[end : end + 2]
        return (len(in_front) < 2 or line_break in in_front) and (len(behind) < 2 or line_break in behind)

    def _is_answer(self, u: Utterance) -> bool:
        """Whether a question that is no quotation stands in front of a quotation: an interview."""
        a = self._a
        at = u.pieces[0][0] - 1
        while at >= 0 and a.words[at] in (a.lexicon.line_break, a.lexicon.opening):
            at -= 1
        return at >= 0 and a.words[at] == self._question and not a.is_inside[at]


_BEHIND = -1, 3, False, _UNCLEAR  # the last mention of a cluster that has none yet


def ranker(model: Linear) -> Chooser:
    """Choose by a fitted ranker: the best candidate, with its share of the odds."""
    score = by_row(model)

    def choose(_query: str, _at: int, _candidates: list[Cluster], rows: list[Row]) -> tuple[int, float]:
        # Exactly one candidate or none is right: the odds of each against those of all, none having odds of one.
        odds = [math.exp(score(row)) for row in rows]
        most = max(odds)
        return odds.index(most), most / (1 + sum(odds))

    return choose
