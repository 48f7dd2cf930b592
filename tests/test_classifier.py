"""The sentence classifier: what it reads of a text, and that what was fitted is what is scored."""

import random
import subprocess
import sys

import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, GroupKFold
from sklearn.pipeline import Pipeline
from sklearn.utils import estimator_checks

from quoteattr import InputError, ModelError
from quoteattr.classifier import SentenceClassifier, first_stage, line_spans
from quoteattr.features import HASHED, LABELS, PAIRS, SHAPE_SLOTS, Context, SentenceFeatures
from quoteattr.linear import sigmoid
from quoteattr.tokens import Tokens
from quoteattr.training import augment, sentences
from quoteattr.training.annotation import parse
from quoteattr.training.fit import WordFeatures
from quoteattr.training.words import build_lexicon

HEADER = "id: a\nstyle: s\nbeat: b\nsplit: train\n\n"
BODY = """navigation| Menu
-| Pool to close in May

c| The council voted 7-2 on Monday to close the pool in Mill Road.
+-| It was a long night.

donation| Support us from £3 a month.

c| The pool opened in 1987 and had 40,000 visitors last year.
c| The council spent £2m on repairs of the pool in 2019.

related| Read more: Bus fares rise
comments| 12 comments
rights| © 2024 Mill Media
"""


@pytest.fixture(scope="module")
def article():
    return parse(HEADER + BODY)


@pytest.fixture(scope="module")
def sample(article):
    return augment.sample_of(article)


@pytest.fixture(scope="module")
def lexicon(article, root):
    return build_lexicon([article.text], root / "training_data" / "lexicons")


@pytest.fixture(scope="module")
def read(lexicon):
    return lambda text, spans: SentenceFeatures(Tokens(text, lexicon.vocabulary), spans, lexicon)


@pytest.fixture(scope="module")
def fit(sample, lexicon):
    return lambda: sentences.fit_stages(
        [sample] * 4, lexicon, WordFeatures(lexicon), SentenceClassifier(folds=2, rounds=1)
    )


@pytest.fixture(scope="module")
def stages(fit):
    return fit()


@pytest.fixture(scope="module")
def classifier(stages, lexicon):
    return SentenceClassifier.fitted(stages, lexicon)


def shifted(sample, by):
    return [(start + by, end + by) for start, end in sample.spans]


def test_exported_trees_give_the_probabilities_of_the_estimator():
    generator = np.random.default_rng(0)
    X = generator.normal(size=(300, 5)).astype(np.float32)
    y = X[:, 0] * X[:, 1] + X[:, 2] > 0
    model = GradientBoostingClassifier(n_estimators=20, max_depth=4, random_state=0).fit(X, y)
    assert sigmoid(sentences.export(model).scores(X)) == pytest.approx(model.predict_proba(X)[:, 1], abs=1e-5)


def test_first_stage_tables_give_the_scores_of_the_estimator(sample, lexicon, read):
    features, word_features = read(sample.text, sample.spans), WordFeatures(lexicon)
    X = sentences.first_design(features, word_features)
    first = sentences.fit_first(X, [sample], word_features, SentenceClassifier())
    used = np.asarray((X != 0).sum(axis=0)).ravel() >= 2
    used = np.flatnonzero(used & ~sentences.for_claims_alone(X.shape[1]))
    model = LogisticRegression(C=1.0, max_iter=300, tol=1e-3).fit(X[:, used], sample.labels)
    scores = first_stage(features, *first)[:, model.classes_]
    assert scores == pytest.approx(model.decision_function(X[:, used]), abs=0.1)  # weights are rounded


def test_kind_weights_give_the_scores_of_the_estimator():
    generator = np.random.default_rng(0)
    X, labels = generator.normal(size=(200, 6)).astype(np.float32), generator.integers(0, 4, 200).astype(np.int32)
    weights = sentences.fit_kinds(X, labels, C=1.0)
    model = LogisticRegression(C=1.0, max_iter=300, tol=1e-3).fit(X[labels > 0], labels[labels > 0])
    assert (X @ weights[:-1] + weights[-1])[:, :3] == pytest.approx(model.decision_function(X), abs=1e-4)


def test_a_kind_that_was_never_seen_is_never_given():
    X, labels = np.eye(4, dtype=np.float32), np.array([1, 2, 1, 2], np.int32)
    weights = sentences.fit_kinds(X, labels, C=1.0)
    assert set((X @ weights[:-1] + weights[-1]).argmax(axis=1).tolist()) <= {0, 1}


def test_fitting_twice_gives_the_same_arrays(fit, stages):
    again = fit()
    assert np.array_equal(again.words, stages.words)
    assert np.array_equal(again.kind, stages.kind)
    assert all(np.array_equal(a, again.boilerplate.arrays()[n]) for n, a in stages.boilerplate.arrays().items())


