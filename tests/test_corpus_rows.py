"""Rows out: JSON Lines and Parquet, documents and tables, read back with what people read them with."""

import datetime
import gzip
import json
import math

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import quoteattr
from quoteattr import CorpusError, Document
from quoteattr.corpus.columnar import document_batch, document_schema
from quoteattr.corpus.fields import renamed, to_json
from quoteattr.corpus.reading import Record
from quoteattr.corpus.rows import format_of
from quoteattr.corpus.schema import DOCUMENT, TABLE_COLUMNS
from quoteattr.document import TABLES

TEXT = "Pool to close\n\n“We lost it,” said Marian Pike. It was said that “all” is lost.\n\nAdvertisement\n"
EMPTY = Document("Hello.", (), (), (), "1", "2")


def record(id_, text="Hello.", **fields):
    return Record(id_, "place", text, fields)


def written(path, blocks, table=None):
    """Write lists of (record, document) pairs, a block each."""
    shape = format_of(str(path), table, "2")
    part = path.with_name("part")
    with part.open("wb") as file:
        for pairs in blocks:
            file.write(shape.block([r for r, _ in pairs], shape.encode([d for _, d in pairs])))
    shape.finish(part, path)
    assert [path] == list(path.parent.iterdir())
    return path


def json_rows(path, *pairs, table=None):
    written(path, [pairs], table)
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def parquet_rows(path, *blocks, table=None):
    return pq.read_table(written(path, blocks, table)).to_pylist()


@pytest.fixture(scope="module")
def document():
    return quoteattr.load()(TEXT)


# --- JSON Lines ------------------------------------------------------------------------------------------------------


def test_line_is_id_fields_and_document(tmp_path, document):
    (row,) = json_rows(tmp_path / "out.jsonl", (record(7, url="u"), document))
    assert row == {"id": 7, "url": "u", "document": document.to_dict()}
    assert Document.from_dict(row["document"]) == document


def test_line_of_a_table_is_id_fields_and_row(tmp_path, document):
    rows = json_rows(tmp_path / "out.jsonl", (record(7, url="u"), document), table="quotes")
    assert rows == [{"id": 7, "url": "u", **row} for row in document.to_rows("quotes")]


def test_fields_of_the_same_name_are_kept():
    fields = {"id": 1, "document": 2, "input_document": 3}
    assert renamed(fields, ("id", "document")) == {"input_id": 1, "input_input_document": 2, "input_document": 3}


@given(st.dictionaries(st.sampled_from(["id", "text", "input_id", "input_text", "input_input_id", "a"]), st.integers()))
def test_renaming_loses_no_field(fields):
    names = renamed(fields, ("id", "text"))
    assert sorted(names.values()) == sorted(fields.values())
    assert not {"id", "text"} & set(names)


def test_lone_surrogates_are_written_as_escapes(tmp_path):
    (row,) = json_rows(tmp_path / "out.jsonl", (record("a", n="\udc80"), Document("\ud800é", (), (), (), "1", "2")))
    assert (row["document"]["text"], row["n"]) == ("\ud800é", "\udc80")


def test_letters_are_written_as_they_are(tmp_path):
    written(tmp_path / "out.jsonl", [[(record("a"), Document("é”", (), (), (), "1", "2"))]])
    assert "é”" in (tmp_path / "out.jsonl").read_text(encoding="utf-8")


def test_blocks_of_a_compressed_file_read_as_one(tmp_path):
    path = written(tmp_path / "out.jsonl.gz", [[(record("a"), EMPTY)], [(record("b"), EMPTY)]])
    assert [json.loads(line)["id"] for line in gzip.decompress(path.read_bytes()).splitlines()] == ["a", "b"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (datetime.date(2026, 11, 21), "2026-11-21"),
        (b"\xff\x00", "/wA="),
        (math.nan, None),
        ({"a": [math.inf, 1.5]}, {"a": [None, 1.5]}),
        (2**70, 2**70),
    ],
)
def test_foreign_values_have_a_form_in_json(value, expected):
    assert json.loads(to_json(value)) == expected


# --- the schema ------------------------------------------------------------------------------------------------------


