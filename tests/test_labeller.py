"""The labeller: one text, many texts, threads, processes, pickles, and what loading needs."""

import itertools
import json
import os
import pickle
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import joblib
import pytest

import quoteattr
from quoteattr import InputError, ModelError

TEXTS = [
    f"Pool {n} to close\n\n“It is a disgrace,” said Marian Pike{n}. She said that the pool cost £{n}m.\n\nAdvertisement\n"
    for n in range(1, 41)
]


class Counted:
    """An endless iterator of texts that knows how many were taken."""

    def __init__(self):
        self.taken = 0

    def __iter__(self):
        return self

    def __next__(self):
        self.taken += 1
        return f"“We lost pool {self.taken},” said Ann Foy."


@pytest.fixture(scope="module")
def documents(labeller):
    return [labeller(text) for text in TEXTS]


@pytest.fixture
def models(tmp_path):
    """A copy of the shipped bundle."""
    return shutil.copytree(quoteattr.model.shipped_path(), tmp_path / "models")


# --- one text --------------------------------------------------------------------------------------------------------


def test_one_text_gives_a_document(labeller):
    doc = labeller("“We did it,” said Ada Obi.")

    assert isinstance(doc, quoteattr.Document)
    assert (doc.quotes[0].text, doc.quotes[0].speaker.name) == ("We did it,", "Ada Obi")


@pytest.mark.parametrize(
    "text",
    [
        "The road will open in May, according to Joan Dale.",
        "Joan Dale urged drivers to stay at home.",
        "Joan Dale said Monday the road would open in May.",
        "“The road will open in May,” said Joan Dale.",
        "The council voted 7-2 on Monday to close the pool.",
        "Susan Poole arrived on Monday.",
    ],
)
def test_a_lone_sentence_is_no_boilerplate(labeller, text):
    assert labeller(text).clean_text == text


@pytest.mark.parametrize("text", ["", " ", "\n", "\r\n\xa0\u2028", "\t"])
def test_a_text_without_words_gives_an_empty_document(labeller, text):
    doc = labeller(text)

    assert (doc.text, doc.sentences, doc.quotes, doc.speakers, doc.clean_text) == (text, (), (), (), "")


def test_a_subclass_of_str_is_a_text(labeller):
    class Headline(str):
        pass

    assert labeller(Headline(TEXTS[0])) == labeller(TEXTS[0])


@pytest.mark.parametrize("data", [b"It rained.", bytearray(b"It rained.")])
def test_bytes_are_refused_with_how_to_decode_them(labeller, data):
    with pytest.raises(InputError, match=r"not bytes: decode first, .*decode\('utf-8'"):
        labeller(data)


@pytest.mark.parametrize("data", [None, 3, ["It rained."], {"text": "It rained."}])
def test_what_is_no_text_is_refused_with_what_to_pass(labeller, data):
    with pytest.raises(InputError, match=f"not {type(data).__name__}: pass the article's text"):
        labeller(data)


def test_a_wrong_input_is_a_type_error(labeller):
    with pytest.raises(TypeError):
        labeller(None)


def test_labelling_twice_gives_the_same(labeller, documents):
    assert [labeller(text) for text in TEXTS] == documents


def test_two_labellers_give_the_same(documents):
    assert [quoteattr.load()(text) for text in TEXTS[:3]] == documents[:3]


# --- many texts ------------------------------------------------------------------------------------------------------


def test_documents_come_in_the_order_of_the_texts(labeller, documents):
    assert list(labeller.pipe(TEXTS)) == documents


def test_no_texts_give_no_documents(labeller):
    assert list(labeller.pipe([])) == []


@pytest.mark.parametrize("collection", [tuple, iter, lambda texts: (text for text in texts), dict.fromkeys])
def test_texts_may_come_in_any_iterable(labeller, documents, collection):
    assert list(labeller.pipe(collection(TEXTS))) == documents


def test_two_processes_give_the_same_as_one(labeller, documents):
    assert list(labeller.pipe(TEXTS, n_jobs=2)) == documents


def test_joblib_may_set_the_number_of_processes(labeller, documents):
    with joblib.parallel_config(n_jobs=2):
        assert list(labeller.pipe(TEXTS)) == documents


def test_threads_of_joblib_give_the_same(labeller, documents):
    with joblib.parallel_config(backend="threading"):
        assert list(labeller.pipe(TEXTS, n_jobs=2)) == documents


