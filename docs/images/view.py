"""Makes view.png, the picture in the README: python docs/images/view.py.

Needs pip install '.[test]', Chromium and its driver. Ours was made on Debian with the packages chromium, chromium-driver,
fonts-sil-charis and fonts-inter.
"""

import tempfile
from pathlib import Path

from selenium import webdriver

import quoteattr

HERE = Path(__file__).resolve().parent
ARTICLE = HERE.parents[1] / "examples" / "articles" / "donation-appeal.txt"
SWITCHES = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --hide-scrollbars"
)

options = webdriver.ChromeOptions()
options.binary_location = "/usr/bin/chromium"
for switch in SWITCHES.split():
    options.add_argument(switch)
document = quoteattr.load()(ARTICLE.read_text(encoding="utf-8"))
with (
    tempfile.TemporaryDirectory() as folder,
    webdriver.Chrome(options, webdriver.ChromeService("/usr/bin/chromedriver")) as browser,
):
    page = Path(folder) / "page.html"
    page.write_text(document.to_html(), encoding="utf-8")
    metrics = {"width": 1120, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.get(page.as_uri())
    quote = browser.find_element("css selector", ".quote.n4")  # the one after a pronoun
    webdriver.ActionChains(browser).move_to_element(quote).perform()
    browser.save_screenshot(str(HERE / "view.png"))
