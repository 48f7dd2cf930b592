"""What a site's pages have in common: lines that stand on many of them are boilerplate, even if they read like prose.

A profile holds, for each site, hashes of the lines that come back, on how many pages each stands, and of how many. It
is built from the site's pages, labelled or not, and read when pages are labelled. There it is one more piece of
evidence: log odds that are added to those of the sentence classifier before quotations are looked for.

Two things put a sentence of an article on several pages. A story is published again, under another address or in a
new version: five or six pages, never hundreds, however many the site has. And short sentences come back by chance, on
the same small share of the pages however many there are. Evidence is what exceeds both (`evidence`).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from math import log, sqrt
from pathlib import Path

import numpy as np

from quoteattr.classifier import SentenceScores
from quoteattr.document import BOILERPLATE_KINDS
from quoteattr.errors import CorpusError

SCHEMA_VERSION = 1
FEWEST_PAGES = 5
_VERSIONS, _VERSIONS_WEIGHT = 3, 3  # log odds grow threefold with the logarithm of pages over so many versions
_SHARE_WEIGHT = 2
_CHANCE = 0.003  # the share of pages on which a long sentence stands by chance
_CHANCE_OF_NOTHING = 0.5  # halved with every word: "He said:" is common
_MOST = 12.0  # log odds
_Z = 1.96  # for the lower end of the 95% interval of a share
_MOST_LINES = 4_000_000  # in memory while a profile is built
_MALFORMED: tuple[type[Exception], ...] = (ValueError, KeyError, TypeError, AttributeError)
_FURNITURE = BOILERPLATE_KINDS.index("furniture")
_WORD = re.compile(r"\w+")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class SiteLines:
    """The lines that come back on a site.

    Attributes
    ----------
    pages : int
        How many pages were read.
    lines : mapping of int to (int, int or None)
        For the `line_key` of a line on how many pages it stands, and its kind where labels told: an index into
        `BOILERPLATE_KINDS`.
    """

    pages: int
    lines: Mapping[int, tuple[int, int | None]]


class SiteProfile:
    """The lines that come back, for each site; built by `ProfileBuilder`, read from a file by `read`.

    Parameters
    ----------
    sites : mapping of str to SiteLines
    path : path or None
        The file it was read from.
    """

    def __init__(self, sites: Mapping[str, SiteLines], path: Path | None = None):
        self.sites, self.path = sites, path

    @classmethod
    def read(cls, path: Path | str) -> SiteProfile:
        """Read what `rows` gave as JSON Lines.

        Raises
        ------
        CorpusError
            If the file is no profile, or one of another schema version.
        """
        from quoteattr.corpus import compression  # which labels, and so knows profiles

        path = Path(path).resolve()
        sites = {}
        try:
            with path.open("rb") as file:
                for line in compression.reader(file, path.name):
                    row = json.loads(line)
                    if row["schema_version"] != SCHEMA_VERSION:
                        raise CorpusError(
                            f"{path} is a site profile of schema version {row['schema_version']!r}, but quoteattr reads "
                            f"{SCHEMA_VERSION}: run quoteattr profile again"
                        )
                    lines = {
                        int(key, 16): (pages, None if kind is None else BOILERPLATE_KINDS.index(kind))
                        for key, (pages, kind) in row["lines"].items()
                    }
                    sites[row["site"]] = SiteLines(row["pages"], lines)
        except FileNotFoundError:
            raise CorpusError(f"there is no site profile {path}") from None
        except _MALFORMED + compression.damages() as error:
            raise CorpusError(f"{path} is no site profile, or damaged: pass what quoteattr profile wrote") from error
        return cls(sites, path)

    def rows(self) -> Iterator[dict[str, object]]:
        """A JSON-ready row for each site."""
        for site, known in self.sites.items():
            lines = {
                f"{key:016x}": [pages, None if kind is None else BOILERPLATE_KINDS[kind]]
                for key, (pages, kind) in known.lines.items()
            }
            yield {"schema_version": SCHEMA_VERSION, "site": site, "pages": known.pages, "lines": lines}

    def weigh(self, scores: SentenceScores, sentences: Sequence[str], site: str | None) -> SentenceScores:
        """The scores of a page's sentences with the evidence of its site added; the same for an unknown site.

        A sentence that the evidence makes boilerplate has the kind that most pages gave it, else "furniture".
        """
        known = self.sites.get(site) if site is not None else None
        if known is None or not sentences:
            return scores
        found = [known.lines.get(line_key(sentence), (0, None)) for sentence in sentences]
        weights = [evidence(n, known.pages, len(_WORD.findall(s))) for (n, _), s in zip(found, sentences)]
        before = scores.boilerplate.clip(1e-6, 1 - 1e-6)
        after = (1 / (1 + (1 / before - 1) * np.exp(-np.array(weights)))).astype(scores.boilerplate.dtype)
        kinds = [_FURNITURE if kind is None else kind for _, kind in found]
        raised = np.flatnonzero((before < 0.5) & (after >= 0.5))
        of_kind = scores.kinds.copy()
        of_kind[raised] = -np.inf
        of_kind[raised, np.array(kinds)[raised]] = 0
        return replace(
            scores,
            boilerplate=np.where(np.array(weights) > 0, after, scores.boilerplate),
            kinds=of_kind,
        )


class ProfileBuilder:
    """Counts the lines of pages, one page at a time.

    Lines that stand on one page only are forgotten whenever more than four million are held; where that is still too
    many, those on two pages as well, and so on.

    Examples
    --------
    >>> builder = ProfileBuilder()
    >>> for n in range(40):
    ...     builder.add("example.org", [(f"Story number {n} is told here.", None), ("We are an independent paper.", None)])
    >>> profile = builder.build()
    >>> profile.sites["example.org"].pages, list(profile.sites["example.org"].lines.values())
    (40, [(40, None), (40, None)])
    """

    def __init__(self) -> None:
        self._pages: Counter[str] = Counter()
        self._lines: dict[str, Counter[tuple[int, int | None]]] = {}
        self._held = 0

    def add(self, site: str, sentences: Iterable[tuple[str, str | None]]) -> None:
        """Count a page: its sentences, each with the kind of boilerplate it was labelled, if any."""
        self._pages[site] += 1
        lines = self._lines.setdefault(site, Counter())
        before = len(lines)
        kinds = {line_key(text): kind for text, kind in sentences}  # a line that stands twice counts once
        lines.update((key, None if kind is None else BOILERPLATE_KINDS.index(kind)) for key, kind in kinds.items())
        self._held += len(lines) - before
        floor = 1
        while self._held > _MOST_LINES:
            for name, counts in self._lines.items():
                self._lines[name] = Counter({line: n for line, n in counts.items() if n > floor})
            self._held = sum(map(len, self._lines.values()))
            floor += 1

    def build(self) -> SiteProfile:
        """The profile: of each site the lines that are evidence."""
        return SiteProfile({site: SiteLines(n, self._telling(site, n)) for site, n in self._pages.items()})

    def _telling(self, site: str, pages: int) -> dict[int, tuple[int, int | None]]:
        by_line: dict[int, Counter[int | None]] = {}
        for (key, kind), n in self._lines[site].items():
            by_line.setdefault(key, Counter())[kind] += n
        telling = {}
        for key, kinds in by_line.items():
            n = kinds.total()
            if evidence(n, pages) > 0:
                labelled = [(count, kind) for kind, count in kinds.items() if kind is not None]
                telling[key] = n, max(labelled)[1] if labelled else None
        return telling


def line_key(text: str) -> int:
    """What two copies of a line have in common: a hash of its words, whatever their case, marks and numbers.

    Examples
    --------
    >>> line_key("12 comments") == line_key("Comments: 340") , line_key("12 comments") == line_key("7 Comments.")
    (False, True)
    """
    words = _WORD.findall(_DIGITS.sub("0", text.casefold())) or text.split()
    return int.from_bytes(blake2b(" ".join(words).encode("utf-8", "replace"), digest_size=8).digest(), "big")


def evidence(found: int, pages: int, words: int = 99) -> float:
    """Log odds that a line is boilerplate, by the pages of its site that it stands on.

    Parameters
    ----------
    found, pages : int
        How many pages the line stands on, and of how many.
    words : int
        Its words.

    Returns
    -------
    float
        0 to 12.

    Examples
    --------
    On 300 of 1,000 pages; a story in three versions, a story in six; two words that many articles hold.

    >>> [round(evidence(*case), 1) for case in [(300, 1000, 20), (3, 100, 20), (6, 100, 20), (60, 1000, 2)]]
    [9.0, 0.0, 2.1, 0.0]
    """
    if found < FEWEST_PAGES:
        return 0.0
    share = min(found / pages, 1.0)
    spread = _Z * sqrt(share * (1 - share) / pages + (_Z / (2 * pages)) ** 2)
    least = (share + _Z**2 / (2 * pages) - spread) / (1 + _Z**2 / pages)  # Wilson's interval
    chance = max(_CHANCE, _CHANCE_OF_NOTHING / 2**words)
    by_count = _VERSIONS_WEIGHT * log(found / _VERSIONS)
    by_share = _SHARE_WEIGHT * log(least / chance)
    return max(0.0, min(by_count, by_share, _MOST))
