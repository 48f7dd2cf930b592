"""Training: a bundle is rebuilt from articles and lexicons alone, to the same bytes."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest

import quoteattr
from quoteattr import AnnotationError, QuoteattrError, exchange
from quoteattr.mentions import mentions_of
from quoteattr.training import build, quotations, speakers
from quoteattr.training.annotation import parse, read_folder
from quoteattr.training.augment import sample_of
from quoteattr.training.build import data_hash, train
from quoteattr.training.evaluate import calibration_error, evaluate, match
from quoteattr.training.fit import WordFeatures
from quoteattr.training.parts_of_speech import fit_tagger, read_tagged_folder
from quoteattr.training.sentences import judged
from quoteattr.training.words import build_lexicon, inflect, plural

TRAIN, DEV = 16, 8
FILES = ("manifest.json", "vocabulary.json.xz", "weights.npz")


def data_folder(root, folder, train=TRAIN, dev=DEV):
    """A folder of training data with some of the articles, their splits rewritten."""
    (folder / "articles").mkdir(parents=True)
    shutil.copytree(root / "training_data" / "lexicons", folder / "lexicons")
    (folder / "parts_of_speech").mkdir()
    shutil.copy(root / "training_data" / "parts_of_speech" / "train-01.txt", folder / "parts_of_speech")
    paths = sorted((root / "training_data" / "articles").glob("*.txt"))
    chosen = paths[:: len(paths) // (TRAIN + DEV)][: train + dev]  # spread over the houses' styles
    for n, path in enumerate(chosen):
        split = "train" if n < train else "dev"
        text = re.sub(r"^split: \w+$", f"split: {split}", path.read_text("utf-8"), count=1, flags=re.M)
        (folder / "articles" / path.name).write_text(text, "utf-8")
    return folder


def tagged_lexicon(texts, folder, **options):
    """The lexicon of some texts, with a tagger, and the features of its words."""
    lexicon = build_lexicon(texts, folder / "lexicons", **options)
    features = WordFeatures(lexicon)
    lexicon.tagger = fit_tagger(read_tagged_folder(folder, lexicon), features)
    return lexicon, features


@pytest.fixture(scope="module")
def data(root, tmp_path_factory):
    return data_folder(root, tmp_path_factory.mktemp("training") / "data")


@pytest.fixture(scope="module")
def said():
    """What training said it was doing."""
    return []


@pytest.fixture(scope="module")
def bundle(data, tmp_path_factory, said):
    out = tmp_path_factory.mktemp("training") / "models"
    train(data, out, said.append)
    return out


# --- the bundle ------------------------------------------------------------------------------------------------------


def test_training_again_in_another_process_gives_the_same_bytes(root, data, bundle, tmp_path):
    code = f"from pathlib import Path; from quoteattr.training.build import train; train(Path({str(data)!r}), Path({str(tmp_path)!r}))"
    environment = {
        **os.environ,
        "PYTHONHASHSEED": "7",
        "PYTHONPATH": os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")]),
    }

    subprocess.run([sys.executable, "-c", code], check=True, env=environment)

    assert [name for name in FILES if (bundle / name).read_bytes() != (tmp_path / name).read_bytes()] == []


def test_the_bundle_holds_these_files_and_no_others(bundle):
    assert sorted(path.name for path in bundle.iterdir()) == sorted(FILES)


def test_the_bundle_can_be_loaded_and_labels(bundle):
    doc = quoteattr.load(bundle)("“We lost the pool,” said Marian Pike.")

    assert "We lost the pool," in [doc.text[span.start : span.end] for quote in doc.quotes for span in quote.spans]


def test_the_bundle_has_learnt_something(data, bundle):
    scores, _ = evaluate(quoteattr.load(bundle), read_folder(data / "articles"))

    assert scores["boilerplate"]["f1"] > 0.8
    assert scores["quotes"]["over"]["all"]["f1"] > 0.7


def test_the_manifest_says_what_it_was_trained_on(data, bundle):
    manifest = json.loads((bundle / "manifest.json").read_text("utf-8"))

    assert manifest["training_data_sha256"] == data_hash(data)
    assert manifest["articles"] == {"train": TRAIN, "dev": DEV}
    assert manifest["model_version"].startswith(quoteattr.__version__)


def test_other_data_have_another_hash(data, tmp_path):
    other = shutil.copytree(data, tmp_path / "data")
    path = next((other / "articles").glob("*.txt"))
    path.write_bytes(path.read_bytes() + b"\n")

    assert data_hash(other) != data_hash(data)


def test_other_parts_of_speech_have_another_hash(data, tmp_path):
    other = shutil.copytree(data, tmp_path / "data")
    (other / "parts_of_speech" / "train-01.txt").write_text("It/O rained/V.\n", "utf-8")

    assert data_hash(other) != data_hash(data)


def test_the_hash_depends_on_the_names_of_files(data, tmp_path):
    other = shutil.copytree(data, tmp_path / "data")
    path = next((other / "articles").glob("*.txt"))
    path.rename(path.with_name("zzz.txt"))

    assert data_hash(other) != data_hash(data)


@pytest.mark.usefixtures("bundle")
def test_training_says_what_it_does(said):
    assert said[0] == f"{TRAIN} articles to train on, {DEV} for calibration"
    assert len(said) > 1


def test_test_articles_are_not_trained_on(data, bundle, tmp_path):
    other = shutil.copytree(data, tmp_path / "data")
    path = next((other / "articles").glob("*.txt"))
    text = path.read_text("utf-8")
    (other / "articles" / "zzz.txt").write_text(
        re.sub(r"^(id|split): .*$", lambda m: {"id": "id: zzz", "split": "split: test"}[m[1]], text, flags=re.M),
        "utf-8",
    )

    train(other, tmp_path / "models")

    assert (tmp_path / "models" / "weights.npz").read_bytes() == (bundle / "weights.npz").read_bytes()


# --- more data -------------------------------------------------------------------------------------------------------

MINE = "id: mine-{n}\nlayers: boilerplate\n\n-| It rained for {n} days.\nad| Buy {n} boats.\n"


@pytest.fixture
def mine(tmp_path):
    """Articles of a user: lines that are labelled as boilerplate or not, nothing else."""
    folder = tmp_path / "mine"
    folder.mkdir()
    for n in range(3):
        (folder / f"mine-{n}.txt").write_text(MINE.format(n=n), "utf-8")
    return folder


@pytest.fixture
def taught(monkeypatch):
    """Which articles each part is fitted to, without fitting."""
    seen = {}

    def classifier(articles, *_):
        seen["sentences"] = [a.id for a in articles]

    def attribution(train_split, dev_split, *_):
        seen["attribution"] = [a.id for a in train_split]
        seen["confidence"] = [a.id for a in dev_split]
        return {}, {}

    monkeypatch.setattr(build.sentences, "fit_articles", classifier)
    monkeypatch.setattr(build, "fit_attribution", attribution)
    monkeypatch.setattr(build.model, "write", lambda *arguments: arguments[-1])  # the manifest
    return seen


def test_more_data_are_used_together_with_the_base(data, mine, taught, tmp_path):
    facts = train(data, tmp_path / "models", data=[mine])

    assert len(taught["sentences"]) == TRAIN + 3
    assert facts["articles"] == {"train": TRAIN + 3, "dev": DEV}


def test_articles_without_quotes_do_not_teach_that_there_are_none(data, mine, taught, tmp_path):
    train(data, tmp_path / "models", data=[mine])

    assert len(taught["attribution"]) == TRAIN
    assert not {"mine-0", "mine-1", "mine-2"} & {*taught["attribution"], *taught["confidence"]}


def test_the_base_can_be_left_out(data, mine, taught, tmp_path):
    facts = train(data, tmp_path / "models", data=[data, mine], only_data=True)

    assert len(taught["sentences"]) == TRAIN + 3
    assert facts["training_data_used"] == "lexicons, parts of speech"


def test_data_may_come_straight_from_a_tool(data, taught, tmp_path):
    documents = list(exchange.annotated.read(data / "articles"))
    exchange.write(documents, tmp_path / "brat", "brat")

    facts = train(data, tmp_path / "models", data=[tmp_path / "brat"])

    assert sum(facts["articles"].values()) == 2 * (TRAIN + DEV)
    assert len(taught["attribution"]) == facts["articles"]["train"]


@pytest.mark.usefixtures("taught")
def test_the_manifest_lists_the_data_that_were_added(data, mine, tmp_path):
    facts = train(data, tmp_path / "models", data=[mine])

    [entry] = facts["added_data"]
    assert (entry["name"], entry["articles"]) == ("mine", {"train": 3, "dev": 0, "test": 0})
    assert facts["training_data_sha256"] == data_hash(data)
    assert facts["training_data_used"] == "articles, lexicons, parts of speech"


@pytest.mark.usefixtures("taught")
def test_data_that_were_added_are_told_apart_by_their_hash(data, mine, tmp_path):
    hashes = [train(data, tmp_path / "models", data=[mine])["added_data"][0]["sha256"] for _ in range(2)]
    (mine / "mine-0.txt").write_text(MINE.format(n=0).replace("rained", "snowed"), "utf-8")
    hashes.append(train(data, tmp_path / "models", data=[mine])["added_data"][0]["sha256"])

    assert hashes[0] == hashes[1] != hashes[2]


@pytest.mark.usefixtures("taught")
def test_a_layer_that_nobody_annotated_is_named(data, mine, tmp_path):
    for n in range(3, 12):
        (mine / f"mine-{n}.txt").write_text(MINE.format(n=n).replace("layers", "split: train\nlayers"), "utf-8")
    (mine / "mine-0.txt").write_text(MINE.format(n=0).replace("layers", "split: dev\nlayers"), "utf-8")

    with pytest.raises(AnnotationError, match=r"no article has the layer claims.*train together with training_data"):
        train(data, tmp_path / "models", data=[mine], only_data=True)


def test_claims_that_nobody_judged_do_not_count():
    samples = [sample_of(parse(MINE.format(n=1))), sample_of(parse("id: full\n\n-| It rained.\n"))]

    assert judged(samples).tolist() == [False, False, True]


def test_articles_that_mark_only_some_mentions_do_not_teach_the_taggers(data):
    articles = read_folder(data / "articles")[:4]
    some = parse("id: some\nlayers: quotes\n\n-| Ann Foy met Joan Dale, the mayor.\n")
    lexicon, features = tagged_lexicon([a.text for a in articles], data)
    pairs = [(a, quotations.analyse(a, lexicon)) for a in (*articles, some)]

    with_it, without = quotations.fit_taggers(pairs, features), quotations.fit_taggers(pairs[:-1], features)

    for one, other in zip(with_it, without, strict=True):
        assert all((a == b).all() for a, b in zip(one.tables, other.tables, strict=True))


def test_pronouns_that_nobody_looked_at_do_not_teach_the_ranker(data):
    body = "\n-| {1@pike Ann Pike} {1! said} {1i: it rained}.\n-| She left with Joan Dale.\n"
    head = "id: some\n@pike: Ann Pike | person | she\n"
    lexicon, _ = tagged_lexicon(["It rained. She left."], data, least=1)

    counts = []
    for header in (head, head + "layers: quotes\n"):
        article = parse(header + body)
        a = quotations.analyse(article, lexicon)
        found = quotations.mention_labels(parse(head + body.replace("She", "{@pike She}")), a)
        rows, labels = [], []
        speakers._teach(article, a, mentions_of(a, found), rows, labels, None)
        counts.append(len(rows))

    assert counts == [1, 0]


# --- what is wrong with the data -------------------------------------------------------------------------------------


def test_no_folder_is_a_clear_error(tmp_path):
    with pytest.raises(AnnotationError, match=rf"{re.escape(str(tmp_path / 'nowhere'))}.*it has 0 articles"):
        train(tmp_path / "nowhere", tmp_path / "models")


def test_no_articles_are_a_clear_error(root, tmp_path):
    folder = data_folder(root, tmp_path / "data", 0, 0)

    with pytest.raises(
        AnnotationError, match=r"articles needs articles of the splits train and dev; it has 0 articles"
    ):
        train(folder, tmp_path / "models")


def test_no_articles_for_calibration_are_a_clear_error(root, tmp_path):
    folder = data_folder(root, tmp_path / "data", 3, 0)

    with pytest.raises(AnnotationError, match=r"splits train and dev; it has 3 articles"):
        train(folder, tmp_path / "models")


def test_too_few_articles_are_a_clear_error(root, tmp_path):
    folder = data_folder(root, tmp_path / "data", 1, 1)

    with pytest.raises(AnnotationError, match="articles"):
        train(folder, tmp_path / "models")


def test_a_broken_article_is_named(root, tmp_path):
    folder = data_folder(root, tmp_path / "data", 2, 1)
    path = sorted((folder / "articles").glob("*.txt"))[0]
    path.write_text(path.read_text("utf-8") + "no tag\n", "utf-8")

    with pytest.raises(AnnotationError, match=rf"^{re.escape(path.name)}:\d+: a body line is"):
        train(folder, tmp_path / "models")


def test_missing_lexicons_are_a_clear_error(root, tmp_path):
    folder = data_folder(root, tmp_path / "data", 2, 1)
    shutil.rmtree(folder / "lexicons")

    with pytest.raises((QuoteattrError, FileNotFoundError), match="lexicons"):
        train(folder, tmp_path / "models")


def test_nothing_is_written_where_training_fails(root, tmp_path):
    folder = data_folder(root, tmp_path / "data", 0, 0)

    with pytest.raises(AnnotationError):
        train(folder, tmp_path / "models")

    assert not (tmp_path / "models").exists()


# --- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lemma", "forms"),
    [
        ("ask", {"ask", "asks", "asked", "asking"}),
        ("argue", {"argue", "argues", "argued", "arguing"}),
        ("cry", {"cry", "cries", "cried", "crying"}),
        ("say", {"say", "says", "sayed", "saying"}),
        ("stress", {"stress", "stresses", "stressed", "stressing"}),
    ],
)
def test_verbs_are_inflected(lemma, forms):
    assert inflect(lemma) == forms


def test_irregular_forms_are_added():
    assert {"told", "tells", "telling"} <= inflect("tell", ["told"])


@pytest.mark.parametrize(
    ("noun", "expected"),
    [("leader", "leaders"), ("spokesman", "spokesmen"), ("agency", "agencies"), ("boss", "bosses"), ("boy", "boys")],
)
def test_nouns_are_put_in_the_plural(noun, expected):
    assert plural(noun) == expected


def test_the_lexicon_knows_the_classes_of_its_words(root):
    lexicon = build_lexicon(["“It is safe,” said Ann Foy. It rained."], root / "training_data" / "lexicons", least=1)

    said, rained = lexicon.number("said"), lexicon.number("rained")
    assert lexicon.classes["report_verb"][[said, rained]].tolist() == [True, False]


def test_words_that_nothing_tells_apart_share_a_number(root):
    lexicon = build_lexicon(["It rained."], root / "training_data" / "lexicons", least=1)

    assert lexicon.number("sedation") == lexicon.number("abolition") > 0
    assert lexicon.number("sedation") != lexicon.number("kindness")


def test_words_of_saying_go_by_the_stem_that_was_seen(root):
    lexicon = build_lexicon(["He gloated."], root / "training_data" / "lexicons", least=1)

    assert lexicon.number("gloating") != lexicon.number("fuming")
    assert lexicon.number("hailing") == lexicon.number("fuming")


def test_words_of_grammar_have_numbers_of_their_own(root):
    lexicon = build_lexicon(["It rained."], root / "training_data" / "lexicons", least=1)

    assert len({lexicon.number(word) for word in ("he", "she", "from", "into", "should")}) == 5


def test_a_word_that_may_be_noun_or_verb_is_told_from_a_verb(root):
    lexicon = build_lexicon(["It rained."], root / "training_data" / "lexicons", least=1)

    assert lexicon.has_class("plans", "maybe_verb")
    assert not lexicon.has_class("admires", "maybe_verb")
    assert lexicon.has_class("admires", "verb")


def test_a_lexicon_does_not_depend_on_the_order_of_texts(root):
    texts = [f"Pool {n} closed. The council said it {'rained' * (n % 3)}." for n in range(30)]

    one, two = (build_lexicon(t, root / "training_data" / "lexicons") for t in (texts, texts[::-1]))

    assert one.vocabulary.words == two.vocabulary.words


# --- evaluation ------------------------------------------------------------------------------------------------------


def test_contents_match_if_they_share_half_of_their_union():
    gold = [frozenset({1, 2, 3, 4}), frozenset({9})]
    predicted = [frozenset({1, 2}), frozenset({5, 6})]

    assert match(gold, predicted) == {0: 0}


def test_contents_match_one_to_one_the_best_first():
    gold = [frozenset({1, 2, 3}), frozenset({1, 2, 3, 4})]
    predicted = [frozenset({1, 2, 3, 4})]

    assert match(gold, predicted) == {1: 0}


@pytest.mark.parametrize(
    ("scores", "truth", "error"),
    [([1.0, 0.0], [1, 0], 0.0), ([1.0, 1.0], [1, 0], 0.5), ([], [], 0.0), ([0.25] * 4, [1, 0, 0, 0], 0.0)],
)
def test_the_calibration_error_is_the_distance_of_scores_from_shares(scores, truth, error):
    assert calibration_error(scores, truth) == error


def test_a_perfect_labeller_scores_1(data):
    articles = read_folder(data / "articles")
    perfect = {a.text: document_of(a) for a in articles}

    scores, errors = evaluate(perfect.__getitem__, articles)

    assert errors == []
    assert (
        scores["sentences"]["f1"]
        == scores["boilerplate"]["f1"]
        == scores["claims"]["f1"]
        == scores["claims"]["auc"]
        == 1
    )
    assert (
        scores["quotes"]["e2e"]["all"]["f1"]
        == scores["quotes"]["exact"]["all"]["f1"]
        == scores["speakers"]["accuracy"]
        == 1
    )
    assert scores["boilerplate"]["article_characters_kept"] == scores["boilerplate"]["kind_accuracy"] == 1


def test_a_labeller_that_finds_nothing_scores_0(data):
    articles = read_folder(data / "articles")
    blank = {a.text: document_of(a, tagged=False) for a in articles}

    scores, errors = evaluate(blank.__getitem__, articles)

    assert scores["quotes"]["e2e"]["all"]["f1"] == scores["boilerplate"]["f1"] == scores["claims"]["f1"] == 0
    assert len(errors) >= sum(len(a.quotes) for a in articles)


def document_of(article, tagged=True):
    """An annotated article as a labelled document: what a perfect labeller would give, or one that finds nothing."""
    entities = sorted({q.speaker for q in article.quotes if q.speaker}) if tagged else []
    sentences = []
    for s in article.sentences:
        bad = tagged and s.boilerplate is not None
        claim = tagged and s.claim and not bad
        scores = {"quote": 0.0, "boilerplate": float(bad), "claim": float(claim)}
        tags = [tag for tag, on in (("boilerplate", bad), ("claim", claim)) if on]
        sentences.append(
            {
                "start": s.start,
                "end": s.end,
                "tags": tags,
                "scores": scores,
                "boilerplate_kind": s.boilerplate if bad else None,
            }
        )
    return quoteattr.Document.from_dict(
        {
            "schema_version": 1,
            "library_version": "0",
            "model_version": "0",
            "text": article.text,
            "sentences": sentences,
            "speakers": [
                {"name": e, "kind": "person", "mentions": [[s, t] for s, t, other in article.mentions if other == e]}
                for e in entities
            ],
            "quotes": [
                {
                    "spans": [list(s) for s in q.spans],
                    "kind": q.kind,
                    "cue": q.cue and list(q.cue),
                    "mention": q.mention and list(q.mention),
                    "speaker": entities.index(q.speaker) if q.speaker else None,
                    "confidence": 1.0,
                    "evidence": {},
                }
                for q in article.quotes
                if tagged
            ],
        }
    )
