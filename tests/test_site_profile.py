"""What a site's pages have in common, and what labelling makes of it."""

import json
import pickle
import random
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

import quoteattr
from quoteattr import site_profile
from quoteattr.cli import main
from quoteattr.errors import CorpusError, InputError
from quoteattr.segmenter import Segmenter
from quoteattr.site_profile import ProfileBuilder, SiteProfile, evidence, line_key

SITE = "courier.example"
# Reads like the end of a story; the classifier alone keeps it.
PROSE = "The paper was founded in 1887 by two brothers from Hallowby and has been printed in the town every week since."
WORDS = (
    "council bridge school river market doctor farmer winter engine garden library harbour station mayor teacher "
    "window village museum budget storm ferry orchard tunnel choir bakery"
).split()


def story(seed, *ends):
    """A short article of its own, with what the site adds."""
    draw = random.Random(seed)
    lines = [
        f"The {a} at the {b} was closed on Monday after {n} people had waited for a new {c}."
        for a, b, c, n in ((*draw.sample(WORDS, 3), draw.randrange(10, 900)) for _ in range(5))
    ]
    return "\n\n".join((f"{draw.choice(WORDS).title()} to change hands", *lines, *ends))


def profile_of(pages, kinds=None, site=SITE):
    builder = ProfileBuilder()
    for text in pages:
        sentences = (text[start:end] for start, end in Segmenter().spans(text))
        builder.add(site, [(sentence, (kinds or {}).get(sentence)) for sentence in sentences])
    return builder.build()


def saved(profile, path):
    path.write_text("".join(json.dumps(row) + "\n" for row in profile.rows()), encoding="utf-8")
    return path


@pytest.fixture
def with_profile(tmp_path):
    """A labeller that knows what some pages of the site have in common."""
    return lambda pages, kinds=None: quoteattr.load(
        site_profile=saved(profile_of(pages, kinds), tmp_path / "sites.jsonl")
    )


@pytest.fixture(scope="module")
def pages():
    """Two hundred stories with the same last line."""
    return [story(seed, PROSE) for seed in range(200)]


# --- labelling with a profile


def test_a_line_on_all_pages_of_a_site_is_boilerplate_though_it_reads_like_prose(labeller, with_profile, pages):
    assert PROSE in labeller(pages[0]).clean_text
    document = with_profile(pages)(pages[0], site=SITE)
    assert document.clean_text == story(0)
    assert document.sentences[-1].boilerplate_kind == "furniture"


def test_a_line_has_the_kind_that_most_pages_gave_it(with_profile, pages):
    document = with_profile(pages, {PROSE: "rights"})(pages[0], site=SITE)
    assert document.sentences[-1].boilerplate_kind == "rights"


@pytest.mark.parametrize("site", [None, "other.example"])
def test_the_profile_of_a_site_says_nothing_of_other_pages(labeller, with_profile, pages, site):
    assert with_profile(pages)(pages[0], site=site) == labeller(pages[0])


@pytest.mark.parametrize("copies", [2, 3, 6])
def test_a_story_that_was_published_again_is_kept(labeller, with_profile, pages, copies):
    again = story(1000)
    document = with_profile([*pages, *[again] * copies])(again, site=SITE)
    assert document.clean_text == labeller(again).clean_text


def test_a_short_sentence_that_comes_back_by_chance_is_kept(with_profile):
    ends = "Nobody was hurt.", PROSE
    some = [story(seed, *(ends if seed % 20 == 0 else ())) for seed in range(200)]
    text = story(0, "Nobody was hurt.")
    assert "Nobody was hurt." in with_profile(some)(text, site=SITE).clean_text


def test_quotations_are_not_looked_for_in_lines_of_the_site(labeller, with_profile):
    slogan = "“We have told the truth about this town since 1887,” said Marian Pike at the paper's centenary."
    pages = [story(seed, slogan) for seed in range(200)]
    assert [quote.speaker.name for quote in labeller(pages[0]).quotes] == ["Marian Pike"]
    assert with_profile(pages)(pages[0], site=SITE).quotes == ()


