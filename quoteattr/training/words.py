"""From training_data/lexicons and the training articles to a Lexicon."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from nltk.stem import PorterStemmer

from quoteattr.lexicon import BREAK, CLOSING, OPENING, Lexicon
from quoteattr.tokens import UNKNOWN, Vocabulary, backoff

_WORD = re.compile(r"\w+(?:-\w+)*|[^\w\s]")
_ENDS_CLAUSE = set(",;:.!?…-–—([{" + OPENING)
_NOUN_OR_VERB = ("es", "ts", "ns", "ks", "rs", "ls", "ds", "ps", "ms", "hs")  # endings
_OPEN = ("verb", "noun")  # classes that have more members than a list
_SHARED = ("maybe_verb", "past", "lemma", "report_verb", "report_noun", "role", "body", "plural_role", "plural_body")
_CLOSED = (
    "determiner", "preposition", "conjunction", "subordinator", "auxiliary", "modal", "negation", "subject_pronoun",
    "possessive", "month", "weekday", "title",
)  # fmt: skip


def inflect(lemma: str, irregular: Iterable[str] = ()) -> set[str]:
    """The forms of an English verb."""
    forms = {lemma, *irregular}
    if re.search(r"[^aeiou]y$", lemma):
        return forms | {lemma[:-1] + "ies", lemma[:-1] + "ied", lemma + "ing"}
    if lemma.endswith("e"):
        return forms | {lemma + "s", lemma + "d", lemma[:-1] + "ing"}
    return forms | {lemma + ("es" if re.search(r"(s|sh|ch|x|z|o)$", lemma) else "s"), lemma + "ed", lemma + "ing"}


def plural(noun: str) -> str:
    """The regular plural of a noun."""
    if noun.endswith("man"):
        return noun[:-3] + "men"
    if re.search(r"[^aeiou]y$", noun):
        return noun[:-1] + "ies"
    return noun + ("es" if re.search(r"(s|sh|ch|x)$", noun) else "s")


def lines(path: Path) -> list[str]:
    """The lines of a lexicon file, comments left out."""
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip() and not line.startswith("#")]


def _entries(path: Path) -> list[str]:
    return " ".join(lines(path)).split()


def _verbs(path: Path) -> tuple[set[str], set[str], set[str]]:
    """The forms of the verbs of a file; those that are past tense or past participle; and their lemmas."""
    verbs: set[str] = set()
    past: set[str] = set()
    lemmas: set[str] = set()
    for entry in _entries(path):
        lemma, _, listed = entry.partition(":")
        irregular = listed.split(",") if listed else []
        forms = inflect(lemma, irregular)
        lemmas.add(lemma)
        verbs |= forms
        past |= {f for f in forms - {lemma} if f.endswith("ed")} | {f for f in irregular if not f.endswith("ing")}
    return verbs, past, lemmas


def read_classes(folder: Path) -> dict[str, set[str]]:
    """Every lexicon class with its words."""
    classes: dict[str, set[str]] = {}
    classes["report_verb"], past, lemmas = _verbs(folder / "reporting_verbs.txt")
    verbs, more_past, more_lemmas = _verbs(folder / "verbs.txt")
    classes["verb"] = verbs | classes["report_verb"]
    classes["past"] = past | more_past | {"was", "were", "had", "did", "been", "done"}
    classes["lemma"] = lemmas | more_lemmas
    files = {"report_noun": "reporting_nouns", "role": "roles", "body": "bodies", "noun": "nouns"}
    for name, file in files.items():
        nouns = _entries(folder / f"{file}.txt")
        classes[name] = set(nouns) | {plural(noun) for noun in nouns}
        if name in ("role", "body"):
            classes["plural_" + name] = {plural(noun) for noun in nouns} - set(nouns)
    classes["noun"] |= classes["report_noun"] | classes["role"] | classes["body"]
    classes["title"] = set(_entries(folder / "titles.txt"))
    for file in ("function_words", "boilerplate_words", "claim_words"):
        for line in lines(folder / f"{file}.txt"):
            name, _, members = line.partition(":")
            classes[name] = set(members.split())
    return classes


def read_given_names(folder: Path) -> dict[str, str]:
    """Given names with the pronoun of their bearers."""
    names: dict[str, str] = {}
    for line in lines(folder / "given_names.txt"):
        pronoun, _, words = line.partition(":")
        names.update(dict.fromkeys(words.split(), pronoun))
    return names


def build_lexicon(texts: Iterable[str], folder: Path, least: int = 3) -> Lexicon:
    """The lexicon of the training texts: words seen `least` times, the lexicons' words, suffix classes."""
    counts = Counter(w for text in texts for w in _WORD.findall(text.lower()))
    classes = read_classes(folder)
    for name in _OPEN:
        classes[name] -= set().union(*(classes[c] for c in _CLOSED))
    listed = {w for words in classes.values() for w in words if _WORD.fullmatch(w)}
    known = {w for w, n in counts.items() if n >= least and not w.isdigit()} | listed | {OPENING, CLOSING}
    known |= {w for w in counts if len(w) == 1 and w.isdigit()}
    suffixes: Counter[str] = Counter()
    for w, n in counts.items():
        suffixes[backoff(w)] += n
    for w in listed:
        suffixes[backoff(w)] += 1
    common = {s for s, n in suffixes.items() if n >= 5}
    words = known | common - {UNKNOWN}
    # What endings tell of words that no list has.
    unlisted = words - set().union(*(classes[name] for name in (*_OPEN, *_CLOSED)))
    classes["verb"] |= {w for w in unlisted if w.endswith(("ed", "ing"))}
    classes["maybe_verb"] = classes["verb"] & classes["noun"]
    classes["maybe_verb"] |= {w for w in unlisted if w.endswith(_NOUN_OR_VERB)}
    classes["punctuation"] = {w for w in words if w in _ENDS_CLAUSE}
    alike = _alike({w for w in listed if counts[w] < least}, {w for w in known if counts[w] >= least}, classes)
    vocabulary = Vocabulary([UNKNOWN, BREAK, *sorted(words - alike.keys())], alike)
    return Lexicon(
        vocabulary,
        {name: np.array([w in words for w in vocabulary.words], bool) for name, words in sorted(classes.items())},
        read_given_names(folder),
    )


def _alike(unseen: set[str], seen: set[str], classes: Mapping[str, set[str]]) -> dict[str, str]:
    """For words not seen in training the word that stands for all of their classes and ending.

    Words of saying also go by their stem if it was seen: "gloats" has learnt from "gloated".
    """
    stem_of = PorterStemmer().stem
    stems = {stem_of(w) for w in seen}
    first: dict[tuple[object, ...], str] = {}
    alike = {}
    for w in sorted(unseen):
        own = tuple(name for name, words in classes.items() if w in words)
        if not set(own) <= {*_OPEN, *_SHARED}:
            continue  # code may ask for a word of a closed class by itself
        stem = stem_of(w) if "report_verb" in own or "report_noun" in own else ""
        like = first.setdefault((backoff(w), own, stem if stem in stems else ""), w)
        if like != w:
            alike[w] = like
    return alike
