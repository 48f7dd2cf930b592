"""The command line, run in this process where that is possible."""

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import quoteattr
from quoteattr.cli import main
from quoteattr.document import BOILERPLATE_KINDS

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
ARTICLES = EXAMPLES / "articles"
ADS = str(ARTICLES / "ad-markers.txt")


RUN_MAIN = "import sys; from quoteattr.cli import main; sys.exit(main(sys.argv[1:]))"


def run(*arguments, **environment):
    """Run Python in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", **environment}
    return subprocess.run([sys.executable, *arguments], capture_output=True, encoding="utf-8", env=environment)


def rows(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def set_stdin(monkeypatch, data):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))


@pytest.fixture
def news(tmp_path):
    """Four records, of which the second and third can't be read."""
    path = tmp_path / "news.jsonl"
    lines = '{"id": 1, "url": "u1", "text": "“We won,” said Ada Obi."}', '{"text": ', '{"id": 3, "text": null}'
    path.write_text("\n".join([*lines, '{"id": 4, "text": ""}']) + "\n", encoding="utf-8")
    return path


def complaint(capsys):
    """The one sentence on standard error."""
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("quoteattr: ")
    assert err.count("\n") == 1
    return err


# --- label ---------------------------------------------------------------------------------------------------------


def test_label_keeps_records_and_adds_the_document(news, tmp_path):
    main(["label", str(news), "-o", str(tmp_path / "out.jsonl")])
    row = rows(tmp_path / "out.jsonl")[0]
    assert (row["id"], row["url"]) == (1, "u1")
    document = quoteattr.Document.from_dict(row["document"])
    assert document == quoteattr.load()("“We won,” said Ada Obi.")


def test_label_goes_on_after_records_that_cannot_be_read(news, tmp_path, capsys):
    assert main(["label", str(news), "-o", str(tmp_path / "out.jsonl")]) == 1
    assert [row["id"] for row in rows(tmp_path / "out.jsonl")] == [1, 4]
    assert [row["place"] for row in rows(tmp_path / "out.jsonl.errors.jsonl")] == [f"{news}:2", f"{news}:3"]
    summary = complaint(capsys)
    assert f"labelled: 2 articles, 5 words; errors: 2 (see {tmp_path / 'out.jsonl.errors.jsonl'});" in summary


def test_label_tells_the_first_error_if_nothing_could_be_labelled(news, tmp_path, capsys):
    assert main(["label", str(news), "-o", str(tmp_path / "out.jsonl"), "--text-field", "body"]) == 1
    assert f"the first: {news}:1: no field 'body' for the text (--text-field)" in complaint(capsys)


def test_label_can_stop_at_the_first_error(news, tmp_path, capsys):
    assert main(["label", str(news), "-o", str(tmp_path / "out.jsonl"), "--errors", "raise"]) == 2
    assert f"{news}:2: broken JSON" in complaint(capsys)
    assert list(tmp_path.iterdir()) == [news]


def test_label_of_a_folder_exits_with_0(tmp_path):
    assert main(["label", str(ARTICLES), "-o", str(tmp_path / "out.jsonl")]) == 0
    assert [row["id"] for row in rows(tmp_path / "out.jsonl")] == sorted(path.name for path in ARTICLES.iterdir())


def test_label_in_two_processes_gives_the_same(tmp_path):
    for jobs in ("1", "2"):
        main(["label", str(ARTICLES), "-o", str(tmp_path / jobs), "--jobs", jobs])
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()


def test_label_writes_to_standard_output(news, capsys):
    assert main(["label", str(news), "-o", "-"]) == 1
    out, err = capsys.readouterr()
    assert [json.loads(line)["id"] for line in out.splitlines()] == [1, 4]
    assert f"{news}:2: broken JSON" in err


def test_label_reads_standard_input(monkeypatch, capsys):
    set_stdin(monkeypatch, "“We won,” said Ada Obi.".encode())
    main(["label", "-", "-o", "-"])
    assert json.loads(capsys.readouterr().out)["document"]["text"] == "“We won,” said Ada Obi."