def test_evidence_is_the_same_in_any_number_of_processes(labeller, documents):
    assert [d.to_dict() for d in labeller.pipe(TEXTS, n_jobs=2)] == [d.to_dict() for d in documents]


def test_one_process_reads_no_more_than_a_batch_ahead(labeller):
    texts = Counted()

    next(labeller.pipe(texts, n_jobs=1))

    assert texts.taken <= 33


def test_long_texts_are_not_read_ahead(labeller):
    texts = iter(["It rained. " * 20_000, "Nobody came.", "A third one."])

    next(labeller.pipe(texts, n_jobs=1))

    assert next(texts) == "A third one."


@pytest.mark.parametrize("whole", [True, False], ids=["articles", "sentences"])
def test_texts_are_labelled_alike_alone_and_among_others(labeller, root, whole):
    texts = [path.read_text("utf-8") for path in sorted((root / "examples" / "articles").glob("*.txt"))]
    if not whole:  # what starts or ends a text looks across its edge
        texts = [text[start:end] for text in texts for start, end in labeller.segmenter.spans(text)]
    alone = [labeller(text).to_dict() for text in texts]

    assert [d.to_dict() for d in labeller.pipe(texts)] == alone
    assert [d.to_dict() for d in labeller.pipe(texts[::-1])] == alone[::-1]


def test_what_comes_before_a_bad_item_is_labelled(labeller):
    docs = labeller.pipe(["One.", "Two.", None])

    assert [next(docs).text, next(docs).text] == ["One.", "Two."]
    with pytest.raises(quoteattr.InputError):
        next(docs)


def test_one_process_streams_from_an_endless_iterator(labeller):
    docs = list(itertools.islice(labeller.pipe(Counted(), n_jobs=1), 50))

    assert [d.quotes[0].text for d in docs] == [f"We lost pool {n}," for n in range(1, 51)]


def test_two_processes_read_ahead_within_bounds(labeller):
    texts = Counted()
    stream = labeller.pipe(texts, n_jobs=2)

    docs = list(itertools.islice(stream, 300))
    stream.close()

    assert [d.quotes[0].text for d in docs] == [f"We lost pool {n}," for n in range(1, 301)]
    assert texts.taken <= 1024


def test_pairs_keep_their_context(labeller, documents):
    pairs = list(labeller.pipe(zip(TEXTS, itertools.count(), strict=False), as_tuples=True))

    assert pairs == list(zip(documents, range(len(TEXTS)), strict=True))


def test_a_context_never_leaves_the_process(labeller):
    locks = [threading.Lock() for _ in TEXTS]

    pairs = labeller.pipe(zip(TEXTS, locks, strict=True), as_tuples=True, n_jobs=2)

    assert all(lock is own for (_, lock), own in zip(pairs, locks, strict=True))


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_what_is_no_pair_is_refused(labeller, n_jobs):
    with pytest.raises(InputError, match=r"pair \(text, context\), not NoneType"):
        list(labeller.pipe([None], as_tuples=True, n_jobs=n_jobs))


def test_a_text_of_two_characters_is_no_pair(labeller):
    with pytest.raises(InputError, match="pair"):
        list(labeller.pipe(["ab"], as_tuples=True))


@pytest.mark.parametrize("texts", ["It rained.", b"It rained."])
def test_one_text_instead_of_many_is_refused_at_once(labeller, texts):
    with pytest.raises(InputError, match=r"pass \[text\]"):
        labeller.pipe(texts)


@pytest.mark.parametrize("texts", [None, 3])
def test_what_is_no_iterable_is_refused_at_once(labeller, texts):
    with pytest.raises(InputError, match="iterable of texts"):
        labeller.pipe(texts)


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize(("data", "advice"), [(b"It rained.", "decode first"), (None, "pass the article's text")])
def test_what_is_no_text_among_many_is_refused(labeller, data, advice, n_jobs):
    with pytest.raises(InputError, match=advice):
        list(labeller.pipe(["It rained.", data], n_jobs=n_jobs))


def test_an_error_of_the_callers_own_iterator_comes_through(labeller):
    def texts():
        yield TEXTS[0]
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        list(labeller.pipe(texts()))


# --- threads and pickles ---------------------------------------------------------------------------------------------


def test_eight_threads_may_share_a_labeller(labeller, documents):
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(labeller, TEXTS * 3))

    assert together == documents * 3


