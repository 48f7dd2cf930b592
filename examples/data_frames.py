"""Quotes as a pandas and sentences as a Polars data frame: python examples/data_frames.py.

Needs pip install 'quoteattr[examples]'.
"""

from pathlib import Path

import pandas as pd
import polars as pl

import quoteattr

paths = sorted((Path(__file__).parent / "articles").glob("*.txt"))
labeller = quoteattr.load()
documents = list(labeller.pipe(path.read_text(encoding="utf-8") for path in paths))

quotes = pd.DataFrame(
    [
        {"article": path.stem, **row}
        for path, document in zip(paths, documents, strict=True)
        for row in document.to_rows()
    ]
)
print("pandas: quotes by kind")
print(quotes.groupby("kind")["confidence"].agg(["size", "mean"]).round(2).to_string())

sentences = pl.DataFrame(
    [
        {"article": path.stem, **row}
        for path, document in zip(paths, documents, strict=True)
        for row in document.to_rows("sentences")
    ],
    infer_schema_length=None,  # a column may start with many a null
)
shares = sentences.group_by("article").agg(pl.col("is_boilerplate", "is_claim").mean().round(2)).sort("article")
print("\nPolars: shares of boilerplate and claims")
for article, boilerplate, claims in shares.iter_rows():
    print(f"{article}: {boilerplate:.0%} boilerplate, {claims:.0%} claims")
