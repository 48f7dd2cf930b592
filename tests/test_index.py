"""Quotes across articles: what is merged, what is not, and what an entry says."""

import gzip
import json
import re
import runpy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quoteattr import model
from quoteattr.cli import main
from quoteattr.corpus import find_sources
from quoteattr.corpus.about import iso_date, site_of
from quoteattr.corpus.labelled import read_rows
from quoteattr.index import QuoteIndex
from quoteattr.index.speakers import OPEN, OTHER, SAME, Names, agree
from quoteattr.index.wording import is_typo, shared, words_of

FULL = (
    "We have listened to every resident who wrote to us, and I can promise them tonight that the library on "
    "Mill Street will stay open for as long as I lead this council, whatever it costs"
)
ROWLEY = "Sir Mark Rowley"


@pytest.fixture(scope="module")
def lexicon():
    return model.read().lexicon


@pytest.fixture(scope="module")
def names(lexicon):
    return Names(lexicon)


def document(*quotes):
    """What Document.to_dict gives, as far as an index reads it; each quote is (text, speaker, kind)."""
    quotes = [(*quote, "direct")[:3] if len(quote) < 3 else quote for quote in quotes]
    named = [speaker for _, speaker, _ in quotes if speaker is not None]
    return {
        "text": "",
        "sentences": [],
        "speakers": [{"name": name, "kind": "person", "mentions": []} for name in named],
        "quotes": [
            {
                "spans": [[10 * i, 10 * i + 9]],
                "text": text,
                "kind": kind,
                "speaker": None if speaker is None else named.index(speaker),
                "confidence": 0.9,
            }
            for i, (text, speaker, kind) in enumerate(quotes)
        ],
    }


@pytest.fixture
def entries_of(lexicon):
    """The entries of quotes, each of which stands in an article of its own, numbered from 0."""

    def run(*quotes, **fields):
        with QuoteIndex(lexicon) as index:
            for number, quote in enumerate(quotes):
                index.add(number, document(quote), **{name: values[number] for name, values in fields.items()})
            return list(index.entries())

    return run


def articles(entries):
    return [[place["article"] for place in entry["places"]] for entry in entries]


# --- what is merged


@pytest.mark.parametrize(
    "copy",
    [
        FULL,
        f"“{FULL}.”",
        FULL.upper(),
        FULL.replace("We", "[W]e").replace("them", "[the residents]"),
        FULL.replace("We have", "We've").replace("I can", "I really can"),
        FULL.replace("resident", "residnet").replace("promise", "promisse"),
        FULL.replace("who wrote to us, and I can promise them tonight", "…"),
        "the library on Mill Street will stay open",
        "I can promise them tonight that the libary on Mill Street will stay open",
    ],
)
def test_a_changed_or_shortened_copy_is_the_same_utterance(entries_of, copy):
    assert articles(entries_of((FULL, ROWLEY), (copy, ROWLEY))) == [[0, 1]]


def test_the_marked_words_of_a_mixed_quote_are_a_shortened_copy(entries_of):
    mixed = ("he could “promise them tonight” that it “will stay open for as long” as he led it", ROWLEY, "mixed")
    assert articles(entries_of((FULL, ROWLEY), mixed)) == [[0, 1]]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("We scored 3 goals in the second half", "We scored 4 goals in the second half"),
        ("We scored three goals in the second half", "We scored four goals in the second half"),
        ("We will close the library on Mill Street", "We will not close the library on Mill Street"),
        (FULL, FULL.replace("Mill Street", "Bridge Road")),
        (FULL, "We have listened to every resident who wrote to us, and the car park will be sold in spring"),
        (FULL, "I can promise nothing tonight"),
    ],
)
def test_near_misses_of_one_speaker_are_different_utterances(entries_of, one, other):
    assert articles(entries_of((one, ROWLEY), (other, ROWLEY))) == [[0], [1]]


@pytest.mark.parametrize("phrase", ["No comment", "It is what it is", "Our thoughts are with the family at this time"])
def test_stock_phrases_of_different_speakers_are_not_merged(entries_of, phrase):
    assert articles(entries_of((phrase, ROWLEY), (phrase, "Ada Obi"), (phrase, "Ann Rowley"))) == [[0], [1], [2]]


def test_very_few_words_are_merged_only_if_equal_and_of_one_named_speaker(entries_of):
    found = entries_of(("No comment", "Ada Obi"), ("no comment.", "Ms Obi"), ("No comment", None), ("No comment", None))
    assert articles(found) == [[0, 1], [2], [3]]


def test_a_part_of_a_named_speakers_quote_without_speaker_needs_more_words(entries_of):
    long, short = (
        "I can promise them tonight that the library on Mill Street will stay open",
        "the library on Mill Street",
    )
    assert articles(entries_of((FULL, ROWLEY), (long, None), (short, None))) == [[0, 1], [2]]


