"""The documentation: its examples give what they show, it builds without a warning, and it needs no network."""

import doctest
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser

import pytest

import quoteattr

PAGES = ["tutorial", "for-journalists", "for-researchers", "cleaning", "troubleshooting"]
BLOCK = re.compile(r"^```(console|pycon)\n(.*?)^```$", re.M | re.S)
COMMAND = re.compile(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", re.M)
PROGRAM = re.compile(r"^(?:python|(?=quoteattr ))")  # `python x`, `quoteattr x`: run by the interpreter of the tests
SHOWN = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@pytest.fixture
def clone(root, tmp_path, monkeypatch):
    """The examples in a folder where a reader of the pages would be."""
    shutil.copytree(root / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(root))
    monkeypatch.setenv("PYTHONUTF8", "1")


def run_console(block):
    for command, shown in COMMAND.findall(block):
        ours = PROGRAM.sub(lambda found: sys.executable + ("" if found[0] else " -m "), command)
        done = subprocess.run(
            ours, shell=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}"
        assert doctest.OutputChecker().check_output(shown, done.stdout, SHOWN), f"{command}\n{done.stdout}"


def run_python(block, names, page):
    said = []
    test = doctest.DocTestParser().get_doctest(block, names, page, page, 0)
    doctest.DocTestRunner(optionflags=SHOWN, verbose=False).run(test, out=said.append, clear_globs=False)
    names.update(test.globs)
    assert not said, "".join(said)


@pytest.mark.usefixtures("clone")
@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows_what_its_examples_give(page, root):
    blocks = BLOCK.findall((root / "docs" / f"{page}.md").read_text("utf-8"))
    assert blocks

    names = {}
    for language, block in blocks:
        if language == "console":
            run_console(block)
        else:
            run_python(block, names, page)


def test_the_javascript_finds_the_words(root, browser):
    page = (root / "docs" / "troubleshooting.md").read_text("utf-8")
    (script,) = re.findall(r"^```js\n(.*?)^```$", page, re.M | re.S)
    text = "Pool saved 🎉\n\n“We 🏊 won,” said Ada Obi."
    span = {"start": text.index("We"), "end": text.index("”")}

    words = browser.execute_script(f"const [text, span] = arguments; {script} return words;", text, span)

    assert words == "We 🏊 won,"


@pytest.fixture(scope="module")
def site(root, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-c", root / "docs", root, folder],
        capture_output=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert done.returncode == 0, done.stderr
    return folder


def test_every_page_is_built(site, root):
    pages = {path.stem for path in (root / "docs").glob("*.md")}

    assert pages <= {path.stem for path in (site / "docs").glob("*.html")}
    assert (site / "training_data" / "README.html").exists()
    assert (site / "models" / "README.html").exists()


@pytest.mark.parametrize("name", sorted(set(quoteattr.__all__) - {"__version__"}))
def test_the_reference_has_every_public_name(name, site):
    assert f'id="quoteattr.{name}"' in (site / "docs" / "reference.html").read_text("utf-8")


def test_the_reference_has_parameters_as_lists(site):
    assert ":param" not in (reference := (site / "docs" / "reference.html").read_text("utf-8"))
    assert "----" not in reference


class Loaded(HTMLParser):
    """Collects the addresses that a browser fetches by itself."""

    def __init__(self):
        super().__init__()
        self.addresses = []

    def handle_starttag(self, tag, attrs):
        wanted = {"link": "href", "script": "src", "img": "src", "iframe": "src"}.get(tag)
        self.addresses += [value for name, value in attrs if name == wanted and value]


def test_no_page_loads_anything_from_elsewhere(site):
    loaded = Loaded()
    for path in site.rglob("*.html"):
        loaded.feed(path.read_text("utf-8"))

    assert loaded.addresses
    assert [address for address in loaded.addresses if "//" in address] == []
    assert not any(
        re.search(r"(@import|url\()[^;]*//", path.read_text("utf-8")) for path in (site / "_static").glob("*.css")
    )
