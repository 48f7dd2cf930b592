"""The report: what is counted, how gender is read off the article, the page."""

import json
import re
import sys
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quoteattr import Document, Quote, Sentence, Span, Speaker
from quoteattr.cli import main
from quoteattr.errors import ReportError
from quoteattr.report import Report, stated_gender
from quoteattr.report.gender import gender_in
from quoteattr.report.sections import sections
from quoteattr.report.tally import Tally

pytest.importorskip("matplotlib", reason="needs pip install 'quoteattr[report]'")
pytest.importorskip("jinja2", reason="needs pip install 'quoteattr[report]'")


def article(*quotes, claims=0, boilerplate=()):
    """A labelled article of (name, kind of speaker, mentions) or None for each quote; its text is the mentions."""
    text, speakers, said = "said ", {}, []
    for quote in quotes:
        speaker = None
        if quote and quote not in speakers:
            name, kind, *mentions = quote
            spans = []
            for mention in mentions or [name]:
                spans.append(Span(len(text), len(text) + len(mention)))
                text += mention + " "
            speakers[quote] = Speaker(name, kind, tuple(spans))
        speaker = speakers.get(quote)
        said.append((speaker, 0.95 if speaker else 0.25))
    scores = {"quote": 0.0, "boilerplate": 0.0, "claim": 0.0}
    tagged = [({"claim"}, None)] * claims + [({"boilerplate"}, kind) for kind in boilerplate]
    return Document(
        text,
        tuple(Sentence(0, 4, frozenset(tags), scores, kind, text) for tags, kind in tagged),
        tuple(Quote((Span(0, 4),), "direct", Span(0, 4), None, who, p, {}, text) for who, p in said),
        tuple(speakers.values()),
        "1",
        "2",
    )


ADA = ("Ada Obi", "person", "Ms Obi", "she")
BEN = ("Ben Hall", "person")
NHS = ("NHS", "body")
NEIGHBOUR = ("neighbour", "unnamed", "a neighbour", "he")


def tables(report):
    """The cells of each section's table, by its title and the rows' first cells."""
    return {s.title: {row[0]: tuple(row[1:]) for row in s.table.rows} for s in sections(report.tally)}


def report_of(*articles, **where):
    report = Report()
    for document in articles:
        report.add(document, **where)
    return report


# --- counting --------------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.sampled_from("ab"), st.text("xyz", max_size=3), st.integers(1, 5))))
def test_a_tally_counts_exactly_however_little_it_holds_in_memory(counts):
    small, large = Tally(capacity=2), Tally()
    for family, key, n in counts:
        small.add({(family, key): n})
        large.add({(family, key): n})
    for family in "ab":
        expected = {}
        for f, key, n in counts:
            if f == family:
                expected[key] = expected.get(key, 0) + n
        ranked = sorted(expected.items(), key=lambda item: (-item[1], item[0]))
        assert small.most_common(family) == large.most_common(family) == ranked
        assert small.total(family) == sum(expected.values())
        assert small.distinct(family) == len(expected)
        assert all(small.get(family, key) == n for key, n in ranked)


def test_a_key_that_was_never_counted_has_0():
    assert Tally().get("verb", "said") == 0


def test_articles_and_sentences():
    table = tables(report_of(article(ADA, ADA, claims=3, boilerplate=["ad"]), article(boilerplate=["ad"] * 4)))
    glance = table["In numbers"]
    assert glance["Articles"][0] == "2"
    assert glance["… that quote somebody"] == ("1", "50.0% of articles")
    assert glance["Quotes"] == ("2", "1.0 an article")
    assert glance["… that are boilerplate"] == ("5", "62.5% of sentences")
    assert glance["… that are claims"] == ("3", "37.5% of sentences")
    assert glance["Labelled by quoteattr 1, model 2"][0] == "2"


def test_the_most_quoted_with_their_share_of_all_quotes():
    table = tables(report_of(article(ADA, ADA, BEN, NHS), article(ADA)))
    assert table["Most quoted people"] == {"Ada Obi": ("3", "60.0%", "2"), "Ben Hall": ("1", "20.0%", "1")}
    assert table["Most quoted bodies"] == {"NHS": ("1", "20.0%", "1")}


