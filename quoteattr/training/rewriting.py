"""Augmentation at training time: other versions of annotated articles, with every offset kept right.

The files of training_data stay as they were written; what a crawl has in more variety than they do is made here. Each
change is a small pure function of an article, a random generator and a `Stock` of names and boilerplate; it gives
back a new article, which passes `annotation.check` if the old one did, or the article itself where it has nothing to
change. `augmented` draws the changes; the same seed gives the same articles.

============================  =====================================================================================
change                        what it does
============================  =====================================================================================
`other_marks`                 quotation marks of another house style, nested ones included
`other_names`                 people get names of other cultures, some another gender with its pronouns and titles
`swapped_boilerplate`         boilerplate sentences become others of the same kind
`inserted_boilerplate`        boilerplate of another article between paragraphs, also within a long quotation
`removed_boilerplate`         some or all boilerplate lines go
`lost_marks`                  opening or closing quotation marks are lost
`odd_spaces`                  no-break spaces and doubled spaces
`damaged_head`                a headline in capitals, the first letter of the first paragraph lost or set apart
`dropped_blank_lines`         no blank lines between paragraphs
`joined_paragraphs`           some paragraphs run into the next
============================  =====================================================================================
"""

from __future__ import annotations

import random
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

from quoteattr.marks import Stretch, find_stretches
from quoteattr.training.annotation import Article, Entity, GoldQuote, GoldSentence, check
from quoteattr.training.words import read_classes

FOLD = 20  # a variant's place in the list is its article's modulo this: the same fold of 2, 4, 5, 10 or 20

# --- edits -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace text[start:end].

    Attributes
    ----------
    start, end : int
        Offsets into the old text; equal for an insertion, which belongs to no span that ends or starts there.
    text : str
        What stands there now.
    sentences : tuple of (start, end, kind)
        Boilerplate sentences that come with it, as offsets into `text`.
    """

    start: int
    end: int
    text: str
    sentences: tuple[tuple[int, int, str], ...] = ()


class _Shift:
    """Where offsets of the old text are in the new one."""

    def __init__(self, edits: Sequence[Edit]):
        self.edits = edits
        self.starts = [e.start for e in edits]
        self.grown = [0]
        for e in edits:
            self.grown.append(self.grown[-1] + len(e.text) - (e.end - e.start))

    def start(self, offset: int) -> int:
        """The new place of a span's start; inside replaced text, the end of what replaces it."""
        n = bisect_right(self.starts, offset)
        if n and self.edits[n - 1].start == offset < self.edits[n - 1].end:
            return offset + self.grown[n - 1]
        return max(offset, self.edits[n - 1].end if n else 0) + self.grown[n]

    def end(self, offset: int) -> int:
        """The new place of a span's end; inside replaced text, the start of what replaces it."""
        n = bisect_left(self.starts, offset)
        if n and self.edits[n - 1].end > offset:
            return self.edits[n - 1].start + self.grown[n - 1]
        return offset + self.grown[n]


def edited(article: Article, edits: Iterable[Edit]) -> Article:
    """The article with its text edited: spans move along, those whose text is gone go with it.

    Parameters
    ----------
    article : Article
    edits : iterable of Edit
        In any order; no two overlap.

    Raises
    ------
    ValueError
        If two edits overlap.
    """
    ordered = sorted(edits, key=lambda e: (e.start, e.end))
    text, at = [], 0
    for e in ordered:
        if e.start < at:
            raise ValueError(f"the edit {e} overlaps the one before it")
        text += [article.text[at : e.start], e.text]
        at = e.end
    text.append(article.text[at:])
    shift = _Shift(ordered)

    def moved(span: tuple[int, int] | None) -> tuple[int, int] | None:
        if span is None:
            return None
        start, end = shift.start(span[0]), shift.end(span[1])
        return (start, end) if start < end else None

    sentences = []
    for s in article.sentences:
        if span := moved((s.start, s.end)):
            sentences.append(replace(s, start=span[0], end=span[1]))
    for n, e in enumerate(ordered):
        base = e.start + shift.grown[n]
        sentences += [GoldSentence(base + start, base + end, False, kind, 0) for start, end, kind in e.sentences]
    whole = "".join(text)
    quotes = []
    for q in article.quotes:
        if spans := [span for s in q.spans if (span := moved(s))]:
            quotes.append(replace(q, spans=_merged(whole, spans), cue=moved(q.cue), mention=moved(q.mention)))
    mentions = [(*span, m[2]) for m in article.mentions if (span := moved(m[:2]))]
    return Article(
        article.id, dict(article.header), whole, _used(article.entities, quotes, mentions),
        sorted(sentences, key=lambda s: s.start), sorted(quotes, key=lambda q: q.spans[0]), sorted(mentions),
    )  # fmt: skip


