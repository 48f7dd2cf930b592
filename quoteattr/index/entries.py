"""The same utterance in several articles as one entry.

Quotes are taken from the fullest to the shortest, and each is compared with what stands as entries already: it joins
one whose words hold its own, or founds one. An entry's text is therefore its fullest variant, everything in it was
compared with that and not with another member, and a chain of near copies can't grow.

Equal words are weak evidence if they are few, and speakers are evidence of their own: see `_FEWEST`.
"""

from __future__ import annotations

import json
import mmap
import tempfile
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NamedTuple

import numpy as np

from quoteattr.index.shingles import ShingleIndex
from quoteattr.index.speakers import OPEN, OTHER, SAME, Name, Names, agree
from quoteattr.index.wording import shared, words_of
from quoteattr.lexicon import Lexicon
from quoteattr.marks import find_stretches

# Words that must be shared for one utterance, by what the speakers say: with the same one named, a partial quotation
# of four; with nobody named, more than a phrase that anybody uses; with two names that contradict each other, so many
# that rather one of the articles is wrong. Fewer words than the first must be equal, and from the same speaker.
_FEWEST = {SAME: 4, OPEN: 8, OTHER: 16}
_STOCK_PHRASE = 8  # words: a shorter part that several entries hold belongs to none of them
_NEAR = 0.9  # of the words, where they are the journalist's own
_COMPARED = 6  # candidates
_OF_PLACE = "article", "site", "date", "spans", "kind", "speaker", "confidence"
_CHUNK = 20_000  # quotes whose shingles are computed together


class _Utterance(NamedTuple):
    words: list[str]
    verbatim: bool
    name: Name | None


