"""The main path: text in, labelled Document out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, Literal, TypeVar, overload

from quoteattr import model
from quoteattr._version import __version__
from quoteattr.analysis import Analysis
from quoteattr.classifier import SentenceScores
from quoteattr.document import BOILERPLATE_KINDS, Document, Quote, Sentence, Speaker
from quoteattr.errors import InputError, ModelError
from quoteattr.segmenter import Segmenter
from quoteattr.site_profile import SiteProfile
from quoteattr.tokens import Tokens, join

Context = TypeVar("Context")
Page = tuple[str, "str | None"]  # a text and its site
Labels = tuple[tuple[Sentence, ...], tuple[Quote, ...], tuple[Speaker, ...]]
_BATCH = 32  # texts that are labelled at a time ...
_BATCH_LENGTH = 200_000  # ... or fewer, if they have more characters together
_WINDOW = 8  # batches read ahead in a parallel run


class Labeller:
    """Labels texts; made by `load`, immutable, to be shared by threads.

    Examples
    --------
    >>> import quoteattr
    >>> labeller = quoteattr.load()
    >>> doc = labeller("“We did it,” said Ada Obi.")
    >>> doc.quotes[0].text, doc.quotes[0].speaker.name
    ('We did it,', 'Ada Obi')
    """

    def __init__(self, bundle: model.Bundle, site_profile: SiteProfile | None = None):
        self.bundle = bundle
        self.site_profile = site_profile
        self.segmenter = Segmenter()
        self.classifier = bundle.classifier
        self.attributor = bundle.attributor

    @property
    def model_version(self) -> str:
        """The version of the model bundle."""
        return self.bundle.version

    def __call__(self, text: str, site: str | None = None) -> Document:
        """Label one text.

        Parameters
        ----------
        text : str
        site : str or None
            The site that the text is a page of: what its profile knows, if one was loaded, is evidence.

        Raises
        ------
        InputError
            If `text` is no str.
        """
        check_text(text)
        return self._label([(text, site)])[0]

    def _label(self, pages: Sequence[Page]) -> list[Document]:
        """Label several texts at once: most stages are a few array steps, whatever the number of words."""
        spans = [self.segmenter.spans(text) for text, _ in pages]
        read = [n for n, own in enumerate(spans) if own]  # the others are empty, or white space
        labels = dict(zip(read, self._read([pages[n] for n in read], [spans[n] for n in read]))) if read else {}
        nothing: Labels = (), (), ()
        version = __version__, self.model_version
        return [Document(text, *labels.get(n, nothing), *version) for n, (text, _) in enumerate(pages)]

    def _read(self, pages: Sequence[Page], spans: Sequence[list[tuple[int, int]]]) -> Iterator[Labels]:
        texts = [text for text, _ in pages]
        lexicon = self.bundle.lexicon
        joined, places = join(texts)
        every = [(s + at, e + at) for (at, _), own in zip(places, spans) for s, e in own]
        tokens = Tokens(joined, lexicon.vocabulary)
        scores = self.classifier.read(tokens, every, lexicon, places)
        if self.site_profile is not None:
            scores = self._weighed(scores, pages, spans, self.site_profile)
        analysis = Analysis(tokens, lexicon, every, (scores.boilerplate >= 0.5).tolist(), places)
        first = 0
        for text, own, (quotes, speakers) in zip(texts, spans, self.attributor.read(analysis)):
            last = first + len(own)
            yield tag_sentences(text, own, scores.part(first, last), quotes), tuple(quotes), tuple(speakers)
            first = last

    @staticmethod
    def _weighed(
        scores: SentenceScores, pages: Sequence[Page], spans: Sequence[list[tuple[int, int]]], profile: SiteProfile
    ) -> SentenceScores:
        """The scores, with what is known of each page's site."""
        parts, first = [], 0
        for (text, site), own in zip(pages, spans):
            part = scores.part(first, first + len(own))
            parts.append(profile.weigh(part, [text[start:end] for start, end in own], site))
            first += len(own)
        return SentenceScores.join(parts)

    @overload
    def pipe(
        self, texts: Iterable[str], *, as_tuples: Literal[False] = False, n_jobs: int | None = None
    ) -> Iterator[Document]: ...

    @overload
    def pipe(
        self,
        texts: Iterable[tuple[str, Context]],
        *,
        as_tuples: Literal[True],
        n_jobs: int | None = None,
        site_of: Callable[[Context], str | None] | None = None,
    ) -> Iterator[tuple[Document, Context]]: ...

    def pipe(
        self,
        texts: Iterable[Any],
        *,
        as_tuples: bool = False,
        n_jobs: int | None = None,
        site_of: Callable[[Any], str | None] | None = None,
    ) -> Iterator[Any]:
        """Label many texts, in order, streaming.

        Parameters
        ----------
        texts : iterable of str, or of (str, context) pairs
        as_tuples : bool
            Take pairs and give (Document, context) pairs; the context stays in this process.
        n_jobs : int or None
            Processes to use. None follows `joblib.parallel_config`, and is one where that is not set.
        site_of : callable or None
            With `as_tuples`: gives the site of a text from its context.

        Yields
        ------
        Document, or (Document, context)

        Raises
        ------
        InputError
            If `texts` is a str instead of an iterable, or holds something else than texts.
        """
        if isinstance(texts, (str, bytes)) or not isinstance(texts, Iterable):
            raise InputError(
                f"pipe() takes an iterable of texts, not a {type(texts).__name__}: pass [text], or call labeller(text) for one text"
            )
        return self._pipe(iter(texts), as_tuples, n_jobs, site_of or (lambda _: None))

    def _pipe(
        self, items: Iterator[Any], as_tuples: bool, n_jobs: int | None, site_of: Callable[[Any], str | None]
    ) -> Iterator[Any]:
        from joblib import Parallel, delayed

        batches = _batches(_pair(item) if as_tuples else (item, None) for item in items)
        # Windows of plain Parallel calls: joblib's generator mode reads its input without limit.
        with Parallel(n_jobs=n_jobs) as pool:
            while window := list(islice(batches, _WINDOW if pool.n_jobs != 1 else 1)):
                results = pool(
                    delayed(_label_batch)(self, [(text, site_of(context)) for text, context in batch])
                    for batch in window
                )
                for batch, documents in zip(window, results, strict=True):
                    for (_, context), document in zip(batch, documents, strict=True):
                        yield (document, context) if as_tuples else document

    def __reduce__(self) -> tuple[Any, ...]:
        # A labeller travels to a worker as a path and a version, not as arrays. The shipped bundle travels without its
        # path: on another machine the library may be installed elsewhere.
        if self.site_profile and not self.site_profile.path:
            raise InputError("a site profile goes to other processes by its path: load(site_profile=PATH)")
        is_shipped = self.bundle.path == model.shipped_path().resolve()
        profile = self.site_profile and str(self.site_profile.path)
        return _revive, (None if is_shipped else str(self.bundle.path), self.model_version, profile)

    def __repr__(self) -> str:
        return f"<quoteattr.Labeller, model {self.model_version}>"


