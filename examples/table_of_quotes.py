"""Who said what in a folder of articles, for a spreadsheet: python examples/table_of_quotes.py FOLDER TABLE.csv."""

import argparse
import csv
import sys
from pathlib import Path

import quoteattr
from quoteattr.corpus import Failure, find_sources, read_records

parser = argparse.ArgumentParser(description="Write a table of who said what.")
parser.add_argument("folder", help="folder of articles as .txt files")
parser.add_argument("table", type=Path, help=".csv file to write")
arguments = parser.parse_args()


def articles():
    """Texts and the names of their files."""
    for record in read_records(find_sources([arguments.folder])):
        if isinstance(record, Failure):
            print(f"{record.place} is left out: {record.message}", file=sys.stderr)
        else:
            yield record.text, record.id


try:
    labelled = list(quoteattr.load().pipe(articles(), as_tuples=True))
except quoteattr.QuoteattrError as error:
    sys.exit(f"{error}")

rows = [
    [name, quote.speaker.name if quote.speaker else "", quote.kind, quote.text, round(quote.confidence, 2)]
    for document, name in labelled
    for quote in document.quotes
]
with arguments.table.open("w", encoding="utf-8-sig", newline="") as file:  # -sig: Excel takes it for UTF-8
    csv.writer(file).writerows([["article", "speaker", "kind", "quote", "confidence"], *rows])
print(f"{len(rows)} quotes of {len(labelled)} articles in {arguments.table}")