def test_label_takes_the_names_of_fields(tmp_path):
    (tmp_path / "n.jsonl").write_text('{"url": "u", "body": "Hello."}\n', encoding="utf-8")
    output = tmp_path / "out.jsonl"
    main(["label", str(tmp_path / "n.jsonl"), "-o", str(output), "--text-field", "body", "--id-field", "url"])
    assert rows(output)[0]["id"] == "u"


def test_label_refuses_to_overwrite_its_input(news, capsys):
    before = news.read_bytes()
    assert main(["label", str(news), "-o", str(news)]) == 2
    assert "is one of the inputs" in complaint(capsys)
    assert news.read_bytes() == before


def test_label_writes_a_table_of_a_shard(tmp_path):
    output = tmp_path / "quotes.jsonl"
    assert main(["label", str(ARTICLES), "-o", str(output), "--table", "quotes", "--shard", "1/2"]) == 0
    own = sorted(path.name for path in ARTICLES.iterdir())[1::2]
    assert sorted({row["id"] for row in rows(tmp_path / "quotes-00001-of-00002.jsonl")}) == own


def test_label_writes_a_summary(news, tmp_path):
    main(["label", str(news), "-o", str(tmp_path / "out.jsonl"), "--summary", str(tmp_path / "summary.json")])
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert (summary["labelled"], summary["failed"], summary["words"]) == (2, 2, 5)
    assert summary["model_version"] == quoteattr.load().model_version
    assert summary["seconds"] > 0


def test_label_with_resume_does_nothing_twice(news, tmp_path, capsys):
    output = tmp_path / "out.jsonl"
    assert main(["label", str(news), "-o", str(output), "--resume"]) == 1
    written = output.stat().st_mtime_ns
    assert main(["label", str(news), "-o", str(output), "--resume"]) == 1
    assert output.stat().st_mtime_ns == written
    assert "done before: 4 records" in capsys.readouterr().err


def test_label_takes_limits(news, tmp_path):
    main(["label", str(news), "-o", str(tmp_path / "out.jsonl"), "--max-length", "5", "--timeout", "60"])
    assert "at most 5 are labelled" in rows(tmp_path / "out.jsonl.errors.jsonl")[0]["message"]


