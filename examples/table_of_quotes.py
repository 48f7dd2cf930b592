"""The quotes of a folder of articles as CSV: python examples/table_of_quotes.py [FOLDER] > quotes.csv."""

import csv
import sys
from pathlib import Path

import quoteattr

folder = Path(sys.argv[1]) if sys.argv[1:] else Path(__file__).parent / "articles"
articles = (path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.txt")))
table = csv.writer(sys.stdout)
table.writerow(["speaker", "kind", "quote"])
for document in quoteattr.load().pipe(articles):
    for quote in document.quotes:
        table.writerow([quote.speaker.name if quote.speaker else "", quote.kind, quote.text])