def test_a_long_wording_under_two_names_is_one_utterance_on_which_articles_disagree(entries_of):
    (entry,) = entries_of((FULL, ROWLEY), (FULL, ROWLEY), (FULL, "Ada Obi"))
    assert (entry["speaker"], entry["agreement"]) == (ROWLEY, 0.6667)


def test_an_entry_without_speaker_takes_in_only_one_speaker(entries_of):
    part, other_part = "I can promise them tonight that the library", "will stay open for as long as I lead"
    found = entries_of((FULL, None), (part, "Ada Obi"), (other_part, ROWLEY))
    assert len(found) == 2


def test_indirect_quotes_are_merged_only_if_nearly_identical(entries_of):
    told = "the library on Mill Street would stay open for as long as he led the council"
    near, part = told.replace("would", "will"), "the library on Mill Street would stay open"
    quotes = [(text, ROWLEY, "indirect") for text in (told, near, part)]
    assert articles(entries_of(*quotes)) == [[0, 1], [2]]


def test_a_part_of_two_utterances_does_not_chain_them(entries_of):
    middle = "we will do the right thing for the people of this town whatever anybody says"
    one, other = f"After the vote on Monday {middle}", f"{middle} and the new bridge opens in spring"
    found = entries_of((one, ROWLEY), (other, ROWLEY), (middle, ROWLEY))
    assert sorted(map(len, articles(found))) == [1, 2]


def test_a_stock_phrase_of_one_speaker_belongs_to_none_of_the_longer_quotes(entries_of):
    phrase = "it is the right thing to do"
    quotes = [f"Closing the bridge took courage and {phrase}", f"{phrase} when schools are full and teachers leave"]
    assert articles(entries_of(*((text, ROWLEY) for text in quotes), (phrase, ROWLEY))) == [[0], [1], [2]]


def test_precision_and_recall_on_quotes_with_known_copies(root, lexicon):
    # The floors of the issue; measured with 1,000,000 quotes in docs/across-articles.md.
    benchmark = runpy.run_path(str(root / "benchmarks" / "index.py"))
    quotes = benchmark["Maker"](seed=7).quotes(4000)
    found = [0] * len(quotes)
    with QuoteIndex(lexicon) as index:
        for number, quote in enumerate(quotes):
            index.add(number, benchmark["row"](number, quote)["document"])
        for number, entry in enumerate(index.entries()):
            for place in entry["places"]:
                found[place["article"]] = number
    precision, recall = benchmark["precision_and_recall"](found, [quote.utterance for quote in quotes])
    assert precision >= 0.995
    assert recall >= 0.98


# --- what an entry says


def test_an_entry_tells_text_variants_and_places(entries_of):
    (entry,) = entries_of((FULL[:60], "Mark Rowly"), (FULL, ROWLEY), (FULL + ".", ROWLEY), (FULL + ".", ROWLEY))
    assert entry["text"] == FULL + "."
    assert [(v["text"], v["places"]) for v in entry["variants"]] == [(FULL + ".", 2), (FULL[:60], 1), (FULL, 1)]
    assert [place["variant"] for place in entry["places"]] == [1, 2, 0, 0]
    assert entry["places"][0]["spans"] == [[0, 9]]
    assert entry["places"][0]["confidence"] == 0.9


def test_spellings_of_one_speaker_are_counted_together(entries_of):
    (entry,) = entries_of((FULL, "Mark Rowly"), (FULL, ROWLEY), (FULL, ROWLEY), (FULL, "Mr Rowley"))
    (speaker,) = entry["speakers"]
    assert speaker["spellings"] == {ROWLEY: 2, "Mark Rowly": 1, "Mr Rowley": 1}
    assert (entry["speaker"], entry["agreement"]) == (ROWLEY, 1.0)


def test_first_seen_is_the_earliest_date_else_the_first_read(entries_of):
    quotes = [(FULL, ROWLEY)] * 3
    (dated,) = entries_of(*quotes, date=[None, "2024-05-02", "2024-05-01"], site=["a", "b", "c"])
    assert dated["first_seen"] == {"date": "2024-05-01", "article": 2, "site": "c"}
    (undated,) = entries_of(*quotes)
    assert undated["first_seen"] == {"date": None, "article": 0, "site": None}


def test_entries_in_most_places_come_first(entries_of):
    found = entries_of(("It rained all day on the parade", "Ada Obi"), (FULL, ROWLEY), (FULL, ROWLEY))
    assert articles(found) == [[1, 2], [0]]


