"""Records in, rows out."""

import gzip
import io
import json
import os
from itertools import islice, repeat
from types import SimpleNamespace

import pytest

from quoteattr.corpus import (
    CorpusError,
    Failure,
    Record,
    Source,
    Writer,
    find_sources,
    read_records,
    read_text,
    texts,
    to_row,
)
from quoteattr.document import Document


@pytest.fixture
def document():
    return Document("Hello.", (), (), (), "1", "2")


def read(path, text_field="text", id_field="id"):
    return list(read_records(find_sources([str(path)]), text_field, id_field))


def set_stdin(monkeypatch, data):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))


def write_lines(path, *records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


# --- finding files -------------------------------------------------------------------------------------------------


def test_folder_is_its_text_files_in_order(tmp_path):
    for name in ("b.txt", "a.txt", "c.html"):
        (tmp_path / name).touch()
    assert [source.name for source in find_sources([str(tmp_path)])] == ["a.txt", "b.txt"]


def test_files_of_inner_folders_are_named_with_their_folder(tmp_path):
    (tmp_path / "may").mkdir()
    (tmp_path / "may" / "a.txt").touch()
    assert [source.name for source in find_sources([str(tmp_path)])] == ["may/a.txt"]


def test_missing_input_is_an_error(tmp_path):
    with pytest.raises(CorpusError, match="no file or folder"):
        find_sources([str(tmp_path / "none.txt")])


def test_folder_without_text_is_an_error(tmp_path):
    with pytest.raises(CorpusError, match=r"holds no \.txt files"):
        find_sources([str(tmp_path)])


def test_other_kinds_of_file_are_refused(tmp_path):
    (tmp_path / "page.html").touch()
    with pytest.raises(CorpusError, match=r"page\.html is not read"):
        find_sources([str(tmp_path / "page.html")])


# --- reading articles ----------------------------------------------------------------------------------------------


def test_text_file_is_one_record_with_its_line_breaks_unchanged(tmp_path):
    (tmp_path / "a.txt").write_bytes("Ä line.\r\nAnother.\n".encode())
    assert read(tmp_path / "a.txt") == [Record("a.txt", "Ä line.\r\nAnother.\n", {})]


def test_byte_order_mark_is_no_text(tmp_path):
    (tmp_path / "a.txt").write_bytes("\ufeffHello.".encode())
    assert read(tmp_path / "a.txt")[0].text == "Hello."


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


def test_read_text_complains_about_other_encodings(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"\xff")
    with pytest.raises(CorpusError, match="not UTF-8"):
        read_text(str(tmp_path / "a.txt"))


# --- reading JSON Lines --------------------------------------------------------------------------------------------


def test_json_record_keeps_its_other_fields(tmp_path):
    path = write_lines(tmp_path / "n.jsonl", {"id": 7, "text": "Hello.", "tags": ["x"], "url": None})
    assert read(path) == [Record(7, "Hello.", {"tags": ["x"], "url": None})]


def test_fields_can_have_other_names(tmp_path):
    path = write_lines(tmp_path / "n.jsonl", {"url": "u", "body": "Hello.", "id": 3})
    assert read(path, "body", "url") == [Record("u", "Hello.", {"url": "u", "id": 3})]


def test_record_without_id_is_called_by_its_place(tmp_path):
    path = write_lines(tmp_path / "n.jsonl", {"text": "One."}, {"text": "Two.", "id": None})
    assert [record.id for record in read(path)] == ["n.jsonl:1", "n.jsonl:2"]


def test_blank_lines_are_no_records(tmp_path):
    (tmp_path / "n.jsonl").write_bytes(b'\n{"text": "One."}\n \r\n')
    assert [record.id for record in read(tmp_path / "n.jsonl")] == ["n.jsonl:2"]


def test_line_separators_inside_a_string_do_not_end_the_record(tmp_path):
    (tmp_path / "n.jsonl").write_bytes('{"text": "One.\u2028Two.\x85"}'.encode())
    assert read(tmp_path / "n.jsonl")[0].text == "One.\u2028Two.\x85"


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
        (b"[" * 100_000, "broken JSON"),
        (b'{"n": ' + b"1" * 5000 + b"}", "broken JSON"),
    ],
)
def test_broken_record_fails_and_the_next_is_read(tmp_path, line, message):
    (tmp_path / "n.jsonl").write_bytes(line + b'\n{"text": "Hello."}\n')
    failure, record = read(tmp_path / "n.jsonl")
    assert failure.place == f"{tmp_path / 'n.jsonl'}:1"
    assert message in failure.message
    assert record.text == "Hello."


