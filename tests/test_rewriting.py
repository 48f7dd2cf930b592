"""Augmentation at training time: whatever a change does, every span still holds what it held."""

import random
import re
from collections import Counter

import pytest

from quoteattr.marks import find_stretches
from quoteattr.training import rewriting
from quoteattr.training.annotation import check, parse, read_folder
from quoteattr.training.rewriting import FOLD, Edit, augmented, edited, lines_of, stock_of

SOURCE = """id: a
style: s
beat: b
split: train
@pike: Ms Marian Pike | person | she
@dale: Tom Pike | person | he
@firm: Pike Pools | body | it

-| Pool to close, says Pike

c| {1@pike Ms Marian Pike} {1! said}: “{1d: We tried ‘everything’ we could.}
+c| {1d: {@pike I} told {@dale Tom} so.}”
+c| {@pike She} blamed {@firm Pike Pools}, and {@pike her} petition has 900 names; {@dale he} signed it for {@pike her}.

ad| Advertisement
donation| Support us.
+donation| Give now.

-| “{2d: It’s a long road,}” {2@dale Tom Pike} {2! told} the council, “{2d: and a cold one.}

navigation| More

-| “{2d: We go on.}”
rights| © Mill Media
"""


@pytest.fixture(scope="module")
def article():
    return parse(SOURCE)


@pytest.fixture(scope="module")
def lexicons(root):
    return root / "training_data" / "lexicons"


@pytest.fixture(scope="module")
def articles(root):
    return read_folder(root / "training_data" / "articles")


@pytest.fixture(scope="module")
def stock(articles, lexicons):
    return stock_of([a for a in articles if a.split == "train"], lexicons)


def held(article):
    """What the spans of quotes, cues and mentions hold."""
    text = article.text
    cut = [
        ([text[s:e] for s, e in q.spans], q.cue and text[slice(*q.cue)], q.mention and text[slice(*q.mention)])
        for q in article.quotes
    ]
    return cut, [(text[s:e], entity) for s, e, entity in article.mentions]


def faults_of_spans(article):
    """Spans that are empty, hold outer white space, or leave text that is in no sentence."""
    text, faults, at = article.text, [], 0
    for s in article.sentences:
        if text[at : s.start].strip() or "\n" in text[s.start : s.end] or s.start < at:
            faults.append(("sentence", s))
        at = s.end
    if text[at:].strip():
        faults.append(("tail", text[at:]))
    spans = [(s.start, s.end) for s in article.sentences] + [m[:2] for m in article.mentions]
    for q in article.quotes:
        spans += [*q.spans, *filter(None, (q.cue, q.mention))]
        if q.speaker is not None and q.speaker not in article.entities:
            faults.append(("speaker", q))
        if q.spans != sorted(q.spans):
            faults.append(("order", q))
    faults += [("span", text[s:e]) for s, e in spans if s >= e or text[s:e] != text[s:e].strip()]
    faults += [("entity", m) for m in article.mentions if m[2] not in article.entities]
    return faults


@pytest.mark.parametrize("change", rewriting.CHANGES)
def test_changes_keep_the_rules_on_every_article(change, articles, stock):
    """Each change is tried on a third of the articles; three changes or more try each article."""
    for n, article in enumerate(articles[rewriting.CHANGES.index(change) % 3 :: 3]):
        before = article.text, held(article), len(article.sentences)
        changed = change(article, random.Random(n), stock)
        assert not faults_of_spans(changed), article.id
        assert len(check(changed)) <= len(check(article)), article.id
        assert [(q.number, q.kind, q.speaker) for q in changed.quotes] == [
            (q.number, q.kind, q.speaker) for q in article.quotes
        ]
        for old, new in zip(article.quotes, changed.quotes, strict=True):
            assert (old.cue is None, old.mention is None) == (new.cue is None, new.mention is None)
            merging = change in (rewriting.joined_paragraphs, rewriting.lost_marks)
            assert len(new.spans) == len(old.spans) or (merging and len(new.spans) < len(old.spans))
        assert (article.text, held(article), len(article.sentences)) == before, "the old article was changed"


@pytest.mark.parametrize(
    "change",
    [
        rewriting.swapped_boilerplate, rewriting.inserted_boilerplate, rewriting.removed_boilerplate,
        rewriting.dropped_blank_lines, rewriting.joined_paragraphs,
    ],
)  # fmt: skip
def test_changes_between_sentences_leave_what_spans_hold(change, articles, stock):
    for n, article in enumerate(articles[::7]):
        changed = change(article, random.Random(n), stock)
        assert held(changed)[0] == held(article)[0]
        assert not Counter(held(changed)[1]) - Counter(held(article)[1])
        assert [changed.text[s.start : s.end] for s in changed.sentences if not s.boilerplate] == [
            article.text[s.start : s.end] for s in article.sentences if not s.boilerplate
        ]