def load(path: Path | str | None = None, site_profile: Path | str | None = None) -> Labeller:
    """Load a labeller.

    Parameters
    ----------
    path : path or None
        A model bundle that `quoteattr train` wrote; the shipped one by default.
    site_profile : path or None
        What `quoteattr profile` wrote: evidence for the texts whose site is given.

    Raises
    ------
    ModelError
        If there is no bundle, or a damaged or foreign one.
    CorpusError
        If the site profile is none.
    """
    return Labeller(model.read(path), None if site_profile is None else SiteProfile.read(site_profile))


def check_text(text: object) -> None:
    """Raise InputError unless `text` is a str."""
    if isinstance(text, str):
        return
    if isinstance(text, (bytes, bytearray)):
        raise InputError(
            "quoteattr labels str, not bytes: decode first, for instance data.decode('utf-8', errors='replace')"
        )
    raise InputError(f"quoteattr labels str, not {type(text).__name__}: pass the article's text")


_BOILERPLATE = frozenset({"boilerplate"})
_TAGS = {
    (quote, claim): frozenset(tag for tag, on in (("quote", quote), ("claim", claim)) if on)
    for quote in (False, True)
    for claim in (False, True)
}


def tag_sentences(
    text: str, spans: list[tuple[int, int]], scores: SentenceScores, quotes: list[Quote]
) -> tuple[Sentence, ...]:
    """Sentences with their tags: a sentence that overlaps a quote is tagged quote; boilerplate excludes the rest."""
    confidence = [0.0] * len(spans)
    pieces = sorted((s.start, s.end, q.confidence) for q in quotes for s in q.spans)
    i = 0
    for start, end, value in pieces:
        while i and spans[i - 1][1] > start:
            i -= 1
        while i < len(spans) and spans[i][1] <= start:
            i += 1
        j = i
        while j < len(spans) and spans[j][0] < end:
            confidence[j] = max(confidence[j], value, 0.5)
            j += 1
    sentences = []
    for (start, end), boilerplate, kind, claim, quote in zip(
        spans, scores.boilerplate.tolist(), scores.kind.tolist(), scores.claim.tolist(), confidence
    ):
        is_boilerplate = boilerplate >= 0.5 and not quote
        if boilerplate >= 0.5 and quote:  # a quotation that goes on around it decides
            boilerplate = 0.4999
        claim *= 1 - boilerplate
        tags = _BOILERPLATE if is_boilerplate else _TAGS[quote > 0, claim >= 0.5]
        values = {"quote": quote, "boilerplate": round(boilerplate, 4), "claim": round(claim, 4)}
        sentences.append(Sentence(start, end, tags, values, BOILERPLATE_KINDS[kind] if is_boilerplate else None, text))
    return tuple(sentences)