def test_failure_has_the_id_of_its_record(tmp_path):
    assert read(write_lines(tmp_path / "n.jsonl", {"id": "x9", "text": None}))[0].id == "x9"


def test_gzip_is_read(tmp_path):
    (tmp_path / "n.jsonl.gz").write_bytes(gzip.compress(b'{"text": "Hello."}'))
    assert read(tmp_path / "n.jsonl.gz") == [Record("n.jsonl.gz:1", "Hello.", {})]


def test_cut_off_gzip_gives_what_came_before_the_cut(tmp_path):
    lines = b"".join(b'{"text": "Number %d."}\n' % n for n in range(20_000))
    (tmp_path / "n.jsonl.gz").write_bytes(gzip.compress(lines)[:-100])
    *records, failure = read(tmp_path / "n.jsonl.gz")
    assert records[0].text == "Number 0."
    assert failure.place == f"{tmp_path / 'n.jsonl.gz'}:{len(records) + 1}"
    assert "cannot be read from here on" in failure.message


# --- standard input ------------------------------------------------------------------------------------------------


def test_standard_input_is_one_article(monkeypatch):
    set_stdin(monkeypatch, b"\nA headline\n\nSome text.\n")
    assert read("-") == [Record("stdin", "\nA headline\n\nSome text.\n", {})]


@pytest.mark.parametrize("start", [b"", b"\n  \n", b"\xef\xbb\xbf", b" "])
def test_standard_input_is_json_lines_if_it_starts_with_an_object(monkeypatch, start):
    set_stdin(monkeypatch, start + b'{"text": "One."}\n{"text": "Two."}\n')
    assert [record.text for record in read("-")] == ["One.", "Two."]


def test_article_that_starts_with_a_brace_is_no_json(monkeypatch):
    set_stdin(monkeypatch, b"{{ title }}\nSome text.\n")
    assert [record.text for record in read("-")] == ["{{ title }}\nSome text.\n"]


def test_places_on_standard_input(monkeypatch):
    set_stdin(monkeypatch, b'{"text": "One."}\n{"text": \n')
    assert read("-")[1].place == "stdin:2"


def test_empty_standard_input_is_no_record(monkeypatch):
    set_stdin(monkeypatch, b"")
    assert read("-") == []


def test_records_are_read_as_they_are_asked_for(monkeypatch):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=repeat(b'{"text": "Endless."}\n')))
    records = read_records([Source(None, "stdin")], "text", "id")
    assert len(list(islice(records, 3))) == 3


def test_texts_hands_failures_over():
    failures = []
    failure, record = Failure("a", "a:1", "bad"), Record("b", "Hello.", {})
    assert list(texts([failure, record], failures.append)) == [("Hello.", record)]
    assert failures == [failure]


# --- rows ----------------------------------------------------------------------------------------------------------


def test_row_is_id_fields_and_document(document):
    row = to_row(Record(7, "Hello.", {"url": "u"}), document)
    assert row == {"id": 7, "url": "u", "document": document.to_dict()}
    assert Document.from_dict(row["document"]) == document


def test_fields_of_the_same_name_are_kept(document):
    row = to_row(Record("u", "Hello.", {"id": 1, "document": 2, "input_document": 3}), document)
    assert (row["id"], row["input_id"], row["input_document"], row["input_input_document"]) == ("u", 1, 3, 2)


