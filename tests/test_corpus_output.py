"""A file that appears when it is complete, and goes on where it stopped."""

import contextlib
import json
import os
import resource
import signal
import subprocess
import sys

import pytest

from quoteattr import CorpusError
from quoteattr.corpus import Failure
from quoteattr.corpus.output import Counts, FileOutput, check_target

BAD = Failure("a", "a.txt:2", "bad")


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def rename(blocks, target):
    blocks.replace(target)


def output(path, keeps_marker=False, **order):
    return FileOutput(path, {"model": 1, **order}, rename, keeps_marker)


def write_and_stop(path, *blocks, failures=(), **order):
    """Write blocks of one record each, and be interrupted."""
    with contextlib.suppress(KeyboardInterrupt), output(path, **order) as out:
        for block in blocks:
            out.write(block, failures, Counts(1, 1))
        raise KeyboardInterrupt


def test_output_appears_at_the_end(tmp_path):
    out = tmp_path / "out.jsonl"
    with output(out) as writer:
        writer.write(b"one\n", [], Counts(1, 1))
        assert not out.exists()
        writer.complete()
    assert out.read_bytes() == b"one\n"
    assert names(tmp_path) == ["out.jsonl"]


def test_failures_stand_beside_the_output(tmp_path):
    with output(tmp_path / "out.jsonl") as writer:
        writer.write(b"", [BAD], Counts(1, 0, 1))
        writer.complete()
    assert names(tmp_path) == ["out.jsonl", "out.jsonl.errors.jsonl"]
    rows = (tmp_path / "out.jsonl.errors.jsonl").read_text(encoding="utf-8")
    assert json.loads(rows) == {"id": "a", "place": "a.txt:2", "message": "bad"}


def test_failures_of_an_earlier_run_are_removed(tmp_path):
    (tmp_path / "out.jsonl.errors.jsonl").touch()
    with output(tmp_path / "out.jsonl") as writer:
        writer.complete()
    assert names(tmp_path) == ["out.jsonl"]


def test_earlier_output_stands_until_the_new_one_is_complete(tmp_path):
    (tmp_path / "out").write_text("earlier", encoding="utf-8")
    write_and_stop(tmp_path / "out", b"one\n")
    assert (tmp_path / "out").read_text(encoding="utf-8") == "earlier"


def test_nothing_is_left_of_a_run_that_did_nothing(tmp_path):
    write_and_stop(tmp_path / "out")
    assert names(tmp_path) == []


def test_next_run_goes_on_after_the_last_block(tmp_path):
    write_and_stop(tmp_path / "out", b"one\n", b"two\n")
    with output(tmp_path / "out") as writer:
        assert writer.counts == Counts(2, 2)
        writer.write(b"three\n", [], Counts(1, 1))
        writer.complete()
    assert (tmp_path / "out").read_bytes() == b"one\ntwo\nthree\n"
    assert names(tmp_path) == ["out"]


def test_what_the_journal_does_not_vouch_for_is_cut_off(tmp_path):
    write_and_stop(tmp_path / "out", b"one\n", failures=[BAD])
    for name in ("out.part", "out.errors.jsonl.part", "out.journal"):
        with (tmp_path / name).open("ab") as file:
            file.write(b'{"half')
    with output(tmp_path / "out") as writer:
        writer.complete()
    assert (tmp_path / "out").read_bytes() == b"one\n"


def test_going_on_with_another_order_is_an_error_that_names_it(tmp_path):
    write_and_stop(tmp_path / "out", b"one\n", table="quotes")
    with pytest.raises(CorpusError, match=r"out was begun with another table \('quotes', now None\).*remove .*journal"):
        output(tmp_path / "out", table=None).__enter__()
    assert names(tmp_path) == ["out.errors.jsonl.part", "out.journal", "out.part"]


def test_rows_that_are_gone_are_an_error(tmp_path):
    write_and_stop(tmp_path / "out", b"one\n")
    (tmp_path / "out.part").unlink()
    with pytest.raises(CorpusError, match=r"shorter than .* says: remove the journal"):
        output(tmp_path / "out").__enter__()


def test_without_the_journal_a_run_begins_anew(tmp_path):
    write_and_stop(tmp_path / "out", b"one\n")
    (tmp_path / "out.journal").unlink()
    with output(tmp_path / "out", table="other") as writer:
        writer.complete()
    assert (tmp_path / "out").read_bytes() == b""


def test_marker_says_that_nothing_is_left_to_do(tmp_path):
    with output(tmp_path / "out", keeps_marker=True) as writer:
        writer.write(b"one\n", [], Counts(1, 1, 0, 5))
        writer.complete()
    with output(tmp_path / "out", keeps_marker=True) as writer:
        assert writer.is_complete
        assert writer.counts == Counts(1, 1, 0, 5)
    assert names(tmp_path) == ["out", "out.done"]


def test_marker_of_another_order_is_an_error(tmp_path):
    with output(tmp_path / "out", keeps_marker=True) as writer:
        writer.complete()
    with pytest.raises(CorpusError, match="was made with another table"):
        output(tmp_path / "out", keeps_marker=True, table="quotes").__enter__()


