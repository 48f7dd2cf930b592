"""A component for spaCy pipelines: ``nlp.add_pipe("quoteattr")``, also on ``spacy.blank("en")``.

What it sets:

=============================  ======================================================================================
``doc._.quoteattr``            the `Document`, with exact offsets, scores and evidence; None for a doc without labels
``doc._.quotes``               its quotes
``doc._.speakers``             its speakers
``span._.quote``               of any span: the first quote whose words it shares, or None
``span._.speaker``             of any span: the speaker of that quote, or None
``span._.tags``                of any span: the tags of the sentences it overlaps
``span._.boilerplate_kind``    of any span: the kind of the first boilerplate sentence it overlaps, or None
``doc.spans["quotes"]``        the pieces of the quotes, labelled "direct", "mixed" or "indirect"
``doc.spans["cues"]``          their words of saying
``doc.spans["mentions"]``      where speakers are mentioned, labelled "person", "body" or "unnamed"
``doc.spans["boilerplate"]``   the boilerplate sentences, labelled with their kinds
``doc.spans["claims"]``        the claim sentences
``doc.sents``                  the sentences, unless an earlier component has set some
=============================  ======================================================================================

A spaCy span that would cut through a token takes in the whole token; the `Document` has the exact offsets. The labels
lie in ``doc.user_data`` as plain data, so that a doc can be saved, and sent from process to process, with them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import takewhile
from weakref import WeakKeyDictionary

from spacy.language import Language
from spacy.tokens import Doc
from spacy.tokens import Span as SpacySpan

from quoteattr.document import Document, Quote, Sentence, Span, Speaker
from quoteattr.labeller import load

_USER_DATA = "quoteattr"
_documents: WeakKeyDictionary[Doc, Document] = WeakKeyDictionary()  # so that each is made from its data once


@Language.factory(
    "quoteattr",
    default_config={"model": None, "n_jobs": 1},
    assigns=["doc._.quoteattr", "doc._.quotes", "doc._.speakers", "doc.spans", "doc.sents"],
)
class QuoteattrComponent:
    """Labels docs.

    Parameters
    ----------
    nlp, name
        The pipeline, and the component's name in it: spaCy passes them.
    model : str or None
        Folder of a model bundle; None for the shipped one.
    n_jobs : int
        Processes in which `pipe` labels.

    Examples
    --------
    >>> import spacy
    >>> import quoteattr.spacy_component
    >>> nlp = spacy.blank("en")
    >>> component = nlp.add_pipe("quoteattr")
    >>> doc = nlp("“We did it,” said Ada Obi.")
    >>> [(span, span.label_, span._.speaker.name) for span in doc.spans["quotes"]]
    [(We did it,, 'direct', 'Ada Obi')]
    """

    def __init__(self, nlp: Language, name: str, model: str | None, n_jobs: int):  # noqa: ARG002 # spaCy's signature
        self.labeller = load(model)
        self.n_jobs = n_jobs

    def __call__(self, doc: Doc) -> Doc:
        """Label one doc."""
        _set_labels(doc, self.labeller(doc.text))
        return doc

    def pipe(self, stream: Iterable[Doc], batch_size: int) -> Iterator[Doc]:  # noqa: ARG002 # spaCy's signature
        """Label a stream of docs, in order."""
        pairs = ((doc.text, doc) for doc in stream)
        for document, doc in self.labeller.pipe(pairs, as_tuples=True, n_jobs=self.n_jobs):
            _set_labels(doc, document)
            yield doc


def _set_labels(doc: Doc, document: Document) -> None:
    doc.user_data[_USER_DATA] = document.to_dict()
    _documents[doc] = document
    groups: dict[str, list[tuple[Span | Sentence, str]]] = {
        "quotes": [(piece, quote.kind) for quote in document.quotes for piece in quote.spans],
        "cues": [(quote.cue, "cue") for quote in document.quotes if quote.cue],
        "mentions": [(mention, speaker.kind) for speaker in document.speakers for mention in speaker.mentions],
        "boilerplate": [(s, s.boilerplate_kind) for s in document.sentences if s.boilerplate_kind],
        "claims": [(s, "claim") for s in document.sentences if "claim" in s.tags],
    }
    for name, labelled in groups.items():
        spans = (doc.char_span(part.start, part.end, label, alignment_mode="expand") for part, label in labelled)
        doc.spans[name] = [span for span in spans if span]
    if not doc.has_annotation("SENT_START"):
        _set_sentences(doc, document)


def _set_sentences(doc: Doc, document: Document) -> None:
    """Start a sentence at the first token that begins where one of the document's begins, or behind that."""
    starts = [sentence.start for sentence in document.sentences]
    seen = 0
    for token in doc:
        begun = bisect_right(starts, token.idx)
        token.is_sent_start = begun > seen or token.i == 0
        seen = begun


def _document(doc: Doc) -> Document | None:
    data = doc.user_data.get(_USER_DATA)
    if data is None or data["text"] != doc.text:  # spaCy copies user data also into the doc of a part
        return None
    if doc not in _documents:
        _documents[doc] = Document.from_dict(data)
    return _documents[doc]


def _quotes(doc: Doc) -> tuple[Quote, ...]:
    document = _document(doc)
    return document.quotes if document else ()


def _speakers(doc: Doc) -> tuple[Speaker, ...]:
    document = _document(doc)
    return document.speakers if document else ()


def _quote(tokens: SpacySpan) -> Quote | None:
    start, end = tokens.start_char, tokens.end_char
    shared = (q for q in _quotes(tokens.doc) if any(piece.start < end and start < piece.end for piece in q.spans))
    return next(shared, None)


def _speaker(tokens: SpacySpan) -> Speaker | None:
    quote = _quote(tokens)
    return quote.speaker if quote else None


def _sentences(tokens: SpacySpan) -> Iterator[Sentence]:
    document = _document(tokens.doc)
    sentences = document.sentences if document else ()
    first = bisect_right(sentences, tokens.start_char, key=lambda sentence: sentence.end)
    return takewhile(lambda sentence: sentence.start < tokens.end_char, sentences[first:])


def _tags(tokens: SpacySpan) -> frozenset[str]:
    return frozenset[str]().union(*(sentence.tags for sentence in _sentences(tokens)))


def _boilerplate_kind(tokens: SpacySpan) -> str | None:
    return next((sentence.boilerplate_kind for sentence in _sentences(tokens) if sentence.boilerplate_kind), None)


Doc.set_extension("quoteattr", getter=_document, force=True)
Doc.set_extension("quotes", getter=_quotes, force=True)
Doc.set_extension("speakers", getter=_speakers, force=True)
SpacySpan.set_extension("quote", getter=_quote, force=True)
SpacySpan.set_extension("speaker", getter=_speaker, force=True)
SpacySpan.set_extension("tags", getter=_tags, force=True)
SpacySpan.set_extension("boilerplate_kind", getter=_boilerplate_kind, force=True)