def test_slots_stay_within_their_sizes(sample, read):
    slots = read(sample.text, sample.spans).slots
    assert all(c.min() >= 0 and c.max() < s.size for s, c in zip(SHAPE_SLOTS, slots, strict=True))


@pytest.mark.parametrize("lead", ["\n\n", "   ", "\u00a0\n"])
def test_leading_white_space_changes_no_score(sample, lexicon, classifier, lead):
    plain = classifier.read(Tokens(sample.text, lexicon.vocabulary), sample.spans, lexicon)
    led = classifier.read(Tokens(lead + sample.text, lexicon.vocabulary), shifted(sample, len(lead)), lexicon)
    assert np.array_equal(plain.claim, led.claim)
    assert np.array_equal(plain.kind, led.kind)


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_lines_are_the_same_with_every_line_ending(sample, read, ending):
    lines = augment.lines_of(sample)
    text, spans = "", []
    for line in lines:
        text += ending if text else ""
        start = len(text)
        text += " ".join(piece.text for piece in line.pieces)
        spans.append((start, len(text)))
    assert read(text, spans).line.tolist() == list(range(len(lines)))


def test_sentences_on_one_line_share_it(sample, read):
    features = read(sample.text, sample.spans)
    assert features.line.tolist() == [0, 1, 2, 2, 3, 4, 5, 6, 7, 8]
    assert features.alone.tolist() == [True, True, False, False] + [True] * 6


def test_pairs_of_categories_begin_anew_with_each_sentence(read):
    features = read("The pool opened.\nThe pool closed.", [(0, 16), (17, 33)])
    first = features.patterns[features.at]
    assert first[0] == first[1]
    assert features.patterns.min() >= HASHED
    assert features.patterns.max() < PAIRS


def test_claims_alone_weigh_pairs_of_categories(stages):
    assert not stages.pairs[HASHED:, :-1].any()
    assert stages.pairs[HASHED:, -1].any()


def test_copies_count_the_same_words_in_any_case(read):
    features = read("Share\nNews\nSHARE", [(0, 5), (6, 10), (11, 16)])
    assert features.copies.tolist() == [[0, 2], [0, 1], [1, 2]]


def test_a_headline_given_again_is_seen(read):
    text = "Pool to close in May\nRead on\nPool to close in May"
    features = read(text, [(0, 20), (21, 28), (29, 49)])
    context = Context(features, np.zeros((3, len(LABELS) + 1), np.float32))
    context.boilerplate()
    assert context._like_headline().tolist() == [0, 0, 1]


def test_cohesion_counts_content_words_of_other_prose(read):
    text = (
        "The council voted on Monday to close the old pool in the north of the town.\nThe pool is old.\nBus fares rise."
    )
    ends = [text.index("\n"), text.rindex("\n"), len(text)]
    starts = [0, ends[0] + 1, ends[1] + 1]
    first = np.zeros((3, len(LABELS) + 1), np.float32)
    first[:, 0] = 5
    cohesion = Context(read(text, list(zip(starts, ends, strict=True))), first).cohesion
    assert cohesion[1] > cohesion[2]


def test_the_main_block_is_the_longest_stretch_of_prose(read):
    prose = "The council voted on Monday evening to close the old swimming pool in the north of the town by May."
    lines = [prose, *["Share this"] * 6, prose, "Hide Ad", prose, prose, *["More"] * 6, prose]
    text, spans, at = "\n".join(lines), [], 0
    for line in lines:
        spans.append((at, at + len(line)))
        at += len(line) + 1
    first = np.zeros((len(lines), len(LABELS) + 1), np.float32)
    first[:, 0] = [5 if line == prose else -5 for line in lines]

    block, of_block = Context(read(text, spans), first)._main_block()

    assert of_block.tolist() == [False] * 7 + [True] * 4 + [False] * 7
    assert block[0, 0] == 7  # lines before it
    assert block[-1, 1] == 7  # lines behind it
    assert block[0, 2] == pytest.approx(3 / 5)


def test_a_line_knows_how_far_it_is_below_a_heading_of_comments(read):
    lines = ["It rained.", "Comments", "Ann Foy", "No.", "Comments", "Yes."]
    spans = line_spans(lines)
    first = np.zeros((len(lines), len(LABELS) + 1), np.float32)
    first[[1, 4], LABELS.index("comments")] = 9

    since, before, behind, *_ = Context(read("\n".join(lines), spans), first)._since_headings()

    assert since.tolist()[1:] == [0, 1, 2, 0, 1]
    assert before.tolist() == [0, 1, 1, 1, 2, 2]
    assert behind.tolist() == [2, 2, 1, 1, 1, 0]


