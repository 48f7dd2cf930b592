"""Two models side by side: what is better, what is chance, what was mended and broken in which article."""

import io

import pytest
from rich.console import Console

from quoteattr.exchange import annotated
from quoteattr.exchange.graph import Graph, document_of, graph_of
from quoteattr.render import comparison_view
from quoteattr.training.annotation import parse, read_folder
from quoteattr.training.compare import changes_of, compare
from quoteattr.training.evaluate import Error, evaluate

HEADER = "id: pool\n@pike: Marian Pike | person | she\n@dale: Joan Dale | person | she\n\n"
BODY = "c| {@dale Joan Dale} left.\n-| “{1d: We tried,}” {1! said} {1@pike Marian Pike}.\nad| Hide Ad\n"
POOL = parse(HEADER + BODY)
SPAN = ((1, 5),)


@pytest.fixture(scope="module")
def articles(root):
    return read_folder(root / "training_data" / "articles")[::40]


@pytest.fixture(scope="module")
def perfect(articles):
    documents = {a.text: document_of(annotated.graph_of_article(a, a.id)) for a in (*articles, POOL)}
    return documents.__getitem__


def blank(text):
    """A labeller that finds nothing."""
    return document_of(Graph("blank", text))


def without(label):
    """The perfect labeller of POOL, but for the regions with a label."""
    graph = graph_of("pool", document_of(annotated.graph_of_article(POOL, "pool")))
    kept = [n for n, region in enumerate(graph.regions) if region.label != label]
    changed = Graph("pool", POOL.text, [graph.regions[n] for n in kept])
    for link in graph.links:
        if link.source in kept and link.target in kept:
            changed.link(link.label, kept.index(link.source), kept.index(link.target))
    return lambda _: document_of(changed)


# --- totals ----------------------------------------------------------------------------------------------------------


def test_a_perfect_model_is_better_than_one_that_finds_nothing(articles, perfect):
    totals = compare(blank, perfect, articles)["totals"]

    for name in ("boilerplate F1", "claims F1", "quotes found F1", "quotes with speaker F1"):
        assert (totals[name]["old"], totals[name]["new"], totals[name]["difference"]) == (0, 1, 1)
        assert totals[name]["interval"] == [1, 1]
        assert totals[name]["verdict"] == "better"


def test_the_other_way_round_it_is_worse(articles, perfect):
    totals = compare(perfect, blank, articles)["totals"]

    assert totals["quotes found F1"]["verdict"] == "worse"


def test_a_model_is_the_same_as_itself(articles, perfect):
    comparison = compare(perfect, perfect, articles)

    assert {total["verdict"] for total in comparison["totals"].values()} == {"same"}
    assert comparison["articles"] == []


def test_the_scores_are_those_of_evaluate(articles, labeller):
    totals = compare(blank, labeller, articles)["totals"]
    scores, _ = evaluate(labeller, articles)

    assert totals["boilerplate F1"]["new"] == pytest.approx(scores["boilerplate"]["f1"], abs=2e-4)
    assert totals["claims F1"]["new"] == pytest.approx(scores["claims"]["f1"], abs=2e-4)
    assert totals["quotes found F1"]["new"] == pytest.approx(scores["quotes"]["over"]["all"]["f1"], abs=2e-4)
    assert totals["quotes with speaker F1"]["new"] == pytest.approx(scores["quotes"]["e2e"]["all"]["f1"], abs=2e-4)


def test_a_difference_in_one_of_many_articles_may_be_chance(articles, perfect):
    one = articles[0].text

    totals = compare(lambda text: blank(text) if text == one else perfect(text), perfect, articles)["totals"]

    assert totals["quotes found F1"]["difference"] > 0
    assert totals["quotes found F1"]["interval"][0] == 0
    assert totals["quotes found F1"]["verdict"] == "unclear"


def test_one_article_gives_no_interval(perfect):
    total = compare(blank, perfect, [POOL])["totals"]["boilerplate F1"]

    assert (total["interval"], total["verdict"]) == (None, "unclear")


def test_what_is_not_annotated_is_not_compared():
    lines = parse("id: lines\nlayers: boilerplate\n\n-| It rained.\nad| Hide Ad\n")
    gold = document_of(annotated.graph_of_article(lines, "lines"))

    totals = compare(lambda _: gold, lambda _: gold, [lines])["totals"]

    assert set(totals) == {"boilerplate F1", "boilerplate kind right", "characters of the article kept"}


# --- article by article ----------------------------------------------------------------------------------------------


def changes(old, new):
    return [(a["fixed"], a["broken"]) for a in compare(old, new, [POOL])["articles"]]


def test_a_line_that_is_now_found_is_fixed(perfect):
    assert changes(without("ad"), perfect) == [(["boilerplate missed (ad): 'Hide Ad'"], [])]


def test_a_line_that_is_now_missed_is_broken(perfect):
    assert changes(perfect, without("ad")) == [([], ["boilerplate missed (ad): 'Hide Ad'"])]


def test_a_quote_that_is_lost_is_broken(perfect):
    assert changes(perfect, without("direct")) == [([], ["missed direct (cue 'said'): 'We tried,'"])]


def test_a_speaker_that_is_now_right_is_fixed(perfect):
    message = "speaker name: gold 'Marian Pike', given None: 'We tried,'"

    assert changes(without("person"), perfect) == [([message], [])]


def error(what, message="..."):
    return Error("pool", what, SPAN, message)


def test_a_quote_that_is_found_but_for_its_speaker_is_halfway():
    assert changes_of([error("missed", "lost")], [error("speaker", "wrong")]) == {
        "fixed": ["lost; now wrong"],
        "broken": [],
    }
    assert changes_of([error("speaker", "wrong")], [error("missed", "lost")]) == {
        "fixed": [],
        "broken": ["lost; was wrong"],
    }


def test_another_wrong_speaker_is_no_change():
    assert changes_of([error("speaker", "one")], [error("speaker", "two")]) == {"fixed": [], "broken": []}


def test_a_false_quote_in_the_place_of_an_annotated_one_is_an_error_of_its_own():
    assert changes_of([], [error("false", "no quote")]) == {"fixed": [], "broken": ["no quote"]}


# --- the view --------------------------------------------------------------------------------------------------------


def test_the_view_names_totals_and_changes(perfect):
    stream = io.StringIO()

    Console(file=stream, width=80).print(comparison_view(compare(without("ad"), perfect, [POOL])))

    lines = stream.getvalue().splitlines()
    assert "pool: 1 fixed, 0 broken" in lines
    assert "  + boilerplate missed (ad): 'Hide Ad'" in lines
    assert any(line.split()[:2] == ["boilerplate", "F1"] and "+1.000" in line for line in lines)


def test_the_view_does_not_break_lines():
    stream = io.StringIO()
    comparison = {
        "articles_compared": 1,
        "totals": {},
        "articles": [{"id": "a", "fixed": ["word " * 60], "broken": []}],
    }

    Console(file=stream, width=80).print(comparison_view(comparison), crop=False)

    assert any(len(line) > 300 for line in stream.getvalue().splitlines())
