"""Fixtures that several test modules share."""

import json
from pathlib import Path

import pytest

import quoteattr

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="session")
def root():
    """The folder of the repository."""
    return HERE.parent


@pytest.fixture(scope="session")
def labeller():
    """The shipped labeller: immutable, so that all tests may share it."""
    return quoteattr.load()


@pytest.fixture(scope="session")
def in_story(labeller):
    """Labels a text in the middle of a short story that names and quotes nobody."""
    story = json.loads((HERE / "cases" / "story.json").read_text("utf-8"))
    return lambda text: labeller(story["before"] + text + story["after"])