def test_a_page_without_prose_has_no_main_block(read):
    _, of_block = Context(
        read("Share\nMore", [(0, 5), (6, 10)]), np.zeros((2, len(LABELS) + 1), np.float32)
    )._main_block()

    assert not of_block.any()


def test_windows_are_means_over_lines_weighted_by_tokens(sample, read):
    features = read(sample.text, sample.spans)
    first = np.random.default_rng(0).normal(size=(len(features), len(LABELS) + 1)).astype(np.float32)
    context = Context(features, first)
    (before,) = context._windows(((-2, 0),))
    chosen = np.isin(features.line, (1, 2))
    expected = np.average(context.score[chosen], weights=features.length[chosen])
    assert before[3, -1] == pytest.approx(expected, rel=1e-5)


def test_no_sentences_give_no_scores(lexicon, classifier):
    scores = classifier.read(Tokens("", lexicon.vocabulary), [], lexicon)
    assert len(scores.boilerplate) == len(scores.kind) == len(scores.claim) == 0


@pytest.mark.parametrize("text", ["x", "\x00", "—", "\ud800", "🦦"])
def test_one_character_is_scored(lexicon, classifier, text):
    scores = classifier.read(Tokens(text, lexicon.vocabulary), [(0, len(text))], lexicon)
    assert 0 <= scores.boilerplate[0] <= 1
    assert 0 <= scores.claim[0] <= 1


def test_a_sample_taken_apart_and_put_together_keeps_its_sentences(sample):
    again = augment.assemble(augment.lines_of(sample))
    assert [again.text[s:e] for s, e in again.spans] == [sample.text[s:e] for s, e in sample.spans]
    assert again.labels.tolist() == sample.labels.tolist()
    assert again.text == sample.text


@pytest.mark.parametrize("change", augment.CHANGES)
def test_a_variant_keeps_labels_with_their_sentences(sample, change):
    lines = augment.lines_of(sample)
    known = {piece.text: piece for line in lines for piece in line.pieces}
    for seed in range(10):
        pieces = [p for line in change(list(lines), lines, random.Random(seed)) for p in line.pieces]
        assert all(known[p.text] == p for p in pieces if p.text in known)
        assert all(p.label == 0 for p in pieces if p.text not in known)


def test_leftovers_keep_the_article(sample):
    lines = augment.lines_of(sample)
    left = augment.leftover(lines, lines, random.Random(1))
    assert [line for line in left if not line.boilerplate][-3:] == [line for line in lines[2:] if not line.boilerplate]


def test_variants_are_the_same_on_every_run(sample):
    first, second = (augment.variants([sample] * 5, 2) for _ in range(2))
    assert [s.text for _, s in first] == [s.text for _, s in second]


# --- scikit-learn's conventions -------------------------------------------------------------------------------------

PROSE = [
    "The council voted 7-2 on Monday to close the pool.",
    "It cost £2m in 2019.",
    "Nobody knows what will come of it.",
]
BUTTONS = ["Share", "Sign up to our newsletter", "Menu", "Read more: Bus fares rise"]
KINDS = ["share", "newsletter", "navigation", "related"]


def own_lines(pages=12):
    """Labelled lines of a person's own: pages of seven lines."""
    X, y = [], []
    for page in range(pages):
        X += [(page, f"{line[:-1]} {page}{line[-1]}") for line in PROSE] + [(page, line) for line in BUTTONS]
        y += ["claim", "claim", "article", *KINDS]
    return X, y


@pytest.fixture(scope="module")
def own():
    X, y = own_lines()
    return SentenceClassifier(rounds=1, folds=3).fit(X, y)


# The other checks fit to matrices of numbers; here X holds lines. Some of these came with later versions.
CHECKS = (
    "check_no_attributes_set_in_init", "check_parameters_default_constructible", "check_get_params_invariance",
    "check_set_params", "check_estimator_repr", "check_estimator_cloneable", "check_valid_tag_types",
)  # fmt: skip


@pytest.mark.parametrize("check", [name for name in CHECKS if hasattr(estimator_checks, name)])
def test_the_estimator_checks_that_need_no_numbers_pass(check):
    getattr(estimator_checks, check)("SentenceClassifier", SentenceClassifier())


def test_fit_gives_the_classifier_itself():
    classifier = SentenceClassifier(rounds=0, folds=2)
    assert classifier.fit(*own_lines(4)) is classifier


def test_classes_are_the_labels_given_in_order(own):
    assert own.classes_.tolist() == sorted(["claim", "article", *KINDS])


def test_own_lines_are_learned(own):
    assert own.score(*own_lines()) > 0.9


def test_probabilities_have_a_column_a_class_and_add_up_to_one(own):
    X, _ = own_lines(3)
    probabilities = own.predict_proba(X)
    assert probabilities.shape == (len(X), len(own.classes_))
    assert probabilities.sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_fitting_again_gives_the_same_probabilities(own):
    X, y = own_lines()
    assert np.array_equal(clone(own).fit(X, y).predict_proba(X), own.predict_proba(X))


