"""Records in: every kind of file, and everything that can be wrong with it."""

import datetime
import io
import json
import os
from itertools import islice, repeat
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quoteattr import CorpusError
from quoteattr.corpus import Failure, Record, Source, find_sources, read_records, read_text
from quoteattr.corpus.compression import compress
from quoteattr.corpus.lines import Lines, csv_rows
from quoteattr.corpus.reading import Meter


@pytest.fixture(autouse=True)
def bytes_of_other_fields(monkeypatch):
    """None, so that short lines are long enough to be too long."""
    monkeypatch.setattr("quoteattr.corpus.reading._OTHER_FIELDS", 0)


def read(path, *options, **named):
    return list(read_records(find_sources([str(path)]), *options, **named))


def texts(path, **named):
    return [getattr(record, "text", None) for record in read(path, **named)]


def set_stdin(monkeypatch, data):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))


def write_lines(path, *records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


# --- articles --------------------------------------------------------------------------------------------------------


def test_text_file_is_one_record_with_its_line_breaks_unchanged(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("Ä line.\r\nAnother.\n".encode())
    assert read(path) == [Record("a.txt", f"{path}:1", "Ä line.\r\nAnother.\n", {})]


def test_byte_order_mark_is_no_text(tmp_path):
    (tmp_path / "a.txt").write_bytes("\ufeffHello.".encode())
    assert texts(tmp_path / "a.txt") == ["Hello."]


def test_text_that_is_not_utf8_fails_with_its_line(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"One.\nCaf\xe9.\n")
    (failure,) = read(tmp_path / "a.txt")
    assert (failure.id, failure.place) == ("a.txt", f"{tmp_path / 'a.txt'}:2")
    assert "not UTF-8: byte 0xe9" in failure.message


def test_file_that_cannot_be_opened_fails_and_the_next_is_read(tmp_path):
    (tmp_path / "a.txt").mkdir()
    (tmp_path / "b.txt").write_text("Hello.", encoding="utf-8")
    failure, record = read(tmp_path)
    assert isinstance(failure, Failure)
    assert record.text == "Hello."


def test_text_file_that_is_too_long_fails(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"a" * 41)
    assert "longer than 40 bytes" in read(tmp_path / "a.txt", max_length=10)[0].message


def test_read_text_complains_about_other_encodings(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"\xff")
    with pytest.raises(CorpusError, match="not UTF-8"):
        read_text(str(tmp_path / "a.txt"))


# --- JSON Lines ------------------------------------------------------------------------------------------------------


def test_json_record_keeps_its_other_fields(tmp_path):
    path = write_lines(tmp_path / "n.jsonl", {"id": 7, "text": "Hello.", "tags": ["x"], "url": None})
    assert read(path) == [Record(7, f"{path}:1", "Hello.", {"tags": ["x"], "url": None})]


def test_fields_can_have_other_names(tmp_path):
    path = write_lines(tmp_path / "n.jsonl", {"url": "u", "body": "Hello.", "id": 3})
    assert read(path, "body", "url") == [Record("u", f"{path}:1", "Hello.", {"url": "u", "id": 3})]


def test_record_without_id_is_called_by_its_place(tmp_path):
    path = write_lines(tmp_path / "n.jsonl", {"text": "One."}, {"text": "Two.", "id": None})
    assert [record.id for record in read(path)] == ["n.jsonl:1", "n.jsonl:2"]


def test_blank_lines_are_no_records(tmp_path):
    (tmp_path / "n.jsonl").write_bytes(b'\n{"text": "One."}\n \r\n')
    assert [record.id for record in read(tmp_path / "n.jsonl")] == ["n.jsonl:2"]


def test_line_separators_inside_a_string_do_not_end_the_record(tmp_path):
    (tmp_path / "n.jsonl").write_bytes('{"text": "One.\u2028Two.\x85"}'.encode())
    assert texts(tmp_path / "n.jsonl") == ["One.\u2028Two.\x85"]


def test_what_is_no_number_is_null(tmp_path):
    (tmp_path / "n.jsonl").write_bytes(b'{"text": "One.", "a": NaN, "b": -Infinity}\n')
    assert read(tmp_path / "n.jsonl")[0].fields == {"a": None, "b": None}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"text": "Hel', "broken JSON"),
        (b'{"text": "\xff"}', "not UTF-8"),
        (b"[1]", "an array"),
        (b'"Hello."', "a string"),
        (b"3", "a number"),
        (b'{"text": null}', "must hold a string, not null"),
        (b'{"text": 3.5}', "must hold a string, not a number"),
        (b'{"text": true}', "must hold a string, not a boolean"),
        (b'{"text": {}}', "must hold a string, not an object"),
        (b'{"body": "Hello."}', "no field 'text'"),
        (b"{}", "fields: none"),
        (b"[" * 90_000, "broken JSON"),
        (b'{"n": ' + b"1" * 5000 + b"}", "broken JSON"),
        (b'{"text": "' + b"a" * 100_000 + b'"}', "the line is longer than 100,000 bytes"),
        (b'{"text": "' + b"a" * 30_000 + b'"}', "the text has 30,000 characters; at most 25,000 are labelled"),
    ],
)
def test_broken_record_fails_and_the_next_is_read(tmp_path, line, message):
    (tmp_path / "n.jsonl").write_bytes(line + b'\n{"text": "Hello."}\n')
    failure, record = read(tmp_path / "n.jsonl", max_length=25_000)
    assert failure.place == f"{tmp_path / 'n.jsonl'}:1"
    assert message in failure.message
    assert (record.text, record.place) == ("Hello.", f"{tmp_path / 'n.jsonl'}:2")


