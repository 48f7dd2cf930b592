"""The wheel: built from the repository, installed into a clean environment, used from another folder."""

import io
import json
import lzma
import os
import site
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

LABEL = """
import quoteattr
doc = quoteattr.load()("“We did it,” said Ada Obi.")
print(quoteattr.__file__)
print(quoteattr.model.shipped_path())
print(doc.quotes[0].speaker.name)
"""


def run(*command, **options):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(root, tmp_path_factory):
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, root)
    (path,) = out.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def names(wheel):
    return zipfile.ZipFile(wheel).namelist()


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory):
    """The interpreter of a new environment with the wheel; what it depends on comes from the running one, offline."""
    folder = tmp_path_factory.mktemp("clean") / "venv"
    venv.create(folder, symlinks=os.name != "nt")
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    run(
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "--no-deps",
        "--no-index",
        "--disable-pip-version-check",
        wheel,
    )
    (own,) = folder.glob("Lib/site-packages" if os.name == "nt" else "lib/python*/site-packages")
    (own / "dependencies.pth").write_text("\n".join(site.getsitepackages()), "utf-8")
    return python


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """Another folder, and nothing that leads back to the repository."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    return tmp_path


def test_the_wheel_holds_the_models(names):
    assert {
        "quoteattr/models/manifest.json",
        "quoteattr/models/vocabulary.json.xz",
        "quoteattr/models/weights.npz",
    } <= set(names)


def test_the_models_in_the_wheel_are_those_of_the_repository(wheel, root):
    archive = zipfile.ZipFile(wheel)

    for path in (root / "models").iterdir():
        assert archive.read(f"quoteattr/models/{path.name}") == path.read_bytes()


def test_the_wheel_holds_the_training_data_as_an_archive(wheel, root):
    folder = root / "training_data"
    packed = zipfile.ZipFile(wheel).read("quoteattr/training_data.zip.xz")
    archive = zipfile.ZipFile(io.BytesIO(lzma.decompress(packed)))

    assert {name: archive.read(name) for name in archive.namelist()} == {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.*")
    }


def test_the_installed_library_takes_less_than_ten_megabytes_of_disk(python, elsewhere):
    code = "from pathlib import Path; import quoteattr; print(Path(quoteattr.__file__).parent)"
    files = [path.stat().st_size for path in Path(run(python, "-c", code, cwd=elsewhere).strip()).rglob("*")]

    assert sum(-(-size // 4096) * 4096 for size in files) < 10_000_000  # in blocks, byte code among them


def test_the_wheel_holds_every_module(names, root):
    modules = {path.relative_to(root).as_posix() for path in (root / "quoteattr").rglob("*.py")}

    assert modules <= set(names)


def test_the_wheel_holds_what_the_pages_are_made_of(names, root):
    assets = {path.relative_to(root).as_posix() for path in (root / "quoteattr" / "assets").iterdir()}

    assert len(assets) == 6
    assert assets <= set(names)


def test_the_wheel_says_that_it_is_typed(names):
    assert "quoteattr/py.typed" in names


def test_the_wheel_holds_nothing_else(names):
    assert {Path(name).parts[0] for name in names} == {
        "quoteattr",
        next(n for n in names if n.endswith("METADATA")).split("/")[0],
    }
    assert {Path(name).suffix for name in names if name.startswith("quoteattr/")} <= {
        ".py",
        ".html",
        ".json",
        ".npz",
        ".md",
        ".xz",
        ".typed",
        ".css",
        ".js",
    }


def test_the_wheel_holds_the_licence(names):
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_wheel_is_smaller_than_10_megabytes(wheel):
    assert wheel.stat().st_size < 10_000_000


def test_what_is_installed_is_smaller_than_10_megabytes(wheel):
    assert sum(entry.file_size for entry in zipfile.ZipFile(wheel).infolist()) < 10_000_000


def test_the_wheel_depends_on_little(wheel, names):
    metadata = zipfile.ZipFile(wheel).read(next(n for n in names if n.endswith("METADATA"))).decode()
    required = {
        line.split(": ")[1].split(">")[0]
        for line in metadata.splitlines()
        if line.startswith("Requires-Dist") and "extra" not in line
    }

    assert required == {"numpy", "joblib", "rich"}


def test_the_installed_library_labels_from_another_folder(python, elsewhere):
    module, models, speaker = run(python, "-W", "error", "-c", LABEL, cwd=elsewhere).splitlines()

    assert Path(module).is_relative_to(python.parents[1])
    assert Path(models).is_relative_to(python.parents[1])
    assert speaker == "Ada Obi"


def test_the_installed_library_labels_as_the_repository_does(python, elsewhere, labeller):
    code = "import json, quoteattr; print(json.dumps(quoteattr.load()('“We did it,” said Ada Obi.').to_dict()))"

    output = run(python, "-c", code, cwd=elsewhere)

    assert json.loads(output) == labeller("“We did it,” said Ada Obi.").to_dict()


def test_the_installed_library_finds_its_training_data(python, elsewhere, root):
    code = "from quoteattr.training.annotation import *; print(len(read_folder(training_data() / 'articles')))"

    assert int(run(python, "-c", code, cwd=elsewhere)) == len(list((root / "training_data" / "articles").iterdir()))


def test_the_installed_command_runs(python, elsewhere):
    assert "quoteattr" in run(python.with_name("quoteattr" + python.suffix), "--help", cwd=elsewhere)


def test_spacy_finds_the_component_of_the_installed_library(python, elsewhere):
    pytest.importorskip("spacy")
    code = "import spacy; nlp = spacy.blank('en'); nlp.add_pipe('quoteattr'); print(nlp('“So,” he said.')._.quotes[0].text)"
    assert run(python, "-c", code, cwd=elsewhere) == "So,\n"