def test_a_clone_has_the_parameters_but_nothing_fitted(own):
    copy = clone(own)
    assert copy.get_params() == own.get_params()
    with pytest.raises(ModelError, match="has not been fitted"):
        copy.predict(["Menu"])


def test_it_works_in_a_pipeline_under_a_grid_search():
    X, y = own_lines(4)
    search = GridSearchCV(
        Pipeline([("lines", SentenceClassifier(rounds=0, folds=2))]), {"lines__c_label": [1.0]}, cv=GroupKFold(2)
    )
    search.fit(X, y, groups=[page for page, _ in X])
    assert search.best_estimator_.predict(X).shape == (len(X),)
    assert search.best_score_ > 0.5


def test_scikit_learn_sees_a_classifier():
    assert is_classifier(SentenceClassifier())


def test_pages_may_be_mixed(own):
    X, _ = own_lines(4)
    order = sorted(range(len(X)), key=lambda i: (i % 7, i))  # the lines of each page stay in order
    assert own.predict_proba([X[i] for i in order]) == pytest.approx(own.predict_proba(X)[order], abs=1e-6)


def test_many_pages_give_what_each_gives_alone(labeller):
    X, _ = own_lines(300)
    together = labeller.classifier.predict_proba(X)
    assert together[-7:] == pytest.approx(labeller.classifier.predict_proba(X[-7:]), abs=1e-5)


def test_neighbours_count_on_a_page_and_not_among_single_lines(labeller):
    page = ["Menu", "Sport", "News", "Share", "Weather"]
    of_page = labeller.classifier.predict_proba([(1, line) for line in page])
    single = labeller.classifier.predict_proba(page)
    first = labeller.classifier.predict_proba(page[:1])
    assert not np.allclose(of_page, single)
    assert single[0] == pytest.approx(first[0], rel=1e-4)


def test_single_lines_can_be_fitted():
    X, y = own_lines(8)
    lines = [line for _, line in X]
    assert SentenceClassifier(rounds=0).fit(lines, y).score(lines, y) > 0.8


def test_all_boilerplate_may_be_one_class():
    X, y = own_lines(6)
    y = ["boilerplate" if label in KINDS else "article" for label in y]
    classifier = SentenceClassifier(rounds=0, folds=2).fit(X, y)
    assert classifier.classes_.tolist() == ["article", "boilerplate"]
    assert classifier.score(X, y) > 0.9


def test_one_class_alone_is_always_given():
    X, _ = own_lines(4)
    assert set(SentenceClassifier(rounds=0, folds=2).fit(X, ["article"] * len(X)).predict(X)) == {"article"}


def test_predictions_agree_with_the_labeller(labeller, root):
    text = (root / "examples" / "articles" / "subscribe-box.txt").read_text("utf-8")
    doc = labeller(text)
    lines = doc.sentences
    labels = labeller.classifier.predict([("page", s.text) for s in lines])
    # One line a sentence is another layout than the page's, and quotes overrule: most must agree, not all.
    same = [s.boilerplate_kind == (k if k in LABELS[1:] else None) for s, k in zip(lines, labels, strict=True)]
    assert np.mean(same) > 0.8


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ("Menu", "not a str"),
        (["Menu", " "], "line 1 is empty"),
        (["Menu\nSport"], "line 0 is several lines"),
        ([3], "line 0 is neither"),
        ([("page", None)], "line 0 is no str but NoneType"),
    ],
)
def test_lines_that_cannot_be_read_are_named(own, X, message):
    with pytest.raises(InputError, match=message):
        own.predict(X)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (["claim"], "one label a line"),
        (["claim", "ads"], "unknown label 'ads': there are article, donation"),
        (["boilerplate", "ad"], "not both"),
    ],
)
def test_labels_that_cannot_be_used_are_named(y, message):
    with pytest.raises(InputError, match=message):
        SentenceClassifier().fit(["Menu", "It rained."], y)


def test_a_single_page_cannot_be_fitted():
    with pytest.raises(InputError, match="two pages or more"):
        SentenceClassifier().fit([(1, "Menu"), (1, "It rained.")], ["navigation", "article"])


def test_an_unknown_parameter_is_refused():
    with pytest.raises(ValueError, match="no parameter 'depth'; it has c_label"):
        SentenceClassifier().set_params(depth=3)


def test_the_repr_shows_what_was_changed():
    assert repr(SentenceClassifier(folds=3)) == "SentenceClassifier(folds=3)"


def test_labelling_and_parameters_need_no_scikit_learn():
    program = (
        "import sys, quoteattr; c = quoteattr.load().classifier; c.predict(['Menu']); c.get_params(); repr(c);"
        "sys.exit('sklearn' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
