"""From training_data/lexicons and the training articles to a Lexicon."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from quoteattr.lexicon import BREAK, CLOSING, OPENING, Lexicon
from quoteattr.tokens import UNKNOWN, Vocabulary, backoff

_WORD = re.compile(r"\w+(?:-\w+)*|[^\w\s]")
_ENDS_CLAUSE = set(",;:.!?…-–—([{" + OPENING)
_VERB_ENDINGS = ("ed", "ing", "es", "ts", "ns", "ks", "rs", "ls", "ds", "ps", "ms", "hs")


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


def read_classes(folder: Path) -> dict[str, set[str]]:
    """Every lexicon class with its words."""
    classes: dict[str, set[str]] = {}
    verbs: set[str] = set()
    for entry in " ".join(lines(folder / "reporting_verbs.txt")).split():
        lemma, _, irregular = entry.partition(":")
        verbs |= inflect(lemma, irregular.split(",") if irregular else ())
    classes["report_verb"] = verbs
    for name in ("report_noun", "role", "body"):
        file = {"report_noun": "reporting_nouns", "role": "roles", "body": "bodies"}[name]
        nouns = " ".join(lines(folder / f"{file}.txt")).split()
        classes[name] = set(nouns) | {plural(noun) for noun in nouns}
        if name != "report_noun":
            classes["plural_" + name] = {plural(noun) for noun in nouns} - set(nouns)
    classes["title"] = set(" ".join(lines(folder / "titles.txt")).split())
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


def build_lexicon(texts: Iterable[str], folder: Path, least: int = 2) -> Lexicon:
    """The lexicon of the training texts: words seen `least` times, the lexicons' words, suffix classes."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(_WORD.findall(text.lower()))
    classes = read_classes(folder)
    listed = {w for words in classes.values() for w in words if _WORD.fullmatch(w)}
    known = {w for w, n in counts.items() if n >= least and not w.isdigit()} | listed | {OPENING, CLOSING}
    known |= {w for w in counts if len(w) == 1 and w.isdigit()}
    suffixes: Counter[str] = Counter()
    for w, n in counts.items():
        suffixes[backoff(w)] += n
    for w in listed:
        suffixes[backoff(w)] += 1
    common = {s for s, n in suffixes.items() if n >= 5}
    vocabulary = Vocabulary([UNKNOWN, BREAK, *sorted(known | common - {UNKNOWN})])
    function = set().union(*(classes[c] for c in ("determiner", "preposition", "conjunction", "subordinator", "auxiliary",
                             "modal", "negation", "subject_pronoun", "possessive", "month", "weekday", "title", "body")))  # fmt: skip
    classes["verb_like"] = {
        w for w in vocabulary.words if w.lstrip(UNKNOWN).endswith(_VERB_ENDINGS) and w not in function
    } | classes["report_verb"]
    classes["punctuation"] = {w for w in vocabulary.words if w in _ENDS_CLAUSE}
    return Lexicon(
        vocabulary,
        {name: np.array([w in words for w in vocabulary.words], bool) for name, words in sorted(classes.items())},
        read_given_names(folder),
    )
