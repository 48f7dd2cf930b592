"""The model bundle: what it holds, and what is said of one that is missing, damaged or foreign."""

import hashlib
import io
import json
import lzma
import re
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

import quoteattr
from quoteattr import ModelError
from quoteattr.model import FORMAT_VERSION, shipped_path
from quoteattr.training.build import data_hash

ADVICE = r"\b(copy|install|pass|run quoteattr train)\b"
PICKLED = []  # filled if a pickle in a bundle is ever run


class Trap:
    """What a hostile pickle could do: run code when it is read."""

    def __reduce__(self):
        return PICKLED.append, ("run",)


@pytest.fixture
def models(tmp_path):
    """A copy of the shipped bundle."""
    return shutil.copytree(shipped_path(), tmp_path / "models")


@pytest.fixture
def manifest(models):
    return json.loads((models / "manifest.json").read_text("utf-8"))


def refusal(path):
    """What loading a bundle complains of; the message must name the path and say what to do."""
    with pytest.raises(ModelError) as caught:
        quoteattr.load(path)
    message = str(caught.value)
    assert str(path) in message
    assert re.search(ADVICE, message), f"no advice: {message}"
    return message


def flip_a_byte(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def replace(models, manifest, name, data):
    """Put other content into a bundle, with a manifest that vouches for it."""
    (models / name).write_bytes(data)
    manifest["files"][name] = hashlib.sha256(data).hexdigest()
    (models / "manifest.json").write_text(json.dumps(manifest), "utf-8")


def with_array(models, name, array):
    """The bytes of the bundle's weights with one array replaced."""
    source, target = zipfile.ZipFile(models / "weights.npz"), io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for member in source.namelist():
            if member != name + ".npy":
                archive.writestr(member, source.read(member))
        if array is not None:
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, array, allow_pickle=True)
            archive.writestr(name + ".npy", buffer.getvalue())
    return target.getvalue()


# --- what is missing -------------------------------------------------------------------------------------------------


def test_a_missing_folder_is_named(tmp_path):
    assert "there is no manifest.json" in refusal(tmp_path / "nowhere")


def test_a_folder_without_a_bundle_is_named(tmp_path):
    assert "there is no manifest.json" in refusal(tmp_path)


def test_a_file_instead_of_a_folder_is_named(models):
    refusal(models / "weights.npz")


@pytest.mark.parametrize("name", ["weights.npz", "vocabulary.json.xz"])
def test_a_missing_file_is_named(models, name):
    (models / name).unlink()

    assert name in refusal(models)


def test_a_model_error_is_an_error_of_the_library():
    assert issubclass(ModelError, quoteattr.QuoteattrError)


# --- what is damaged -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["weights.npz", "vocabulary.json.xz"])
def test_one_flipped_byte_is_noticed(models, name):
    flip_a_byte(models / name)

    assert f"{models / name} is damaged" in refusal(models)


@pytest.mark.parametrize("name", ["weights.npz", "vocabulary.json.xz"])
def test_a_truncated_file_is_noticed(models, name):
    data = (models / name).read_bytes()
    (models / name).write_bytes(data[: len(data) // 2])

    assert "is damaged" in refusal(models)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"PK\x03\x04"])
def test_a_damaged_manifest_is_noticed(models, content):
    (models / "manifest.json").write_bytes(content)

    assert "is no JSON" in refusal(models)


# --- what is foreign -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [[], {}, None, 3, "text", {"name": "another-library", "version": "1.0"}])
def test_a_foreign_manifest_is_noticed(models, content):
    (models / "manifest.json").write_text(json.dumps(content), "utf-8")

    assert "no manifest of a quoteattr bundle" in refusal(models)


@pytest.mark.parametrize("version", [0, FORMAT_VERSION - 1, FORMAT_VERSION + 1, str(FORMAT_VERSION), None])
def test_another_format_version_is_refused(models, manifest, version):
    (models / "manifest.json").write_text(json.dumps({**manifest, "format_version": version}), "utf-8")

    assert f"has format {version}, this library reads {FORMAT_VERSION}" in refusal(models)


@pytest.mark.parametrize(
    "files", [{}, {"weights.npz": ""}, {"../../secret": ""}, [], None, ["vocabulary.json.xz", "weights.npz"], 3]
)
def test_a_manifest_with_other_files_is_refused(models, manifest, files):
    (models / "manifest.json").write_text(json.dumps({**manifest, "files": files}), "utf-8")

    refusal(models)