def test_marker_without_its_output_is_nothing(tmp_path):
    with output(tmp_path / "out", keeps_marker=True) as writer:
        writer.complete()
    (tmp_path / "out").unlink()
    with output(tmp_path / "out", keeps_marker=True) as writer:
        assert not writer.is_complete


def test_plain_run_makes_the_output_again_and_leaves_no_marker(tmp_path):
    with output(tmp_path / "out", keeps_marker=True) as writer:
        writer.complete()
    with output(tmp_path / "out") as writer:
        assert not writer.is_complete
        writer.complete()
    assert names(tmp_path) == ["out"]


@pytest.mark.skipif(os.name == "nt", reason="files are locked otherwise there")
def test_two_runs_cannot_write_one_output(tmp_path):
    with output(tmp_path / "out") as writer:
        with pytest.raises(CorpusError, match="another run is writing"):
            output(tmp_path / "out").__enter__()
        writer.write(b"one\n", [], Counts(1, 1))
        writer.complete()
    assert (tmp_path / "out").read_bytes() == b"one\n"


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_full_disk_loses_nothing(tmp_path):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with output(tmp_path / "out") as writer:
            writer.write(b"a" * 60_000, [], Counts(1, 1))
            with pytest.raises(CorpusError, match=r"cannot write .*; 1 records are safe, the same command goes on"):
                writer.write(b"b" * 60_000, [], Counts(1, 1))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert (tmp_path / "out.part").stat().st_size == 100_000
    with output(tmp_path / "out") as writer:
        assert writer.counts.records == 1
        writer.write(b"b" * 60_000, [], Counts(1, 1))
        writer.complete()
    assert (tmp_path / "out").read_bytes() == b"a" * 60_000 + b"b" * 60_000


# A run that kills its process at one of the steps that change a file: before, in the middle of and after each write,
# before and after each renaming and removal. Each run is a fork, so that all of them take a second.
KILLED = """
import os, pathlib, signal, sys
import quoteattr.corpus.output as module
from quoteattr.corpus import Failure
from quoteattr.corpus.output import Counts, FileOutput

step = last = 0

def may_die():
    global step
    step += 1
    if step == last:
        os.kill(os.getpid(), signal.SIGKILL)

def stepwise(call):
    def steps(*arguments, **named):
        may_die()
        call(*arguments, **named)
        may_die()
    return steps

def write(file, data):
    may_die()
    file.write(data[: len(data) // 2])
    may_die()
    file.write(data[len(data) // 2 :])
    may_die()

module._write = write
pathlib.Path.replace = stepwise(pathlib.Path.replace)
pathlib.Path.unlink = stepwise(pathlib.Path.unlink)

def finish(blocks, target):
    aside = blocks.with_name("aside")
    aside.write_bytes(b"<" + blocks.read_bytes() + b">")
    aside.replace(target)
    blocks.unlink()

def label(path):
    with FileOutput(path, {}, finish, True) as out:
        if not out.is_complete:
            for i in range(out.counts.records, 3):
                out.write(b"row %d" % i, [Failure(i, "f:1", "bad")] * (i == 1), Counts(1, 1 - (i == 1), int(i == 1)))
            out.complete()

def in_fork(path, killed_at):
    global last
    last = killed_at
    if child := os.fork():
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    label(path)
    os._exit(0)

codes = [-signal.SIGKILL]
while codes[-1] == -signal.SIGKILL:
    path = pathlib.Path(sys.argv[1]) / str(len(codes)) / "out"
    path.parent.mkdir()
    codes.append(in_fork(path, len(codes)))
    assert in_fork(path, 0) == 0
assert codes[-1] == 0
"""


@pytest.mark.skipif(os.name == "nt", reason="no such signal there")
def test_killed_at_any_step_the_next_run_ends_the_same(tmp_path, root):
    environment = {**os.environ, "PYTHONPATH": str(root)}
    subprocess.run([sys.executable, "-W", "ignore", "-c", KILLED, str(tmp_path)], check=True, env=environment)
    results = [{path.name: path.read_bytes() for path in folder.iterdir()} for folder in tmp_path.iterdir()]
    assert len(results) > 30
    assert all(result == results[0] for result in results)
    assert sorted(results[0]) == ["out", "out.done", "out.errors.jsonl"]
    assert results[0]["out"] == b"<row 0row 1row 2>"


# --- where to write --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["in.jsonl", "sub/../in.jsonl"])
def test_input_is_not_overwritten(tmp_path, name):
    (tmp_path / "sub").mkdir()
    (tmp_path / "in.jsonl").touch()
    with pytest.raises(CorpusError, match="is one of the inputs"):
        check_target(tmp_path / name, [tmp_path / "in.jsonl"])


def test_folder_must_exist(tmp_path):
    with pytest.raises(CorpusError, match="there is no folder"):
        check_target(tmp_path / "none" / "out.jsonl", [])


def test_output_must_be_a_file(tmp_path):
    with pytest.raises(CorpusError, match="no regular file"):
        check_target(tmp_path, [])