def test_failure_has_the_id_of_its_record(tmp_path):
    assert read(write_lines(tmp_path / "n.jsonl", {"id": "x9", "text": None}))[0].id == "x9"


def test_line_that_is_too_long_is_never_held():
    class Endless:
        """One line of a gigabyte, and nothing but short reads of it."""

        left, longest = 1 << 30, 0

        def readline(self, size):
            assert size <= 1 << 20
            size = min(size, self.left)
            self.left -= size
            return b"a" * size

    lines = Lines(Endless(), 1000)
    assert [type(line) for line in lines] == [int]


def test_last_line_without_a_break_may_have_the_full_length():
    assert list(Lines(io.BytesIO(b"12345\n1234"), 6)) == [b"12345\n", b"1234"]


# --- CSV -------------------------------------------------------------------------------------------------------------


def csv_file(tmp_path, data):
    path = tmp_path / "n.csv"
    path.write_bytes(data)
    return path


def test_csv_rows_are_records(tmp_path):
    path = csv_file(tmp_path, b'id,text,url\n1,"One, ""two"".\r\nThree.",u\n2,Four.,\n')
    assert read(path) == [
        Record("1", f"{path}:2", 'One, "two".\r\nThree.', {"url": "u"}),
        Record("2", f"{path}:4", "Four.", {"url": ""}),
    ]


def test_csv_byte_order_mark_is_no_part_of_the_first_name(tmp_path):
    assert texts(csv_file(tmp_path, b"\xef\xbb\xbftext\r\nHello.\r\n")) == ["Hello."]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (b"1", "the row has 1 fields, the header has 2"),
        (b"1,2,3", "the row has 3 fields, the header has 2"),
        (b"1,Caf\xe9", "not UTF-8"),
        (b'1,"One" two', "broken CSV"),
        (b"1," + b"a" * 4000, "the row is longer than 4,000 bytes"),
        (b'1,"' + b"aaaa\n" * 1000 + b'"', "the row is longer than 4,000 bytes"),
        (b'1,"' + b"a" * 5000 + b'\n"', "the row is longer than 4,000 bytes"),
    ],
)
def test_broken_row_fails_and_the_next_is_read(tmp_path, row, message):
    failure, record = read(csv_file(tmp_path, b"id,text\n" + row + b"\n2,Hello.\n"), max_length=1000)
    assert failure.place.endswith(":2")
    assert message in failure.message
    assert record.text == "Hello."


def test_csv_that_ends_inside_quotation_marks_fails(tmp_path):
    record, failure = read(csv_file(tmp_path, b'id,text\n1,Hello.\n2,"One.\nTwo.\n'))
    assert record.text == "Hello."
    assert "broken CSV: unexpected end of data" in failure.message


def test_csv_without_the_text_fails(tmp_path):
    (failure,) = read(csv_file(tmp_path, b"id,body\n1,Hello.\n"))
    assert "no field 'text' for the text (--text-field); the record's fields: 'id', 'body'" in failure.message


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=2)))
def test_what_the_csv_module_writes_is_read_back(rows):
    import csv

    file = io.StringIO(newline="")
    csv.writer(file, quoting=csv.QUOTE_ALL).writerows([["a", "text"], *rows])
    data = file.getvalue().encode()
    if "\0" in file.getvalue():
        return  # which Python 3.10 does not read
    assert [list(row.values()) for _, row in csv_rows(Lines(io.BytesIO(data), 1 << 20))] == rows


# --- Parquet ---------------------------------------------------------------------------------------------------------


def parquet_file(tmp_path, **columns):
    path = tmp_path / "n.parquet"
    pq.write_table(pa.table(columns), path)
    return path


def test_parquet_rows_are_records(tmp_path):
    when = datetime.datetime(2026, 11, 21)
    path = parquet_file(tmp_path, id=[1, 2], text=["One.", "Two."], when=[when, None])
    assert read(path) == [
        Record(1, f"{path}:1", "One.", {"when": when}),
        Record(2, f"{path}:2", "Two.", {"when": None}),
    ]


def test_parquet_text_that_is_null_fails(tmp_path):
    failure, record = read(parquet_file(tmp_path, text=[None, "Hello."]))
    assert "not null" in failure.message
    assert record.text == "Hello."


def test_parquet_text_that_is_not_utf8_fails_and_the_next_is_read(tmp_path):
    broken = pa.Array.from_buffers(pa.string(), 2, pa.array([b"\xff", b"Hello."]).buffers())
    failure, record = read(parquet_file(tmp_path, text=broken))
    assert (failure.place, "utf-8" in failure.message) == (f"{tmp_path / 'n.parquet'}:1", True)
    assert record.text == "Hello."