def test_eight_threads_may_share_a_labeller_that_has_seen_nothing(documents):
    fresh = quoteattr.load()

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(fresh, TEXTS))

    assert together == documents


def test_a_pickle_is_small(labeller):
    assert len(pickle.dumps(labeller)) < 1000


def test_a_labeller_works_after_unpickling(labeller, documents):
    assert pickle.loads(pickle.dumps(labeller))(TEXTS[0]) == documents[0]


def test_a_pickle_names_the_same_model(labeller):
    assert pickle.loads(pickle.dumps(labeller)).model_version == labeller.model_version


@pytest.mark.usefixtures("models")
def test_a_pickle_finds_its_bundle_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pickled = pickle.dumps(quoteattr.load("models"))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)

    assert pickle.loads(pickled)("It rained.").text == "It rained."


def test_a_pickle_of_another_model_version_is_refused(models):
    pickled = pickle.dumps(quoteattr.load(models))
    manifest = models / "manifest.json"
    version = quoteattr.load(models).model_version
    manifest.write_text(manifest.read_text("utf-8").replace(f'"{version}"', '"9.9.9+other"'), "utf-8")

    with pytest.raises(ModelError, match=r"9\.9\.9\+other"):
        pickle.loads(pickled)


# --- batches for engines ---------------------------------------------------------------------------------------------


def test_a_batch_gives_plain_dicts(documents):
    assert quoteattr.label_batch(TEXTS[:3]) == [document.to_dict() for document in documents[:3]]


def test_batches_of_a_process_share_one_model(monkeypatch):
    quoteattr.label_batch([])
    monkeypatch.setattr("quoteattr.labeller.load", None)

    assert len(quoteattr.label_batch(TEXTS[:1])) == 1


def test_one_text_is_no_batch():
    with pytest.raises(InputError, match=r"pass \[text\]"):
        quoteattr.label_batch("It rained.")


def test_a_pickle_of_the_shipped_model_names_no_path(labeller, root):
    assert str(root).encode() not in pickle.dumps(labeller)


# --- loading ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("type_", [str, lambda path: path])
def test_a_bundle_may_be_loaded_from_any_folder(models, documents, type_):
    assert quoteattr.load(type_(models))(TEXTS[0]) == documents[0]


def test_repr_names_the_model(labeller):
    assert repr(labeller) == f"<quoteattr.Labeller, model {labeller.model_version}>"


def run_apart(code, root, *options):
    """Run Python code in a process of its own; what it prints."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run(
        [sys.executable, *options, "-c", code], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    return done


LABEL = "import quoteattr; doc = quoteattr.load()('“We did it,” said Ada Obi.'); print(doc.quotes[0].speaker.name)"
NO_NETWORK = """
import socket, sys
def refuse(event, arguments):
    if event.startswith('socket.') and event not in ('socket.gethostname',):
        raise SystemExit('touched the network: ' + event)
sys.addaudithook(refuse)
"""


def test_loading_and_labelling_touch_no_network(root):
    assert run_apart(NO_NETWORK + LABEL, root).stdout == "Ada Obi\n"


@pytest.mark.parametrize("library", ["sklearn", "scipy", "nltk", "pandas"])
def test_loading_and_labelling_need_no_library_of_training(root, library):
    code = f"import sys; sys.modules[{library!r}] = None; {LABEL}"

    assert run_apart(code, root).stdout == "Ada Obi\n"


def test_loading_and_labelling_import_no_library_of_training(root):
    code = LABEL + "; import sys; print({'sklearn', 'scipy', 'nltk'} & set(sys.modules))"

    assert run_apart(code, root).stdout == "Ada Obi\nset()\n"


def test_loading_and_labelling_warn_of_nothing(root):
    done = run_apart(LABEL, root, "-W", "error")

    assert (done.stdout, done.stderr) == ("Ada Obi\n", "")


@pytest.mark.parametrize("seed", ["0", "1"])
def test_the_seed_of_hashes_changes_nothing(root, documents, monkeypatch, seed):
    monkeypatch.setenv("PYTHONHASHSEED", seed)
    code = f"import json, quoteattr; print(json.dumps([d.to_dict() for d in quoteattr.load().pipe({TEXTS[:5]!r})]))"

    assert json.loads(run_apart(code, root).stdout) == [d.to_dict() for d in documents[:5]]
