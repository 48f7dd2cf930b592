"""The same utterance in several articles as one entry: wordings compared, speakers compared, candidates found fast."""

from quoteattr.index.entries import QuoteIndex

__all__ = ["QuoteIndex"]
