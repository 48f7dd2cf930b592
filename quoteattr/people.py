"""People and bodies: which mentions belong to one speaker, and who a pronoun or descriptor stands for.

Names are clustered by their words: "Sir Mark" and "Rowley" join "Sir Mark Rowley", "HSE" joins "Health Service
Executive". A descriptor joins whoever carries its role ("the commissioner") or its noun ("the council"); one that fits
nobody is an unnamed speaker. Pronouns are resolved later, by a fitted ranker, among the clusters in front of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from quoteattr.analysis import TokenLists
from quoteattr.lexicon import Lexicon
from quoteattr.mentions import DESCRIPTOR, NAME, Mentions

PERSON, BODY, UNNAMED = "person", "body", "unnamed"
_OF = {"of", "for", "at"}
_VOICES = {"spokesman", "spokeswoman", "spokesperson"}
_SMALL = {"of", "and", "the", "for", "&", "in"}  # words without an initial
_DETERMINERS = {"the", "a", "an", "his", "her", "their", "its"}
_NAMED_BODIES = {"police", "parliament", "congress", "senate"}
_WORD = re.compile(r"\w+(?:[-.’']\w+)*|&")
_COMPANIES = {
    "inc",
    "ltd",
    "plc",
    "llp",
    "corp",
    "co",
    "llc",
    "gaa",
    "fc",
    "united",
    "rovers",
    "homes",
    "lines",
    "airlines",
}
_MOST_CARRIERS = 20
_APPOSITION = 9  # tokens behind a name's comma that may give its role


@dataclass(frozen=True, slots=True)
class Name:
    """What the words of a name say by themselves: "Met commissioner Sir Mark Rowley".

    Attributes
    ----------
    words : tuple of str
        All its words, as written.
    key : tuple of str
        The name proper, lower case: (mark, rowley); nothing where there is none ("a spokesperson for NorthLine").
    titles, roles : frozenset of str
        {sir}, {commissioner}.
    display : str
        The name as written, with titles like "Sir" and "Dr", without roles and articles.
    initials : str
        "hse" for the Health Service Executive.
    is_body : bool
    """

    words: tuple[str, ...]
    key: tuple[str, ...]
    titles: frozenset[str]
    roles: frozenset[str]
    display: str
    initials: str
    is_body: bool


@lru_cache(maxsize=50_000)  # names come again and again, in a text and from text to text
def read_name(lexicon: Lexicon, text: str) -> Name:
    """Take a name apart."""
    found = list(_WORD.finditer(text))
    raw = [m[0] for m in found]
    key, titles, roles = _parts(lexicon, raw)
    has_class = lexicon.has_class
    is_body = bool(key) and (
        any(has_class(w, "body") for w in key) or "&" in key or "of" in key[1:] or key[-1] in _COMPANIES
    )
    initials = "".join(w[0] for w in key if w not in _SMALL)
    display = _display(lexicon, text, found, key) if key else ""
    return Name(tuple(raw), key, frozenset(titles), frozenset(roles), display, initials, is_body)


def _parts(lexicon: Lexicon, raw: list[str]) -> tuple[tuple[str, ...], set[str], set[str]]:
    """Name words, titles and roles: "Met commissioner Sir Mark Rowley" -> (mark rowley), {sir}, {commissioner}."""
    has_class = lexicon.has_class
    titles: set[str] = set()
    roles: set[str] = set()
    lower = [w.lower().rstrip(".") for w in raw]
    first = 0
    while first < len(raw) and (raw[first].isdigit() or lower[first] in _DETERMINERS):
        first += 1
    n = first
    while n < len(raw) - 1 and "&" not in raw:
        is_title = has_class(lower[n], "title")
        is_role = has_class(lower[n], "role") and not has_class(lower[n], "plural_role")
        if is_role and raw[n][0].islower() and lower[n + 1] in _OF and len(raw) - n <= 4:
            return (), titles, roles  # "a spokesperson for NorthLine": a descriptor
        if is_role or is_title:
            if is_title and (not is_role or has_class(lower[n], "kept_title")):
                titles.add(lower[n])
            if is_role:
                roles.add(lower[n])
            if raw[n + 1][:1].isupper():
                first = n + 1
            elif lower[n + 1] in _OF and len(raw) - n > 4:  # "Mayor of London Sadiq Khan"
                names = [k for k in range(n + 3, len(raw)) if lexicon.name_gender(lower[k])]
                first = n = names[0] if names else len(raw) - 2
                break
        n += 1
    words = raw[first:]
    while words and words[0][:1].islower() and not has_class(words[0], "name_particle"):
        words = words[1:]
    while words and words[-1][:1].islower():
        words = words[:-1]
    if not words or (len(words) == 1 and has_class(words[0].lower(), "role")):
        return (), titles, roles
    if len(words) == 1 and has_class(words[0].lower(), "body") and words[0].lower() not in _NAMED_BODIES:
        return (), titles, roles
    return tuple(w.lower().strip(".") for w in words), titles, roles


def _display(lexicon: Lexicon, text: str, found: list[re.Match[str]], key: tuple[str, ...]) -> str:
    lower = [m[0].lower().strip(".") for m in found]
    start = next((n for n in range(len(lower)) if tuple(lower[n : n + len(key)]) == key), 0)
    keep = start
    while keep > 0 and found[keep - 1][0][:1].isupper() and _is_honorific(lexicon, lower[keep - 1]):
        keep -= 1
    end = found[min(start + len(key), len(found)) - 1].end()
    return re.sub(r"\s+", " ", text[found[keep].start() : end])


def _is_honorific(lexicon: Lexicon, word: str) -> bool:
    """Whether a title belongs to the name: "Sir" and "Judge" do, "Commissioner" is an office."""
    has_class = lexicon.has_class
    return has_class(word, "kept_title") or (has_class(word, "title") and not has_class(word, "role"))


@dataclass(slots=True)
class Cluster:
    """Everything that points to one person, body or unnamed speaker."""

    number: int
    kind: str
    name: str
    keys: list[tuple[str, ...]] = field(default_factory=list)  # words of its names, lower case, without titles
    roles: set[str] = field(default_factory=set)
    gender: str = ""  # "he", "she", "they", "it" or "" for unknown
    mentions: list[int] = field(default_factory=list)
    named_at: int = -1  # the mention that gave the name
    is_known: bool = False  # a tagger or a quotation vouches for one of its mentions, or it has a person's full name


class People:
    """The clusters of a text.

    Attributes
    ----------
    clusters : list of Cluster
    of_mention : list of int
        The cluster of each mention, or -1 (pronouns, and phrases that are no source).
    """

    def __init__(self, a: TokenLists, mentions: Mentions, sources: set[int]):
        self.a, self.mentions = a, mentions
        self.clusters: list[Cluster] = []
        self.of_mention = [-1] * len(mentions)
        self._lexicon = lexicon = a.lexicon
        self._clause = lexicon.any_of("report_verb", "auxiliary", "modal") & ~lexicon.classes["role"]
        self._ends_phrase = lexicon.any_of("punctuation", "relative")
        self._by_text: dict[str, Cluster] = {}
        self._by_role: dict[str, list[Cluster]] = {}
        self._voices: dict[str, Cluster] = {}
        self._by_word: dict[str, list[Cluster]] = {}
        starts, ends, types = mentions.start.tolist(), mentions.end.tolist(), mentions.type.tolist()
        used = mentions.tagged.copy()
        used[list(sources - {-1})] = True
        self._vouched = used.tolist()  # by a tagger or as a source
        for i, (start, end, type_) in enumerate(zip(starts, ends, types)):
            if type_ == NAME:  # also where the taggers left it out: it may be somebody's full name
                self._add_name(i, start, end)
        for cluster in self.clusters:
            for role in cluster.roles:
                self._by_role.setdefault(role, []).append(cluster)
        for i, (start, end, type_) in enumerate(zip(starts, ends, types)):
            if type_ == DESCRIPTOR and self._vouched[i]:
                self._add_descriptor(i, start, end)
        for cluster in self.clusters:
            cluster.mentions.sort()
            # A given name and more is somebody, also where the taggers have not seen a speaker in them.
            full = cluster.kind == PERSON and bool(cluster.gender) and any(len(key) > 1 for key in cluster.keys)
            cluster.is_known = full or any(self._vouched[i] for i in cluster.mentions)

    # --- names

    def _add_name(self, i: int, start: int, end: int) -> None:
        a = self.a
        text = a.text[a.starts[start] : a.ends[end - 1]]
        if text in self._by_text:  # seen before: whoever that was last
            self._by_text[text].mentions.append(i)
            self.of_mention[i] = self._by_text[text].number
            return
        if not self._vouched[i] and _WORD.fullmatch(text) and text.lower() not in self._by_word:
            return  # a capitalised word that nothing else speaks for: a place, a product
        name = read_name(a.lexicon, text)
        if not name.key:
            self._add_descriptor(i, start, end)
            return
        kind, gender = self._kind(name)
        cluster = self._same(name.key, kind, gender)
        if cluster is None:
            cluster = Cluster(len(self.clusters), kind, "")
            self.clusters.append(cluster)
        self._join(cluster, i, name)
        self._by_text[text] = cluster
        cluster.gender = cluster.gender or gender
        if kind == PERSON and (name.titles or len(name.key) > 1):
            cluster.kind = PERSON
        cluster.roles |= name.roles | self._apposition(start, end)
        if not cluster.name or name.display.count(" ") > cluster.name.count(" "):
            cluster.name, cluster.named_at = name.display, i

    def _kind(self, name: Name) -> tuple[str, str]:
        """Person or body, and the gender, by what a name is made of."""
        key = name.key
        if name.is_body and not name.titles:
            return BODY, "it"
        # A surname alone may look like a given name: "Grant".
        by_name = self._lexicon.name_gender(key[0]) if len(key) > 1 or key[0] not in self._by_word else ""
        if name.titles or name.roles:
            return PERSON, self._gender(name.titles | name.roles) or (by_name if len(key) > 1 else "")
        last = name.words[-1]
        acronym = len(key) == 1 and last.isupper() and len(last) > 1
        with_article = len(key) == 1 and name.words[0].lower() == "the"  # "the Met"
        return (BODY, "it") if acronym or with_article else (PERSON, by_name)

    def _gender(self, words: frozenset[str]) -> str:
        """ "he" or "she" by titles and nouns that only men or only women bear; "" otherwise."""
        he = any(self._lexicon.has_class(w, "he_title") or self._lexicon.has_class(w, "he_noun") for w in words)
        she = any(self._lexicon.has_class(w, "she_title") or self._lexicon.has_class(w, "she_noun") for w in words)
        return "he" if he and not she else "she" if she and not he else ""

    def _same(self, key: tuple[str, ...], kind: str, gender: str) -> Cluster | None:
        """The cluster that a name belongs to: the latest one with the same words, a name within it, or its acronym."""
        candidates = {c.number: c for w in key for c in self._by_word.get(w, [])[-_MOST_CARRIERS:]}
        for c in sorted(candidates.values(), key=lambda c: -c.mentions[-1])[:_MOST_CARRIERS]:
            differ = gender and c.gender and gender != c.gender
            if kind == c.kind == PERSON and (differ or any(_are_two(key, other) for other in c.keys)):
                continue
            if any(_agree(key, other) for other in c.keys):
                return c
        if len(key) == 1 and len(key[0]) >= 2:
            for c in self._by_word.get("+" + key[0], ()):
                return c
        if kind == BODY and len(key) == 1 and len(key[0]) > 2:  # "the Met" of the Metropolitan Police
            for c in reversed(self._by_word.get("^" + key[0][:3], [])[-_MOST_CARRIERS:]):
                if c.kind == BODY and any(k[0].startswith(key[0]) for k in c.keys):
                    return c
        return None

    def _join(self, cluster: Cluster, i: int, name: Name) -> None:
        cluster.mentions.append(i)
        self.of_mention[i] = cluster.number
        key = name.key
        if key not in cluster.keys:
            cluster.keys.append(key)
            for word in set(key):
                self._by_word.setdefault(word, []).append(cluster)
            self._by_word.setdefault("^" + key[0][:3], []).append(cluster)
            if len(name.initials) > 1:
                self._by_word.setdefault("+" + name.initials, []).append(cluster)

    def _apposition(self, start: int, end: int) -> set[str]:
        """Role nouns beside a name: ", the head of X," behind it, "the head teacher," in front."""
        a = self.a
        comma = a.lexicon.number(",")
        roles: set[str] = set()
        if end < len(a) and a.words[end] == comma:
            roles |= self._roles(range(end + 1, min(len(a), end + 1 + _APPOSITION)))
        if start > 1 and a.words[start - 1] == comma:
            roles |= self._roles(range(start - 2, max(-1, start - 2 - _APPOSITION), -1), back=True)
        return roles

    def _roles(self, tokens: range, back: bool = False) -> set[str]:
        """The role nouns of an apposition; none if it is a clause: "..., the commissioner said"."""
        a = self.a
        role, determiner = self._lexicon.classes["role"], self._lexicon.classes["determiner"]
        found: set[str] = set()
        for at in tokens:
            word = a.words[at]
            if self._clause[word]:
                return set()
            if self._ends_phrase[word] or word == a.lexicon.line_break:
                break
            if role[word]:
                found.add(a.word(at).lower())
            if back and determiner[word]:
                break
        return found

    # --- descriptors

    def _add_descriptor(self, i: int, start: int, end: int) -> None:
        a = self.a
        words = [w.lower() for w in _WORD.findall(a.text[a.starts[start] : a.ends[end - 1]])]
        if not words:
            return
        heads = [w for w in words if self._lexicon.has_class(w, "role") or self._lexicon.has_class(w, "body")]
        stop = next(
            (n for n, w in enumerate(words) if n and w in ("of", "for", "from", "at", "in", "who", "with")), len(words)
        )
        head = next((w for w in reversed(words[:stop]) if w in heads), words[stop - 1])
        definite = words[0] in ("the", "his", "her", "their", "its", "this", "that") or len(words) == 1
        if definite:
            cluster = self._carrier(head, start)
            if cluster is not None:
                cluster.mentions.append(i)
                self.of_mention[i] = cluster.number
                return
        plural = self._lexicon.has_class(head, "plural_role") or self._lexicon.has_class(head, "plural_body")
        gender = self._gender(frozenset((head,))) or (
            "they" if plural else "it" if self._lexicon.has_class(head, "body") else ""
        )
        kind = BODY if definite and self._lexicon.has_class(head, "body") and not plural else UNNAMED
        text = a.text[a.starts[start] : a.ends[end - 1]]
        name = re.sub(
            r"^(?:(?:the|a|an|one(?!\s+of\b)|another|his|her|their|its|some(?!\s+of\b)|for|of|to|with|by)\s+)+(?=\S)",
            "",
            re.sub(r"\s+", " ", text),
            flags=re.I,
        )
        known = self._voices.get(name.lower()) if head in _VOICES else None
        if known is not None:  # "a council spokesperson" twice is one voice
            known.mentions.append(i)
            self.of_mention[i] = known.number
            return
        cluster = Cluster(len(self.clusters), kind, name, [], {head}, gender, [i], i)
        self.clusters.append(cluster)
        self.of_mention[i] = cluster.number
        self._by_role.setdefault(head, []).append(cluster)
        if head in _VOICES:
            self._voices[name.lower()] = cluster

    def _carrier(self, head: str, start: int) -> Cluster | None:
        """Who a definite descriptor stands for: the nearest cluster, in front first, that carries its noun."""
        fits = [*self._by_role.get(head, ()), *(c for c in self._by_word.get(head, ()) if c.kind == BODY)]

        def distance(c: Cluster) -> tuple[bool, int]:
            first, last = (int(self.mentions.start[i]) for i in (c.mentions[0], c.mentions[-1]))
            nearest = last if last < start else first
            return nearest >= start, abs(start - nearest)

        nearest: Cluster | None = min(fits[-_MOST_CARRIERS:], key=distance, default=None)
        return nearest


def _agree(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """Whether two names may be one: the shorter is the other's end, start or a part of it in order."""
    if len(a) > len(b):
        a, b = b, a
    if a == b[-len(a) :] or a == b[: len(a)]:
        return True
    if len(a) == len(b) > 1:  # "J. Poole"
        return all(x == y or (min(len(x), len(y)) == 1 and x[0] == y[0]) for x, y in zip(a, b))
    if len(a) == 1:
        return a[0] in b and len(b) > 2
    rest = iter(b)
    return all(word in rest for word in a)


def _are_two(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """Whether two full names are those of two people of one surname: June and Ellis Broadnax, but not J. and Joe."""
    if len(a) < 2 or len(b) < 2 or a[-1] != b[-1]:
        return False
    return not (a[0].startswith(b[0]) or b[0].startswith(a[0]))


def gender_fits(pronoun: str, cluster: Cluster) -> int:
    """0 where pronoun and cluster contradict each other, 1 where nothing is known, 2 where they agree."""
    if pronoun in ("he", "she"):
        if cluster.kind == BODY:
            return 0
        return 1 if not cluster.gender else 2 if cluster.gender == pronoun else 0
    if pronoun == "it":
        if cluster.kind == BODY or cluster.gender == "it":
            return 2
        # "Marches Poultry": two words with capitals, nobody's given name, no title, no role.
        return 1 if cluster.kind == PERSON and not cluster.gender and not cluster.roles else 0
    return 2 if cluster.gender == "they" else 1 if cluster.kind == BODY or not cluster.gender else 0