def test_other_processes_know_the_profile(with_profile, pages):
    labeller = with_profile(pages)
    pairs = [(text, SITE) for text in pages[:40]]
    alone, together = (list(labeller.pipe(pairs, as_tuples=True, n_jobs=n, site_of=str)) for n in (1, 2))
    assert alone == together
    assert PROSE not in together[0][0].clean_text


def test_a_profile_without_a_file_does_not_get_lost_on_the_way_to_other_processes(labeller, pages):
    known = quoteattr.Labeller(labeller.bundle, profile_of(pages))
    assert PROSE not in known(pages[0], site=SITE).clean_text
    with pytest.raises(InputError, match="site_profile=PATH"):
        pickle.dumps(known)


# --- the evidence


@given(st.integers(0, 3000), st.integers(0, 3000), st.integers(1, 40))
def test_evidence_grows_with_pages_and_share(found, others, words):
    pages = found + others
    weight = evidence(found, max(pages, 1), words)
    assert 0 <= weight <= 12
    assert weight <= evidence(found + 1, pages + 1, words)
    assert weight >= evidence(found, pages + 10, words)


@pytest.mark.parametrize(
    ("found", "pages", "words", "least", "most"),
    [
        (4, 4, 20, 0, 0),
        (6, 100, 20, 0, 3),  # a story in six versions
        (6, 100_000, 20, 0, 0),
        (300, 1_000, 20, 6, inf),
        (300, 30_000, 20, 1, inf),  # the biography of one author
        (300, 30_000, 2, 0, 0),  # "He said:"
        (900, 1_000, 1, 2, inf),  # "Advertisement"
    ],
)
def test_evidence_is_what_exceeds_versions_and_chance(found, pages, words, least, most):
    assert least <= evidence(found, pages, words) <= most


def test_numbers_case_and_marks_do_not_make_another_line():
    assert line_key("Published: 12 May 2024, 14:02") == line_key("PUBLISHED 3 May 2023 09:55")
    assert line_key("×") != line_key("|")


# --- building


def test_only_lines_that_are_evidence_are_kept(pages):
    (known,) = profile_of(pages).sites.values()
    assert known.pages == 200
    assert known.lines[line_key(PROSE)] == (200, None)
    assert all(n >= 5 for n, _ in known.lines.values())


def test_a_line_counts_once_a_page():
    (known,) = profile_of([story(seed, PROSE, PROSE) for seed in range(20)]).sites.values()
    assert known.lines[line_key(PROSE)] == (20, None)


def test_memory_is_bounded_and_lines_that_come_back_survive(monkeypatch, pages):
    monkeypatch.setattr(site_profile, "_MOST_LINES", 100)
    builder = ProfileBuilder()
    for text in pages:
        builder.add(SITE, [(text[start:end], None) for start, end in Segmenter().spans(text)])
        assert builder._held <= 100
    assert builder.build().sites[SITE].lines[line_key(PROSE)][0] >= 190


# --- files


def test_a_profile_can_be_written_and_read(tmp_path, pages):
    profile = profile_of(pages, {PROSE: "rights"})
    assert SiteProfile.read(saved(profile, tmp_path / "p.jsonl")).sites == profile.sites


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "is no site profile"),
        ("[]", "is no site profile"),
        ('{"schema_version": 1}', "is no site profile"),
        ('{"schema_version": 1, "site": "a", "pages": 9, "lines": {"0f": [9, "sausage"]}}', "is no site profile"),
        ('{"schema_version": 2, "site": "a"}', "schema version 2"),
    ],
)
def test_what_is_no_profile_is_refused(tmp_path, line, message):
    path = tmp_path / "p.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=message):
        SiteProfile.read(path)


