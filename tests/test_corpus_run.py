"""A whole corpus: order, errors, resumption, shards, limits, workers that die, memory."""

import io
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

import cloudpickle
import pyarrow.parquet as pq
import pytest

import quoteattr
from quoteattr import CorpusError, Document
from quoteattr.corpus import Shard, label_corpus, run

POSIX = pytest.mark.skipif(os.name == "nt", reason="there are no such signals")


@dataclass(frozen=True)
class Stub:
    """A labeller that finds nothing, and does what a text tells it to."""

    model_version: str = "stub"

    def pipe(self, pages, **_):
        return ((self.document(text), site) for text, site in pages)

    def document(self, text):
        if text == "raise":
            raise ZeroDivisionError("by nothing")
        if text == "hang":
            time.sleep(60)
        if text == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        return Document(text, (), (), (), "1", self.model_version)


@pytest.fixture
def stub(monkeypatch):
    # Workers don't find the tests on their path.
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    monkeypatch.setattr(run, "load", lambda *_: Stub())
    yield
    cloudpickle.unregister_pickle_by_value(sys.modules[__name__])


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(run, "_BLOCK", 4)
    monkeypatch.setattr(run, "_BATCH", 2)


def corpus(folder, texts):
    path = folder / "in.jsonl"
    path.write_text("".join(json.dumps({"id": i, "text": text}) + "\n" for i, text in enumerate(texts)), "utf-8")
    return path