def test_named_and_unnamed_sources():
    table = tables(report_of(article(ADA, NHS, NEIGHBOUR, None)))["Named and unnamed sources"]
    assert set(table) == {"named people", "named bodies", "unnamed sources", "no speaker found"}
    assert set(table.values()) == {("1", "25.0%")}


def test_speakers_per_article_counts_each_once():
    table = tables(report_of(article(ADA, ADA, BEN), article()))["Speakers per article"]
    assert (table["0"], table["1"], table["2"]) == (("1", "50.0%"), ("0", "0.0%"), ("1", "50.0%"))


def test_many_speakers_share_the_last_bin():
    crowd = [(f"Ada {n}", "person") for n in range(25)]
    assert tables(report_of(article(*crowd)))["Speakers per article"]["10+"] == ("1", "100.0%")


def test_claims_per_article():
    report = report_of(*(article(claims=n) for n in (0, 4, 5, 70)))
    table = tables(report)["Claims per article"]
    assert (table["0–4"], table["5–9"], table["40+"]) == (("2", "50.0%"), ("1", "25.0%"), ("1", "25.0%"))
    (note,) = [s.note for s in sections(report.tally) if s.title == "Claims per article"]
    assert note.endswith("Mean 19.8, median 4.")


def test_speaking_verbs_and_confidence():
    table = tables(report_of(article(ADA, None)))
    assert table["Speaking verbs"] == {"said": ("2", "100.0%")}
    assert table["Confidence"]["0.9–1.0"] == table["Confidence"]["0.2–0.3"] == ("1", "50.0%")


def test_boilerplate_by_kind_and_site():
    report = report_of(article(boilerplate=["ad", "ad", "share"], claims=1), site="https://www.a.org/news/1")
    report.add(article(claims=1), site="b.org")
    table = tables(report)
    assert table["Boilerplate by kind"] == {"ad": ("2", "40.0%"), "share": ("1", "20.0%")}
    assert table["Boilerplate by site"]["a.org"][:2] == ("1", "75.0%")
    assert table["Boilerplate by site"]["b.org"][:2] == ("1", "0.0%")


def test_without_sites_and_dates_there_are_no_such_sections():
    assert not {"Boilerplate by site", "Over time"} & set(tables(report_of(article(ADA))))


# --- over time -------------------------------------------------------------------------------------------------------


def over_time(*dates):
    report = Report()
    for date in dates:
        report.add(article(ADA, BEN), date=date)
    (section,) = [s for s in sections(report.tally) if s.title == "Over time"]
    return section


@pytest.mark.parametrize(
    ("dates", "periods"),
    [
        (["2026-01-30", "2026-02-01"], ["2026-01-30", "2026-01-31", "2026-02-01"]),
        (["2025-12-01", "2026-02-28"], ["2025-12", "2026-01", "2026-02"]),
        (["1999-01-01", "2002-12-31", "2026-01-01"], [str(year) for year in range(1999, 2027)]),
    ],
)
def test_periods_are_days_months_or_years_without_gaps(dates, periods):
    assert [row[0] for row in over_time(*dates).table.rows] == periods


def test_a_period_has_articles_quotes_and_who_said_them():
    (row,) = over_time("2026-01-30T23:59:00Z", "2026-01-30 08:00").table.rows
    assert row == ("2026-01-30", "2", "4", "2.0", "0", "50.0%", "0.0%", "50.0%")


def test_dates_that_cannot_be_read_are_counted_and_said():
    section = over_time("2026-01-30", "30/01/2026", "2026-02-30", "2026-01-300", "yesterday", None)
    assert "of 1 articles. Without a date: 1; with one that can’t be read: 4." in section.note


