"""Who said what in one article: python examples/quickstart.py [FILE]."""

import sys
from pathlib import Path

import quoteattr

ARTICLE = Path(__file__).parent / "articles" / "ad-markers.txt"

labeller = quoteattr.load()
document = labeller(Path(sys.argv[1] if sys.argv[1:] else ARTICLE).read_text(encoding="utf-8"))
for quote in document.quotes:
    print(f"{quote.speaker.name if quote.speaker else '?'}: {quote.text}")