def _merged(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Pieces of a content with only white space of one line between them are one piece."""
    merged = spans[:1]
    for start, end in spans[1:]:
        between = text[merged[-1][1] : start]
        if between.strip() or "\n" in between:
            merged.append((start, end))
        else:
            merged[-1] = (merged[-1][0], end)
    return merged


def _used(
    entities: dict[str, Entity], quotes: Iterable[GoldQuote], mentions: Iterable[tuple[int, int, str]]
) -> dict[str, Entity]:
    used = {name for _, _, name in mentions} | {q.speaker for q in quotes}
    return {name: entity for name, entity in entities.items() if name in used}


@dataclass(frozen=True, slots=True)
class Line:
    """A line: its place in the text and its sentences."""

    start: int
    end: int
    sentences: tuple[GoldSentence, ...]

    @property
    def boilerplate(self) -> bool:
        """Whether all of it is boilerplate."""
        return all(s.boilerplate for s in self.sentences)


def lines_of(article: Article) -> list[Line]:
    """The lines that hold sentences."""
    groups: list[list[GoldSentence]] = []
    for s in article.sentences:
        if groups and "\n" not in article.text[groups[-1][-1].end : s.start]:
            groups[-1].append(s)
        else:
            groups.append([s])
    return [Line(g[0].start, g[-1].end, tuple(g)) for g in groups]


# --- stock -------------------------------------------------------------------------------------------------------

# Common family names of many countries, written down from general knowledge for this project (CC0).
_SURNAMES = """
Abdullahi Acheampong Adeyemi Agarwal Ahmed Akhtar Alvarez Andersson Antonelli Aoki Appiah Arslan Asante Baker Banda
Banerjee Barzani Bennett Berisha Bianchi Boateng Botha Brennan Castillo Chaudhry Chen Chikwanha Choi Chukwu Cohen
Collins Costa Cruz Dang Das Davies Delacroix Demir Desai Diallo Doherty Dubois Edwards Egbe Estrada Evans Farah
Fernandes Ferrari Fischer Flores Fofana Forsyth Fraser Gallagher Garcia Ghosh Goldberg Gonzalez Gruber Gupta Gutierrez
Haddad Hansen Hassan Hernandez Hoang Horvat Hughes Hussain Ibrahim Ivanova Iyer Jansen Jensen Jimenez Kamau Kaplan
Karimi Kaur Keller Khumalo Kim Kipchoge Kovacs Kowalski Kumalo Laurent Lebedev Lee Lim Lindqvist Lopez Macleod
Mahlangu Malik Marino Martinez Mbeki Mendoza Meyer Mishra Mohamud Morales Moreau Moreno Murphy Mutasa Mwangi Nakamura
Nair Ncube Ndlovu Nguyen Njoroge Novak Ochieng Odhiambo Okafor Okeke Oliveira Olsen Onyango Ortega Osei Ozturk Park
Parry Patel Pereira Petrov Pham Pillai Popescu Quinn Rahman Rajan Ramirez Reddy Reid Reyes Romano Rosen Rossi Ryan
Salazar Santos Schmidt Sesay Shapiro Sharma Silva Singh Sithole Suarez Suzuki Takahashi Tan Tembo Thapa Thomas Torres
Tran Turner Uddin Varga Vasquez Venter Wagner Walsh Wang Weber Williams Wilson Wójcik Wong Wu Yadav Yamamoto Yeo
Yilmaz Zhang Zulu
"""
SURNAMES = tuple(_SURNAMES.split())


@dataclass(frozen=True)
class Stock:
    """What changes draw from.

    Attributes
    ----------
    given : dict
        Given names by pronoun.
    common : frozenset of str
        Words in lower case that are no names although they may stand in one.
    titles : frozenset of str
        Words in lower case that stand in front of a name.
    boilerplate : dict
        By kind, (article id, sentence).
    runs : list of (article id, lines)
        Stretches of boilerplate lines, each line as (text, kind) of its sentences.
    """

    given: dict[str, tuple[str, ...]] = field(default_factory=dict)
    common: frozenset[str] = frozenset()
    titles: frozenset[str] = frozenset()
    boilerplate: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    runs: list[tuple[str, list[list[tuple[str, str]]]]] = field(default_factory=list)


def stock_of(articles: Iterable[Article], lexicons: Path) -> Stock:
    """The stock of training articles and the lexicons' folder."""
    classes = read_classes(lexicons)
    given = {p: tuple(sorted(w.title() for w in classes.get(f"name_{p}", ()) if len(w) > 2)) for p in ("he", "she")}
    names = {w for p in ("name_he", "name_she") for w in classes.get(p, ())}
    common = frozenset().union(*(words for name, words in classes.items() if not name.startswith("name_"))) - names
    stock = Stock(given, common, frozenset(classes["title"] | classes["role"] | classes["body"]))
    for article in articles:
        run: list[list[tuple[str, str]]] = []
        for line in lines_of(article):
            pieces = [(article.text[s.start : s.end], s.boilerplate) for s in line.sentences if s.boilerplate]
            for text, kind in pieces:
                stock.boilerplate.setdefault(kind, []).append((article.id, text))
            if pieces and line.boilerplate:
                run.append(pieces)
            elif run:
                stock.runs.append((article.id, run))
                run = []
        if run:
            stock.runs.append((article.id, run))
    return stock


# --- quotation marks ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Style:
    """Quotation marks of a house: outer, inner, apostrophe."""

    outer: tuple[str, str]
    inner: tuple[str, str]
    apostrophe: str


STYLES = (
    Style(("“", "”"), ("‘", "’"), "’"),
    Style(('"', '"'), ("'", "'"), "'"),
    Style(("‘", "’"), ("“", "”"), "’"),
    Style(("'", "'"), ('"', '"'), "'"),
    Style(("''", "''"), ("'", "'"), "'"),
    Style(("``", "''"), ("`", "'"), "'"),
    Style(("«", "»"), ("“", "”"), "’"),
)
_APOSTROPHE = re.compile(r"(?<=\w)['’](?=\w)")
_INNER_SINGLE = re.compile(
    r"(?<![\w'’‘])['‘](?=\w[^'’‘]*[ ,.?!]|\w+['’])(.+?)(?:(?<=[,.?!…])['’]|(?<=[\w)])['’](?!\w))"
)
_INNER_DOUBLE = re.compile(r"[“\"](?=\S)([^“”\"]+)[”\"]")
_CURLY = {"“": '"', "”": '"', "‘": "'", "’": "'"}


def stretches_of(article: Article) -> list[Stretch]:
    """The quoted stretches of an article, boilerplate left out."""
    dropped = [(line.start, line.end) for line in lines_of(article) if line.boilerplate]
    return find_stretches(article.text, dropped)


def other_marks(article: Article, rng: random.Random, _: Stock) -> Article:
    """Quotation marks of another house style: curly, straight, single, doubled single, LaTeX's, guillemets."""
    text = article.text
    if "â€" in text or "&quot" in text or "&#" in text:  # damaged on purpose
        return article
    stretches = stretches_of(article)
    openers = Counter(text[s.outer_start : s.start] for s in stretches if s.opened)
    if not openers:
        return article
    now = openers.most_common(1)[0][0]
    style = rng.choice([s for s in STYLES if s.outer[0] != now])
    single = now in ("'", "‘")
    edits: dict[tuple[int, int], str] = {}
    for s in stretches:
        opener, closer = text[s.outer_start : s.start], text[s.end : s.outer_end]
        if ((opener or closer) in ("'", "‘", "’")) != single:
            continue
        if s.opened and opener:
            edits[s.outer_start, s.start] = style.outer[0]
        if s.closed and closer:
            edits[s.end, s.outer_end] = style.outer[1]
        for m in (_INNER_DOUBLE if single else _INNER_SINGLE).finditer(text, s.start, s.end):
            edits[m.start(), m.start() + 1] = style.inner[0]
            edits[m.end() - 1, m.end()] = style.inner[1]
    for m in _APOSTROPHE.finditer(text):
        edits.setdefault(m.span(), style.apostrophe)
    if style.apostrophe == "'":
        for m in re.finditer("[“”‘’]", text):
            edits.setdefault(m.span(), _CURLY[m[0]])
    changes = [Edit(start, end, mark) for (start, end), mark in edits.items() if text[start:end] != mark]
    return _sound(article, edited(article, _apart(changes)))


def _apart(edits: Iterable[Edit]) -> list[Edit]:
    """The edits without those that overlap an earlier one."""
    kept: list[Edit] = []
    for e in sorted(edits, key=lambda e: (e.start, -e.end)):
        if not kept or e.start >= kept[-1].end:
            kept.append(e)
    return kept


def _sound(article: Article, changed: Article) -> Article:
    """The changed article, or the old one if the change broke a rule of the annotation."""
    return changed if len(check(changed)) <= len(check(article)) else article


# --- names -------------------------------------------------------------------------------------------------------

_PRONOUN = re.compile(r"\b(?:he|him|his|himself|she|her|hers|herself)\b", re.I)
_OF_SHE = {"she", "her", "hers", "herself"}
_TITLE = {
    "mr": "Ms", "ms": "Mr", "mrs": "Mr", "miss": "Mr", "sir": "Dame", "dame": "Sir", "lord": "Lady", "lady": "Lord",
    "baroness": "Lord",
}  # fmt: skip
_GENDERED = re.compile(
    r"\b(?:father|mother|dad|mum|mom|mam|son|daughter|wife|husband|widow(?:er)?|brother|sister|uncle|aunt|nephew|niece"
    r"|boy|girl|lad|\w*man|\w*woman|\w*men|\w*women|girlfriend|boyfriend|bride|groom|actress|waitress|king|queen"
    r"|prince|princess|duke|duchess|grand(?:father|mother|son|daughter|dad|ma|pa)|nan|gran|guy|bloke|male|female"
    r"|pregnant|nun|monk|hostess|landlady|landlord|matron|mayoress|baron|count(?:ess)?|beard\w*)\b",
    re.I,
)
_NO_NOUN_WORDS = """
and or but to for in on at with from by of as when while because after before that who which if about into over out up
down off again too so then there the a an this not was is had has would will could he she it they i we
"""
_NO_NOUN = frozenset(_NO_NOUN_WORDS.split())
_AFTER_NAME = frozenset(
    ("KC", "QC", "MP", "MSP", "TD", "MD", "PhD", "OBE", "MBE", "CBE", "Jr", "Jr.", "Sr", "Sr.", "II")
)


def other_names(article: Article, rng: random.Random, stock: Stock) -> Article:
    """Other given names and surnames for about two in three of the people, another gender for one in three of these."""
    text = article.text
    people = [e for e in article.entities.values() if e.kind == "person"]
    surnames = list(SURNAMES)
    names: dict[str, str] = {}
    taken: set[str] = set(re.findall(r"\w+", text))
    roles: dict[str, set[str]] = {}
    parts = {e.id: _parts(e, stock) for e in people}
    for given, surname in parts.values():
        roles.setdefault(given, set()).add("given")
        roles.setdefault(surname, set()).add("surname")

    def free(word: str) -> bool:
        return len(roles[word]) == 1 and _replaceable(word, text, stock)

    switched: set[str] = set()
    for e in people:
        given, surname = parts[e.id]
        if rng.random() > 0.67:
            continue
        if surname and surname not in names and free(surname):
            names[surname] = _pick(surnames, taken, rng)
        if given and given not in names and free(given):
            pronoun = e.pronoun if e.pronoun in ("he", "she") else rng.choice(("he", "she"))
            if e.pronoun == pronoun and rng.random() < 0.33 and _can_switch(e, given, parts, article):
                pronoun = "she" if pronoun == "he" else "he"
                switched.add(e.id)
            if stock.given.get(pronoun):
                names[given] = _pick(stock.given[pronoun], taken, rng)
            else:
                switched.discard(e.id)
    if not names:
        return article
    lookup = names | {old.upper(): new.upper() for old, new in names.items()}
    either = "|".join(map(re.escape, sorted(lookup, key=len, reverse=True)))
    pattern = re.compile(rf"(?<![\w-])(?:{either})(?![\w-])")
    edits = [Edit(*m.span(), lookup[m[0]]) for m in pattern.finditer(text)]
    if switched:
        edits += _switches(article, switched)
    changed = edited(article, _apart(edits))
    for e in list(changed.entities.values()):
        name = pattern.sub(lambda m: lookup[m[0]], e.name)
        pronoun = {"he": "she", "she": "he"}[e.pronoun] if e.id in switched else e.pronoun
        if e.id in switched:
            name = re.sub(r"\w+", lambda m: _TITLE.get(m[0].lower(), m[0]), name, count=1)
        changed.entities[e.id] = Entity(e.id, name, e.kind, pronoun)
    return _sound(article, changed)


def _pick(names: Sequence[str], taken: set[str], rng: random.Random) -> str:
    """A name that the article does not have yet."""
    name = rng.choice([n for n in names if n not in taken] or list(names))
    taken.add(name)
    return name


def _parts(e: Entity, stock: Stock) -> tuple[str, str]:
    """Given name and surname of a person, "" where there is none that can be told."""
    words = [w.strip(",") for w in e.name.split()]
    while len(words) > 1 and words[-1] in _AFTER_NAME:
        words.pop()
    titled = [i for i, w in enumerate(words[:-1]) if w.lower().strip(".") in stock.titles]
    words = words[titled[-1] + 1 :] if titled else words
    if len(words) == 1:
        known = any(words[0] in names for names in stock.given.values())
        return (words[0], "") if known and not titled else ("", words[0]) if titled else ("", "")
    particle = words[-2][0].islower() or words[-2] in ("Le", "La", "Al", "El", "Van", "De", "St", "Mac")
    return words[0], "" if particle else words[-1]


def _replaceable(word: str, text: str, stock: Stock) -> bool:
    """Whether a word of a name is nothing but a name."""
    if len(word) < 3 or not word[0].isupper() or not re.fullmatch(r"[\w'’-]+", word) or word.lower() in stock.common:
        return False
    return not re.search(rf"\b{re.escape(word.lower())}\b", text)


def _can_switch(e: Entity, given: str, parts: dict[str, tuple[str, str]], article: Article) -> bool:
    """Whether no word near the person's name tells the gender, and nobody else has the given name."""
    if sum(g == given for g, _ in parts.values()) > 1:
        return False
    for start, end, entity in article.mentions:
        if entity == e.id and not _PRONOUN.fullmatch(article.text[start:end]):
            s = next((s for s in article.sentences if s.start <= start < s.end), None)
            if _GENDERED.search(article.text[start:end]) or (s and _GENDERED.search(article.text[s.start : s.end])):
                return False
    return True


def _switches(article: Article, switched: set[str]) -> list[Edit]:
    """Pronouns and titles of the people who are given another gender.

    A pronoun that is no mention belongs to the last mentioned person of its gender.
    """
    text = article.text
    marked = {(start, end): entity for start, end, entity in article.mentions}
    edits = []
    for m in _PRONOUN.finditer(text):
        gender = "she" if m[0].lower() in _OF_SHE else "he"
        owner = marked.get(m.span())
        if owner is None:
            before = [n for s, _, n in article.mentions if s < m.start() and article.entities[n].pronoun == gender]
            owner = before[-1] if before else None
        if owner in switched and article.entities[owner].pronoun == gender:
            edits.append(Edit(*m.span(), _other_pronoun(text, m)))
    for start, end, entity in article.mentions:
        if entity in switched:
            for m in re.finditer(r"\b(?:Mr|Ms|Mrs|Miss|Sir|Dame|Lord|Lady|Baroness)\b", text[start:end]):
                edits.append(Edit(start + m.start(), start + m.end(), _TITLE[m[0].lower()]))
    return sorted(set(edits), key=lambda e: e.start)


def _other_pronoun(text: str, m: re.Match[str]) -> str:
    word = m[0].lower()
    following = re.match(r"[ \u00a0]+([\w£$€][\w'’-]*)", text[m.end() :])
    noun = following is not None and following[1].lower() not in _NO_NOUN
    other = {
        "he": "she", "him": "her", "himself": "herself", "his": "her" if noun else "hers",
        "she": "he", "herself": "himself", "hers": "his", "her": "his" if noun else "him",
    }[word]  # fmt: skip
    return other.upper() if m[0].isupper() and len(m[0]) > 1 else other.capitalize() if m[0][0].isupper() else other


# --- boilerplate -------------------------------------------------------------------------------------------------


def swapped_boilerplate(article: Article, rng: random.Random, stock: Stock) -> Article:
    """About three in four boilerplate sentences become others of the same kind, from other articles."""
    edits = []
    for s in article.sentences:
        others = stock.boilerplate.get(s.boilerplate or "", ())
        if others and rng.random() < 0.75:
            donor, text = rng.choice(others)
            if donor != article.id:
                edits.append(Edit(s.start, s.end, text))
    replaced = {e.start for e in edits}
    gone = [s for s in article.sentences if s.start in replaced]
    kept = [m for m in article.mentions if not any(s.start <= m[0] < s.end for s in gone)]
    bare = replace(article, mentions=kept, entities=_used(article.entities, article.quotes, kept))
    return _sound(article, edited(bare, edits)) if edits else article


def inserted_boilerplate(article: Article, rng: random.Random, stock: Stock) -> Article:
    """Up to five stretches of boilerplate of other articles between lines, one of them inside a long quotation."""
    lines = lines_of(article)
    runs = [run for donor, run in stock.runs if donor != article.id]
    if len(lines) < 2 or not runs:
        return article
    gaps = list(range(len(lines) - 1))
    inside = [i for i in gaps if _goes_on(article, lines[i].end, lines[i + 1].start)]
    chosen = set(rng.sample(gaps, min(len(gaps), rng.randint(1, 5))))
    if inside:
        chosen.add(rng.choice(inside))
    edits = []
    for i in sorted(chosen):
        gap = article.text[lines[i].end : lines[i + 1].start]
        gap = "\n" * gap.count("\n")
        run = rng.choice(runs)
        first = rng.randrange(len(run))
        text, sentences = "", []
        for line in run[first : first + rng.choice((1, 1, 1, 2, 4))]:
            for n, (piece, kind) in enumerate(line):
                text += " " if n else gap
                sentences.append((len(text), len(text) + len(piece), kind))
                text += piece
        edits.append(Edit(lines[i].end, lines[i].end, text, tuple(sentences)))
    return _sound(article, edited(article, edits))


def _goes_on(article: Article, end: int, start: int) -> bool:
    """Whether a quote has a content piece before a gap and one after it."""
    return any(q.spans[0][0] < end and q.spans[-1][1] > start for q in article.quotes)


def removed_boilerplate(article: Article, rng: random.Random, _: Stock) -> Article:
    """A random share of the boilerplate lines goes, as an extractor takes them out."""
    lines = lines_of(article)
    share = rng.choice((0.3, 0.6, 0.9, 1.0))
    gone = [line.boilerplate and rng.random() < share for line in lines]
    if all(gone) or not any(gone):
        return article
    edits = []
    last = max(i for i, g in enumerate(gone) if not g)
    for i, line in enumerate(lines):
        if gone[i] and i < last:
            edits.append(Edit(line.start, lines[i + 1].start, ""))
    if last + 1 < len(lines):
        edits.append(Edit(lines[last].end, lines[-1].end, ""))
    return _sound(article, edited(article, edits))


# --- typography --------------------------------------------------------------------------------------------------


def lost_marks(article: Article, rng: random.Random, _: Stock) -> Article:
    """One to three quotation marks are lost; the article counts as damaged."""
    marks = []
    for s in stretches_of(article):
        if s.opened and s.closed and s.end - s.start > 20:
            marks += [(s.outer_start, s.start), (s.end, s.outer_end)]
    if not marks:
        return article
    chosen = rng.sample(marks, min(len(marks), rng.randint(1, 3)))
    changed = edited(article, [Edit(start, end, "") for start, end in chosen])
    changed.header["damaged"] = "yes"
    return _sound(article, changed)


def odd_spaces(article: Article, rng: random.Random, _: Stock) -> Article:
    """Some spaces are doubled, some are no-break spaces."""
    share = rng.choice((0.01, 0.03, 0.1))
    edits = []
    for m in re.finditer(r"(?<=\S) (?=\S)", article.text):
        if rng.random() < share:
            edits.append(Edit(*m.span(), rng.choice(("\u00a0", "  ", "\u00a0 "))))
    return _sound(article, edited(article, edits))


def damaged_head(article: Article, rng: random.Random, _: Stock) -> Article:
    """The headline in capitals, and in half of the articles a drop capital that is lost or set apart."""
    body = [line for line in lines_of(article) if not line.boilerplate]
    if not body:
        return article
    headline = body[0]
    edits = [
        Edit(at, at + 1, c.upper())
        for at, c in enumerate(article.text[headline.start : headline.end], headline.start)
        if c.islower() and len(c.upper()) == 1
    ]
    paragraph = next((line for line in body[1:] if line.end - line.start > 100), None)
    if paragraph and rng.random() < 0.5 and re.match(r"[A-Z][a-z]{2}", article.text[paragraph.start :]):
        letter = article.text[paragraph.start]
        edits.append(Edit(paragraph.start, paragraph.start + 1, rng.choice(("", letter + " "))))
    return _sound(article, edited(article, edits))


# --- lines -------------------------------------------------------------------------------------------------------


def dropped_blank_lines(article: Article, _rng: random.Random, _: Stock) -> Article:
    """No blank lines between paragraphs."""
    return _sound(article, edited(article, [Edit(*m.span(), "\n") for m in re.finditer(r"\n{2,}", article.text)]))


def joined_paragraphs(article: Article, rng: random.Random, _: Stock) -> Article:
    """About one in three paragraphs runs on into the next: both are the article's, the first ends like a sentence."""
    edits = []
    lines = lines_of(article)
    for one, two in pairwise(lines):
        if one.sentences[-1].boilerplate or two.sentences[0].boilerplate or rng.random() > 0.35:
            continue
        if re.search(r"[.!?][\"'”’»)]*$", article.text[one.start : one.end]) and two.end - two.start > 60:
            edits.append(Edit(one.end, two.start, " "))
    return _sound(article, edited(article, edits))


# --- entry point -------------------------------------------------------------------------------------------------

Change = Callable[[Article, random.Random, Stock], Article]
CHANGES: tuple[Change, ...] = (
    other_marks, other_names, swapped_boilerplate, inserted_boilerplate, removed_boilerplate, lost_marks, odd_spaces,
    damaged_head, dropped_blank_lines, joined_paragraphs,
)  # fmt: skip
DEFAULT: tuple[Change, ...] = CHANGES


def augmented(
    articles: Sequence[Article],
    seed: int,
    lexicons: Path,
    changes: Sequence[Change] = DEFAULT,
    rounds: int = 1,
    share: float = 0.5,
) -> list[Article]:
    """The articles, followed by changed versions of them.

    Parameters
    ----------
    articles : sequence of Article
        The training split; boilerplate is exchanged among them.
    seed : int
        The same seed gives the same articles.
    lexicons : Path
        The folder of training_data that names and titles are read from.
    changes : sequence of functions
        What may be done, in this order.
    rounds : int
        How many versions of each article to make.
    share : float
        How likely each change is; every version has one at least.

    Returns
    -------
    list of Article
        A version stands in the list where its place modulo `FOLD` is its article's: cross-fitting by place keeps both
        in one fold. For this, fewer than `FOLD` articles a round are left out.
    """
    stock = stock_of(articles, lexicons)
    found = list(articles)
    for turn in range(rounds):
        rng = random.Random(f"{seed} {turn}")
        waiting: list[list[Article]] = [list(articles[place::FOLD]) for place in range(FOLD)]
        for queue in waiting:
            rng.shuffle(queue)
        while queue := waiting[len(found) % FOLD]:
            found.append(_version(queue.pop(), changes, share, rng, stock))
    return found


def _version(article: Article, changes: Sequence[Change], share: float, rng: random.Random, stock: Stock) -> Article:
    chosen = [c for c in changes if rng.random() < share] or [rng.choice(list(changes))]
    for change in chosen:
        article = change(article, rng, stock)
    return article