@pytest.mark.parametrize(
    "content", [[], {}, None, {"words": []}, {"words": ["a"], "classes": {"title": [7]}}, {"words": 3, "classes": 3}]
)
def test_a_foreign_vocabulary_is_refused(models, manifest, content):
    replace(models, manifest, "vocabulary.json.xz", lzma.compress(json.dumps(content).encode()))

    refusal(models)


@pytest.mark.parametrize("content", [lzma.compress(b"\x80\x04N."), b"{}", lzma.compress(b"{}")[:-4], b""])
def test_a_vocabulary_that_is_no_compressed_json_is_refused(models, manifest, content):
    replace(models, manifest, "vocabulary.json.xz", content)

    refusal(models)


def test_a_vocabulary_that_does_not_fit_the_weights_is_refused(models, manifest):
    words = json.loads(lzma.decompress((models / "vocabulary.json.xz").read_bytes()))
    words["words"].append("onewordmore")
    replace(models, manifest, "vocabulary.json.xz", lzma.compress(json.dumps(words).encode()))

    assert "does not fit" in refusal(models)


def test_weights_that_are_no_archive_are_refused(models, manifest):
    replace(models, manifest, "weights.npz", b"no archive at all")

    refusal(models)


def test_weights_that_lack_an_array_are_refused(models, manifest):
    replace(models, manifest, "weights.npz", with_array(models, "cue", None))

    assert "cue" in refusal(models)


def test_a_pickled_array_is_refused_and_never_run(models, manifest):
    replace(models, manifest, "weights.npz", with_array(models, "cue", np.array([Trap()], object)))

    refusal(models)

    assert PICKLED == []


def test_compressed_weights_are_refused(models, manifest):
    with np.load(models / "weights.npz", allow_pickle=False) as arrays:
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **{name: arrays[name] for name in arrays.files})
    replace(models, manifest, "weights.npz", buffer.getvalue())

    assert "is compressed" in refusal(models)


# --- what is shared between processes --------------------------------------------------------------------------------


def test_weights_are_views_of_the_mapped_file(labeller):
    scorers = [*labeller.attributor.taggers, labeller.classifier.stages_.shape]
    arrays = [
        labeller.classifier.stages_.words,
        labeller.classifier.stages_.pairs,
        *(t for s in scorers for t in s.tables),
    ]

    assert {(array.flags.owndata, array.flags.writeable) for array in arrays} == {(False, False)}


def test_mapped_arrays_are_aligned(labeller):
    assert labeller.classifier.stages_.words.ctypes.data % 64 == labeller.classifier.stages_.pairs.ctypes.data % 64 == 0


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="Linux tells which files are mapped")
def test_weights_are_mapped_from_their_file(labeller):
    assert str(labeller.bundle.path / "weights.npz") in Path("/proc/self/maps").read_text()


# --- what the shipped bundle holds -----------------------------------------------------------------------------------


def test_the_bundle_holds_data_only():
    assert {path.suffix for path in shipped_path().iterdir()} <= {".json", ".xz", ".npz", ".md"}


def test_every_array_can_be_read_without_pickle():
    with np.load(shipped_path() / "weights.npz", allow_pickle=False) as arrays:
        kinds = {arrays[name].dtype.kind for name in arrays.files}

    assert kinds <= set("fiu")


def test_every_weight_is_finite():
    with np.load(shipped_path() / "weights.npz", allow_pickle=False) as arrays:
        broken = [name for name in arrays.files if not np.isfinite(arrays[name]).all()]

    assert broken == []


def test_the_manifest_vouches_for_every_file():
    files = json.loads((shipped_path() / "manifest.json").read_text("utf-8"))["files"]

    assert {n: hashlib.sha256((shipped_path() / n).read_bytes()).hexdigest() for n in files} == files


def test_the_manifest_names_licence_library_and_version(labeller):
    manifest = json.loads((shipped_path() / "manifest.json").read_text("utf-8"))

    assert manifest["licence"]
    assert manifest["library"]
    assert manifest["model_version"] == labeller.model_version


def test_the_shipped_models_were_trained_on_the_training_data_as_it_is(root):
    manifest = json.loads((shipped_path() / "manifest.json").read_text("utf-8"))

    assert manifest["training_data_sha256"] == data_hash(root / "training_data"), "run quoteattr train"
