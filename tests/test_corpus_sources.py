"""Which files are meant, and which of them a shard takes."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quoteattr import CorpusError
from quoteattr.corpus import Shard, Source, find_sources
from quoteattr.corpus.sources import digest


def test_folder_is_its_text_files_in_order(tmp_path):
    for name in ("b.txt", "a.txt", "c.html", "d.jsonl"):
        (tmp_path / name).touch()
    assert [source.name for source in find_sources([str(tmp_path)])] == ["a.txt", "b.txt"]


def test_folder_without_text_files_is_its_other_files(tmp_path):
    for name in ("b.jsonl.gz", "a.parquet", "c.csv", "d.html", "e.gz"):
        (tmp_path / name).touch()
    assert [source.name for source in find_sources([str(tmp_path)])] == ["a.parquet", "b.jsonl.gz", "c.csv"]


def test_files_of_inner_folders_are_named_with_their_folder(tmp_path):
    (tmp_path / "may").mkdir()
    (tmp_path / "may" / "a.txt").touch()
    assert [source.name for source in find_sources([str(tmp_path)])] == ["may/a.txt"]


def test_missing_input_is_an_error(tmp_path):
    with pytest.raises(CorpusError, match="no file or folder"):
        find_sources([str(tmp_path / "none.txt")])


def test_folder_without_anything_to_read_is_an_error(tmp_path):
    with pytest.raises(CorpusError, match=r"holds no \.txt, \.jsonl, \.csv or \.parquet files"):
        find_sources([str(tmp_path)])


@pytest.mark.parametrize("name", ["page.html", "page.gz", "page"])
def test_other_kinds_of_file_are_refused(tmp_path, name):
    (tmp_path / name).touch()
    with pytest.raises(CorpusError, match=f"{name} is not read: pass"):
        find_sources([str(tmp_path / name)])


# --- what has changed ------------------------------------------------------------------------------------------------


def test_digest_changes_with_a_file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("One.", encoding="utf-8")
    sources = find_sources([str(path)])
    before = digest(sources)
    assert digest(sources) == before
    os.utime(path, ns=(1, 1))
    assert digest(sources) != before


def test_digest_changes_when_a_file_is_added(tmp_path):
    (tmp_path / "a.txt").touch()
    before = digest(find_sources([str(tmp_path)]))
    (tmp_path / "b.txt").touch()
    assert digest(find_sources([str(tmp_path)])) != before


# --- shards ----------------------------------------------------------------------------------------------------------


@given(st.integers(1, 40), st.integers(0, 20), st.integers(0, 50))
def test_every_record_belongs_to_exactly_one_shard(count, n_files, n_records):
    sources = [Source(None, str(i)) for i in range(n_files)]
    taken = []
    for number in range(count):
        shard = Shard(number, count)
        every = ((source.name, i) for source in shard.files(sources) for i in range(n_records))
        taken += shard.records(every, sources)
    assert sorted(taken) == sorted((source.name, i) for source in sources for i in range(n_records))


def test_shards_take_whole_files_where_there_are_enough():
    sources = [Source(None, str(i)) for i in range(5)]
    assert [source.name for source in Shard(1, 3).files(sources)] == ["1", "4"]


def test_shard_is_read_from_text():
    assert Shard.parse("3/16") == Shard(3, 16)
    assert str(Shard(3, 16)) == "3/16"


@pytest.mark.parametrize("text", ["", "3", "16/16", "0/0", "-1/2", "1/2/3", "a/b", "1 / 2"])
def test_what_is_no_shard_is_refused(text):
    with pytest.raises(CorpusError, match="is no shard: pass R/N"):
        Shard.parse(text)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("out.jsonl", "out-00003-of-00016.jsonl"),
        ("a/out.jsonl.gz", "a/out-00003-of-00016.jsonl.gz"),
        ("out", "out-00003-of-00016"),
    ],
)
def test_output_of_a_shard_has_its_number(path, name):
    assert Shard(3, 16).output(path) == os.path.normpath(name)
