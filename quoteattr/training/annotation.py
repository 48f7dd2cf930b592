"""The annotation format of training_data/articles: read, check, nothing else (`quoteattr.exchange.annotated` writes it).

training_data/GUIDELINES.md describes the format. Reading keeps exact offsets: every span is a pair
of code points into `Article.text`, the article as a scraper would deliver it.
"""

from __future__ import annotations

import hashlib
import lzma
import re
from atexit import register
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import NoReturn
from zipfile import ZipFile

from quoteattr.document import BOILERPLATE_KINDS
from quoteattr.errors import AnnotationError

SPLITS = ("train", "dev", "test")
LAYERS = ("boilerplate", "claims", "quotes", "mentions")
_NEEDS = {"claims": "boilerplate", "mentions": "quotes"}
_DEV_SHARE = 7  # of this many articles without a split, about one goes to dev
QUOTE_KINDS = {"d": "direct", "m": "mixed", "i": "indirect"}
ENTITY_KINDS = ("person", "body", "unnamed")
PRONOUNS = ("he", "she", "they", "it")

_LINE = re.compile(r"(?P<join>[+~]?)(?P<tag>-|[a-z_]+)\|(?P<text>.*)", re.S)
_OPEN = re.compile(
    r"(?P<quote>\d+)(?P<kind>[dmi])(?:=(?P<speaker>[a-z0-9_-]+|\?))?: ?"
    r"|(?P<cue>\d+)! ?"
    r"|(?P<for>\d+(?:,\d+)*)?@(?P<entity>[a-z0-9_-]+) "
    r"|(?P<for_unknown>\d+(?:,\d+)*)@\? "
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|t|[{}\\])")
_DOUBLE_MARKS = re.compile("[\"“”„«»]|''|``")

Offsets = tuple[int, int]


@dataclass
class Entity:
    """A person, body or unnamed speaker of an article."""

    id: str
    name: str
    kind: str
    pronoun: str


@dataclass
class GoldSentence:
    """An annotated sentence: boilerplate is its kind or None."""

    start: int
    end: int
    claim: bool
    boilerplate: str | None
    line: int


@dataclass
class GoldQuote:
    """An annotated quote; speaker is an entity id or None."""

    number: int
    kind: str
    spans: list[Offsets] = field(default_factory=list)
    cue: Offsets | None = None
    mention: Offsets | None = None
    speaker: str | None = None
    line: int = 0


@dataclass
class Article:
    """An annotated article: `mentions` holds (start, end, entity id), in text order."""

    id: str
    header: dict[str, str]
    text: str
    entities: dict[str, Entity]
    sentences: list[GoldSentence]
    quotes: list[GoldQuote]
    mentions: list[tuple[int, int, str]]

    @property
    def layers(self) -> frozenset[str]:
        """What is annotated: any of `LAYERS`, all where the header does not say."""
        return frozenset(self.header["layers"].split()) if "layers" in self.header else frozenset(LAYERS)

    @property
    def split(self) -> str:
        """What the header says; else train, but of articles with quotes dev for some, chosen by the hash of the id."""
        if "split" in self.header:
            return self.header["split"]
        chance = hashlib.sha256(self.id.encode()).digest()[0] / 256
        return "dev" if chance < 1 / _DEV_SHARE and "quotes" in self.layers else "train"

    @property
    def damaged(self) -> bool:
        return self.header.get("damaged") == "yes"


