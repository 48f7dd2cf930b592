"""The model bundle: a folder of inert data, read, checked and written.

    manifest.json     format, versions, licence, scores, SHA-256 of the other files
    vocabulary.json   the words and, for each lexicon class, the numbers of its words
    weights.npz       the tables of every scorer, as plain arrays

A bundle holds no code and is read with ``allow_pickle=False``.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from quoteattr import attributor as att
from quoteattr import contents, cues, mentions, sources, uncued
from quoteattr.attributor import Attributor
from quoteattr.classifier import LABELS, SHAPE_SLOTS, SentenceClassifier, Stages
from quoteattr.errors import ModelError
from quoteattr.features import PAIRS
from quoteattr.lexicon import Lexicon
from quoteattr.linear import WORD, Linear, Slot
from quoteattr.quotations import QuotationModel
from quoteattr.tokens import Vocabulary
from quoteattr.trees import Trees

FORMAT_VERSION = 1
MANIFEST, VOCABULARY, WEIGHTS = "manifest.json", "vocabulary.json", "weights.npz"
_TREE_ARRAYS = ("feature", "threshold", "left", "right", "value")
_YES = ("yes",)
SCORERS: dict[str, tuple[Sequence[Slot], Sequence[str]]] = {
    "mention first": (mentions.SLOTS, mentions.TAGS),
    "mention second": (mentions.SECOND_SLOTS, mentions.TAGS),
    "cue": (cues.CUE_SLOTS, cues.CONFIGURATIONS),
    "source": (sources.SOURCE_SLOTS, _YES),
    "right_start": (contents.BOUNDARY_SLOTS, _YES),
    "right_end": (contents.BOUNDARY_SLOTS, _YES),
    "left_end": (contents.BOUNDARY_SLOTS, _YES),
    "left_start": (contents.BOUNDARY_SLOTS, _YES),
    "free": (uncued.FREE_SLOTS, _YES),
    "speaker": (att.RANKER_SLOTS, _YES),
    "confidence": (att.CONFIDENCE_SLOTS, _YES),
    "sentence shape": (SHAPE_SLOTS, (*LABELS, "claim")),
}


@dataclass(frozen=True, slots=True)
class Bundle:
    """Everything that labelling needs, and the manifest it came with."""

    path: Path
    manifest: dict[str, Any]
    lexicon: Lexicon
    classifier: SentenceClassifier
    attributor: Attributor

    @property
    def version(self) -> str:
        """The model's version: changes whenever an answer may change."""
        return str(self.manifest["model_version"])


def shipped_path() -> Path:
    """The folder of the bundle that comes with the library: in the package, or beside it in a clone."""
    package = Path(str(resources.files("quoteattr")))
    inside = package / "models"
    return inside if (inside / MANIFEST).exists() else package.parent / "models"