def fits(value, kind):
    """Whether a value is null or of a kind of the schema, with the same fields."""
    if value is None:
        return True
    if isinstance(kind, dict):
        return set(value) == set(kind) and all(fits(value[name], inner) for name, inner in kind.items())
    if isinstance(kind, list):
        return isinstance(value, list) and all(fits(item, kind[0]) for item in value)
    return type(value) is kind


def test_schema_is_what_documents_hold(document):
    data = document.to_dict()
    for quote in data["quotes"]:
        quote["evidence"] = json.dumps(quote["evidence"])
    assert document.quotes
    assert fits(data, DOCUMENT), "quoteattr/corpus/schema.py and docs/output.md describe Document.to_dict()"


@pytest.mark.parametrize("table", TABLES)
def test_schema_is_what_tables_hold(document, table):
    rows = document.to_rows(table)
    assert rows
    assert all(list(row) == list(TABLE_COLUMNS[table]) and fits(row, TABLE_COLUMNS[table]) for row in rows)


@pytest.mark.parametrize("table", [None, *TABLES])
def test_every_column_of_the_schema_is_documented(root, table):
    page = (root / "docs" / "output.md").read_text(encoding="utf-8")
    columns = DOCUMENT if table is None else TABLE_COLUMNS[table]
    assert [name for name in columns if f"`{name}`" not in page] == []


def test_schema_version_is_documented(root):
    page = (root / "docs" / "output.md").read_text(encoding="utf-8")
    assert f"schema version {quoteattr.document.SCHEMA_VERSION}" in page


# --- Parquet ---------------------------------------------------------------------------------------------------------


def test_row_is_an_article_from_which_the_document_is_read_again(tmp_path, document):
    (row,) = parquet_rows(tmp_path / "out.parquet", [(record(7, url="u"), document)])
    assert (row["id"], row["url"]) == (7, "u")
    for quote in row["quotes"]:
        quote["evidence"] = json.loads(quote["evidence"])
    assert Document.from_dict(row).to_dict() == document.to_dict()


@pytest.mark.parametrize("table", TABLES)
def test_tables_repeat_id_and_fields(tmp_path, document, table):
    blocks = [(record(7, url="u"), document), (record(8), EMPTY)], [(record(9, n=1), document)]
    rows = parquet_rows(tmp_path / "out.parquet", *blocks, table=table)
    assert rows == [
        {"id": id_, "url": url, "n": n, **row}
        for id_, url, n in ((7, "u", None), (9, None, 1))
        for row in document.to_rows(table)
    ]


def test_metadata_tell_the_versions(tmp_path, document):
    path = written(tmp_path / "out.parquet", [[(record(7), document)]])
    about = json.loads(pq.read_schema(path).metadata[b"quoteattr"])
    assert about == {"schema_version": 1, "library_version": quoteattr.__version__, "model_version": "2"}


def test_no_articles_give_a_file_with_all_columns(tmp_path):
    schema = pq.read_schema(written(tmp_path / "out.parquet", []))
    assert schema.names == ["id", *DOCUMENT]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (1, 2, [1, 2]),
        (1, None, [1, None]),
        (None, "a", [None, "a"]),
        (1, 2.5, [1.0, 2.5]),
        (1, "a", ["1", "a"]),
        (True, 1, ["true", "1"]),
        (["a"], [], [["a"], []]),
        (["a"], [1], ['["a"]', "[1]"]),
        ({"a": 1}, None, ['{"a": 1}', None]),
        (2**70, 1, [str(2**70), "1"]),
        ("\ud800", "b", ["\ufffd", "b"]),
        (datetime.date(2026, 11, 21), "later", ['"2026-11-21"', "later"]),
        (None, None, [None, None]),
    ],
)
@pytest.mark.parametrize("blocks", [1, 2])
def test_field_has_one_type_or_is_text(tmp_path, one, other, expected, blocks):
    pairs = [(record(1, f=one), EMPTY), (record(2, f=other), EMPTY)]
    rows = parquet_rows(tmp_path / "out.parquet", *([pairs] if blocks == 1 else [pairs[:1], pairs[1:]]))
    assert [row["f"] for row in rows] == expected