def test_a_missing_profile_is_named(tmp_path):
    with pytest.raises(CorpusError, match=r"there is no site profile .*p\.jsonl"):
        quoteattr.load(site_profile=tmp_path / "p.jsonl")


# --- the command line


@pytest.fixture
def news(tmp_path, pages):
    path = tmp_path / "news.jsonl"
    rows = ({"id": n, "url": f"https://www.{SITE}/{n}", "text": text} for n, text in enumerate(pages[:30]))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def clean_texts(path):
    rows = map(json.loads, path.read_text("utf-8").splitlines())
    return [quoteattr.Document.from_dict(row["document"]).clean_text for row in rows]


@pytest.mark.parametrize("name", ["sites.jsonl", "sites.jsonl.gz"])
def test_profile_then_label(news, tmp_path, capsys, name):
    sites, out = tmp_path / name, tmp_path / "out.jsonl"
    assert main(["profile", str(news), "--site-field", "url", "-o", str(sites)]) == 0
    assert "profiled: 30 articles of 1 sites" in capsys.readouterr().err
    assert main(["label", str(news), "--site-field", "url", "--site-profile", str(sites), "-o", str(out)]) == 0
    assert not any(PROSE in text for text in clean_texts(out))


def test_labelled_articles_give_the_same_lines(news, tmp_path):
    out, bare, labelled = (tmp_path / name for name in ("out.jsonl", "bare.jsonl", "labelled.jsonl"))
    main(["label", str(news), "-o", str(out)])
    main(["profile", str(news), "--site-field", "url", "-o", str(bare)])
    main(["profile", str(out), "--site-field", "url", "-o", str(labelled)])
    one, other = (SiteProfile.read(path).sites[SITE] for path in (bare, labelled))
    assert {key: n for key, (n, _) in one.lines.items()} == {key: n for key, (n, _) in other.lines.items()}


def test_label_stops_before_it_begins_if_no_article_has_the_field(news, tmp_path, capsys):
    sites, out = tmp_path / "sites.jsonl", tmp_path / "out.jsonl"
    main(["profile", str(news), "--site-field", "url", "-o", str(sites)])
    capsys.readouterr()
    assert main(["label", str(news), "--site-profile", str(sites), "-o", str(out)]) == 2
    assert "no article so far has a field 'site' (--site-field)" in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == [news, sites]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"text": "x"}, "no article so far has a field 'site' (--site-field); the last one's fields: 'text'"),
        ({"site": "a", "text": 3}, "none of the rows could be read (1)"),
    ],
)
def test_profile_complains_in_a_sentence(tmp_path, capsys, row, message):
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    assert main(["profile", str(path), "-o", str(tmp_path / "sites.jsonl")]) == 2
    assert message in capsys.readouterr().err.splitlines()[-1]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"site": "a", "body": "x"}, "no field 'text' for the text (--text-field); the record's fields: site, body"),
        ({"site": "a", "text": 3}, "the text is no string"),
    ],
)
def test_profile_names_a_row_that_it_cannot_read_and_goes_on(tmp_path, capsys, row, message):
    path = tmp_path / "x.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in (row, {"site": "a", "text": "It rained."})), encoding="utf-8")
    assert main(["profile", str(path), "-o", str(tmp_path / "sites.jsonl")]) == 1
    err = capsys.readouterr().err
    assert f"{path}:1: {message}" in err
    assert "1 articles of 1 sites, not read: 1;" in err
    assert [json.loads(line).get("site") for line in (tmp_path / "sites.jsonl").read_text("utf-8").splitlines()][
        -1
    ] == "a"


def test_a_broken_row_hides_no_wrong_field(tmp_path, capsys):
    path = tmp_path / "x.jsonl"
    path.write_text('{\n{"text": "x"}\n', encoding="utf-8")
    assert main(["profile", str(path), "-o", str(tmp_path / "sites.jsonl")]) == 2
    assert "no article so far has a field 'site'" in capsys.readouterr().err.splitlines()[-1]