def rows(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def ids(path):
    return [row["id"] for row in rows(path)]


def names(folder):
    return sorted(path.name for path in folder.iterdir())


# --- what comes out --------------------------------------------------------------------------------------------------


def test_rows_come_in_the_order_of_the_records(tmp_path):
    texts = [f"“We won {i},” said Ada Obi." for i in range(40)]
    summary = label_corpus([corpus(tmp_path, texts)], tmp_path / "out.jsonl", jobs=2)
    labeller = quoteattr.load()
    assert [row["document"] for row in rows(tmp_path / "out.jsonl")] == [labeller(text).to_dict() for text in texts]
    assert (summary.labelled, summary.failed, summary.words) == (40, 0, 40 * 6)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz", "out.jsonl.zst", "out.parquet"])
def test_any_number_of_jobs_writes_the_same_bytes(tmp_path, name):
    source = corpus(tmp_path, [f"“We won {i},” said Ada Obi." for i in range(30)])
    outputs = [tmp_path / str(jobs) / name for jobs in (1, 2)]
    for jobs, output in enumerate(outputs, 1):
        output.parent.mkdir()
        label_corpus([source], output, jobs=jobs)
    assert outputs[0].read_bytes() == outputs[1].read_bytes()


@pytest.mark.usefixtures("stub")
def test_no_records_give_an_empty_output(tmp_path):
    summary = label_corpus([corpus(tmp_path, [])], tmp_path / "out.jsonl")
    assert (summary.labelled, (tmp_path / "out.jsonl").read_bytes()) == (0, b"")


@pytest.mark.usefixtures("stub")
@pytest.mark.parametrize("name", ["out.jsonl", "out.parquet"])
def test_block_in_which_everything_fails_has_no_rows(tmp_path, name):
    summary = label_corpus([corpus(tmp_path, [None] * 5)], tmp_path / name)
    assert (summary.labelled, summary.failed) == (0, 5)


@pytest.mark.usefixtures("stub")
def test_symbolic_link_stays_one(tmp_path):
    (tmp_path / "disk").mkdir()
    link = tmp_path / "out.jsonl"
    try:
        link.symlink_to(tmp_path / "disk" / "real.jsonl")
    except OSError:
        pytest.skip("links need rights here")
    label_corpus([corpus(tmp_path, ["One."])], link)
    assert link.is_symlink()
    assert names(tmp_path / "disk") == ["real.jsonl"]


@pytest.mark.parametrize(
    ("options", "message"), [({"table": "claims"}, "no table 'claims'"), ({"errors": "ignore"}, "errors is 'ignore'")]
)
def test_unknown_options_are_refused(tmp_path, options, message):
    with pytest.raises(CorpusError, match=message):
        label_corpus([corpus(tmp_path, [])], tmp_path / "out.jsonl", **options)


# --- documents that fail ---------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("stub")
@pytest.mark.parametrize("jobs", [1, 2])
def test_text_that_cannot_be_labelled_is_an_error_and_the_others_are_rows(tmp_path, jobs):
    texts = ["One.", "raise", None, "Four."]
    summary = label_corpus([corpus(tmp_path, texts)], tmp_path / "out.jsonl", jobs=jobs)
    assert ids(tmp_path / "out.jsonl") == [0, 3]
    failed = rows(tmp_path / "out.jsonl.errors.jsonl")
    assert [(row["id"], row["place"].rpartition(":")[2]) for row in failed] == [(1, "2"), (2, "3")]
    assert failed[0]["message"] == "cannot be labelled: ZeroDivisionError: by nothing"
    assert summary.first_error.endswith("in.jsonl:2: cannot be labelled: ZeroDivisionError: by nothing")


@POSIX
@pytest.mark.usefixtures("stub")
@pytest.mark.parametrize("jobs", [1, 2])
def test_text_that_takes_too_long_is_an_error_and_the_others_are_rows(tmp_path, jobs):
    label_corpus([corpus(tmp_path, ["One.", "hang", "Three."])], tmp_path / "out.jsonl", jobs=jobs, timeout=0.2)
    assert ids(tmp_path / "out.jsonl") == [0, 2]
    (failed,) = rows(tmp_path / "out.jsonl.errors.jsonl")
    assert "not done after 0.2 seconds (--timeout)" in failed["message"]


@POSIX
@pytest.mark.usefixtures("stub", "small_blocks")
def test_text_whose_worker_dies_is_an_error_and_the_others_are_rows(tmp_path):
    texts = ["die" if i == 5 else "One." for i in range(12)]
    label_corpus([corpus(tmp_path, texts)], tmp_path / "out.jsonl", jobs=2)
    assert ids(tmp_path / "out.jsonl") == [i for i in range(12) if i != 5]
    (failed,) = rows(tmp_path / "out.jsonl.errors.jsonl")
    assert (failed["id"], "the process that labelled it died" in failed["message"]) == (5, True)


@pytest.mark.usefixtures("stub", "small_blocks")
def test_run_may_stop_at_the_first_error_and_go_on_later(tmp_path):
    source = corpus(tmp_path, ["One."] * 6 + ["raise", "Eight."])
    with pytest.raises(CorpusError, match=r"in\.jsonl:7: cannot be labelled: ZeroDivisionError"):
        label_corpus([source], tmp_path / "out.jsonl", errors="raise")
    assert not (tmp_path / "out.jsonl").exists()
    assert label_corpus([source], tmp_path / "out.jsonl").skipped == 4
    assert ids(tmp_path / "out.jsonl") == [0, 1, 2, 3, 4, 5, 7]


@pytest.mark.usefixtures("stub")
def test_text_that_is_too_long_is_an_error(tmp_path):
    label_corpus([corpus(tmp_path, ["One.", "a" * 101])], tmp_path / "out.jsonl", max_length=100)
    (failed,) = rows(tmp_path / "out.jsonl.errors.jsonl")
    assert "101 characters; at most 100" in failed["message"]


# --- going on --------------------------------------------------------------------------------------------------------


def interrupted(source, output, blocks, **options):
    """A run that is interrupted after so many blocks."""
    seen = itertools.count(1)

    def stop(_):
        if next(seen) == blocks:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        label_corpus([source], output, on_progress=stop, **options)


@pytest.mark.usefixtures("stub", "small_blocks")
def test_second_run_goes_on_where_the_first_stopped(tmp_path):
    source = corpus(tmp_path, [f"Text {i}." for i in range(30)])
    interrupted(source, tmp_path / "out.jsonl", 3)
    summary = label_corpus([source], tmp_path / "out.jsonl")
    assert (summary.skipped, summary.labelled, summary.words) == (12, 30, 60)
    assert ids(tmp_path / "out.jsonl") == list(range(30))


@pytest.mark.usefixtures("stub", "small_blocks")
@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"table": "quotes"}, "another table"),
        ({"id_field": "url"}, "another id field"),
        ({"max_length": 10}, "another maximal length"),
    ],
)
def test_going_on_with_other_options_is_an_error(tmp_path, changed, message):
    source = corpus(tmp_path, ["One."] * 9)
    interrupted(source, tmp_path / "out.jsonl", 1)
    with pytest.raises(CorpusError, match=message):
        label_corpus([source], tmp_path / "out.jsonl", **changed)


