"""Labelling on a Dask cluster, by joblib's own switch: real processes on this machine."""

import itertools

import joblib
import pytest

import quoteattr

distributed = pytest.importorskip("distributed", reason="needs pip install distributed")

TEXTS = [f"“We won {n},” said Ada Obi{n}. She said that the pool cost £{n}m." for n in range(100)]


@pytest.fixture(scope="module")
def client():
    cluster = distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None)
    with cluster, distributed.Client(cluster) as client:
        yield client


@pytest.fixture
def on_dask(client):
    with joblib.parallel_config(backend="dask"):
        yield client


@pytest.mark.usefixtures("on_dask")
def test_documents_are_those_of_one_process_in_their_order(labeller):
    assert list(labeller.pipe(TEXTS)) == [labeller(text) for text in TEXTS]


def test_all_workers_label_with_one_model_each(labeller, on_dask):
    list(labeller.pipe(TEXTS * 3))
    loaded = on_dask.run(lambda: len(__import__("quoteattr.labeller").labeller._loaded))
    assert list(loaded.values()) == [1, 1]


@pytest.mark.usefixtures("on_dask")
def test_texts_are_read_ahead_within_bounds(labeller):
    taken = itertools.count()
    stream = labeller.pipe(f"“We won {next(taken)},” said Ada Obi." for _ in itertools.count())
    documents = list(itertools.islice(stream, 10))
    stream.close()
    assert [document.quotes[0].text for document in documents] == [f"We won {n}," for n in range(10)]
    assert next(taken) <= 1024


@pytest.mark.usefixtures("on_dask")
def test_context_stays_in_the_parent(labeller):
    marks = [object() for _ in TEXTS]
    pairs = labeller.pipe(zip(TEXTS, marks, strict=True), as_tuples=True)
    assert all(mark is own for (_, mark), own in zip(pairs, marks, strict=True))


def test_closing_early_leaves_no_tasks(labeller, on_dask):
    stream = labeller.pipe(TEXTS * 10)
    next(stream)
    stream.close()
    on_dask.run(lambda: None)
    assert not any(on_dask.processing().values())


def test_batches_are_labelled_by_map(client):
    futures = client.map(quoteattr.label_batch, [TEXTS[:3], TEXTS[3:5]])
    assert [len(batch) for batch in client.gather(futures)] == [3, 2]
