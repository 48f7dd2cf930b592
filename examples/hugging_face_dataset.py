"""A Hugging Face dataset of articles becomes a dataset of quotes: python examples/hugging_face_dataset.py.

Needs pip install 'quoteattr[examples]'. With a dataset of your own: datasets.load_dataset(...) instead of from_dict.
"""

from pathlib import Path

import datasets

import quoteattr

paths = sorted((Path(__file__).parent / "articles").glob("*.txt"))
articles = datasets.Dataset.from_dict(
    {"id": [path.stem for path in paths], "text": [path.read_text(encoding="utf-8") for path in paths]}
)
labeller = quoteattr.load()


def quotes_of(batch):
    """A batch of articles as columns of quotes."""
    pairs = zip(batch["text"], batch["id"], strict=True)
    rows = [{"id": id, **row} for document, id in labeller.pipe(pairs, as_tuples=True) for row in document.to_rows()]
    return {name: [row[name] for row in rows] for name in ("id", "speaker", "kind", "text", "confidence")}


datasets.disable_progress_bars()
quotes = articles.map(quotes_of, batched=True, remove_columns=articles.column_names)
sure = quotes.filter(lambda quote: quote["confidence"] >= 0.9)
print(f"{len(articles)} articles, {len(quotes)} quotes, {len(sure)} with a confidence of 0.9 or more, such as")
print(f"{sure[0]['speaker']}: {sure[0]['text']}")