@pytest.mark.usefixtures("stub", "small_blocks")
def test_going_on_with_a_changed_input_is_an_error(tmp_path):
    source = corpus(tmp_path, ["One."] * 9)
    interrupted(source, tmp_path / "out.jsonl", 1)
    corpus(tmp_path, ["One."] * 10)
    with pytest.raises(CorpusError, match="another state of the inputs"):
        label_corpus([source], tmp_path / "out.jsonl")


@pytest.mark.usefixtures("small_blocks")
def test_going_on_with_another_model_is_an_error(tmp_path, monkeypatch):
    source = corpus(tmp_path, ["One."] * 9)
    monkeypatch.setattr(run, "load", lambda *_: Stub("one"))
    interrupted(source, tmp_path / "out.jsonl", 1)
    monkeypatch.setattr(run, "load", lambda *_: Stub("two"))
    with pytest.raises(CorpusError, match=r"another model version \('one', now 'two'\)"):
        label_corpus([source], tmp_path / "out.jsonl")


@pytest.mark.usefixtures("stub", "small_blocks")
def test_going_on_with_other_jobs_and_limits_of_time_is_none(tmp_path):
    source = corpus(tmp_path, ["One."] * 9)
    interrupted(source, tmp_path / "out.jsonl", 1)
    assert label_corpus([source], tmp_path / "out.jsonl", jobs=2, timeout=9, errors="raise").skipped == 4


@pytest.mark.usefixtures("stub")
def test_complete_output_is_not_made_again_with_resume(tmp_path, monkeypatch):
    source = corpus(tmp_path, ["One.", "raise"])
    first = label_corpus([source], tmp_path / "out.jsonl", resume=True)
    monkeypatch.setattr(Stub, "document", None)
    second = label_corpus([source], tmp_path / "out.jsonl", resume=True)
    assert (second.labelled, second.failed, second.errors) == (first.labelled, first.failed, first.errors) == (
        1, 1, str(tmp_path / "out.jsonl.errors.jsonl"),
    )  # fmt: skip


KILLED = """
import sys
from quoteattr.cli import main
from quoteattr.corpus import run
run._BLOCK, run._BATCH = 8, 4
sys.exit(main(sys.argv[1:]))
"""


@POSIX
@pytest.mark.parametrize(("name", "jobs"), [("out.jsonl.zst", 2), ("out.parquet", 1)])
def test_killed_at_random_moments_the_last_run_ends_the_same(tmp_path, root, name, jobs):
    rng = random.Random(name)
    texts = [None if i % 23 == 5 else f"“We won {i},” said Ada Obi." * (i % 4) for i in range(200)]
    source = corpus(tmp_path, texts)

    def start(output):
        command = [sys.executable, "-c", KILLED, "label", str(source), "-o", str(output), "--jobs", str(jobs)]
        environment = {**os.environ, "PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"}
        return subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)

    whole, killed = tmp_path / "whole" / name, tmp_path / "killed" / name
    for output in (whole, killed):
        output.parent.mkdir()
    assert start(whole).wait() == 1
    unfinished = 0
    for i in range(8):
        process = start(killed)
        if i % 2:  # else also before the first block
            wait_for_progress(killed, process)
        time.sleep(rng.uniform(0, 0.1 if i % 2 else 0.8))
        process.kill()
        process.wait()
        unfinished += killed.with_name(name + ".journal").exists()
    assert unfinished >= 4
    assert start(killed).wait() == 1
    assert {p.name: p.read_bytes() for p in whole.parent.iterdir()} == {
        p.name: p.read_bytes() for p in killed.parent.iterdir()
    }


def wait_for_progress(output, process):
    journal = output.with_name(output.name + ".journal")

    def size():
        return journal.stat().st_size if journal.exists() else 0

    before = size()
    while process.poll() is None and size() <= before:
        time.sleep(0.005)


# --- shards ----------------------------------------------------------------------------------------------------------