# --- gender ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mention", "gender"),
    [
        ("she", "woman"),
        ("His", "man"),
        ("Ms Obi", "woman"),
        ("Mrs. Hall", "woman"),
        ("Council leader Sir John Hall", "man"),
        ("a spokeswoman", "woman"),
        ("Spokesman Ben Hall", "man"),
        ("a 40-year-old woman", "woman"),
        ("mother-of-two Ada Obi", "woman"),
        ("her father", "man"),
        ("the Queen’s spokesman", "man"),
        ("The King", "man"),
        ("a spokeswoman for Mr Hall", "woman"),
        # the words are about somebody else, or about more than one
        ("Mr Hall’s lawyer", None),
        ("the widow's solicitor", None),
        ("a lawyer for Mrs Hall", None),
        ("Mr and Mrs Hall", None),
        ("her lawyer", None),
        # a name, an office, a profession: anybody's
        ("Mary", None),
        ("Peter Hall", None),
        ("Martin King", None),
        ("Earl Toomey", None),
        ("Prince Fielder", None),
        ("Son Heung-min", None),
        ("Lord Mayor Ann Bell", None),
        ("the chairman", None),
        ("the bishop", None),
        ("Dr Obi", None),
        ("they", None),
        ("Mx Obi", None),
        ("", None),
    ],
)
def test_gender_is_what_the_words_of_a_mention_say(mention, gender):
    assert gender_in(mention) == gender


@pytest.mark.parametrize(
    ("mentions", "gender"),
    [(["Ada Obi", "she"], "woman"), (["Ada Obi"], None), (["Mr Obi", "she"], None), (["they", "he"], "man")],
)
def test_mentions_that_contradict_each_other_leave_it_open(mentions, gender):
    document = article(("Obi", "person", *mentions))
    assert stated_gender(document, document.speakers[0]) == gender


def test_who_gets_to_speak_shows_the_unknown_too():
    table = tables(report_of(article(ADA, ADA, ADA, BEN, NHS, NEIGHBOUR), article(ADA)))["Who gets to speak, by gender"]
    assert table["named people: speakers"] == ("3", "2", "66.7%", "0", "0.0%", "1", "33.3%")
    assert table["named people: quotes"] == ("5", "4", "80.0%", "0", "0.0%", "1", "20.0%")
    assert table["unnamed sources: quotes"] == ("1", "0", "0.0%", "1", "100.0%", "0", "0.0%")


@given(st.from_regex(r"[A-Z][a-z]{1,9}( [A-Z][a-z]{1,9}){1,2}", fullmatch=True))
def test_a_bare_name_says_nothing_unless_it_starts_with_a_title(name):
    titles = "Mrs Ms Miss Madam Madame Lady Dame Mr Sir Lord Mother Mum Mom Sister Father Dad Brother".split()
    if not set(titles) & set(name.split()[:-1]):
        assert gender_in(name) is None


# --- the page --------------------------------------------------------------------------------------------------------


