"""Fixtures that several test modules share."""

import json
import os
import shutil
from pathlib import Path

import pytest

import quoteattr
from quoteattr.analysis import Analysis
from quoteattr.segmenter import Segmenter
from quoteattr.tokens import Tokens

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
def analyse(labeller):
    """Analyses a text without boilerplate, by the shipped lexicon."""

    def analyse(text):
        lexicon = labeller.bundle.lexicon
        spans = Segmenter().spans(text)
        return Analysis(Tokens(text, lexicon.vocabulary), lexicon, spans, [False] * len(spans))

    return analyse


@pytest.fixture(scope="session")
def in_story(labeller):
    """Labels a text in the middle of a short story that names and quotes nobody."""
    story = json.loads((HERE / "cases" / "story.json").read_text("utf-8"))
    return lambda text: labeller(story["before"] + text + story["after"])


@pytest.fixture(scope="session")
def _chromium():
    """A headless Chromium; .ci/run insists on one, elsewhere its tests are skipped where there is none."""
    binary, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (binary and driver):
        wanted = "chromium and chromedriver are not installed: apt-get install chromium chromium-driver"
        if os.environ.get("QUOTEATTR_BROWSER") == "required":
            pytest.fail(wanted)
        pytest.skip(wanted)
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = binary
    for argument in (
        "headless",
        "no-sandbox",
        "disable-gpu",
        "disable-dev-shm-usage",
        "disable-quic",
        "no-first-run",
        "disable-background-networking",
        "disable-component-update",
        "disable-sync",
        "window-size=1280,900",
    ):
        options.add_argument(f"--{argument}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(driver))
    yield driver
    driver.quit()


@pytest.fixture
def browser(_chromium):
    """The browser on an empty page; a test that leaves a complaint in its console fails."""
    _chromium.get("about:blank")
    _chromium.get_log("browser")
    yield _chromium
    _chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
    assert _chromium.get_log("browser") == []