@POSIX
def test_shards_of_which_one_is_killed_and_run_again_make_the_whole(tmp_path, root):
    source = corpus(tmp_path, [f"“We won {i},” said Ada Obi." for i in range(100)])
    label_corpus([source], tmp_path / "whole.jsonl")

    def start(shard):
        command = [
            sys.executable,
            "-c",
            KILLED,
            "label",
            str(source),
            "-o",
            str(tmp_path / "out.jsonl"),
            "--shard",
            shard,
        ]
        environment = {**os.environ, "PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"}
        return subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)

    outputs = [tmp_path / f"out-{i:05}-of-00002.jsonl" for i in (0, 1)]
    first, second = start("0/2"), start("1/2")
    wait_for_progress(outputs[1], second)
    second.kill()
    assert (first.wait(), second.wait()) == (0, -signal.SIGKILL)
    written = outputs[0].stat().st_mtime_ns
    assert [start(shard).wait() for shard in ("0/2", "1/2")] == [0, 0]
    assert outputs[0].stat().st_mtime_ns == written
    by_id = {row["id"]: row for output in outputs for row in rows(output)}
    assert sum(len(rows(output)) for output in outputs) == len(by_id) == 100
    assert [by_id[i] for i in range(100)] == rows(tmp_path / "whole.jsonl")
    assert names(tmp_path) == [
        "in.jsonl", "out-00000-of-00002.jsonl", "out-00000-of-00002.jsonl.done", "out-00001-of-00002.jsonl",
        "out-00001-of-00002.jsonl.done", "whole.jsonl",
    ]  # fmt: skip


@pytest.mark.usefixtures("stub")
def test_shard_of_many_files_reads_only_its_own(tmp_path):
    for i in range(5):
        (tmp_path / f"{i}.txt").write_text("One.", encoding="utf-8")
    summary = label_corpus([tmp_path], tmp_path / "out.parquet", shard=Shard(1, 2))
    assert pq.read_table(summary.output)["id"].to_pylist() == ["1.txt", "3.txt"]


@pytest.mark.usefixtures("stub")
def test_shard_may_go_to_standard_output(tmp_path, capsys):
    label_corpus([corpus(tmp_path, ["One.", "Two."])], "-", shard=Shard(1, 2))
    assert json.loads(capsys.readouterr().out)["id"] == 1


# --- scale -----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("stub", "small_blocks")
@pytest.mark.parametrize("jobs", [1, 2])
def test_records_are_read_ahead_within_bounds(tmp_path, monkeypatch, jobs):
    taken, at_progress = [], []
    read = run.read_records

    def counting(*arguments):
        for record in read(*arguments):
            taken.append(record)
            yield record

    monkeypatch.setattr(run, "read_records", counting)
    source = corpus(tmp_path, ["One."] * 200)
    label_corpus(
        [source], tmp_path / "out.jsonl", jobs=jobs, on_progress=lambda p: at_progress.append((p.labelled, len(taken)))
    )
    assert len(at_progress) == 50
    assert max(read - labelled for labelled, read in at_progress) <= 4 * 2 * jobs


@pytest.mark.usefixtures("stub")
def test_blocks_of_long_texts_are_short(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "_BLOCK_CHARACTERS", 10)
    counts = []
    label_corpus(
        [corpus(tmp_path, ["a" * 6] * 6)], tmp_path / "out.jsonl", on_progress=lambda p: counts.append(p.labelled)
    )
    assert counts == [2, 4, 6]


@pytest.mark.usefixtures("stub", "small_blocks")
def test_progress_tells_speed_share_and_time_left(tmp_path):
    seen = []
    label_corpus([corpus(tmp_path, ["One word."] * 10)], tmp_path / "out.jsonl", on_progress=seen.append)
    assert [p.labelled for p in seen] == [4, 8, 10]
    assert seen[0].share < seen[1].share < seen[2].share == 1
    assert seen[0].seconds_left > seen[2].seconds_left == 0
    assert all(p.words_per_second == pytest.approx(2 * p.per_second) for p in seen)


@pytest.mark.usefixtures("stub", "small_blocks")
def test_speed_is_that_of_this_run(tmp_path):
    source = corpus(tmp_path, ["One."] * 12)
    interrupted(source, tmp_path / "out.jsonl", 2)
    seen = []
    label_corpus([source], tmp_path / "out.jsonl", on_progress=seen.append)
    assert (seen[0].labelled, seen[0].share) == (12, 1)
    assert seen[0].per_second * (1 / seen[0].words_per_second) == pytest.approx(1)


@pytest.mark.usefixtures("stub")
def test_share_of_standard_input_is_not_known(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b'{"text": "One."}\n')))
    seen = []
    label_corpus(["-"], "-", on_progress=seen.append)
    assert (seen[0].share, seen[0].seconds_left) == (None, None)
    assert json.loads(capsys.readouterr().out)["document"]["text"] == "One."