class _Body:
    """The state of reading one body: text so far, and what its braces hold."""

    def __init__(self, fail: Callable[[int, str], NoReturn]):
        self.fail = fail
        self.text: list[str] = []
        self.length = 0
        self.quotes: dict[int, GoldQuote] = {}
        self.stated: dict[int, str] = {}
        self.mentions: list[tuple[int, int, str]] = []

    def add(self, text: str) -> None:
        self.text.append(text)
        self.length += len(text)

    def sentence(self, source: str, line: int) -> None:
        """Append one sentence, taking its braces apart."""
        stack: list[tuple[re.Match[str], int]] = []
        at = 0
        while at < len(source):
            char = source[at]
            if char == "\\":
                escape = _ESCAPE.match(source, at)
                if not escape:
                    self.fail(line, f"unknown escape {source[at : at + 2]!r}; write \\\\ for a backslash")
                code = escape[1]
                self.add("\t" if code == "t" else chr(int(code[1:], 16)) if code[0] == "u" else code)
                at = escape.end()
            elif char == "{":
                opening = _OPEN.match(source, at + 1)
                if not opening:
                    self.fail(line, f"cannot read the mark {source[at : at + 20]!r}")
                stack.append((opening, self.length))
                at = opening.end()
            elif char == "}":
                if not stack:
                    self.fail(line, "a closing brace without an opening one")
                opening, start = stack.pop()
                self.close(opening, start, line, stack)
                at += 1
            else:
                self.add(char)
                at += 1
        if stack:
            self.fail(line, f"the mark {stack[-1][0].group()!r} is not closed in its sentence")

    def close(self, opening: re.Match[str], start: int, line: int, stack: list[tuple[re.Match[str], int]]) -> None:
        """Note what the text from `start` on is: a content, a cue or a mention."""
        end = self.length
        inner = "".join(self.text)[start:end]
        if not inner.strip() or inner != inner.strip():
            self.fail(line, f"{{{opening.group()}{inner}}} is empty or has outer white space")
        if opening["quote"]:
            if any(outer["quote"] for outer, _ in stack):
                self.fail(line, f"quote {opening['quote']} stands inside another content")
            quote = self.quote(opening["quote"], line)
            kind = QUOTE_KINDS[opening["kind"]]
            if quote.kind not in ("", kind):
                self.fail(line, f"quote {quote.number} is {quote.kind} above and {kind} here")
            quote.kind = kind
            quote.spans.append((start, end))
            if opening["speaker"]:
                self.stated[quote.number] = opening["speaker"]
        elif opening["cue"]:
            quote = self.quote(opening["cue"], line)
            if quote.cue:
                self.fail(line, f"quote {quote.number} has two cues")
            quote.cue = (start, end)
        else:
            if opening["entity"]:
                self.mentions.append((start, end, opening["entity"]))
            for number in (opening["for"] or opening["for_unknown"] or "").split(","):
                if number:
                    quote = self.quote(number, line)
                    if quote.mention:
                        self.fail(line, f"quote {quote.number} has two mentions")
                    quote.mention, quote.speaker = (start, end), opening["entity"]

    def quote(self, number: str, line: int) -> GoldQuote:
        return self.quotes.setdefault(int(number), GoldQuote(int(number), "", line=line))


