"""Fixtures that several test modules share."""

from pathlib import Path

import pytest

import quoteattr


@pytest.fixture(scope="session")
def root():
    """The folder of the repository."""
    return Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def labeller():
    """The shipped labeller: immutable, so that all tests may share it."""
    return quoteattr.load()