def test_label_shows_progress_on_a_terminal(news, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("sys.stderr", io.StringIO())
    sys.stderr.isatty = lambda: True
    main(["label", str(news), "-o", str(tmp_path / "out.jsonl")])
    progress = sys.stderr.getvalue().partition("labelled:")[0]
    assert "2 articles" in progress
    assert "2 errors, 100.0% done, 0:00:00 left" in progress
    assert capsys.readouterr().out == ""


def test_label_writes_lines_of_progress_elsewhere(news, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("quoteattr.cli.labelling._LINE_EVERY", 0)
    main(["label", str(news), "-o", str(tmp_path / "out.jsonl")])
    progress, summary = capsys.readouterr().err.splitlines()
    assert re.fullmatch(
        r"quoteattr: 2 articles, [\d.,]+ a second, [\d,]+ words a second, 2 errors, 100.0% done, 0:00:00 left", progress
    )
    assert summary.startswith("quoteattr: labelled: ")


def test_label_is_interrupted_without_a_trace_before_the_first_block(news, tmp_path, monkeypatch, capsys):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("quoteattr.corpus.output.FileOutput.write", interrupt)
    assert main(["label", str(news), "-o", str(tmp_path / "out.jsonl")]) == 130
    assert complaint(capsys) == "quoteattr: interrupted\n"
    assert list(tmp_path.iterdir()) == [news]


@pytest.mark.skipif(os.name == "nt", reason="no such signal there")
def test_broken_pipe_is_silent():
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen(
        [sys.executable, "-c", RUN_MAIN, "label", "-", "-o", "-"], env=environment, **pipes
    ) as process:
        process.stdout.close()
        _, err = process.communicate(b'{"text": "Hello."}\n' * 1000)
    assert err == b""
    assert process.returncode == 141


# --- clean and show ------------------------------------------------------------------------------------------------


def test_clean_prints_the_article(capsys):
    assert main(["clean", ADS]) == 0
    out = capsys.readouterr().out
    assert "Dig uncovers" in out
    assert "Advert" not in out
    assert "Have your say" not in out


def test_clean_keeps_the_kinds_it_is_told_to(capsys):
    text = Path(ADS).read_text(encoding="utf-8")
    main(["clean", ADS, "--keep", *BOILERPLATE_KINDS[:5], "--keep", *BOILERPLATE_KINDS[5:]])
    assert capsys.readouterr().out.split() == text.split()


def test_clean_with_threshold_0_drops_everything(capsys):
    main(["clean", ADS, "--threshold", "0"])
    assert capsys.readouterr().out.strip() == ""


def test_clean_reads_standard_input(monkeypatch, capsys):
    set_stdin(monkeypatch, "“We won,” said Ada Obi.\r\n".encode())
    main(["clean"])
    assert capsys.readouterr().out == "“We won,” said Ada Obi.\n"


def test_clean_names_the_kinds_when_one_is_unknown(capsys):
    assert main(["clean", ADS, "--keep", "adverts"]) == 2
    assert "no boilerplate kind 'adverts'" in complaint(capsys)


def test_show_prints_article_and_speakers(capsys):
    assert main(["show", ADS]) == 0
    out = capsys.readouterr().out
    assert "Advert – scroll on ‹ad›" in out
    assert "Dr Petra Lowmoor" in out.partition("Who said what")[2]


@pytest.mark.parametrize(("no_color", "plain"), [("1", True), ("", False)])
def test_show_is_plain_with_no_color(monkeypatch, capsys, no_color, plain):
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    main(["show", ADS])
    assert ("\x1b" not in capsys.readouterr().out) is plain


def test_show_gives_a_page_for_the_browser(capfdbinary):
    assert main(["show", ADS, "--html"]) == 0
    assert capfdbinary.readouterr().out.decode() == quoteattr.load()(Path(ADS).read_text("utf-8")).to_html()


def test_show_survives_an_output_without_the_letters():
    assert run("-c", RUN_MAIN, "show", ADS, PYTHONIOENCODING="ascii").returncode == 0


# --- train, evaluate, info -----------------------------------------------------------------------------------------


def test_train_builds_a_bundle_with_progress(monkeypatch, capsys):
    build = pytest.importorskip("quoteattr.training.build")

    def train(base, out, say, data, only_data):
        say(f"{base} and {', '.join(map(str, data))} to {out} ({only_data})")
        return {"model_version": "9"}

    monkeypatch.setattr(build, "train", train)
    assert main(["train", "--base", "b", "--data", "d", "e", "-o", "m"]) == 0
    assert capsys.readouterr().err == "quoteattr: b and d, e to m (False)\nquoteattr: model 9 written to m\n"


def test_train_without_scikit_learn_says_what_to_install():
    done = run("-c", f"import sys; sys.modules['sklearn'] = None; {RUN_MAIN}", "train")
    assert done.returncode == 2
    assert "pip install 'quoteattr[train]'" in done.stderr
    assert done.stderr.count("\n") == 1


def test_train_without_data_is_an_error(tmp_path, capsys):
    pytest.importorskip("sklearn")
    assert main(["train", "--base", str(tmp_path), "-o", str(tmp_path / "m")]) == 2
    assert "needs articles" in complaint(capsys)


def test_train_on_nothing_is_an_error(capsys):
    pytest.importorskip("sklearn")
    assert main(["train", "--only-data"]) == 2
    assert "name the articles with --data" in complaint(capsys)


def test_train_reads_data_that_a_tool_exported(tmp_path, capsys):
    pytest.importorskip("sklearn")
    (tmp_path / "export.json").write_text("[{}]", encoding="utf-8")
    assert main(["train", "--data", str(tmp_path / "export.json"), "-o", str(tmp_path / "m")]) == 2
    assert "export.json: task 1: this is no task of a JSON export" in complaint(capsys)


@pytest.fixture
def training_data(tmp_path):
    (tmp_path / "articles").mkdir()
    header = "id: a\nstyle: x\nbeat: x\nsplit: dev\n@ada: Ada Obi | person | she\n\n"
    body = "-| “{1d: We won,}” {1! said} {1@ada Ada Obi}.\nconsent| The bridge was opened in 1950.\n"
    (tmp_path / "articles" / "a.txt").write_text(header + body, encoding="utf-8")
    return tmp_path


def test_evaluate_prints_scores(training_data, capsys):
    assert main(["evaluate", "--data", str(training_data), "--split", "dev"]) == 0
    assert "boundaries" in capsys.readouterr().out


def test_evaluate_writes_scores(training_data, tmp_path):
    main(["evaluate", "--data", str(training_data), "--split", "dev", "--json", str(tmp_path / "scores.json")])
    assert json.loads((tmp_path / "scores.json").read_text(encoding="utf-8"))["quotes"]["counts"]["direct"][0] == 1


def test_evaluate_prints_errors(training_data, capsys):
    main(["evaluate", "--data", str(training_data), "--split", "dev", "--errors", "1"])
    assert "a: boilerplate missed (consent): 'The bridge was opened in 1950.'" in capsys.readouterr().out


def test_evaluate_needs_articles_of_the_split(training_data, capsys):
    assert main(["evaluate", "--data", str(training_data)]) == 2
    assert "no articles of the split test" in complaint(capsys)


def test_evaluate_takes_every_split(training_data, capsys):
    assert main(["evaluate", "--data", str(training_data), "--split", "all"]) == 0
    assert "boundaries" in capsys.readouterr().out


def test_evaluate_takes_a_folder_of_articles(training_data, capsys):
    assert main(["evaluate", "--data", str(training_data / "articles"), "--split", "dev"]) == 0
    assert "boundaries" in capsys.readouterr().out


def test_evaluate_compares_two_models(training_data, tmp_path, capsys):
    shipped = str(quoteattr.load().bundle.path)
    out = tmp_path / "comparison.json"
    assert (
        main(
            [
                "evaluate",
                "--compare",
                "shipped",
                shipped,
                "--data",
                str(training_data),
                "--split",
                "dev",
                "--json",
                str(out),
            ]
        )
        == 0
    )
    assert "1 articles unchanged, 0 changed" in capsys.readouterr().out
    assert json.loads(out.read_text(encoding="utf-8"))["totals"]["boilerplate F1"]["verdict"] == "same"


# --- convert -------------------------------------------------------------------------------------------------------


def test_convert_leads_to_a_tool_and_to_articles(training_data, tmp_path, capsys):
    assert main(["convert", str(training_data / "articles"), "--to", "brat", "-o", str(tmp_path / "brat")]) == 0
    assert main(["convert", str(tmp_path / "brat"), "--layers", "quotes", "-o", str(tmp_path / "back")]) == 0
    assert "layers: quotes\n" in (tmp_path / "back" / "a.txt").read_text(encoding="utf-8")
    assert capsys.readouterr().err.endswith(f"converted: 1, left out: 0; annotated in {tmp_path / 'back'}\n")


def test_convert_goes_on_after_documents_that_cannot_be_read(training_data, tmp_path, capsys):
    main(["convert", str(training_data / "articles"), "--to", "brat", "-o", str(tmp_path / "brat")])
    (tmp_path / "brat" / "b.ann").touch()
    assert main(["convert", str(tmp_path / "brat"), "-o", str(tmp_path / "back")]) == 1
    assert "b.ann: its text b.txt is missing" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "back").iterdir()] == ["a.txt"]