def parse(source: str, name: str = "article") -> Article:
    """Read one annotated article.

    Parameters
    ----------
    source : str
        The file's content.
    name : str
        What error messages call it.

    Raises
    ------
    AnnotationError
        Where the format is broken; the message starts with ``name:line``.
    """

    def fail(line: int, message: str) -> NoReturn:
        raise AnnotationError(f"{name}:{line}: {message}")

    lines = source.rstrip("\n").split("\n")
    header: dict[str, str] = {}
    entities: dict[str, Entity] = {}
    body_from = len(lines)
    for number, line in enumerate(lines, 1):
        if not line.strip():
            body_from = number
            break
        key, colon, value = line.partition(":")
        key, value = key.strip(), value.strip()
        if not colon or not value:
            fail(number, f"a header line is 'key: value', not {line!r}")
        if key.startswith("@"):
            parts = [p.strip() for p in value.rsplit("|", 2)]
            if len(parts) != 3 or parts[1] not in ENTITY_KINDS or parts[2] not in PRONOUNS:
                fail(number, f"an entity is '@id: name | person, body or unnamed | he, she, they or it', not {line!r}")
            if key[1:] in entities:
                fail(number, f"entity {key} is given twice")
            entities[key[1:]] = Entity(key[1:], *parts)
        else:
            header[key] = value
    if "id" not in header:
        fail(1, "the header lacks 'id'")
    if header.get("split", "train") not in SPLITS:
        fail(1, f"split is one of {', '.join(SPLITS)}, not {header['split']!r}")
    fault = layers_fault(header.get("layers", " ".join(LAYERS)).split())
    if fault:
        fail(1, fault)

    body = _Body(fail)
    sentences: list[GoldSentence] = []
    blank = 0
    for number, line in enumerate(lines[body_from:], body_from + 1):
        if not line.strip():
            blank += 1
            continue
        match = _LINE.fullmatch(line)
        if not match:
            fail(number, f"a body line is 'tag| text', not {line[:40]!r}")
        tag = match["tag"]
        if tag not in ("-", "c", *BOILERPLATE_KINDS):
            fail(number, f"unknown tag {tag!r}: -, c or one of {', '.join(BOILERPLATE_KINDS)}")
        if match["join"] and (blank or not sentences):
            fail(number, "+ and ~ continue a line, but a blank line stands before")
        if not match["join"] and sentences:
            body.add("\n")
        body.add("\n" * blank)
        blank = 0
        if match["join"] == "+":
            body.add(" ")
        text = match["text"] if match["join"] == "~" else match["text"].removeprefix(" ")
        start = body.length
        body.sentence(text, number)
        written = "".join(body.text)[start:]
        lead = len(written) - len(written.lstrip())
        if not written.strip():
            fail(number, "a sentence without text")
        end = start + len(written.rstrip())
        sentences.append(GoldSentence(start + lead, end, tag == "c", tag if tag in BOILERPLATE_KINDS else None, number))
    if not sentences:
        fail(len(lines), "there is no body: a blank line ends the header, sentences follow")
    text = "".join(body.text)

    for quote in body.quotes.values():
        if not quote.spans:
            fail(quote.line, f"quote {quote.number} has a cue or mention but no content")
        stated = body.stated.get(quote.number)
        if stated is None and quote.mention is None:
            fail(
                quote.line, f"quote {quote.number} has no speaker: mark a mention, or write {{{quote.number}d=id: or =?"
            )
        if stated and stated != "?":
            if quote.speaker not in (None, stated):
                fail(quote.line, f"quote {quote.number}: mention is of @{quote.speaker}, speaker is given as @{stated}")
            quote.speaker = stated
        merged = [quote.spans[0]]
        for start, end in quote.spans[1:]:
            between = text[merged[-1][1] : start]
            if not between.strip() and "\n" not in between:
                merged[-1] = (merged[-1][0], end)
            else:
                merged.append((start, end))
        quote.spans = merged
        if quote.speaker and quote.speaker not in entities:
            fail(quote.line, f"quote {quote.number}: no entity @{quote.speaker} in the header")
    return Article(
        header["id"], header, text, entities, sentences,
        sorted(body.quotes.values(), key=lambda q: q.spans[0]), sorted(body.mentions),
    )  # fmt: skip


def layers_fault(layers: Collection[str]) -> str | None:
    """What is wrong with a choice of layers."""
    for layer in layers:
        if layer not in LAYERS:
            return f"layers are any of {', '.join(LAYERS)}, with spaces between, not {layer!r}"
        if _NEEDS.get(layer, layer) not in layers:
            return f"the layer {layer} counts only together with {_NEEDS[layer]}"
    return None


def check(article: Article, name: str = "article") -> list[str]:
    """What a program can see to be wrong in an article that can be read: a list of messages."""
    found = [*_entity_faults(article)]
    for quote in article.quotes:
        found += [(line, f"quote {quote.number} {message}") for line, message in _quote_faults(article, quote)]
    return [f"{name}:{line}: {message}" for line, message in found]


def _entity_faults(article: Article) -> Iterator[tuple[int, str]]:
    """Entities that are missing, unused, or named in no mention."""
    used = {entity for _, _, entity in article.mentions} | {q.speaker for q in article.quotes if q.speaker}
    for missing in sorted(used - set(article.entities)):
        yield 1, f"no entity @{missing} in the header"
    for entity in article.entities.values():
        texts = [article.text[s:e] for s, e, other in article.mentions if other == entity.id]
        if entity.id not in used:
            yield 1, f"entity @{entity.id} is never mentioned"
        elif entity.kind != "unnamed" and not any(_shares_word(text, entity.name) for text in texts):
            yield 1, f"no mention of @{entity.id} shares a word with its name {entity.name!r}"


