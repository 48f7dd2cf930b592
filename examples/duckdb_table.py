"""Over a DuckDB table of articles into a table of quotes: python examples/duckdb_table.py.

Needs pip install 'quoteattr[examples]'.
"""

from pathlib import Path

import duckdb

import quoteattr

paths = sorted((Path(__file__).parent / "articles").glob("*.txt"))
database = duckdb.connect()  # in memory; a path opens a file
database.execute("CREATE TABLE articles (id TEXT, text TEXT)")
database.executemany("INSERT INTO articles VALUES (?, ?)", [(p.stem, p.read_text(encoding="utf-8")) for p in paths])

database.execute("CREATE TABLE quotes (id TEXT, speaker TEXT, kind TEXT, text TEXT, confidence DOUBLE)")
articles = database.cursor().execute("SELECT text, id FROM articles")
for document, id in quoteattr.load().pipe(iter(articles.fetchone, None), as_tuples=True):
    for row in document.to_rows():
        values = [id, row["speaker"], row["kind"], row["text"], row["confidence"]]
        database.execute("INSERT INTO quotes VALUES (?, ?, ?, ?, ?)", values)

top = """
    SELECT speaker, count(*) AS quotes, round(avg(confidence), 2) AS confidence
    FROM quotes WHERE speaker IS NOT NULL GROUP BY speaker ORDER BY quotes DESC, speaker LIMIT 5"""
for speaker, count, confidence in database.execute(top).fetchall():
    print(f"{speaker}: {count} quotes, mean confidence {confidence}")
