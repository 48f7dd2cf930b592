"""The examples that go together with other libraries, as a user runs them; those of the library alone are in test_cli."""

import os
import subprocess
import sys

import pytest


@pytest.fixture
def run(root):
    """Runs an example in a process of its own and gives what it prints."""

    def run(name):
        # One thread: BLAS would start one for each core, and they would wait for each other.
        settings = {"PYTHONIOENCODING": "utf-8", "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
        environment = {**os.environ, "PYTHONPATH": str(root), **settings}
        command = [sys.executable, root / "examples" / f"{name}.py"]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", env=environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_after_trafilatura(run):
    pytest.importorskip("trafilatura")
    article, _, quotes = run("after_trafilatura").rpartition("\n\n")
    assert "Larkton Council voted 7-2" in article
    assert "Support our journalism" not in article
    assert "Marian Pike: 900 people had signed her petition" in quotes


def test_hugging_face_dataset(run):
    pytest.importorskip("datasets")
    assert run("hugging_face_dataset").startswith("8 articles, ")


def test_duckdb_table(run):
    pytest.importorskip("duckdb")
    assert run("duckdb_table").count(" quotes, mean confidence 0.") == 5


def test_data_frames(run):
    pytest.importorskip("pandas")
    pytest.importorskip("polars")
    out = run("data_frames")
    assert "indirect" in out
    assert "us-wire: " in out


def test_grid_search(run):
    pytest.importorskip("sklearn")
    out = run("grid_search")
    assert out.count(" articles, 2 beats\n") == 1
    assert out.count(": accuracy 0.") == 6


def test_spacy_pipeline(run):
    pytest.importorskip("spacy")
    out = run("spacy_pipeline")
    assert "direct: We had three weeks left" in out
    assert "three in a quote of Dr Petra Lowmoor" in out