class QuoteIndex:
    """The quotes of many labelled articles, to be merged into entries.

    Quotes are kept in temporary files; memory holds numbers only, some hundred bytes for each.

    Parameters
    ----------
    lexicon : Lexicon
        Tells titles from names: ``quoteattr.load().bundle.lexicon``.
    folder : path or None
        Where the temporary files go; the system's place for such by default.

    Examples
    --------
    >>> import quoteattr
    >>> labeller = quoteattr.load()
    >>> texts = {"a": "“We will fight every closure in every court,” said Ada Obi.",
    ...          "b": "Ms Obi promised to “fight every closure in every court”."}
    >>> with QuoteIndex(labeller.bundle.lexicon) as index:
    ...     for id, text in texts.items():
    ...         index.add(id, labeller(text).to_dict())
    ...     for entry in index.entries():
    ...         print(entry["text"], [place["article"] for place in entry["places"]])
    We will fight every closure in every court, ['a', 'b']
    """

    def __init__(self, lexicon: Lexicon, folder: Path | None = None):
        self._name = lru_cache(1 << 16)(Names(lexicon))
        self._closing = ExitStack()
        own = Path(self._closing.enter_context(tempfile.TemporaryDirectory(prefix=".quotes-", dir=folder)))
        self._places = _Lines(self._closing, own / "places")
        self._wordings = _Lines(self._closing, own / "wordings")
        self._keys = array("Q")  # of each quote: hash of its wording and speaker
        self._lengths = array("H")  # its words
        self._ranks = array("B")  # 0 is best to stand for others of its length

    def __enter__(self) -> QuoteIndex:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, article: Any, document: Mapping[str, Any], site: str | None = None, date: str | None = None) -> None:
        """Take in the quotes of an article.

        Parameters
        ----------
        article : str or number
            Its id.
        document : mapping
            What `Document.to_dict` gave.
        site : str or None
        date : str or None
            When it was published, in ISO 8601.

        Raises
        ------
        KeyError, IndexError, TypeError
            If `document` is not what `Document.to_dict` gives; none of its quotes is taken in then.
        """
        places = [_place(article, document, quote, site, date) for quote in document["quotes"]]  # all of them, or none
        for place in places:
            words, verbatim = _wording(place["text"], place["kind"])
            if not words:
                continue
            speaker, speaker_kind = place["speaker"], place["speaker_kind"]
            self._places.append(json.dumps(place))
            name = " ".join((speaker or "").split())
            wording = "\t".join((" ".join(words), "1" if verbatim else "", speaker_kind or "", name))
            self._wordings.append(wording)
            is_named = self._name(speaker, speaker_kind) is not None
            if not is_named and len(words) < _FEWEST[OPEN]:  # equal words are not enough
                wording += str(len(self._keys))
            self._keys.append(_hash(wording.lower()))
            self._lengths.append(min(len(words), 0xFFFF))
            self._ranks.append(2 * (not verbatim) + (not is_named))

    def entries(self) -> Iterator[dict[str, Any]]:
        """One entry an utterance: those in most places first, else in the order of their first quotes.

        Yields
        ------
        dict
            JSON-ready; its fields are in ``docs/across-articles.md``.
        """
        if not self._keys:
            return
        entry_of = self._merge()
        sizes = np.bincount(entry_of)
        firsts = np.full(len(sizes), len(entry_of))
        np.minimum.at(firsts, entry_of, np.arange(len(entry_of)))
        members = np.argsort(entry_of, kind="stable")
        ends = np.cumsum(sizes)
        for entry in np.lexsort((firsts, -sizes)).tolist():
            if sizes[entry]:
                quotes = members[ends[entry] - sizes[entry] : ends[entry]].tolist()
                yield self._entry([json.loads(self._places[i]) for i in quotes], quotes.index(entry))

    # --- merging

    def _merge(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """For each quote the one that founded its entry."""
        _, first, which, counts = np.unique(
            np.frombuffer(self._keys, np.uint64), return_index=True, return_inverse=True, return_counts=True
        )
        lengths = np.frombuffer(self._lengths, np.uint16)[first].astype(np.int64)
        ranks = np.frombuffer(self._ranks, np.uint8)[first]
        founder = first.copy()  # of each different wording
        order = np.lexsort((first, -counts, ranks, -lengths))
        index = ShingleIndex(int(lengths.sum()))
        for chunk in _chunks(order):
            index.count([self._shingled(first[i]) for i in chunk])
        named: dict[int, Name] = {}  # who entries with no named speaker of their own were joined by
        for chunk in _chunks(order):
            for i, slots in zip(chunk, index.rarest_first([self._shingled(first[i]) for i in chunk])):
                quote = int(first[i])
                if not slots:
                    continue
                utterance = self._utterance(quote)
                entry = self._home(utterance, index.candidates(slots), named)
                if entry is None:
                    index.add(quote, slots)
                else:
                    founder[i] = entry
                    if utterance.name and not self._utterance(entry).name:
                        named.setdefault(entry, utterance.name)
        return founder[which]

    def _utterance(self, quote: int) -> _Utterance:
        words, verbatim, kind, name = self._wordings[quote].decode("utf-8", "surrogatepass").split("\t")
        return _Utterance(words.split(" "), bool(verbatim), self._name(name, kind))

    def _shingled(self, quote: int) -> list[bytes]:
        """The words whose runs of three are looked up; a very short quote is one run, with its speaker's surname."""
        words = self._wordings[quote].split(b"\t")[0].decode().lower().encode().split(b" ")
        if len(words) >= _FEWEST[SAME]:
            return words
        name = self._utterance(quote).name
        return [b" ".join(words), name.words[-1].encode() if name else b"%d" % quote, b""]

    def _home(self, utterance: _Utterance, candidates: Sequence[int], named: Mapping[int, Name]) -> int | None:
        """The entry that an utterance belongs to, if any."""
        best, home, homes = 0.0, None, 0
        for entry in candidates[:_COMPARED]:
            full = self._utterance(entry)
            likeness = _likeness(utterance, full, agree(utterance.name, full.name or named.get(entry)))
            homes += likeness > 0
            if likeness > best:
                best, home = likeness, entry
        is_part = home is not None and len(utterance.words) < _NEAR * len(self._utterance(home).words)
        return None if homes > 1 and is_part and len(utterance.words) < _STOCK_PHRASE else home

    # --- writing

    def _entry(self, places: list[dict[str, Any]], canonical: int) -> dict[str, Any]:
        full = places[canonical]
        variants = Counter(place["text"] for place in places)
        text = full["text"]
        if len(variants) > 1:  # of those that differ in marks and case alone, the commonest
            words = words_of(text)
            text = max(variants, key=lambda t: (words_of(t) == words, variants[t]))
        ranked = [text, *(t for t, _ in variants.most_common() if t != text)]
        number_of = {t: n for n, t in enumerate(ranked)}
        speakers = self._speakers(places)
        named = sum(s["places"] for s in speakers)
        earliest = min(places, key=lambda p: (p["date"] is None, p["date"] or ""))
        stamp = json.dumps([full["article"], full["spans"], full["text"]])
        return {
            "id": f"{_hash(stamp):016x}",
            "text": text,
            "kind": full["kind"],
            "speaker": speakers[0]["name"] if speakers else None,
            "agreement": round(speakers[0]["places"] / named, 4) if speakers else None,
            "speakers": speakers,
            "first_seen": {"date": earliest["date"], "article": earliest["article"], "site": earliest["site"]},
            "articles": len({json.dumps(p["article"]) for p in places}),
            "sites": len({p["site"] for p in places} - {None}),
            "variants": [{"text": t, "places": variants[t]} for t in ranked],
            "places": [{**{name: p[name] for name in _OF_PLACE}, "variant": number_of[p["text"]]} for p in places],
        }

    def _speakers(self, places: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Whom the articles name, the one that most name first, each with its spellings."""
        spellings = Counter((p["speaker"], p["speaker_kind"]) for p in places if p["speaker"] is not None)
        groups: list[list[tuple[str, str]]] = []
        for spelling in sorted(spellings, key=lambda s: (-spellings[s], -len(s[0]), s)):
            name = self._name(*spelling)
            for group in groups:
                if name and agree(name, self._name(*group[0])) == SAME:
                    group.append(spelling)
                    break
            else:
                groups.append([spelling])
        speakers = [
            {
                "name": group[0][0],
                "kind": group[0][1],
                "places": sum(spellings[s] for s in group),
                "spellings": {s[0]: spellings[s] for s in group},
            }
            for group in groups
        ]
        return sorted(speakers, key=lambda s: -s["places"])


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


class _Lines:
    """Lines written to a file one after the other, then read by their numbers."""

    def __init__(self, closing: ExitStack, path: Path):
        self._closing = closing
        self._file: IO[bytes] = closing.enter_context(path.open("w+b"))
        self._ends = array("Q", [0])
        self._map: mmap.mmap | None = None

    def append(self, line: str) -> None:
        self._ends.append(self._ends[-1] + self._file.write(line.encode("utf-8", "surrogatepass")))
        self._map = None

    def __getitem__(self, number: int) -> bytes:
        if self._map is None:
            self._file.flush()
            self._map = self._closing.enter_context(mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ))
        return self._map[self._ends[number] : self._ends[number + 1]]


def _place(
    article: Any, document: Mapping[str, Any], quote: Mapping[str, Any], site: str | None, date: str | None
) -> dict[str, Any]:
    """Where a quote stands, and what was said of it there."""
    number = quote["speaker"]
    speaker = {"name": None, "kind": None} if number is None else document["speakers"][number]
    wording, named = (quote["text"], quote["kind"]), (speaker["name"], speaker["kind"])
    if not all(isinstance(value, str) for value in wording + tuple(value for value in named if value is not None)):
        raise TypeError(f"text, kind or speaker of a quote is no string: {wording + named!r:.200}")
    return {
        "article": article,
        "site": site,
        "date": date,
        "spans": quote["spans"],
        "text": quote["text"],
        "kind": quote["kind"],
        "speaker": speaker["name"],
        "speaker_kind": speaker["kind"],
        "confidence": quote["confidence"],
    }


def _wording(text: str, kind: str) -> tuple[list[str], bool]:
    """The words to compare, and whether they are the speaker's own: of a mixed quote, those between marks."""
    if kind == "mixed":
        marked = words_of(" … ".join(text[s.start : s.end] for s in find_stretches(text)))
        if len(marked) >= _FEWEST[SAME]:
            return marked, True
    return words_of(text), kind == "direct"


def _likeness(utterance: _Utterance, full: _Utterance, relation: str) -> float:
    """How much of an utterance a fuller one holds; 0 if they are not the same."""
    if len(utterance.words) < _FEWEST[relation]:
        equal = [w.lower() for w in utterance.words] == [w.lower() for w in full.words]
        return float(relation == SAME and equal)
    likeness = shared(utterance.words, full.words)
    if utterance.verbatim and full.verbatim:
        return likeness
    near = likeness >= _NEAR and len(utterance.words) >= _NEAR * len(full.words)
    return likeness if near else 0.0


def _chunks(order: np.ndarray[Any, np.dtype[np.int64]]) -> Iterator[list[int]]:
    for start in range(0, len(order), _CHUNK):
        yield order[start : start + _CHUNK].tolist()