def test_ids_of_two_kinds_are_text(tmp_path):
    rows = parquet_rows(tmp_path / "out.parquet", [(record(1), EMPTY)], [(record("n.jsonl:2"), EMPTY)])
    assert [row["id"] for row in rows] == ["1", "n.jsonl:2"]


def test_dates_stay_dates(tmp_path):
    when = datetime.datetime(2026, 11, 21, 12)
    assert parquet_rows(tmp_path / "out.parquet", [(record(1, when=when), EMPTY)])[0]["when"] == when


def test_lone_surrogates_are_replaced_one_for_one(tmp_path):
    text = TEXT.replace("We lost it", "We \ud83d lost it")
    document = quoteattr.load()(text)
    (row,) = parquet_rows(tmp_path / "out.parquet", [(record(1), document)])
    assert row["text"] == text.replace("\ud83d", "\ufffd")
    assert row["quotes"][0]["spans"] == document.to_dict()["quotes"][0]["spans"]


def test_row_groups_have_thousands_of_rows(tmp_path):
    blocks = [[(record(i), EMPTY) for i in range(1000)] for _ in range(9)]
    file = pq.ParquetFile(written(tmp_path / "out.parquet", blocks))
    assert [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)] == [5000, 4000]


def test_batch_has_the_columns_of_the_schema(document):
    batch, counts = document_batch([document, EMPTY], "quotes")
    assert batch.schema == document_schema("quotes")
    assert counts == [len(document.quotes), 0]


def test_parquet_without_pyarrow_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(CorpusError, match=r"pip install 'quoteattr\[parquet\]'"):
        format_of("out.parquet", None, "2")


def test_csv_is_not_written():
    with pytest.raises(CorpusError, match=r"CSV is read, not written; call the output \.parquet or \.jsonl"):
        format_of("out.csv", "quotes", "2")


# --- with what people read it ----------------------------------------------------------------------------------------


@pytest.fixture(params=["jsonl", "parquet"])
def quotes(request, tmp_path, document):
    """A file of quotes, and its rows."""
    pairs = [(record(i, outlet="Courier"), document) for i in range(3)]
    rows = [{"id": i, "outlet": "Courier", **row} for i in range(3) for row in document.to_rows()]
    return written(tmp_path / f"quotes.{request.param}", [pairs], "quotes"), rows


def test_pandas_reads_a_table(quotes):
    path, rows = quotes
    frame = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_json(path, lines=True, precise_float=True)
    assert list(frame.columns) == list(rows[0])
    assert frame.astype(object).where(frame.notna(), None).to_dict("records") == rows


def test_polars_reads_a_table(quotes):
    path, rows = quotes
    frame = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_ndjson(path)
    assert frame.to_dicts() == rows


def test_duckdb_reads_a_table(quotes):
    path, rows = quotes
    result = duckdb.sql(f"SELECT * FROM '{path}'")
    assert [dict(zip(result.columns, row, strict=True)) for row in result.fetchall()] == rows


@pytest.fixture
def articles(tmp_path, document):
    return written(tmp_path / "out.parquet", [[(record(i), document) for i in range(3)]])


def test_pandas_reads_nested_quotes(articles, document):
    quotes = pd.read_parquet(articles).explode("quotes")["quotes"]
    assert [quote["text"] for quote in quotes] == 3 * [quote.text for quote in document.quotes]


def test_polars_reads_nested_quotes(articles, document):
    quotes = pl.read_parquet(articles).explode("quotes").unnest("quotes", separator="_")
    assert quotes["quotes_confidence"].to_list() == 3 * [quote.confidence for quote in document.quotes]


def test_duckdb_reads_nested_quotes(articles, document):
    found = duckdb.sql(f"SELECT q.kind FROM (SELECT unnest(quotes) AS q FROM '{articles}')").fetchall()
    assert [kind for (kind,) in found] == 3 * [quote.kind for quote in document.quotes]


def test_arrow_types_are_those_of_the_documentation(articles):
    schema = pq.read_schema(articles)
    assert schema.field("quotes").type.value_type.field("speaker").type == pa.int64()
    assert schema.field("quotes").type.value_type.field("spans").type == pa.list_(pa.list_(pa.int64()))