def test_convert_overwrites_nothing(training_data, tmp_path, capsys):
    assert main(["convert", str(training_data / "articles"), "-o", str(tmp_path)]) == 2
    assert "may hold corrections" in complaint(capsys)


def test_convert_knows_every_format():
    from quoteattr.cli import exchange as cli
    from quoteattr.exchange import FORMATS

    assert tuple(FORMATS) == cli.FORMATS


def test_evaluate_reads_polnear(tmp_path, capsys):
    (tmp_path / "text").mkdir()
    (tmp_path / "attributions").mkdir()
    (tmp_path / "text" / "a.txt").write_text("“We won,” said Ada Obi.", encoding="utf-8")
    roles = "T1\tContent 0 9\t“We won,”\nT2\tCue 10 14\tsaid\nT3\tSource 15 22\tAda Obi\n"
    annotation = roles + "E1\tAttribution:T2 Content:T1 Cue:T2 Source:T3\n"
    (tmp_path / "attributions" / "a.ann").write_text(annotation, encoding="utf-8")
    assert main(["evaluate", "--polnear", str(tmp_path)]) == 0
    assert "PolNeAR: 1 attributions" in capsys.readouterr().out


def test_info_names_versions_and_bundle(capsys):
    assert main(["info"]) == 0
    facts = dict(line.split(": ", 1) for line in capsys.readouterr().out.splitlines())
    assert facts["quoteattr"] == quoteattr.__version__
    assert facts["model version"] == quoteattr.load().model_version
    assert Path(facts["model bundle"]).is_dir()
    assert {"Python", "numpy", "model licence"} <= facts.keys()


