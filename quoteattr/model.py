"""The model bundle: a folder of inert data, read, checked and written.

    manifest.json       format, versions, licence, scores, SHA-256 of the other files
    vocabulary.json.xz  the words, those that share another's number, and for each lexicon class the numbers of its words
    weights.npz         the tables of every scorer, as plain arrays

A bundle holds no code: arrays of objects are refused. The words are compressed, a quarter of their size. The weights lie uncompressed in their archive and are mapped
into memory, read-only, so that all processes of a machine share one copy.
"""

from __future__ import annotations

import hashlib
import io
import json
import lzma
import math
import mmap
import struct
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from quoteattr import attributor as att
from quoteattr import contents, cues, mentions, parts_of_speech, sources, uncued
from quoteattr._version import __version__
from quoteattr.attributor import Attributor
from quoteattr.classifier import LABELS, SHAPE_SLOTS, SentenceClassifier, Stages
from quoteattr.discourse import RANKER_SLOTS
from quoteattr.errors import ModelError
from quoteattr.features import PAIRS
from quoteattr.lexicon import PARTS, Lexicon
from quoteattr.linear import WORD, Linear, Slot
from quoteattr.quotations import QuotationModel
from quoteattr.tokens import Vocabulary
from quoteattr.trees import Trees

FORMAT_VERSION = 7
MANIFEST, VOCABULARY, WEIGHTS = "manifest.json", "vocabulary.json.xz", "weights.npz"
_TREE_ARRAYS = ("feature", "threshold", "left", "right", "value")
_YES = ("yes",)
_ALIGNMENT = 64  # bytes: what numpy's own files keep to
_PADDING_FIELD = 0xD935  # the extra field of zip archives whose members are aligned
# What files that only look like a bundle's raise when they are unpacked.
_FOREIGN = (
    KeyError, ValueError, IndexError, TypeError, AttributeError, EOFError, OSError, lzma.LZMAError, zipfile.BadZipFile,
)  # fmt: skip
_LOCAL_HEADER = 30  # bytes in front of the name of a member
SCORERS: dict[str, tuple[Sequence[Slot], Sequence[str]]] = {
    "part first": (parts_of_speech.FIRST_SLOTS, PARTS),
    "part second": (parts_of_speech.SECOND_SLOTS, PARTS),
    "mention first": (mentions.SLOTS, mentions.TAGS),
    "mention second": (mentions.SECOND_SLOTS, mentions.TAGS),
    "cue": (cues.CUE_SLOTS, cues.CONFIGURATIONS),
    "source_left": (sources.SOURCE_SLOTS, _YES),
    "source_right": (sources.SOURCE_SLOTS, _YES),
    "right_start": (contents.BOUNDARY_SLOTS, _YES),
    "right_end": (contents.BOUNDARY_SLOTS, _YES),
    "left_end": (contents.BOUNDARY_SLOTS, _YES),
    "left_start": (contents.BOUNDARY_SLOTS, _YES),
    "free": (uncued.FREE_SLOTS, _YES),
    "speaker": (RANKER_SLOTS, _YES),
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
            content[name] = _mapped(folder / name)
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
    except _FOREIGN as error:
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


def _mapped(path: Path) -> memoryview:
    """The bytes of a file, read as they are needed and shared with every process that has mapped it."""
    with path.open("rb") as file:
        empty = path.stat().st_size == 0  # which can't be mapped
        return memoryview(b"" if empty else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def _assemble(folder: Path, manifest: dict[str, Any], content: dict[str, memoryview]) -> Bundle:
    words = json.loads(lzma.decompress(content[VOCABULARY]))
    vocabulary = Vocabulary(words["words"], _turned_back(words["alike"]))
    classes = {}
    for name, members in words["classes"].items():
        mask = np.zeros(len(vocabulary), bool)
        mask[members] = True
        classes[name] = mask
    weights = _arrays(content[WEIGHTS])

    def linear(name: str) -> Linear:
        slots, names = SCORERS[name]
        sizes = [len(vocabulary) if s.size == WORD else s.size for s in slots]
        table = weights[name]
        if len(table) != sum(sizes):
            raise ValueError(f"scorer {name!r} has {len(table)} rows, {sum(sizes)} are expected")
        tables = np.split(table, np.cumsum(sizes)[:-1])
        return Linear(slots, names, tables, weights[name + " scales"], weights[name + " bias"], table)

    def trees(name: str) -> Trees:
        depth, bias = weights[name + " depth, bias"].tolist()
        arrays = {part: weights[f"{name} {part}"] for part in _TREE_ARRAYS}
        return Trees(**arrays, depth=int(depth), bias=bias)

    if len(weights["sentence pairs"]) != PAIRS:
        raise ValueError(f"there are {len(weights['sentence pairs'])} rows of sentence pairs, {PAIRS} are expected")
    lexicon = Lexicon(vocabulary, classes, _turned_back(words["given_names"]))
    lexicon.tagger = parts_of_speech.PartTagger(
        weights["part only"].astype(np.int32), linear("part first"), linear("part second")
    )
    stages = Stages(
        weights["sentence words"], weights["sentence pairs"], weights["sentence step"].item(), linear("sentence shape"),
        trees("boilerplate"), trees("claim"), weights["sentence kind"],
    )  # fmt: skip
    classifier = SentenceClassifier.fitted(stages, lexicon)
    model = QuotationModel({name: linear(name) for name in QuotationModel.names}, trees("ends"), trees("acceptance"))
    taggers = linear("mention first"), linear("mention second")
    attributor = Attributor(lexicon, taggers, model, linear("speaker"), linear("confidence"))
    return Bundle(folder.resolve(), manifest, lexicon, classifier, attributor)


def write(
    folder: Path,
    lexicon: Lexicon,
    stages: Stages,
    scorers: dict[str, Linear],
    trees: dict[str, Trees],
    about: dict[str, Any],
) -> dict[str, Any]:
    """Write a bundle, to the same bytes whenever its content is the same.

    Parameters
    ----------
    folder : Path
        Made if need be.
    scorers : dict of str to Linear
        One for each of `SCORERS` but the sentence classifier's and those of the tagger of parts of speech.
    trees : dict of str to Trees
        Those of the quotation model: "ends" and "acceptance".
    about : dict
        What the manifest says besides: licence, articles and so on.

    Returns
    -------
    dict
        The manifest. Its model version hashes vocabulary and weights: another answer has another version.
    """
    arrays: dict[str, npt.NDArray[Any]] = {}
    tagger = lexicon.tagger
    scorers = {"part first": tagger.first, "part second": tagger.second, **scorers, "sentence shape": stages.shape}
    for name, scorer in scorers.items():
        arrays[name] = np.concatenate(scorer.tables)
        arrays[name + " scales"], arrays[name + " bias"] = scorer.scales, scorer.bias
    arrays["sentence words"], arrays["sentence pairs"] = stages.words, stages.pairs
    arrays["sentence step"] = np.array([stages.step])
    arrays["sentence kind"] = stages.kind
    arrays["part only"] = tagger.only.astype(np.int8)
    for name, ensemble in {**trees, "boilerplate": stages.boilerplate, "claim": stages.claim}.items():
        for part, array in ensemble.arrays().items():
            arrays[f"{name} {part}"] = array
        arrays[name + " depth, bias"] = np.array([ensemble.depth, ensemble.bias])
    words = {
        "words": lexicon.vocabulary.words,
        "alike": _turned(lexicon.vocabulary.alike),
        "given_names": _turned(lexicon.given_names),
        "classes": {name: np.flatnonzero(mask).tolist() for name, mask in lexicon.classes.items()},
    }
    vocabulary = json.dumps(words, ensure_ascii=False, indent=0).encode()
    content = {VOCABULARY: lzma.compress(vocabulary), WEIGHTS: _npz(arrays)}
    folder.mkdir(parents=True, exist_ok=True)
    # Of the words before they are compressed: versions of the compressor differ.
    digest = hashlib.sha256(vocabulary + content[WEIGHTS]).hexdigest()
    manifest = {
        "format_version": FORMAT_VERSION,
        "model_version": f"{__version__}+{digest[:8]}",
        **about,
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in content.items()},
    }
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    # The manifest goes last: a reader that comes in between finds its checksums broken, not a mixture.
    for name, data in {**content, MANIFEST: text.encode()}.items():
        aside = folder / (name + ".tmp")
        aside.write_bytes(data)
        aside.replace(folder / name)
    return manifest


def _turned(values: Mapping[str, str]) -> dict[str, str]:
    """For each value its keys, joined by spaces: a third of the bytes."""
    keys: dict[str, list[str]] = {}
    for key, value in values.items():
        keys.setdefault(value, []).append(key)
    return {value: " ".join(own) for value, own in keys.items()}


def _turned_back(keys: Mapping[str, str]) -> dict[str, str]:
    return {key: value for value, own in keys.items() for key in own.split()}


def _npz(arrays: dict[str, npt.NDArray[Any]]) -> bytes:
    """What `numpy.savez` writes, but without the time of day and with aligned arrays, so that they can be mapped."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, np.ascontiguousarray(array), allow_pickle=False)
            entry = zipfile.ZipInfo(name + ".npy", (1980, 1, 1, 0, 0, 0))
            head = buffer.tell() + _LOCAL_HEADER + len(entry.filename.encode()) + 4
            padding = -head % _ALIGNMENT
            entry.extra = struct.pack("<HH", _PADDING_FIELD, padding) + bytes(padding)
            archive.writestr(entry, member.getvalue())
    return buffer.getvalue()


def _arrays(data: memoryview) -> dict[str, npt.NDArray[Any]]:
    """The arrays of an uncompressed .npz, as views of its bytes."""
    arrays = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for entry in archive.infolist():
            if entry.compress_type != zipfile.ZIP_STORED:
                raise ValueError(f"{entry.filename} is compressed")
            with archive.open(entry) as member:
                if np.lib.format.read_magic(member) != (1, 0):
                    raise ValueError(f"{entry.filename} is of another .npy version than 1.0")
                shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(member)
                if dtype.hasobject or is_fortran:
                    raise ValueError(f"{entry.filename} is no plain array in C order")
                name_size, extra_size = struct.unpack_from("<26xHH", data, entry.header_offset)
                start = entry.header_offset + _LOCAL_HEADER + name_size + extra_size + member.tell()
            values = np.frombuffer(data, dtype, math.prod(shape), start)
            arrays[entry.filename.removesuffix(".npy")] = values.reshape(shape)
    return arrays