def _batches(pairs: Iterable[tuple[Any, Any]]) -> Iterator[list[tuple[str, Any]]]:
    """Runs of pairs whose texts are labelled together."""
    batch: list[tuple[str, Any]] = []
    length = 0
    for text, context in pairs:
        is_full = len(batch) == _BATCH or length + len(text) > _BATCH_LENGTH if isinstance(text, str) else True
        if batch and is_full:  # also in front of what is no text: those before it are labelled
            yield batch
            batch, length = [], 0
        check_text(text)
        batch.append((text, context))
        length += len(text)
    if batch:
        yield batch


def _pair(item: Any) -> tuple[Any, Any]:
    if isinstance(item, (tuple, list)) and len(item) == 2:
        return item[0], item[1]
    raise InputError(
        f"with as_tuples=True every item is a pair (text, context), not {type(item).__name__}: {item!r:.60}"
    )


_loaded: dict[tuple[str | None, str, str | None], Labeller] = {}


def _revive(path: str | None, version: str, site_profile: str | None) -> Labeller:
    """The labeller of a worker process: loaded once."""
    key = path, version, site_profile
    if key not in _loaded:
        labeller = load(path, site_profile)
        if labeller.model_version != version:
            raise ModelError(
                f"the labeller was made with model {version}, but {labeller.bundle.path} holds {labeller.model_version}: load it again, and install one version everywhere"
            )
        _loaded[key] = labeller
    return _loaded[key]


@cache
def _shipped() -> Labeller:
    return load()


def label_batch(texts: Iterable[str]) -> list[dict[str, Any]]:
    """Label some texts with the shipped models, which a process loads once: for engines that call a function.

    Parameters
    ----------
    texts : iterable of str

    Returns
    -------
    list of dict
        For each text what `Document.to_dict` gives.

    Raises
    ------
    InputError
        If `texts` is a str instead of an iterable, or holds something else than texts.

    Examples
    --------
    >>> import quoteattr
    >>> labelled = quoteattr.label_batch(["“We did it,” said Ada Obi.", "It rained."])
    >>> [len(document["quotes"]) for document in labelled]
    [1, 0]
    """
    return [document.to_dict() for document in _shipped().pipe(texts, n_jobs=1)]


def _label_batch(labeller: Labeller, pages: list[Page]) -> list[Document]:
    return labeller._label(pages)
