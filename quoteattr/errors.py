"""The exceptions of the library: one base class, messages that say what to do."""


class QuoteattrError(Exception):
    """Base class of every error that quoteattr raises on purpose."""


class InputError(QuoteattrError, TypeError):
    """Something other than text was passed where text belongs."""


class ModelError(QuoteattrError):
    """A model bundle is missing, damaged, or written for another version."""


class AnnotationError(QuoteattrError):
    """An annotated article breaks its format; the message names file and line."""


class CorpusError(QuoteattrError):
    """A file can't be read or written; the message names it."""


class ReportError(QuoteattrError):
    """A report can't be made; the message says what is missing."""
