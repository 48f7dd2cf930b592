"""A corpus in, labelled rows out: what `quoteattr label` does, for files of any length.

    sources   which files are meant, and which of them a shard takes
    reading   files -> records; what can't be read is a failure with its place
    columnar  Parquet, in and out
    rows      labelled documents -> the bytes of the output, a block of records at a time
    output    blocks -> a file that appears when it is complete, and a journal to go on from
    run       all of it, in parallel: `label_corpus`
    about     an article's site and date, by its fields
    labelled  what was labelled, read again

`docs/output.md` describes what is written, `docs/scale.md` how to run it on many machines.
"""

from quoteattr.corpus.labelled import Labelled, read_labelled
from quoteattr.corpus.reading import MAX_LENGTH, Failure, Record, read_records, read_text
from quoteattr.corpus.run import TIMEOUT, Progress, Summary, label_corpus
from quoteattr.corpus.sources import STANDARD, Shard, Source, find_sources

__all__ = [
    "MAX_LENGTH",
    "STANDARD",
    "TIMEOUT",
    "Failure",
    "Labelled",
    "Progress",
    "Record",
    "Shard",
    "Source",
    "Summary",
    "find_sources",
    "label_corpus",
    "read_labelled",
    "read_records",
    "read_text",
]