def test_ids_are_the_same_in_another_run(entries_of):
    quotes = (FULL, ROWLEY), ("No comment", None), ("No comment", None)
    ids = [entry["id"] for entry in entries_of(*quotes)]
    assert ids == [entry["id"] for entry in entries_of(*quotes)]
    assert len(set(ids)) == 3


def test_an_index_of_nothing_has_no_entries(entries_of):
    assert entries_of() == []


def test_quotes_can_be_added_after_the_entries_were_read(lexicon):
    with QuoteIndex(lexicon) as index:
        for number in range(2):
            index.add(number, document((FULL, ROWLEY)))
            assert articles(index.entries()) == [list(range(number + 1))]


def test_names_and_texts_that_are_no_utf_8_do_no_harm(entries_of):
    (entry,) = entries_of((FULL + "\ud800", "Mark \udfffRowley"), (FULL, ROWLEY))
    assert entry["speakers"][0]["spellings"] == {ROWLEY: 1, "Mark \udfffRowley": 1}


quotes = st.tuples(
    st.lists(st.sampled_from("we will not close 3 4 libraries in Leeds Hull and this town".split()), max_size=12).map(
        " ".join
    ),
    st.sampled_from([None, ROWLEY, "Mark Rowly", "Ada Obi"]),
    st.sampled_from(["direct", "indirect", "mixed"]),
)


@settings(max_examples=50, deadline=None)
@given(st.lists(quotes, max_size=12))
def test_every_quote_with_words_stands_in_exactly_one_entry(lexicon, quotes):
    with QuoteIndex(lexicon) as index:
        for number, quote in enumerate(quotes):
            index.add(number, document(quote))
        found = sorted(article for places in articles(index.entries()) for article in places)
    assert found == [number for number, quote in enumerate(quotes) if quote[0]]


# --- wordings and names


@settings(deadline=None)
@given(st.text(max_size=80), st.text(max_size=80))
def test_shares_are_shares_whatever_the_text(one, other):
    part, whole = words_of(one), words_of(other)
    if part:
        assert 0 <= shared(part, whole) <= 1
        assert shared(part, part + whole) == 1


@given(st.text("abcdefgh", min_size=4, max_size=12), st.data())
def test_a_word_with_one_letter_left_out_is_a_typo(word, data):
    at = data.draw(st.integers(0, len(word) - 1))
    shorter = word[:at] + word[at + 1 :]
    assert is_typo(word, shorter) == (len(shorter) >= 4)


@pytest.mark.parametrize(
    ("one", "other", "relation"),
    [
        ("Sir Mark Rowley", "Mark Rowly", SAME),
        ("Commissioner Rowley", "Sir Mark Rowley", SAME),
        ("M. Rowley", "Mark Rowley", SAME),
        ("Mark Peter Rowley", "Peter Rowley", SAME),
        ("Mark Rowley", "Ann Rowley", OTHER),
        ("Kane Varwell", "Jane Varwell", OTHER),
        ("Mark Rowley", "Ada Obi", OTHER),
    ],
)
def test_names_of_persons(names, one, other, relation):
    assert agree(names(one, "person"), names(other, "person")) == relation


@pytest.mark.parametrize(
    ("one", "other", "relation"),
    [
        ("Metropolitan Police", "the Met Police", SAME),
        ("Health and Safety Executive", "HSE", SAME),
        ("Northmarch Council", "Eastmoor Council", OTHER),
    ],
)
def test_names_of_bodies(names, one, other, relation):
    assert agree(names(one, "body"), names(other, "body")) == relation


@pytest.mark.parametrize(("name", "kind"), [("neighbour", "unnamed"), (None, None), ("Met Police", "body")])
def test_who_may_be_the_named_person_leaves_it_open(names, name, kind):
    assert agree(names(name, kind), names(ROWLEY, "person")) == OPEN


# --- rows


@pytest.mark.parametrize(
    ("value", "date"),
    [
        ("2024-03-01T09:30:00+01:00", "2024-03-01T08:30:00Z"),
        ("2024-03-01 08:30", "2024-03-01T08:30:00Z"),
        ("2024-03-01", "2024-03-01"),
        ("Fri, 01 Mar 2024 08:30:00 GMT", "2024-03-01T08:30:00Z"),
        (1709281800, "2024-03-01T08:30:00Z"),
        ("last week", None),
        ([], None),
    ],
)
def test_dates_have_one_form(value, date):
    assert iso_date(value) == date


def test_a_site_is_a_host_or_a_name():
    assert [site_of(v) for v in ("https://www.a.org/x", "http://b.org:80", "The Courier")] == [
        "a.org",
        "b.org",
        "The Courier",
    ]