def _quote_faults(article: Article, quote: GoldQuote) -> Iterator[tuple[int, str]]:
    """Contents that their kind, their marks or the rulings contradict."""
    text = article.text
    for start, end in quote.spans:
        piece = text[start:end]
        line = next((s.line for s in article.sentences if s.start <= start < s.end), 1)
        if quote.kind == "direct":
            if not article.damaged and not _opens_in_marks(text, start):
                yield line, f"is direct but no mark stands before {piece[:25]!r} (m or i? damaged: yes?)"
            if piece[:1] in '"“' and piece.count("”") + piece.count('"') <= 1:
                yield line, "is direct: outer marks stay outside the braces"
        elif _LEADING_THAT.match(piece):
            yield line, "begins with: a leading 'that' stays out of the content"
        if quote.kind == "indirect":
            if not article.damaged and _DOUBLE_MARKS.search(piece):
                yield line, "is indirect but holds a quotation mark: m?"
            if piece.endswith(".") and not _ABBREVIATED.search(piece):
                yield line, "ends too late: the final full stop stays out of an indirect content"
        if any(s.boilerplate and s.start < end and start < s.end for s in article.sentences):
            yield line, "stands in boilerplate"
    if quote.kind == "mixed" and not article.damaged:
        marked = (_ANY_MARK.search(text[s:e]) or _opens_in_marks(text, s) for s, e in quote.spans)
        if not any(marked):
            yield quote.line, "is mixed but holds no quotation mark: i?"


_LEADING_THAT = re.compile(r"that\b(?! (?:is|was|would|one|could|the \w+ of))", re.I)
_ABBREVIATED = re.compile(r"\b\w\.\w*\.$|\b[A-Z][a-z]{0,3}\.$|\.\.\.$|[ap]\.m\.$")
_ANY_MARK = re.compile("[\"“”„«»‘’']|``")
_MARKS_BEFORE = ('"', "“", "”", "„", "«", "»", "''", "``", "‘", "'", "’", "&quot;", "&quot", "ldquo;", "œ")


def _opens_in_marks(text: str, start: int) -> bool:
    """Whether a content begins behind a mark, at its line's start, or behind the sentence before it."""
    before = text[max(0, start - 3) : start].rstrip(" ")
    return not before.strip() or before.endswith(("\n", "…", "?", ".", "!", *_MARKS_BEFORE))


def _shares_word(a: str, b: str) -> bool:
    return bool(set(re.findall(r"\w+", a.lower())) & set(re.findall(r"\w+", b.lower())))


def training_data() -> Path:
    """training_data: the one in the current folder, as in a clone; else the library's own."""
    here, package = Path("training_data"), Path(__file__).parents[1]
    if (here / "articles").is_dir():
        return here
    archive = package / "training_data.zip.xz"  # in a wheel
    return _unpacked(archive) if archive.is_file() else package.parent / "training_data"


@cache
def _unpacked(archive: Path) -> Path:
    """A temporary folder with what an archive holds; it is removed when Python ends."""
    folder = Path(mkdtemp(prefix="quoteattr-"))
    register(rmtree, folder, ignore_errors=True)
    with ZipFile(BytesIO(lzma.decompress(archive.read_bytes()))) as files:
        files.extractall(folder)
    return folder


def read(path: Path) -> Article:
    """Read the annotated article in a file."""
    try:
        source = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise AnnotationError(f"{path.name}:1: the file is not UTF-8: {error}") from error
    article = parse(source, path.name)
    if article.id != path.stem:
        raise AnnotationError(f"{path.name}:1: the id is {article.id!r} but the file is named {path.stem!r}")
    return article


def read_folder(folder: Path) -> list[Article]:
    """Every article of a folder, sorted by name."""
    return [read(path) for path in sorted(Path(folder).glob("*.txt"))]


def best_mention(article: Article, start: int, end: int) -> str | None:
    """The entity of the annotated mention that shares most with a span; of nested ones the one most alike in length."""
    best, entity = 0.0, None
    for s, e, name in article.mentions:
        shared = min(e, end) - max(s, start)
        if shared > 0 and shared / (max(e, end) - min(s, start)) > best:
            best, entity = shared / (max(e, end) - min(s, start)), name
    return entity