# --- what holds for all --------------------------------------------------------------------------------------------


def test_version(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out == f"quoteattr {quoteattr.__version__}\n"


@pytest.mark.parametrize(
    "verb", ["label", "clean", "show", "serve", "convert", "report", "index", "train", "evaluate", "info"]
)
def test_help_has_examples(verb, capsys):
    with pytest.raises(SystemExit, match="0"):
        main([verb, "--help"])
    assert f"examples:\n  quoteattr {verb}" in capsys.readouterr().out


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from quoteattr.cli import _parser; _parser().format_help(); "
        "print({'joblib', 'rich', 'scipy', 'sklearn', 'starlette'} & set(sys.modules))"
    )
    assert run("-c", code).stdout == "set()\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "VERB"),
        (["mark"], "invalid choice: 'mark'"),
        (["label", "a.txt"], "-o/--output"),
        (["label", "a.txt", "-o", "-", "--jobs", "0"], "'0' is not a number of processes"),
        (["label", "a.txt", "-o", "-", "--jobs", "two"], "'two' is not a number of processes"),
        (["label", ADS, "-o", "-", "--shard", "2/2"], "2/2 is no shard: pass R/N"),
        (["label", ADS, "-o", "-", "--table", "claims"], "invalid choice: 'claims'"),
        (["label", ADS, "-o", "-", "--timeout", "0"], "'0' is not a number of seconds"),
        (["label", ADS, "-o", "-", "--max-length", "0"], "'0' is not a number of characters"),
        (["label", ADS, "-o", "out.csv"], "CSV is read, not written"),
        (["clean", "--threshold", "2"], "'2' is not a probability"),
        (["serve", "--port", "x"], "'x' is not a port between 0 and 65535"),
        (["evaluate", "--errors", "-1"], "'-1' is not a count"),
        (["show", "none.txt"], "none.txt: No such file"),
        (["clean", "none.txt"], "none.txt: No such file"),
        (["label", "none.txt", "-o", "-"], "no file or folder none.txt"),
        (["label", ADS, "-o", "none/out.jsonl"], "there is no folder"),
        (["label", ADS, "-o", "-", "--model", "none"], "no model bundle in none"),
        (["show", ADS, "--model", "none"], "no model bundle in none"),
        (["info", "--model", "none"], "no model bundle in none"),
        (["evaluate", "--compare", "shipped", "none"], "no model bundle in none"),
        (["evaluate", "--compare", "a", "b", "--polnear", "c"], "leave --polnear out"),
        (["convert", "none.json", "-o", "x"], "there is no file or folder none.json"),
        (["convert", ADS, "-o", "x"], "is in no format that is read"),
        (["evaluate", "--polnear", "none"], "none is no PolNeAR split"),
    ],
)
def test_errors_are_one_sentence(arguments, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    assert message in complaint(capsys)


# --- examples ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(ARTICLES.iterdir()), ids=lambda path: path.stem)
def test_example_article_holds_a_quote_with_a_speaker(path):
    document = quoteattr.load()(path.read_text(encoding="utf-8"))
    assert any(quote.speaker for quote in document.quotes)


def test_quickstart_says_who_said_what():
    done = run(str(EXAMPLES / "quickstart.py"))
    assert done.stderr == ""
    assert "Dr Petra Lowmoor: We had three weeks left" in done.stdout


def test_table_of_quotes_is_csv(tmp_path):
    done = run(str(EXAMPLES / "table_of_quotes.py"), str(EXAMPLES / "articles"), str(tmp_path / "quotes.csv"))
    assert done.stderr == ""
    table = list(csv.DictReader(io.StringIO((tmp_path / "quotes.csv").read_text("utf-8-sig"))))
    assert {row["kind"] for row in table} == {"direct", "mixed", "indirect"}
    assert "Dr Petra Lowmoor" in {row["speaker"] for row in table}