def test_what_is_no_parquet_fails(tmp_path):
    (tmp_path / "n.parquet").write_bytes(b"PAR1 and no more")
    (failure,) = read(tmp_path / "n.parquet")
    assert "cannot be read from here on" in failure.message


def test_parquet_without_pyarrow_says_what_to_install(tmp_path, monkeypatch):
    path = parquet_file(tmp_path, text=["Hello."])
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(CorpusError, match=r"pip install 'quoteattr\[parquet\]'"):
        read(path)


# --- compression -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
@pytest.mark.parametrize(
    ("name", "data"),
    [("n.jsonl", b'{"text": "Hello."}\n'), ("n.csv", b"text\nHello.\n"), ("n.txt", b"Hello.")],
)
def test_compressed_files_are_read(tmp_path, name, data, suffix):
    path = tmp_path / (name + suffix)
    path.write_bytes(compress(data, path.name))
    assert texts(path) == ["Hello."]


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_concatenated_files_are_read_as_one(tmp_path, suffix):
    path = tmp_path / ("n.jsonl" + suffix)
    path.write_bytes(b"".join(compress(line, path.name) for line in (b'{"text": "One."}\n', b'{"text": "Two."}\n')))
    assert texts(path) == ["One.", "Two."]


@pytest.mark.parametrize("name", ["n.jsonl.gz", "n.jsonl.zst", "n.csv.gz", "n.csv.zst"])
def test_cut_off_file_gives_what_came_before_the_cut(tmp_path, name):
    lines = [b'{"text": "%s"}\n' % os.urandom(30).hex().encode() for n in range(20_000)]
    if "csv" in name:
        lines = [b"text\n", *(line[10:-3] + b"\n" for line in lines)]
    (tmp_path / name).write_bytes(compress(b"".join(lines), name)[:-1000])
    *records, failure = read(tmp_path / name)
    assert len(records) > 10_000
    assert all(isinstance(record, Record) for record in records)
    assert "cannot be read from here on" in failure.message


def test_zst_without_its_package_says_what_to_install(tmp_path, monkeypatch):
    (tmp_path / "n.jsonl.zst").touch()
    for name in ("compression", "backports"):
        monkeypatch.setitem(__import__("sys").modules, name, None)
    with pytest.raises(CorpusError, match=r"pip install 'quoteattr\[zstd\]'"):
        read(tmp_path / "n.jsonl.zst")


# --- standard input --------------------------------------------------------------------------------------------------


def test_standard_input_is_one_article(monkeypatch):
    set_stdin(monkeypatch, b"\nA headline\n\nSome text.\n")
    assert read("-") == [Record("stdin", "stdin:1", "\nA headline\n\nSome text.\n", {})]


@pytest.mark.parametrize("start", [b"", b"\n  \n", b"\xef\xbb\xbf", b" "])
def test_standard_input_is_json_lines_if_it_starts_with_an_object(monkeypatch, start):
    set_stdin(monkeypatch, start + b'{"text": "One."}\n{"text": "Two."}\n')
    assert texts("-") == ["One.", "Two."]


def test_article_that_starts_with_a_brace_is_no_json(monkeypatch):
    set_stdin(monkeypatch, b"{{ title }}\nSome text.\n")
    assert texts("-") == ["{{ title }}\nSome text.\n"]


def test_places_on_standard_input(monkeypatch):
    set_stdin(monkeypatch, b'\n{"text": "One."}\n{"text": \n')
    assert [item.place for item in read("-")] == ["stdin:2", "stdin:3"]


def test_empty_standard_input_is_no_record(monkeypatch):
    set_stdin(monkeypatch, b"")
    assert read("-") == []


def test_standard_input_that_is_too_long_fails_and_the_next_line_is_read(monkeypatch):
    set_stdin(monkeypatch, b'{"text": "' + b"a" * 100 + b'"}\n{"text": "Two."}\n')
    failure, record = read("-", max_length=10)
    assert "longer than 40 bytes" in failure.message
    assert record.text == "Two."


def test_records_are_read_as_they_are_asked_for(monkeypatch):
    lines = repeat(b'{"text": "Endless."}\n')
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=SimpleNamespace(readline=lambda _: next(lines))))
    assert len(list(islice(read_records([Source(None, "stdin")]), 3))) == 3


# --- progress --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["n.jsonl", "n.jsonl.gz", "n.csv"])
def test_meter_comes_to_the_size_of_the_files(tmp_path, name):
    data = b'{"text": "Hello."}\n' * 1000 if "json" in name else b"text\n" + b"Hello.\n" * 1000
    (tmp_path / name).write_bytes(compress(data, name))
    meter = Meter()
    positions = [meter.read for _ in read_records(find_sources([str(tmp_path)]), meter=meter)]
    assert positions == sorted(positions)
    assert 0 < positions[0] <= meter.read == (tmp_path / name).stat().st_size
