"""Labelled documents to annotation tools and back: brat, Label Studio, Prodigy, columns, W3C Web Annotations.

Every format is a module with two functions,

    write(documents, path)      documents are (id, Document) pairs
    read(path)                  yields (id, Document) pairs, and an AnnotationError for each that cannot be read

and keeps ids, spans in pieces, kinds, cues, mentions, speakers with all their mentions, tags and boilerplate kinds to the
last offset. Scores, confidence and evidence stay behind: what comes back was decided by a human.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from quoteattr.document import Document
from quoteattr.errors import AnnotationError
from quoteattr.exchange import annotated, brat, columns, label_studio, labelled, prodigy, web_annotation
from quoteattr.exchange.files import json_lines
from quoteattr.exchange.graph import graph_of
from quoteattr.training.annotation import Article, layers_fault, read_folder

Documents = Iterator[tuple[str, Document] | AnnotationError]


class Format(Protocol):
    """A module of this package."""

    NAME: str

    def write(self, documents: Iterable[tuple[str, Document]], path: Path, /) -> None: ...

    def read(self, path: Path, /) -> Documents: ...


_MODULES: tuple[Format, ...] = (annotated, brat, label_studio, prodigy, columns, web_annotation, labelled)
FORMATS = {module.NAME: module for module in _MODULES}
FOLDERS = ("annotated", "brat", "web-annotation")


def format_of(path: Path) -> str:
    """The name of the format that a file or folder is in.

    Raises
    ------
    AnnotationError
        If it is in none, or is not there.
    """
    if path.is_dir():
        for name, pattern in (("brat", "*.ann"), ("web-annotation", "*.jsonld"), ("annotated", "*.txt")):
            if any(path.glob(pattern)):
                return name
        raise AnnotationError(f"the folder {path} holds no .ann, .jsonld or annotated .txt files")
    if not path.exists():
        raise AnnotationError(f"there is no file or folder {path}")
    if path.name.endswith((".jsonl", ".jsonl.gz")):
        first = "".join(line for _, line in islice(json_lines(path), 1))
        return "labelled" if '"document"' in first else "prodigy"
    by_suffix = {".json": "label-studio", ".tsv": "columns", ".conll": "columns"}
    if path.suffix not in by_suffix:
        raise AnnotationError(
            f"{path} is in no format that is read: a folder, .jsonl (labelled or Prodigy), .json (Label Studio), .tsv or .conll (columns)"
        )
    return by_suffix[path.suffix]


def read(path: Path) -> Documents:
    """The documents of a file or folder in any of `FORMATS`, with an error in the place of each that cannot be read.

    Raises
    ------
    AnnotationError
        If the file as a whole can't be read.
    """
    return FORMATS[format_of(path)].read(path)


def write(
    documents: Iterable[tuple[str, Document]],
    path: Path,
    format: str,
    layers: Collection[str] = annotated.DEFAULT_LAYERS,
) -> list[AnnotationError]:
    """Write documents in one of `FORMATS`: to a new folder, or to a new file.

    Parameters
    ----------
    documents : iterable of (str, Document)
        Ids and documents.
    path : Path
        What to write; it must not be there yet, so that no corrections are lost.
    format : str
        The name of a format.
    layers : collection of str
        What counts in annotated articles, see ``training_data/GUIDELINES.md``; other formats do not say.

    Returns
    -------
    list of AnnotationError
        One for each document that the format cannot hold, and that was left out.

    Raises
    ------
    AnnotationError
        If `path` exists or can't be written, or the layers do not go together.
    """
    for target in (path, path.with_suffix(".xml")) if format == "label-studio" else (path,):
        if target.exists():
            raise AnnotationError(
                f"{target} is there already and may hold corrections: choose another name, or delete it"
            )
    if not path.parent.is_dir():
        raise AnnotationError(f"cannot write {path}: there is no folder {path.parent}")
    if fault := layers_fault(layers):
        raise AnnotationError(fault)
    writer = partial(annotated.write, layers=layers) if format == "annotated" else FORMATS[format].write
    kept, errors = [], []
    for id, document in documents:
        try:
            annotated.article_of(id, document, layers) if format == "annotated" else graph_of(id, document)
            kept.append((id, document))
        except AnnotationError as error:
            errors.append(error)
    if not kept:
        return errors
    with TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as aside:
        if format in FOLDERS:
            (Path(aside) / path.name).mkdir()
        writer(kept, Path(aside) / path.name)
        for made in sorted(Path(aside).iterdir()):  # Label Studio's configuration stands beside the tasks
            made.replace(path.parent / made.name)
    return errors


def read_articles(path: Path) -> list[Article]:
    """The annotated articles of a file or folder in any of `FORMATS`, for training and evaluation.

    A folder may hold them in articles/, as training_data does. What comes from a tool has the layers
    `annotated.DEFAULT_LAYERS`.

    Raises
    ------
    AnnotationError
        If one of them can't be read.
    """
    if (path / "articles").is_dir():
        return read_folder(path / "articles")
    if format_of(path) == "annotated":
        return read_folder(path)
    articles = []
    for item in read(path):
        if isinstance(item, AnnotationError):
            raise item
        articles.append(annotated.article_of(*item))
    return articles