class Page(HTMLParser):
    """The elements of a page, and its text."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.text, self.open = [], "", []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def html():
    report = report_of(
        article(ADA, BEN, NHS, NEIGHBOUR, None, claims=2, boilerplate=["ad"]), date="2026-01-30", site="a.org"
    )
    report.add(article(ADA), date="2026-01-31", site="b.org")
    return report.to_html()


def test_the_page_loads_nothing(html):
    for tag, attributes in Page(html).elements:
        assert tag not in {"script", "link", "img", "iframe", "object", "image"}
        assert "src" not in attributes
        for name in ("href", "xlink:href"):
            assert attributes.get(name, "#").startswith("#")
    assert not re.search(r"url\((?!#)|@import", html)


def test_every_chart_is_described_and_has_its_table(html):
    figures = [attributes for tag, attributes in Page(html).elements if tag == "figure"]
    assert len(figures) == html.count("<svg") == html.count("<table>") - 1  # but for the glance
    assert all(figure["role"] == "img" and re.search(r"\d", figure["aria-label"]) for figure in figures)


def test_charts_are_well_formed_with_ids_of_their_own(html):
    charts = re.findall(r"<svg.*?</svg>", html, re.DOTALL)
    ids = [element.get("id") for chart in charts for element in ET.fromstring(chart).iter() if element.get("id")]
    assert len(charts) > 10
    assert len(ids) == len(set(ids))


def test_charts_take_the_colour_of_the_text(html):
    assert "currentColor" in html
    assert "#010203" not in html


def test_the_same_counts_give_the_same_page(html):
    report = report_of(
        article(ADA, BEN, NHS, NEIGHBOUR, None, claims=2, boilerplate=["ad"]), date="2026-01-30", site="a.org"
    )
    report.add(article(ADA), date="2026-01-31", site="b.org")
    assert report.to_html() == html


NASTY = '<script>alert(1)</script> $x_{$ & "q" 漢字 😀 \x00\x1b[31m \ud800 ' + "long " * 20


def test_names_and_sites_are_escaped():
    html = report_of(article((NASTY, "person"), (NASTY, "body")), site=NASTY, date=NASTY).to_html()
    assert "<script" not in html
    assert "alert(1)" in Page(html).text
    assert not re.search(r"[\x00-\x08\x0b-\x1f\ud800-\udfff]", html)
    for chart in re.findall(r"<svg.*?</svg>", html, re.DOTALL):
        ET.fromstring(chart)


def test_a_report_of_nothing_can_be_read():
    assert "A corpus at a glance" in Page(Report().to_html()).text


def test_without_matplotlib_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ReportError, match=r"pip install 'quoteattr\[report\]'"):
        Report().to_html()


# --- the command -----------------------------------------------------------------------------------------------------


@pytest.fixture
def labelled(tmp_path):
    """Two labelled articles between two rows that are none."""
    path = tmp_path / "labelled.jsonl"
    rows = [
        {"id": 1, "published": "2026-01-30", "host": "a.org", "document": article(ADA).to_dict()},
        {"id": 2, "text": "not labelled"},
        {"id": 3, "published": "yesterday", "document": article(BEN).to_dict()},
    ]
    path.write_text("\n".join([*map(json.dumps, rows), "{broken"]), encoding="utf-8")
    return path


def test_command_writes_the_page_and_says_what_it_could_not_read(labelled, tmp_path, capsys):
    page = tmp_path / "report.html"
    assert main(["report", str(labelled), "-o", str(page), "--date-field", "published", "--site-field", "host"]) == 1
    text = Page(page.read_text(encoding="utf-8")).text
    assert all(word in text for word in ("Ada Obi", "Ben Hall", "a.org", "2026-01-30"))
    err = capsys.readouterr().err
    assert f"{labelled}:2: no labelled article, as quoteattr label writes it: it has no field 'document'" in err
    assert f"{labelled}:4: broken JSON" in err
    assert "counted: 2 articles, not read: 2, without a date: 0, with one that can't be read: 1, " in err


@pytest.mark.parametrize("option", ["--date-field", "--site-field"])
def test_command_complains_about_a_field_that_no_article_has(option, labelled, tmp_path, capsys):
    assert main(["report", str(labelled), "-o", str(tmp_path / "page.html"), option, "nowhere"]) == 2
    assert f"no article so far has a field 'nowhere' ({option})" in capsys.readouterr().err
    assert not (tmp_path / "page.html").exists()


def test_command_writes_to_standard_output(labelled, capsysbinary):
    main(["report", str(labelled), "-o", "-"])
    assert capsysbinary.readouterr().out.startswith(b"<!DOCTYPE html>")


@pytest.mark.parametrize("suffix", [".jsonl.gz", ".parquet"])
def test_command_reads_what_label_writes(suffix, root, tmp_path, capsys):
    labelled, pages = tmp_path / f"labelled{suffix}", [tmp_path / "a.html", tmp_path / "b.html"]
    for output, page in zip([labelled, tmp_path / "plain.jsonl"], pages, strict=True):
        main(["label", str(root / "examples" / "articles"), "-o", str(output)])
        assert main(["report", str(output), "-o", str(page)]) == 0
    assert pages[0].read_bytes() == pages[1].read_bytes()
    assert "counted: 8 articles, not read: 0, " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", "“So,” he said.", "holds no labelled articles: pass what quoteattr label wrote"),
        ("a.jsonl", '{"text": "So."}', "there is no labelled article in"),
        ("a.jsonl", "", "there is no labelled article in"),
    ],
)
def test_command_complains_about_other_files(name, content, message, tmp_path, capsys):
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert main(["report", str(tmp_path / name), "-o", str(tmp_path / "page.html")]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "page.html").exists()


def test_command_does_not_overwrite_its_input(labelled, capsys):
    before = labelled.read_bytes()
    assert main(["report", str(labelled), "-o", str(labelled)]) == 2
    assert "is one of the inputs" in capsys.readouterr().err
    assert labelled.read_bytes() == before
