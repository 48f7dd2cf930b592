"""quoteattr: from scraped news text to sentences, quotations, speakers and checkable claims."""

from quoteattr._version import __version__
from quoteattr.attributor import Attributor
from quoteattr.classifier import SentenceClassifier
from quoteattr.document import BOILERPLATE_KINDS, Document, Quote, Sentence, Span, Speaker
from quoteattr.errors import AnnotationError, CorpusError, InputError, ModelError, QuoteattrError
from quoteattr.labeller import Labeller, label_batch, load
from quoteattr.segmenter import Segmenter

__all__ = [
    "BOILERPLATE_KINDS",
    "AnnotationError",
    "Attributor",
    "CorpusError",
    "Document",
    "InputError",
    "Labeller",
    "ModelError",
    "Quote",
    "QuoteattrError",
    "Segmenter",
    "Sentence",
    "SentenceClassifier",
    "Span",
    "Speaker",
    "__version__",
    "label_batch",
    "load",
]