@pytest.mark.parametrize("change", rewriting.CHANGES)
def test_a_change_is_the_same_on_every_run(change, articles, stock):
    one, two = (change(articles[0], random.Random(5), stock) for _ in range(2))
    assert one == two


@pytest.mark.parametrize("change", rewriting.CHANGES)
def test_a_change_does_something(change, articles, stock):
    changed = [change(a, random.Random(n), stock).text != a.text for n, a in enumerate(articles[:60])]
    assert sum(changed) > 40


def test_spans_move_with_edits(article):
    at = article.text.index("said")
    changed = edited(article, [Edit(0, 4, "A lido"), Edit(at, at + 4, "claimed"), Edit(at + 4, at + 4, " aloud")])
    quote = changed.quotes[0]
    assert changed.text.startswith("A lido to close")
    assert changed.text[slice(*quote.cue)] == "claimed"
    assert changed.text[slice(*quote.mention)] == "Ms Marian Pike"


def test_an_insertion_belongs_to_no_span(article):
    start, end = article.quotes[0].mention
    changed = edited(article, [Edit(start, start, "Then "), Edit(end, end, " once")])
    assert changed.text[slice(*changed.quotes[0].mention)] == "Ms Marian Pike"


def test_a_span_goes_with_its_text(article):
    start, end = article.quotes[0].cue
    changed = edited(article, [Edit(start - 1, end, "")])
    assert changed.quotes[0].cue is None


def test_a_mention_inside_replaced_text_goes(article):
    start = article.text.index("She blamed")
    changed = edited(article, [Edit(start - 1, start + 10, " It was")])
    assert "She" not in [changed.text[s:e] for s, e, _ in changed.mentions]


def test_overlapping_edits_are_refused(article):
    with pytest.raises(ValueError, match="overlaps"):
        edited(article, [Edit(0, 4, ""), Edit(3, 5, "")])


def test_no_edits_give_the_same_article(article):
    assert edited(article, []) == article


@pytest.mark.parametrize("style", rewriting.STYLES[1:])
def test_marks_change_with_the_nested_ones(article, style, stock, monkeypatch):
    monkeypatch.setattr(rewriting, "STYLES", (style,))
    text = rewriting.other_marks(article, random.Random(0), stock).text
    opening, closing = style.outer
    apostrophe = style.apostrophe
    assert f"{opening}We tried {style.inner[0]}everything{style.inner[1]} we could. I told Tom so.{closing}" in text
    assert f"{opening}It{apostrophe}s a long road,{closing} Tom" in text
    assert f"{opening}and a cold one.\n" in text, "a quotation that goes on has no closing mark"


def test_marks_are_found_again_in_other_styles(articles, stock):
    """The stretches between the marks are as good as all found in the new style."""
    kept = total = 0
    for n, article in enumerate(articles[::3]):
        if article.damaged:
            continue
        changed = rewriting.other_marks(article, random.Random(n), stock)
        found = [len(find_stretches(a.text)) for a in (article, changed)]
        kept, total = kept + min(found), total + max(found)
    assert kept > 0.9 * total


def test_names_change_everywhere_and_stay_the_same_person(article, stock):
    for seed in range(40):
        changed = rewriting.other_names(article, random.Random(seed), stock)
        cut = [(changed.text[s:e], entity) for s, e, entity in changed.mentions]
        surname = changed.entities["dale"].name.split()[-1]
        assert ("Pike" in changed.text) == (surname == "Pike"), "one surname, one replacement, also in the firm's name"
        assert changed.entities["pike"].name.split()[-1] == surname
        assert (f"{surname} Pools", "firm") in cut
        assert changed.entities["dale"].name.split()[0] == next(t for t, e in cut if e == "dale").split()[0]


def test_another_gender_takes_pronouns_and_titles_along(article, stock):
    seen = set()
    for seed in range(60):
        changed = rewriting.other_names(article, random.Random(seed), stock)
        pronoun = changed.entities["pike"].pronoun
        seen.add(pronoun)
        words = re.findall(r"\b(?:[Ss]he|[Hh]e|her|his|him|Ms|Mr)\b", " ".join(
            changed.text[s:e] for s, e, entity in changed.mentions if entity == "pike"
        ))  # fmt: skip
        expected = {"she": ["Ms", "She", "her", "her"], "he": ["Mr", "He", "his", "him"]}[pronoun]
        assert words == expected
        assert changed.entities["pike"].name.startswith(expected[0])
    assert seen == {"he", "she"}


