"""The terminal views."""

import io

import pytest
from rich.console import Console

from quoteattr.document import Document, Quote, Sentence, Span, Speaker
from quoteattr.render import polnear_view, print_document, scores_view
from quoteattr.training.evaluate import Tally, evaluate_brat, summary

TEXT = "Hide Ad\r\nSubscribe. Now.\n“We won,” Ada said. “Now rest.”\nIt was late, one man said.\n"


def find(words):
    return Span(TEXT.index(words), TEXT.index(words) + len(words))


def quote(speaker, confidence, *pieces):
    return Quote(tuple(map(find, pieces)), "direct", None, None, speaker, confidence, {}, TEXT)


def document(text=TEXT):
    kinds = {"Hide Ad": "ad", "Subscribe.": "subscribe", "Now.": "subscribe"}
    sentences = []
    for words in (*kinds, "“We won,” Ada said.", "“Now rest.”", "It was late, one man said."):
        span, kind = find(words), kinds.get(words)
        tags = frozenset({"claim"} if words.startswith("It was") else ())
        sentences.append(Sentence(span.start, span.end, tags, {}, kind, TEXT))
    ada = Speaker("Ada Obi", "person", ())
    quotes = quote(ada, 0.9, "We won,", "Now rest."), quote(None, 0.25, "It was late")
    return Document(text, tuple(sentences), quotes, (ada,), "1", "2")


def show(doc, **options):
    stream = io.StringIO()
    print_document(doc, Console(file=stream, width=60, highlight=False, **options))
    return stream.getvalue()


@pytest.fixture
def plain():
    return show(document())


def test_article_reads_as_it_is_with_notes(plain):
    article = plain.partition("Who said what")[0]
    assert [line.rstrip() for line in article.rstrip().split("\n")] == [
        "Hide Ad ‹ad›",
        "Subscribe. Now. ‹subscribe›",
        "“We won,” Ada said. “Now rest.”[1]",
        "It was late[?], one man said. ‹claim›",
    ]


def test_table_says_who_said_how_much(plain):
    rows = [line.split() for line in plain.partition("Who said what")[2].splitlines()]
    assert ["1", "Ada", "Obi", "person", "1", "0.90"] in rows
    assert ["?", "nobody", "found", "1", "0.25"] in rows


def test_each_quote_is_listed_with_its_kind_and_confidence(plain):
    rows = [line.split() for line in plain.partition("Quotes")[2].splitlines()]
    assert ["1", "We", "won,", "Now", "rest.", "direct", "0.90"] in rows
    assert ["?", "It", "was", "late", "direct", "0.25"] in rows


def test_no_escapes_without_a_terminal(plain):
    assert "\x1b" not in plain


def test_boilerplate_is_dim_and_a_speaker_has_one_colour():
    coloured = show(document(), force_terminal=True, color_system="standard")
    assert "\x1b[2mHide Ad\x1b[0m" in coloured
    assert "\x1b[36mWe won,\x1b[0m" in coloured
    assert "\x1b[36mNow rest.\x1b[0m" in coloured


def test_a_claim_is_underlined_where_there_are_styles():
    coloured = show(document(), force_terminal=True, color_system="standard")
    assert "\x1b[4m, one man said.\x1b[0m" in coloured
    assert "‹claim›" not in coloured


def test_escape_sequences_of_the_page_are_not_obeyed():
    assert "\x1b" not in show(Document("A \x1b[31mred\x9b0m page\a.", (), (), (), "1", "2"))


def test_markup_of_the_page_is_not_obeyed():
    assert "A [red]page[/red]." in show(Document("A [red]page[/red].", (), (), (), "1", "2"))


def test_long_lines_stay_whole_without_a_terminal():
    line = "word " * 40 + "end."
    assert line in show(Document(line, (), (), (), "1", "2"))


def test_article_without_quotes_says_so():
    assert "No quotes." in show(Document("Hello.", (), (), (), "1", "2"))


def test_empty_article_can_be_shown():
    assert "No quotes." in show(Document("", (), (), (), "1", "2"))


def test_more_speakers_than_colours():
    speakers = tuple(Speaker(f"Person {n}", "person", ()) for n in range(30))
    quotes = tuple(quote(speaker, 0.5, "We won,") for speaker in speakers)
    assert "Person 29" in show(Document(TEXT, (), quotes, speakers, "1", "2"))


def test_scores_of_nothing_can_be_shown():
    stream = io.StringIO()
    Console(file=stream, width=80).print(scores_view(summary(Tally())), polnear_view(evaluate_brat(document, [])))
    assert "boundaries" in stream.getvalue()
    assert "PolNeAR: 0 attributions" in stream.getvalue()
