"""The commands of the tutorials run, and say what the tutorials show."""

import re
import shlex
import shutil

import pytest

from quoteattr.cli import main
from quoteattr.training import validate

pytest.importorskip("sklearn")

SHOWN = re.compile(r"quoteattr: (?:converted|corrections): .*")


@pytest.fixture
def clone(root, tmp_path, monkeypatch):
    """A folder with the examples, and a small base to train and measure on: with the whole one it takes minutes."""
    shutil.copytree(root / "examples", tmp_path / "examples")
    shutil.copytree(root / "examples" / "articles", tmp_path / "pages")
    shutil.copy(root / "examples" / "articles" / "us-wire.txt", tmp_path / "page.txt")
    small = tmp_path / "small"
    shutil.copytree(root / "training_data" / "lexicons", small / "lexicons")
    (small / "articles").mkdir()
    (small / "parts_of_speech").mkdir()
    shutil.copy(root / "training_data" / "parts_of_speech" / "train-01.txt", small / "parts_of_speech")
    for path in sorted((root / "training_data" / "articles").glob("*.txt"))[::30]:
        shutil.copy(path, small / "articles")
    monkeypatch.chdir(tmp_path)


def run(command):
    program, *arguments = shlex.split(command)
    if program == "python":
        assert arguments[:2] == ["-m", "quoteattr.training.validate"]
        return validate.main(arguments[2:])
    assert program == "quoteattr"
    if arguments[0] == "train":
        arguments += ["--base", "small"]
    if arguments[0] == "evaluate" and "--data" not in arguments:
        arguments += ["--data", "small", "--split", "all"]
    return main(arguments)


@pytest.mark.usefixtures("clone")
@pytest.mark.parametrize("tutorial", ["tutorial-correct.md", "train-your-own.md"])
def test_every_command_runs(tutorial, root, capsys):
    page = (root / "docs" / tutorial).read_text("utf-8")
    commands = re.findall(r"^    \$ (.+)$", page, re.M)
    assert len(commands) >= 8

    said = ""
    for command in commands:
        assert run(command) == 0, f"{command}\n{capsys.readouterr().err}"
        said += capsys.readouterr().err

    assert [line for line in SHOWN.findall(page) if line not in said] == []


@pytest.mark.parametrize("folder", ["corrections/held-out", "foreign-site/labelled", "foreign-site/held-out"])
def test_the_annotated_examples_have_no_faults(folder, root):
    assert validate.main([str(root / "examples" / folder)]) == 0


def test_the_foreign_site_is_foreign(root, labeller):
    from quoteattr.exchange import read_articles
    from quoteattr.training.evaluate import evaluate

    scores, _ = evaluate(labeller, read_articles(root / "examples" / "foreign-site" / "held-out"))

    assert scores["boilerplate"]["r"] < 0.5