def test_a_damaged_file_is_named_with_the_line(tmp_path):
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"id": 1}\n' * 1000)[:-20])
    *_, (place, complaint) = read_rows(find_sources([str(path)]))
    assert re.search(r"x\.jsonl\.gz:\d+$", place)
    assert complaint.startswith("cannot be read from here on")


# --- the command line


@pytest.fixture
def labelled(tmp_path):
    """Two articles with one utterance, a third with another."""
    path = tmp_path / "labelled.jsonl"
    rows = [
        {"id": "a", "url": "https://one.org/a", "day": "2024-05-02", "document": document((FULL, ROWLEY))},
        {"id": "b", "url": "https://two.org/b", "day": "2024-05-01", "document": document((FULL[:80], "Mark Rowly"))},
        {"id": "c", "url": "https://two.org/c", "day": None, "document": document(("No comment", None))},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_index_writes_entries_and_says_what_it_did(labelled, tmp_path, capsys):
    out = tmp_path / "quotes.jsonl"
    assert main(["index", str(labelled), "-o", str(out), "--site-field", "url", "--date-field", "day"]) == 0
    first, _ = (json.loads(line) for line in out.read_text("utf-8").splitlines())
    assert (first["articles"], first["sites"]) == (2, 2)
    assert first["first_seen"] == {"date": "2024-05-01", "article": "b", "site": "two.org"}
    assert "3 quotes of 3 articles, not read: 0; 2 entries, 1 in more than one article" in capsys.readouterr().err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["labelled.jsonl", "quotes.jsonl"]


@pytest.mark.parametrize("name", ["labelled.jsonl.gz", "labelled.jsonl.zst", "labelled.parquet"])
def test_index_reads_what_label_writes(root, tmp_path, name):
    labelled, out = tmp_path / name, tmp_path / "quotes.jsonl.gz"
    main(["label", str(root / "examples" / "articles"), "-o", str(labelled)])
    assert main(["index", str(labelled), "-o", str(out)]) == 0
    with gzip.open(out, "rt", encoding="utf-8") as stream:
        entries = list(map(json.loads, stream))
    (entry,) = (entry for entry in entries if entry["text"].startswith("We had three weeks left"))
    assert entry["places"][0]["spans"] == [[759, 911], [953, 1054]]


def test_index_writes_to_standard_output(labelled, capsysbinary):
    assert main(["index", str(labelled), "-o", "-"]) == 0
    assert len(capsysbinary.readouterr().out.splitlines()) == 2


@pytest.mark.parametrize(
    ("line", "options", "message"),
    [
        ("{", (), "none of the rows could be read (1)"),
        ('{"id": 1, "document": {"quotes": [], "speakers": []}}', ("--site-field", "sit"), "no article so far has a field 'sit'"),
    ],
)  # fmt: skip
def test_index_complains_in_a_sentence_and_leaves_nothing(tmp_path, capsys, line, options, message):
    path = tmp_path / "x.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    assert main(["index", str(path), "-o", str(tmp_path / "out.jsonl"), *options]) == 2
    *_, last = capsys.readouterr().err.splitlines()
    assert message in last
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "broken JSON"),
        ("[]", "a JSON object is expected"),
        ('{"id": 1, "text": "x"}', "no labelled article: pass what quoteattr label wrote"),
        ('{"id": 1, "document": {"quotes": [{}], "speakers": []}}', "no labelled article"),
    ],
)
def test_index_names_a_row_that_it_cannot_read_and_goes_on(labelled, tmp_path, capsys, line, message):
    labelled.write_text(line + "\n" + labelled.read_text("utf-8"), encoding="utf-8")
    out = tmp_path / "quotes.jsonl"
    assert main(["index", str(labelled), "-o", str(out)]) == 1
    err = capsys.readouterr().err
    assert f"{labelled}:1: {message}" in err
    assert "3 quotes of 3 articles, not read: 1;" in err
    assert len(out.read_text("utf-8").splitlines()) == 2


@pytest.mark.parametrize("damage", [{"text": None}, {"kind": 7}, {"speaker": 9}])
def test_an_article_with_a_broken_quote_is_left_out_as_a_whole(lexicon, damage):
    broken = document((FULL, ROWLEY))
    broken["quotes"].append({**broken["quotes"][0], **damage})
    with QuoteIndex(lexicon) as index:
        with pytest.raises((TypeError, IndexError)):
            index.add(1, broken)
        index.add(2, document((FULL, ROWLEY)))
        assert articles(index.entries()) == [[2]]


def test_index_refuses_to_overwrite_its_input(labelled, capsys):
    before = labelled.read_bytes()
    assert main(["index", str(labelled), "-o", str(labelled)]) == 2
    assert "is one of the inputs" in capsys.readouterr().err
    assert labelled.read_bytes() == before