def read(path: Path | str | None = None) -> Bundle:
    """Read a bundle.

    Parameters
    ----------
    path : path or None
        Its folder; the shipped bundle by default.

    Raises
    ------
    ModelError
        If the folder holds no bundle, or a damaged or foreign one.
    """
    folder = shipped_path() if path is None else Path(path)
    manifest = _manifest(folder)
    content = {}
    for name, expected in manifest["files"].items():
        try:
            content[name] = (folder / name).read_bytes()
        except OSError as error:
            raise ModelError(
                f"the model bundle {folder} lacks {name}: copy the whole folder, or run quoteattr train"
            ) from error
        if hashlib.sha256(content[name]).hexdigest() != expected:
            raise ModelError(
                f"{folder / name} is damaged: its SHA-256 is not the manifest's; copy it again, or run quoteattr train"
            )
    try:
        return _assemble(folder, manifest, content)
    except (KeyError, ValueError, IndexError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise ModelError(
            f"the model bundle {folder} does not fit this library: {error}; run quoteattr train"
        ) from error


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelError(
            f"no model bundle in {folder}: there is no {MANIFEST}; pass the folder that quoteattr train wrote"
        ) from error
    except ValueError as error:
        raise ModelError(f"{folder / MANIFEST} is no JSON: {error}; copy it again, or run quoteattr train") from error
    if not isinstance(manifest, dict) or not {"format_version", "model_version", "files"} <= manifest.keys():
        raise ModelError(
            f"{folder / MANIFEST} is no manifest of a quoteattr bundle: pass the folder that quoteattr train wrote"
        )
    if manifest["format_version"] != FORMAT_VERSION:
        raise ModelError(
            f"the model bundle {folder} has format {manifest['format_version']}, this library reads {FORMAT_VERSION}: "
            "install the library that it was made for, or run quoteattr train"
        )
    files = manifest["files"]
    if not isinstance(files, dict) or set(files) != {VOCABULARY, WEIGHTS}:
        raise ModelError(
            f"{folder / MANIFEST} must name {VOCABULARY} and {WEIGHTS}, it names {files!r:.80}: run quoteattr train"
        )
    return manifest


def _assemble(folder: Path, manifest: dict[str, Any], content: dict[str, bytes]) -> Bundle:
    words = json.loads(content[VOCABULARY])
    vocabulary = Vocabulary(words["words"])
    classes = {}
    for name, members in words["classes"].items():
        mask = np.zeros(len(vocabulary), bool)
        mask[members] = True
        classes[name] = mask
    with np.load(io.BytesIO(content[WEIGHTS]), allow_pickle=False) as arrays:
        weights = {name: arrays[name] for name in arrays.files}

    def linear(name: str) -> Linear:
        slots, names = SCORERS[name]
        sizes = [len(vocabulary) if s.size == WORD else s.size for s in slots]
        table = weights[name].astype(np.float32)
        if len(table) != sum(sizes):
            raise ValueError(f"scorer {name!r} has {len(table)} rows, {sum(sizes)} are expected")
        return Linear(slots, names, np.split(table, np.cumsum(sizes)[:-1]), weights[name + " bias"])

    def trees(name: str) -> Trees:
        depth, bias = weights[name + " depth, bias"].tolist()
        arrays = {part: weights[f"{name} {part}"] for part in _TREE_ARRAYS}
        return Trees(**arrays, depth=int(depth), bias=bias)

    if len(weights["sentence pairs"]) != PAIRS:
        raise ValueError(f"there are {len(weights['sentence pairs'])} rows of sentence pairs, {PAIRS} are expected")
    given_names = {name: pronoun for pronoun, names in words["given_names"].items() for name in names.split()}
    lexicon = Lexicon(vocabulary, classes, given_names)
    stages = Stages(
        weights["sentence words"].astype(np.float32), weights["sentence pairs"].astype(np.float32), linear("sentence shape"),
        trees("boilerplate"), trees("claim"), weights["sentence kind"].astype(np.float32),
    )  # fmt: skip
    classifier = SentenceClassifier.fitted(stages, lexicon)
    model = QuotationModel({name: linear(name) for name in QuotationModel.names})
    taggers = linear("mention first"), linear("mention second")
    attributor = Attributor(lexicon, taggers, model, linear("speaker"), linear("confidence"))
    return Bundle(folder.resolve(), manifest, lexicon, classifier, attributor)


def write(folder: Path, lexicon: Lexicon, stages: Stages, scorers: dict[str, Linear], about: dict[str, Any]) -> None:
    """Write a bundle, to the same bytes whenever its content is the same.

    Parameters
    ----------
    folder : Path
        Made if need be.
    scorers : dict of str to Linear
        One for each of `SCORERS` but the sentence classifier's.
    about : dict
        What the manifest says besides: model_version, licence, scores and so on.
    """
    arrays: dict[str, npt.NDArray[Any]] = {}
    for name, scorer in {**scorers, "sentence shape": stages.shape}.items():
        arrays[name] = np.concatenate(scorer.tables).astype(np.float16)
        arrays[name + " bias"] = scorer.bias
    arrays["sentence words"] = stages.words.astype(np.float16)
    arrays["sentence pairs"] = stages.pairs.astype(np.float16)
    arrays["sentence kind"] = stages.kind
    for name, trees in (("boilerplate", stages.boilerplate), ("claim", stages.claim)):
        for part, array in trees.arrays().items():
            arrays[f"{name} {part}"] = array
        arrays[name + " depth, bias"] = np.array([trees.depth, trees.bias])
    words = {
        "words": lexicon.vocabulary.words,
        "given_names": {
            pronoun: " ".join(n for n, p in lexicon.given_names.items() if p == pronoun) for pronoun in ("he", "she")
        },
        "classes": {name: np.flatnonzero(mask).tolist() for name, mask in lexicon.classes.items()},
    }
    content = {VOCABULARY: json.dumps(words, ensure_ascii=False, indent=0).encode(), WEIGHTS: _npz(arrays)}
    folder.mkdir(parents=True, exist_ok=True)
    manifest = {
        "format_version": FORMAT_VERSION,
        **about,
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in content.items()},
    }
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    # The manifest goes last: a reader that comes in between finds its checksums broken, not a mixture.
    for name, data in {**content, MANIFEST: text.encode()}.items():
        aside = folder / (name + ".tmp")
        aside.write_bytes(data)
        aside.replace(folder / name)


def _npz(arrays: dict[str, npt.NDArray[Any]]) -> bytes:
    """What `numpy.savez_compressed` writes, but without the time of day."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, np.ascontiguousarray(array), allow_pickle=False)
            entry = zipfile.ZipInfo(name + ".npy", (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, member.getvalue())
    return buffer.getvalue()
