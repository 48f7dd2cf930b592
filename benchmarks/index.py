"""Merging of quotes with known copies: python benchmarks/index.py [NUMBER OF QUOTES] [SEED]

Makes a labelled corpus of one quote an article, in which it is known what is a copy of what, runs `quoteattr index`
on it, and prints seconds, peak memory, and precision and recall over pairs of quotes.

The quotes are random walks over the word pairs of the training articles. With 1,000,000 quotes from so little text the
same word pairs come back more often than they do in news, which makes copies harder to find and to tell apart.
"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise
from math import comb
from pathlib import Path
from typing import NamedTuple

from quoteattr.training.annotation import read_folder

ROOT = Path(__file__).parents[1]
FIRST = "Bar Hol Wes Nor Sut Mar Pen Ash Brad Cal Dun Ed Far Gil Hat Ken Lang Mor New Old Pres Ral Sel Thorn Ul Var War Yar Zel Quen"
LAST = "ton ley wick ford ham worth by stead more field shaw well den cott hurst gate land man ridge combe"
GIVEN = "Ada Alan Amir Bea Carl Dina Earl Esme Farah Gus Hana Igor Jane Kofi Lena Mark Nora Omar Petra Rosa Saul Tara Uma Vera Will Yusuf Zoe"
TITLES = ("Sir", "Dr", "Mr", "Ms", "Professor", "Councillor")
STOCK = (
    "no comment", "I don't know", "it is what it is", "we will see", "enough is enough", "it's the right thing to do",
    "our thoughts are with the family", "we take this very seriously", "it was a team effort today",
    "this is a step in the right direction", "we can't comment on an ongoing investigation",
)  # fmt: skip


class Quote(NamedTuple):
    """A quote as an article has it, and the number of the utterance it is."""

    utterance: int
    text: str
    kind: str
    speaker: str | None


class Maker:
    """Makes quotes.

    Parameters
    ----------
    seed : int
    """

    def __init__(self, seed: int):
        self.random = random.Random(seed)
        self.next: dict[str, list[str]] = defaultdict(list)
        for article in read_folder(ROOT / "training_data" / "articles"):
            for sentence in article.sentences:
                text = article.text[sentence.start : sentence.end]
                if sentence.boilerplate is None and text.endswith("."):
                    words = [w.strip("“”\"'‘’()[],;:–—*|.?!") for w in text.split()]
                    for word, following in pairwise(w for w in words if w):
                        self.next[word].append(following)
        self.starts = sorted(w for w in self.next if w[:1].isupper())
        self.names = sorted({w for w in self.next if w.istitle() and w.isalpha() and len(w) > 5})
        self.utterances = 0

    def quotes(self, number: int) -> list[Quote]:
        """So many quotes, shuffled: utterances, copies, near misses and stock phrases."""
        found: list[Quote] = []
        stock: dict[tuple[str, str], int] = {}
        while len(found) < number:
            speaker = self.person()
            for _ in range(self.random.randint(1, 12)):
                words = self.walk()
                is_varied = self.random.random() < 0.15
                found.extend(self.copies(words, speaker, can_shorten=not is_varied))
                if is_varied:  # a part of both could be either's, so that neither is shortened
                    found.extend(self.copies(self.variation(words), speaker, can_shorten=False))
            if self.random.random() < 0.2:
                phrase = self.random.choice(STOCK)
                utterance = stock.setdefault((phrase, speaker), -1 - len(stock))
                found.append(Quote(utterance, phrase, "direct", speaker))
        self.random.shuffle(found)
        return found[:number]

    def person(self) -> str:
        """A full name."""
        r = self.random
        return f"{r.choice(GIVEN.split())} {r.choice(FIRST.split())}{r.choice(LAST.split())}"

    def walk(self) -> list[str]:
        """The words of a new utterance."""
        r = self.random
        words = [r.choice(self.starts)]
        for _ in range(min(60, max(4, round(r.lognormvariate(3, 0.5))))):
            following = self.next.get(words[-1])
            words.append(r.choice(following) if following else r.choice(self.starts))
        if r.random() < 0.3:
            words.insert(r.randrange(1, len(words)), str(r.randint(2, 900)))
        return words

    def variation(self, words: list[str]) -> list[str]:
        """Another utterance by the same speaker in nearly the same words."""
        r = self.random
        words = list(words)
        numbers = [i for i, w in enumerate(words) if w.isdigit()]
        if numbers:
            i = r.choice(numbers)
            words[i] = str(int(words[i]) + r.randint(1, 9))
            return words
        names = [i for i, w in enumerate(words) if i and w in self.names]
        if names and r.random() < 0.5:
            words[r.choice(names)] = r.choice(self.names)
            return words
        if r.random() < 0.3:
            words.insert(r.randrange(1, len(words)), r.choice(("not", "never")))
            return words
        half = len(words) // 2
        return words[:half] + self.walk()

    def copies(self, words: list[str], speaker: str, can_shorten: bool) -> Iterator[Quote]:
        """The utterance as articles have it: once in full, then copied with changes."""
        r = self.random
        self.utterances += 1
        yield Quote(self.utterances, " ".join(words), "direct", speaker)
        while r.random() < 0.5:
            text, kind = self.edited(words, can_shorten)
            name = None if r.random() < 0.1 and len(text.split()) >= 12 else self.respelt(speaker)
            yield Quote(self.utterances, text, kind, name)

    def edited(self, words: list[str], can_shorten: bool) -> tuple[str, str]:
        """A copy of the words as another article might have them, and its kind."""
        r = self.random
        words = list(words)
        kind = "direct"
        if can_shorten and len(words) > 7 and r.random() < 0.4:  # shortened, to six words if need be
            size = r.randint(6, len(words) - 1)
            start = r.choice((0, len(words) - size, r.randrange(len(words) - size + 1)))
            words = words[start : start + size]
        if can_shorten and len(words) > 15 and r.random() < 0.2:
            start = r.randrange(5, len(words) - 9)
            words[start : start + r.randint(1, 4)] = ["…"]
        if r.random() < 0.3:
            i = r.randrange(len(words))
            words[i] = self.misspelt(words[i])
        if r.random() < 0.2:
            words.insert(r.randrange(1, len(words)), r.choice(("[sic]", "[the council]", "[of the plan]")))
        if r.random() < 0.2:
            words[0] = f"[{words[0][0].swapcase()}]{words[0][1:]}"
        text = " ".join(words)
        change = r.randrange(4)
        if change == 0:
            text = text.replace("'", "’").replace(" and ", " — and ")
        elif change == 1:
            text = text.replace(" do not ", " don't ") + ","
        elif change == 2 and "…" not in text:
            text, kind = f"it was clear that “{text}”", "mixed"
        return text, kind

    def misspelt(self, word: str) -> str:
        """The word with one slip, if it is long enough to be known again."""
        if len(word) < 5 or not word.isalpha():
            return word
        i = self.random.randrange(1, len(word) - 1)
        return self.random.choice((word[:i] + word[i + 1 :], word[:i] + word[i] + word[i:]))

    def respelt(self, name: str) -> str:
        """The speaker as another article may name them."""
        r = self.random
        given, surname = name.split()
        way = r.randrange(6)
        if way == 0:
            return f"{r.choice(TITLES)} {name}"
        if way == 1:
            return f"{r.choice(TITLES)} {surname}"
        if way == 2:
            return f"{given} {self.misspelt(surname)}"
        return name


def row(id: int, quote: Quote) -> dict[str, object]:
    """The labelled article."""
    document = {
        "text": quote.text,
        "sentences": [],
        "speakers": [{"name": quote.speaker, "kind": "person", "mentions": []}] if quote.speaker else [],
        "quotes": [
            {
                "spans": [[0, len(quote.text)]],
                "text": quote.text,
                "kind": quote.kind,
                "cue": None,
                "mention": None,
                "speaker": 0 if quote.speaker else None,
                "confidence": 0.9,
                "evidence": {},
            }
        ],
    }
    return {"id": id, "document": document}


def precision_and_recall(found: list[int], true: list[int]) -> tuple[float, float]:
    """Over pairs of quotes that are, or should be, in one entry."""
    both, ours, theirs = (sum(comb(n, 2) for n in Counter(k).values()) for k in (zip(found, true), found, true))
    return both / ours, both / theirs


def main() -> None:
    """Print the figures."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with tempfile.TemporaryDirectory() as folder:
        labelled, output = Path(folder) / "labelled.jsonl", Path(folder) / "quotes.jsonl"
        quotes = Maker(seed).quotes(number)
        with labelled.open("w") as stream:
            stream.writelines(json.dumps(row(i, quote)) + "\n" for i, quote in enumerate(quotes))
        true = [quote.utterance for quote in quotes]
        del quotes
        started = time.perf_counter()
        subprocess.run([sys.executable, "-m", "quoteattr", "index", labelled, "-o", output], check=True)
        seconds = time.perf_counter() - started
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        found = [0] * number
        with output.open() as stream:
            for entries, line in enumerate(stream, 1):
                for place in json.loads(line)["places"]:
                    found[place["article"]] = entries
    precision, recall = precision_and_recall(found, true)
    print(f"{number:,} quotes of {len(set(true)):,} utterances, seed {seed}: {entries:,} entries")
    cpu, memory = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    print(f"{seconds:.0f} s, {cpu:.0f} s of one core; peak memory {memory:.0f} MB")
    print(f"precision {precision:.4f}, recall {recall:.4f}")


if __name__ == "__main__":
    main()