# --- writing -------------------------------------------------------------------------------------------------------


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_output_appears_at_the_end(tmp_path, document):
    out = tmp_path / "out.jsonl"
    with Writer(str(out), []) as writer:
        writer.write(Record("a", "Hello.", {}), document)
        assert not out.exists()
    assert json.loads(out.read_text(encoding="utf-8"))["id"] == "a"
    assert names(tmp_path) == ["out.jsonl"]


def test_failures_stand_beside_the_output(tmp_path):
    with Writer(str(tmp_path / "out.jsonl"), []) as writer:
        writer.fail(Failure("a", "a.txt:2", "bad"))
    assert names(tmp_path) == ["out.errors.jsonl", "out.jsonl"]
    rows = (tmp_path / "out.errors.jsonl").read_text(encoding="utf-8")
    assert json.loads(rows) == {"id": "a", "place": "a.txt:2", "message": "bad"}


def test_failures_of_an_earlier_run_are_removed(tmp_path):
    (tmp_path / "out.errors.jsonl").touch()
    with Writer(str(tmp_path / "out.jsonl"), []):
        pass
    assert names(tmp_path) == ["out.jsonl"]


def break_off(out, document):
    with Writer(str(out), []) as writer:
        writer.write(Record("a", "Hello.", {}), document)
        writer.fail(Failure("b", "b:1", "bad"))
        raise KeyboardInterrupt


def test_nothing_is_left_of_a_run_that_broke_off(tmp_path, document):
    out = tmp_path / "out.jsonl"
    out.write_text("earlier", encoding="utf-8")
    with pytest.raises(KeyboardInterrupt):
        break_off(out, document)
    assert out.read_text(encoding="utf-8") == "earlier"
    assert names(tmp_path) == ["out.jsonl"]


def test_gzip_is_written(tmp_path, document):
    with Writer(str(tmp_path / "out.jsonl.gz"), []) as writer:
        writer.write(Record("a", "Hello.", {}), document)
    assert json.loads(gzip.decompress((tmp_path / "out.jsonl.gz").read_bytes()))["id"] == "a"


def test_lone_surrogates_are_written_as_escapes(tmp_path):
    with Writer(str(tmp_path / "out.jsonl"), []) as writer:
        writer.write(Record("a", "\ud800é", {}), Document("\ud800é", (), (), (), "1", "2"))
    assert json.loads((tmp_path / "out.jsonl").read_text(encoding="utf-8"))["document"]["text"] == "\ud800é"


def test_letters_are_written_as_they_are(tmp_path):
    with Writer(str(tmp_path / "out.jsonl"), []) as writer:
        writer.write(Record("a", "é”", {}), Document("é”", (), (), (), "1", "2"))
    assert "é”" in (tmp_path / "out.jsonl").read_text(encoding="utf-8")


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_symbolic_link_stays_one(tmp_path):
    (tmp_path / "disk").mkdir()
    link = tmp_path / "out.jsonl"
    link.symlink_to(tmp_path / "disk" / "real.jsonl")
    with Writer(str(link), []):
        pass
    assert link.is_symlink()
    assert names(tmp_path / "disk") == ["real.jsonl"]


@pytest.mark.parametrize("output", ["in.jsonl", "sub/../in.jsonl"])
def test_input_is_not_overwritten(tmp_path, output):
    (tmp_path / "sub").mkdir()
    path = write_lines(tmp_path / "in.jsonl", {"text": "Hello."})
    with pytest.raises(CorpusError, match="is one of the inputs"):
        Writer(str(tmp_path / output), find_sources([str(path)]))


def test_input_is_not_overwritten_by_failures(tmp_path):
    path = write_lines(tmp_path / "out.errors.jsonl", {"text": "Hello."})
    with pytest.raises(CorpusError, match="is one of the inputs"):
        Writer(str(tmp_path / "out.jsonl"), find_sources([str(path)]))


def test_folder_of_the_output_must_exist(tmp_path):
    with pytest.raises(CorpusError, match="there is no folder"):
        Writer(str(tmp_path / "none" / "out.jsonl"), [])


def test_output_must_be_a_file(tmp_path):
    with pytest.raises(CorpusError, match="no regular file"):
        Writer(str(tmp_path), [])
