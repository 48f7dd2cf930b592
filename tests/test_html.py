"""The view as HTML: first as a parser sees it, then in a browser."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quoteattr import html
from quoteattr.document import Document, Quote, Sentence, Span, Speaker

TEXT = """Pool to close

Advertisement
“We won,” said Ada Obi. She added that “it was late”.
He was woken, one man said. Subscribe now. More soon.
"""
HOSTILE = "<script>alert(1)</script></style></title><img src=x onerror=alert(2)> \"' onmouseover=alert(3) &lt;b&gt; \u202e\u2066"
VOID = {"meta", "input", "img", "br", "link"}
ELEMENTS = set(
    "html head meta title style body header h1 h2 h3 main div section article footer p ul ol li label input b bdi small "
    "select option span a button details summary blockquote meter dl dt dd".split()
)
ATTRIBUTES = set(
    "lang charset http-equiv content name class aria-label type checked autocomplete value id href title open aria-hidden aria-describedby".split()
)


class Page(HTMLParser):
    """A page, read strictly: every element is closed in order.

    `words` are the (text, elements around it) of the article, each element as (tag, attributes).
    """

    def __init__(self, source):
        super().__init__()
        self.stack, self.elements, self.words, self.data = [], [], [], []
        self.feed(source)
        self.close()
        assert self.stack == []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        assert len(attributes) == len(attrs)
        self.elements.append((tag, attributes))
        if tag not in VOID:
            self.stack.append((tag, attributes))

    def handle_endtag(self, tag):
        assert self.stack.pop()[0] == tag

    def handle_data(self, data):
        tags = [tag for tag, _ in self.stack]
        self.data.append((data, tags[-1] if tags else ""))
        added = {"summary"} & {*tags} or {"badge", "unseen"} & {*" ".join(self._classes()).split()}
        if "article" in tags and not added:
            self.words.append((data, list(self.stack)))

    def _classes(self):
        return [attributes.get("class", "") for _, attributes in self.stack]

    @property
    def text(self):
        return "".join(words for words, _ in self.words)

    def around(self, words):
        """The classes of all elements around a stretch of the article."""
        (stack,) = [stack for data, stack in self.words if data == words]
        return " ".join(attributes.get("class", "") for _, attributes in stack).split()

    def all(self, tag, class_=""):
        return [a for t, a in self.elements if t == tag and (not class_ or class_ in a.get("class", "").split())]

    def within(self, tag):
        return "".join(data for data, element in self.data if element == tag)


def find(words, text=TEXT):
    return Span(text.index(words), text.index(words) + len(words))


def quote(speaker, confidence, *pieces, kind="direct", mention=None, evidence=None):
    spans = tuple(map(find, pieces))
    return Quote(spans, kind, None, mention and find(mention), speaker, confidence, evidence or {}, TEXT)


def sentence(words, *tags, kind=None):
    span = find(words)
    return Sentence(span.start, span.end, frozenset(tags), {}, kind, TEXT)


ADA = Speaker("Ada Obi", "person", (find("Ada Obi"), find("She")))
SENTENCES = (
    sentence("Pool to close", "claim"),
    sentence("Advertisement", "boilerplate", kind="ad"),
    sentence("“We won,” said Ada Obi.", "quote"),
    sentence("She added that “it was late”.", "quote", "claim"),
    sentence("He was woken, one man said.", "quote"),
    sentence("Subscribe now.", "boilerplate", kind="media_promo"),
    sentence("More soon."),
)
QUOTES = (
    quote(ADA, 0.93, "We won,", mention="Ada Obi", evidence={"speaker_by": "name", "cue_probability": 0.987}),
    quote(ADA, 0.61, "it was late", kind="indirect", mention="She"),
    quote(None, 0.4, "He was woken", kind="mixed", mention="one man"),
)


def document(text=TEXT, sentences=SENTENCES, quotes=QUOTES, speakers=(ADA,)):
    return Document(text, sentences, quotes, speakers, "1.2", "3.4")


@pytest.fixture(scope="module")
def page():
    return Page(document().to_html())


def words_of(text):
    return "".join(text.split())


# --- The article -----------------------------------------------------------------------------------------------------


def test_the_article_has_all_its_words_in_order(page):
    assert words_of(page.text) == words_of(TEXT)


def test_words_between_sentences_are_kept():
    assert words_of(Page(document(sentences=(), quotes=()).to_html()).text) == words_of(TEXT)


def test_quotes_have_the_number_of_their_speaker(page):
    assert {"quote", "s1"} <= {*page.around("We won,")}
    assert {"quote", "s1"} <= {*page.around("it was late")}
    assert {"quote", "s0"} <= {*page.around("He was woken")}


def test_claims_are_marked_also_within_quotes(page):
    assert "claim" in page.around("Pool to close")
    assert {"claim", "quote"} <= {*page.around("it was late")}
    assert "claim" not in page.around("We won,")


def test_boilerplate_can_be_folded_and_tells_its_kind(page):
    assert "boilerplate" in page.around("Advertisement")
    assert "boilerplate" in page.around("Subscribe now.")
    assert "boilerplate" not in page.around("More soon.")
    assert page.within("summary") == "admedia promo"


def test_lines_of_boilerplate_of_one_kind_are_folded_together():
    sentences = tuple(sentence(line, "boilerplate", kind="ad") for line in ("Pool to close", "Advertisement"))
    source = document(sentences=sentences, quotes=()).to_html()
    assert len(Page(source).all("details")) == 1
    assert "<summary>ad <small>2 lines</small></summary>" in source


def test_a_first_line_like_a_headline_is_one(page):
    (stack,) = [stack for words, stack in page.words if words == "Pool to close"]
    assert "h2" in [tag for tag, _ in stack]
    assert page.within("title") == "Pool to close"


def test_a_headline_may_follow_boilerplate():
    sentences = (sentence("Pool to close", "boilerplate", kind="navigation"), *SENTENCES[2:])
    text = TEXT.replace("Advertisement", "Pool is shut!")
    source = document(text, sentences=sentences, quotes=()).to_html()
    assert "<h2>Pool is shut!</h2>" in source
    assert Page(source).within("title") == "Pool is shut!"


def test_a_first_sentence_is_no_headline():
    text = "It rained.\nIt rained again.\n"
    assert Page(Document(text, (), (), (), "1", "2").to_html()).within("title") == "Who said what"


def test_overlapping_quotes_keep_their_extents():
    quotes = quote(ADA, 0.9, "We won,” said"), quote(None, 0.9, "said Ada"), quote(ADA, 0.9, "won")
    page = Page(document(quotes=quotes).to_html())
    assert [
        (words, [c for c in " ".join(a.get("class", "") for _, a in stack).split() if re.fullmatch(r"n\d+", c)])
        for words, stack in page.words
        if words in ("We ", "won", ",” ", "said", " Ada")
    ] == [("We ", ["n1"]), ("won", ["n1", "n3"]), (",” ", ["n1"]), ("said", ["n1", "n2"]), (" Ada", ["n2"])]


def test_a_pronoun_links_to_the_name_it_stands_for(page):
    (link,) = page.all("a", "mention")
    (name,) = page.all("span", "anchor")
    assert link["href"] == "#" + name["id"]
    assert link["title"] == "Ada Obi"
    assert "mention" in page.around("She")


def test_a_pronoun_follows_the_chain_of_the_evidence():
    chain = [[find("She").start, find("She").end], [find("one man").start, find("one man").end]]
    quotes = (quote(ADA, 0.9, "it was late", mention="She", evidence={"chain": chain}),)
    source = document(quotes=quotes).to_html()
    (link,) = Page(source).all("a", "mention")
    assert link["title"] == "one man"
    assert "<bdi>She</bdi> → <bdi>one man</bdi>" in source


def test_notes_give_speaker_kind_confidence_and_evidence(page):
    note = "".join(data for data, _ in page.data).partition("Notes")[2]
    for words in (
        "Ada Obi",
        "We won,",
        "direct quote, confidence 93%",
        "speaker by",
        "name",
        "cue probability",
        "0.99",
    ):
        assert words in note
    assert "nobody found" in note


def test_every_link_leads_somewhere(page):
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len({*ids})
    assert {a["href"] for a in page.all("a")} <= {f"#{id_}" for id_ in ids}
    assert {a["aria-describedby"] for a in page.all("button")} <= {*ids}


def test_a_number_tells_a_screen_reader_what_it_stands_for(page):
    labels = [a["aria-label"] for a in page.all("button", "badge")]
    assert labels[0] == "direct quote: Ada Obi, confidence 93%"
    assert labels[2] == "mixed quote: nobody found, confidence 40%"


def test_an_empty_document_has_a_page():
    assert "No quotes." in Document("", (), (), (), "1", "2").to_html()


# --- Hostile text ----------------------------------------------------------------------------------------------------


def hostile_document():
    text = f"{HOSTILE}\n{HOSTILE} said {HOSTILE}.\n{HOSTILE}"
    half = len(HOSTILE) + 1
    speaker = Speaker(HOSTILE, HOSTILE, (Span(half, half + 9), Span(half, half + len(HOSTILE))))
    evidence = {HOSTILE: HOSTILE, "nested": {HOSTILE: [HOSTILE]}}
    spans = Span(half + 3, half + 30), Span(half + 40, len(text))
    quotes = tuple(Quote((span,), HOSTILE, None, Span(half, half + 4), speaker, 0.5, evidence, text) for span in spans)
    sentences = (Sentence(0, half - 1, frozenset(), {}, HOSTILE, text),)
    return Document(text, sentences, quotes, (speaker,), HOSTILE, HOSTILE)


def test_nothing_of_a_hostile_document_becomes_markup():
    page = Page(hostile_document().to_html())
    assert {tag for tag, _ in page.elements} <= ELEMENTS
    assert {name for _, attributes in page.elements for name in attributes} <= ATTRIBUTES
    assert words_of(page.text) == words_of(hostile_document().text)


def test_no_word_of_a_document_gets_into_a_style_sheet_or_class():
    source = hostile_document().to_html()
    assert "alert" not in "".join(re.findall(r"<style>.*?</style>", source, re.DOTALL))
    assert "alert" not in "".join(re.findall(r'class="([^"]*)"', source))


def test_marks_that_turn_the_direction_turn_nothing_else():
    source = hostile_document().to_html()
    around = {element for data, element in Page(source).data if "\u202e" in data}
    assert "bdi" in around
    assert around.isdisjoint({"label", "li", "h3", "blockquote"})


def test_what_html_cannot_hold_is_replaced():
    source = Document("A\x00B\x1b\ud800C", (), (), (), "1", "2").to_html()
    assert "A\ufffdB\ufffd\ufffdC" in source
    source.encode("utf-8")


def test_a_page_needs_nothing_else():
    source = document().to_html()
    assert not re.search(r"https?:|//|url\(|@import|src=|<script|<link", source)


@given(
    st.text(alphabet="ab<&\"' \n\r\u2028\x85.\u202e", max_size=40),
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 40), st.sampled_from(["quote", "claim", "ad"])), max_size=6),
)
def test_any_spans_give_a_page_with_all_words(text, stretches):
    quotes, sentences = [], []
    for start, length, what in stretches:
        start, end = min(start, len(text)), min(start + length, len(text))
        if what == "quote":
            quotes.append(Quote((Span(start, end),), "direct", None, None, ADA, 0.5, {}, text))
        else:
            tags, kind = (frozenset({"claim"}), None) if what == "claim" else (frozenset(), "ad")
            sentences.append(Sentence(start, end, tags, {}, kind, text))
    page = Page(Document(text, tuple(sentences), tuple(quotes), (ADA,), "1", "2").to_html())
    assert words_of(page.text) == words_of(text)
    assert len(page.all("button", "badge")) == len(quotes) * bool(text.strip())


# --- Colours ---------------------------------------------------------------------------------------------------------


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(share * c for share, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def colours(name):
    """The (light, dark) pairs that a style sheet gives a variable."""
    return re.findall(rf"--{name}: light-dark\((#\w{{6}}), (#\w{{6}})\)", html.asset("view.css"))


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_words_stand_out_from_their_background(scheme):
    (paper,) = colours("paper")
    assert len(colours("ink")) == len(colours("tint")) == html.COLOURS + 1
    for ink, tint in zip(colours("ink"), colours("tint"), strict=True):
        assert contrast(ink[scheme], tint[scheme]) >= 4.5
        assert contrast(ink[scheme], paper[scheme]) >= 4.5
    for name in ("text", "quiet"):
        assert contrast(colours(name)[0][scheme], paper[scheme]) >= 4.5
    assert contrast(colours("dots")[0][scheme], paper[scheme]) >= 3


# --- In a notebook ---------------------------------------------------------------------------------------------------


def test_a_notebook_gets_a_fragment():
    source = document()._repr_html_()
    assert not re.search("<html|<body|<title|<h1", source)
    assert words_of(Page(source).text) == words_of(TEXT)


def test_two_outputs_share_no_ids():
    ids = [{a["id"] for _, a in Page(document()._repr_html_()).elements if "id" in a} for _ in range(2)]
    assert ids[0].isdisjoint(ids[1])
    assert len(ids[0]) == len(ids[1])


def test_no_rule_of_a_fragment_reaches_out_of_it():
    rules = re.sub(r"/\*.*?\*/|@[^{]+", "", html.style(document()), flags=re.DOTALL)
    while "(" in rules:
        rules = re.sub(r"\([^()]*\)", "", rules)
    selectors = [selector for group in re.findall(r"([^{}]+)\{[^{}]*:", rules) for selector in group.split(",")]
    assert len(selectors) > 50
    assert [selector for selector in selectors if ".quoteattr" not in selector] == []


# --- In a browser ----------------------------------------------------------------------------------------------------


@pytest.fixture
def opened(browser, tmp_path):
    """The browser with the page of the document."""
    path = tmp_path / "page.html"
    path.write_text(document().to_html(), encoding="utf-8")
    browser.get(path.as_uri())
    return browser


def css(driver, selector):
    return driver.find_element("css selector", selector)


def shown_notes(driver):
    return [i for i in (1, 2, 3) if css(driver, f".note{i}").is_displayed()]


def background(driver, selector):
    return css(driver, selector).value_of_css_property("background-image")


def test_pointing_at_a_quote_shows_its_note(opened):
    from selenium.webdriver import ActionChains

    assert shown_notes(opened) == []
    ActionChains(opened).move_to_element(css(opened, ".quote.n2")).perform()
    assert shown_notes(opened) == [2]
    assert "indirect quote, confidence 61%" in css(opened, ".note2").text


def test_a_keyboard_reaches_notes_in_the_order_of_the_text(opened):
    from selenium.webdriver import ActionChains, Keys

    css(opened, "select").click()
    ActionChains(opened).send_keys(Keys.ESCAPE).perform()
    seen = []
    for _ in range(8):
        ActionChains(opened).send_keys(Keys.TAB).perform()
        seen += shown_notes(opened)
    assert seen == [1, 2, 3]


def test_a_number_keeps_its_note_and_the_place_in_the_text(opened):
    opened.set_window_size(1280, 300)
    css(opened, "button.badge.n3").click()
    place = opened.execute_script("return scrollY")
    css(opened, "button.badge.n3").click()
    assert shown_notes(opened) == [3]
    assert opened.execute_script("return scrollY") == place
    opened.set_window_size(1280, 900)


def test_an_address_can_name_a_note(opened):
    opened.get(opened.current_url + "#note-2")
    assert shown_notes(opened) == [2]


def test_a_pronoun_leads_to_the_name(opened):
    css(opened, "a.mention").click()
    assert css(opened, ".anchor:target")
    assert opened.current_url.endswith(f"#name-{find('Ada Obi').start}")


def test_filter_by_speaker(opened):
    css(opened, ".f1").click()
    assert background(opened, ".quote.s1") == "none"
    assert not css(opened, "button.badge.s1").is_displayed()
    assert background(opened, ".quote.s0") != "none"


def test_filter_by_confidence(opened):
    css(opened, 'option[value="60"]').click()
    assert background(opened, ".quote.n1") != "none"
    assert background(opened, ".quote.n2") != "none"
    assert background(opened, ".quote.n3") == "none"
    css(opened, 'option[value="0"]').click()
    assert background(opened, ".quote.n3") != "none"


def test_filter_by_tag(opened):
    css(opened, ".f-quotes").click()
    assert background(opened, ".quote.n1") == "none"
    css(opened, ".f-claims").click()
    assert css(opened, ".claim").value_of_css_property("text-decoration-line") == "none"
    css(opened, ".f-boilerplate").click()
    assert not css(opened, ".boilerplate p").is_displayed()
    assert css(opened, ".boilerplate summary").is_displayed()


def test_boilerplate_folds(opened):
    css(opened, ".boilerplate summary").click()
    assert not css(opened, ".boilerplate p").is_displayed()


def test_the_page_is_dark_where_that_is_wanted(opened):
    papers = []
    for scheme in ("light", "dark"):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "screen", "features": features})
        papers.append(css(opened, "body").value_of_css_property("background-color"))
    assert papers == ["rgba(253, 252, 248, 1)", "rgba(23, 24, 27, 1)"]


def test_print_has_all_notes_and_no_controls(opened):
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert shown_notes(opened) == [1, 2, 3]
    assert not css(opened, ".f1").is_displayed()
    assert not css(opened, "select").is_displayed()


def test_the_browser_runs_nothing_of_a_hostile_document(browser, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(hostile_document().to_html(), encoding="utf-8")
    browser.get(path.as_uri())
    assert browser.find_elements("css selector", "script, img, [onerror], [onmouseover]") == []
    assert HOSTILE.split()[0] in css(browser, "article").text


def test_two_outputs_on_one_page_filter_on_their_own(browser, tmp_path):
    path = tmp_path / "notebook.html"
    outputs = "".join(f'<div id="out{n}">{document()._repr_html_()}</div>' for n in (1, 2))
    path.write_text(f"<!DOCTYPE html><meta charset=utf-8><p id=own>Own</p>{outputs}", encoding="utf-8")
    browser.get(path.as_uri())
    css(browser, "#out1 .f1").click()
    assert background(browser, "#out1 .quote.s1") == "none"
    assert background(browser, "#out2 .quote.s1") != "none"
    css(browser, "#out2 button.badge.n1").click()
    assert css(browser, "#out2 .note1").is_displayed()
    assert not css(browser, "#out1 .note1").is_displayed()
    assert css(browser, "#own").value_of_css_property("font-size") == "16px"