def test_a_gender_that_other_words_tell_is_kept(stock):
    told = parse(SOURCE.replace(" {1! said}:", ", a mother, {1! said}:"))
    for seed in range(40):
        assert rewriting.other_names(told, random.Random(seed), stock).entities["pike"].pronoun == "she"


def test_words_that_are_no_names_stay(stock):
    source = SOURCE.replace("Marian", "Grace").replace("900 names", "900 names and some grace")
    graceful = parse(source)
    assert all("Grace" in rewriting.other_names(graceful, random.Random(n), stock).text for n in range(20))


def test_boilerplate_is_swapped_within_its_kind(article, stock):
    changed = rewriting.swapped_boilerplate(article, random.Random(2), stock)
    assert [s.boilerplate for s in changed.sentences] == [s.boilerplate for s in article.sentences]
    texts = {kind: {text for _, text in found} for kind, found in stock.boilerplate.items()}
    old = {article.text[s.start : s.end] for s in article.sentences}
    for s in changed.sentences:
        if s.boilerplate:
            assert changed.text[s.start : s.end] in texts[s.boilerplate] | old


def test_boilerplate_comes_between_the_paragraphs_of_a_quotation(article, stock):
    for seed in range(10):
        changed = rewriting.inserted_boilerplate(article, random.Random(seed), stock)
        assert len(changed.quotes[1].spans) == 3
        assert sum(bool(s.boilerplate) for s in changed.sentences) > sum(bool(s.boilerplate) for s in article.sentences)
    first, last = changed.quotes[1].spans[1][0], changed.quotes[1].spans[2][1]
    assert any(s.boilerplate and first < s.start < last for s in changed.sentences)


def test_boilerplate_is_removed(article, stock):
    counts = set()
    for seed in range(20):
        changed = rewriting.removed_boilerplate(article, random.Random(seed), stock)
        counts.add(sum(bool(s.boilerplate) for s in changed.sentences))
        assert sum(not s.boilerplate for s in changed.sentences) == sum(not s.boilerplate for s in article.sentences)
        assert not changed.text.startswith("\n")
        assert not changed.text.endswith("\n")
    assert 0 in counts


def test_lost_marks_count_as_damage(article, stock):
    changed = rewriting.lost_marks(article, random.Random(0), stock)
    assert changed.damaged
    assert not article.damaged
    assert 1 <= len(re.findall("[“”]", article.text)) - len(re.findall("[“”]", changed.text)) <= 3


def test_the_headline_gets_capitals(article, stock):
    changed = rewriting.damaged_head(article, random.Random(0), stock)
    assert changed.text.startswith("POOL TO CLOSE, SAYS PIKE\n")


def test_blank_lines_go(article, stock):
    changed = rewriting.dropped_blank_lines(article, random.Random(0), stock)
    assert "\n\n" not in changed.text
    assert len(lines_of(changed)) == len(lines_of(article))


def test_joined_paragraphs_are_no_headings(articles, stock):
    for n, article in enumerate(articles[:100]):
        changed = rewriting.joined_paragraphs(article, random.Random(n), stock)
        for line in lines_of(changed):
            ends = [changed.text[s.start : s.end] for s in line.sentences[:-1]]
            new = set(ends) - {article.text[s.start : s.end] for old in lines_of(article) for s in old.sentences[:-1]}
            assert all(re.search(r"[.!?][\"'”’»)]*$", text) for text in new)


def test_augmented_is_seeded_and_keeps_folds(articles, lexicons):
    train = [a for a in articles if a.split == "train"][:50]
    one, two, other = (augmented(train, seed, lexicons) for seed in (1, 1, 2))
    assert one == two
    assert one != other
    assert one[: len(train)] == train
    assert len(train) < len(one) <= 2 * len(train)
    place = {a.id: n % FOLD for n, a in enumerate(train)}
    assert all(place[a.id] == n % FOLD for n, a in enumerate(one))
    assert max(Counter(a.id for a in one).values()) == 2
    assert not [f for a in one for f in faults_of_spans(a)]


def test_rounds_make_more(articles, lexicons):
    train = [a for a in articles if a.split == "train"][:40]
    assert len(augmented(train, 0, lexicons, rounds=2)) == 120
    assert augmented(train, 0, lexicons, rounds=0) == train
    assert augmented([], 0, lexicons) == []


def test_articles_without_anything_to_change_come_back(stock):
    bare = parse("id: a\nstyle: s\nbeat: b\nsplit: train\n\n-| x\n")
    for change in rewriting.CHANGES:
        assert change(bare, random.Random(0), stock).text in ("x", "X")
