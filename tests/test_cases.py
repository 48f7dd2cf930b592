"""Cases written by hand: which quotes a text holds and by whom, and which of its sentences are no part of the article.

tests/cases/quotes-*.json and boilerplate-*.json: `wild` (like scraped news, written for this test), `synthetic` (one
construction each), `negative` (nothing to be found, or nothing to be dropped) and `known_failures`, each with what is
amiss in `why`. A case that is `in_story` stands between the paragraphs of tests/cases/story.json. Once a known failure
passes, its strict xfail fails: `python tests/test_cases.py` moves such cases to the file that they came from. It moves
cases the other way only with `--allow-regression`.
"""

import argparse
import json
import re
import sys
from collections import Counter
from pathlib import Path

import pytest

CASES = Path(__file__).resolve().parent / "cases"
KINDS = ("wild", "synthetic", "negative")
KNOWN = "known_failures"


def read(task, kind):
    return json.loads((CASES / f"{task}-{kind}.json").read_text("utf-8"))


def parameters(task, kind):
    return [
        pytest.param(
            row,
            id=row["label"],
            marks=pytest.mark.xfail(strict=True, raises=AssertionError, reason=row["why"]) if kind == KNOWN else (),
        )
        for row in read(task, kind)
    ]


STORY = json.loads((CASES / "story.json").read_text("utf-8"))


def text_of(row):
    """The text of a case, in a story if the case asks for one."""
    return STORY["before"] + row["text"] + STORY["after"] if row.get("in_story") else row["text"]


def expected(row):
    """What a case expects: quotes, or the sentences that are boilerplate."""
    return row["quotes"] if "quotes" in row else row["boilerplate"]


def found(labeller, row):
    """What is found, in the form of `expected`."""
    doc = labeller(text_of(row))
    if "boilerplate" in row:
        return [s.text for s in doc.sentences if "boilerplate" in s.tags]
    quotes = []
    for n, quote in enumerate(doc.quotes):
        cue = quote.cue and doc.text[quote.cue.start : quote.cue.end]
        wanted = row["quotes"][n]["cue"] if n < len(row["quotes"]) else None
        if cue and wanted and wanted.split()[0] == cue:
            cue = wanted  # of "according to" the first word will do
        content = [doc.text[span.start : span.end] for span in quote.spans]
        quotes.append(
            {"content": content, "kind": quote.kind, "speaker": quote.speaker and quote.speaker.name, "cue": cue}
        )
    return quotes


# --- quotes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", parameters("quotes", "wild"))
def test_quotes_of_scraped_news_are_found_and_given_to_their_speakers(labeller, row):
    assert found(labeller, row) == expected(row)


@pytest.mark.parametrize("row", parameters("quotes", "synthetic"))
def test_each_construction_of_quoting_is_understood(labeller, row):
    assert found(labeller, row) == expected(row)


@pytest.mark.parametrize("row", parameters("quotes", "negative"))
def test_what_only_looks_like_a_quote_is_none(labeller, row):
    assert found(labeller, row) == expected(row)


@pytest.mark.parametrize("row", parameters("quotes", KNOWN))
def test_known_failures_of_quotes(labeller, row):
    assert found(labeller, row) == expected(row)


# --- boilerplate -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", parameters("boilerplate", "wild"))
def test_of_scraped_pages_the_article_is_kept_and_the_rest_dropped(labeller, row):
    assert found(labeller, row) == expected(row)


@pytest.mark.parametrize("row", parameters("boilerplate", "synthetic"))
def test_each_kind_of_boilerplate_is_dropped_from_its_usual_place(labeller, row):
    assert found(labeller, row) == expected(row)


@pytest.mark.parametrize("row", parameters("boilerplate", "negative"))
def test_what_only_looks_like_boilerplate_is_kept(labeller, row):
    assert found(labeller, row) == expected(row)


@pytest.mark.parametrize("row", parameters("boilerplate", KNOWN))
def test_known_failures_of_boilerplate(labeller, row):
    assert found(labeller, row) == expected(row)


# --- the cases themselves --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["quotes", "boilerplate"])
def rows(request):
    return [row for kind in (*KINDS, KNOWN) for row in read(request.param, kind)]


def test_every_case_has_a_reason_and_a_label_of_its_own(rows):
    assert all(row["reason"] for row in rows)
    assert [label for label, n in Counter(row["label"] for row in rows).items() if n > 1] == []


def test_what_a_case_expects_stands_in_its_text(rows):
    for row in rows:
        for item in expected(row):
            pieces = item["content"] + [item["cue"] or "", item["speaker"] or ""] if "quotes" in row else [item]
            assert [p for p in pieces if re.sub(r"\s+", " ", p) not in re.sub(r"\s+", " ", row["text"])] == []


@pytest.mark.parametrize(("task", "least"), [("quotes", 130), ("boilerplate", 50)])
def test_there_are_enough_cases(task, least):
    assert sum(len(read(task, kind)) for kind in (*KINDS, KNOWN)) >= least


@pytest.mark.parametrize("task", ["quotes", "boilerplate"])
def test_a_known_failure_says_what_is_amiss_and_where_it_came_from(task):
    assert all(row["why"] and row["kind"] in KINDS for row in read(task, KNOWN))


def write(task, kind, rows):
    text = json.dumps(rows, ensure_ascii=False, indent=1) + "\n"
    (CASES / f"{task}-{kind}.json").write_bytes(text.encode("utf-8", "surrogatepass"))


def difference(was, wanted):
    """What is amiss, in words."""
    extra, missing = [x for x in was if x not in wanted], [x for x in wanted if x not in was]
    parts = [
        f"{name} {json.dumps(items, ensure_ascii=False)}"
        for name, items in (("found", extra), ("missed", missing))
        if items
    ]
    return "; ".join(parts) or "the right things in the wrong order"


def main(arguments):
    """Move known failures that pass to the file they came from; with --allow-regression also new failures to theirs."""
    import quoteattr

    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--allow-regression", action="store_true", help="accept cases that fail now as known failures")
    options = parser.parse_args(arguments)
    labeller = quoteattr.load()
    for task in ("quotes", "boilerplate"):
        rows = {kind: read(task, kind) for kind in (*KINDS, KNOWN)}
        mended = [row for row in rows[KNOWN] if found(labeller, row) == expected(row)]
        failing = [(kind, row) for kind in KINDS for row in rows[kind] if found(labeller, row) != expected(row)]
        print(f"{task}: {len(mended)} known failures pass now: {[row['label'] for row in mended]}")
        print(f"{task}: {len(failing)} other cases fail: {[row['label'] for _, row in failing]}")
        rows[KNOWN] = [row for row in rows[KNOWN] if row not in mended]
        for row in mended:
            rows[row["kind"]].append({key: value for key, value in row.items() if key not in ("kind", "why")})
        for kind, row in failing if options.allow_regression else ():
            rows[kind].remove(row)
            why = difference(found(labeller, row), expected(row))
            rows[KNOWN].append({"kind": kind, "label": row["label"], "reason": row["reason"], "why": why} | row)
        for kind in rows:
            write(task, kind, rows[kind])


if __name__ == "__main__":
    main(sys.argv[1:])
