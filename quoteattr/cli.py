"""The command line: one function per verb.

What a verb gives goes to standard output, what it says about its work to standard error. Exit codes: 0, 1 if records
could not be read, 2 for an error, 130 after Ctrl-C, 141 if whoever reads the output stopped. Imports are made where
they are used, so that help comes at once.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import textwrap
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from quoteattr._version import __version__
from quoteattr.document import BOILERPLATE_KINDS
from quoteattr.errors import CorpusError, QuoteattrError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from quoteattr.corpus import Failure, Writer
    from quoteattr.document import Document

    Verbs = argparse._SubParsersAction["_Parser"]
    Evaluation = tuple[dict[str, Any], RenderableType, list[str]]

Item = TypeVar("Item")
Number = TypeVar("Number", int, float)
_INTERRUPTED, _NO_READER = 130, 141  # 128 + the number of the signal, as shells have it


class UsageError(QuoteattrError):
    """The command line can't be understood."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    argv : sequence of str or None
        The arguments; those of the process by default.

    Returns
    -------
    int
        The exit code.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal may lack a character
    try:
        arguments = _parser().parse_args(argv)
        code: int = arguments.run(arguments)
        sys.stdout.flush()
    except QuoteattrError as error:
        return _complain(str(error))
    except BrokenPipeError:
        # Python flushes standard output once more at exit; that must not find the broken pipe again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _NO_READER
    except OSError as error:
        return _complain(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except KeyboardInterrupt:
        _say("interrupted")
        return _INTERRUPTED
    return code


def _complain(message: str) -> int:
    _say(message)
    return 2


def _say(message: str) -> None:
    print(f"quoteattr: {message}", file=sys.stderr)


# --- the verbs -----------------------------------------------------------------------------------------------------


def _label(arguments: argparse.Namespace) -> int:
    from quoteattr import corpus
    from quoteattr.labeller import load

    started = time.perf_counter()
    sources = corpus.find_sources(arguments.inputs)
    writer = corpus.Writer(arguments.output, sources)
    labeller = load(arguments.model)
    records = corpus.read_records(sources, arguments.text_field, arguments.id_field)
    is_watched = sys.stderr.isatty() and arguments.output != corpus.STANDARD
    with writer:
        pairs = corpus.texts(records, writer.fail if arguments.errors == "record" else _stop)
        labelled = labeller.pipe(pairs, as_tuples=True, n_jobs=arguments.jobs)
        for document, record in _progress(labelled) if is_watched else labelled:
            writer.write(record, document)
    _say(_label_summary(writer, time.perf_counter() - started))
    return 1 if writer.failed else 0


def _stop(failure: Failure) -> NoReturn:
    raise CorpusError(f"{failure.place}: {failure.message}")


def _progress(items: Iterable[Item]) -> Iterator[Item]:
    """Count the items on standard error as they go by."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = SpinnerColumn(), TextColumn("{task.completed:,} documents"), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield from progress.track(items)


def _label_summary(writer: Writer, seconds: float) -> str:
    where = f" (see {writer.errors_path})" if writer.failed and writer.errors_path else ""
    return f"labelled: {writer.labelled:,}, not read: {writer.failed:,}{where}, {seconds:.1f} s"


def _labelled(arguments: argparse.Namespace) -> Document:
    from quoteattr.corpus import read_text
    from quoteattr.labeller import load

    text = read_text(arguments.file)
    return load(arguments.model)(text)


def _clean(arguments: argparse.Namespace) -> int:
    unknown = [kind for kind in arguments.keep if kind not in BOILERPLATE_KINDS]
    if unknown:
        kinds = ", ".join(BOILERPLATE_KINDS)
        raise UsageError(
            f"there is no boilerplate kind {unknown[0]!r} to keep: the kinds are {kinds}; FILE stands first"
        )
    dropped = [kind for kind in BOILERPLATE_KINDS if kind not in arguments.keep]
    clean = _labelled(arguments).clean(dropped, arguments.threshold)
    sys.stdout.buffer.write(clean.encode() + b"\n")
    return 0


def _show(arguments: argparse.Namespace) -> int:
    from quoteattr.render import print_document

    print_document(_labelled(arguments), _console())
    return 0


def _train(arguments: argparse.Namespace) -> int:
    try:
        from quoteattr.training.build import train

        facts = train(Path(arguments.data), Path(arguments.output), _say)
    except ModuleNotFoundError as error:
        raise UsageError(f"training needs more packages ({error}): pip install 'quoteattr[train]'") from error
    _say(f"model {facts['model_version']} written to {arguments.output}")
    return 0


def _evaluate(arguments: argparse.Namespace) -> int:
    import json

    scores, view, errors = _score_polnear(arguments) if arguments.polnear else _score_articles(arguments)
    if arguments.json:
        Path(arguments.json).write_text(json.dumps(scores, indent=2) + "\n", encoding="utf-8")
    _console().print(view)
    for error in errors[: arguments.errors]:
        print(error)
    return 0


def _score_articles(arguments: argparse.Namespace) -> Evaluation:
    from quoteattr.labeller import load
    from quoteattr.render import scores_view
    from quoteattr.training.annotation import read_folder
    from quoteattr.training.evaluate import evaluate

    folder = Path(arguments.data) / "articles"
    articles = [article for article in read_folder(folder) if article.split == arguments.split]
    if not articles:
        raise UsageError(f"there are no articles of the split {arguments.split} in {folder}")
    scores, errors = evaluate(load(arguments.model), articles)
    return scores, scores_view(scores), errors


def _score_polnear(arguments: argparse.Namespace) -> Evaluation:
    from quoteattr.labeller import load
    from quoteattr.render import polnear_view
    from quoteattr.training.evaluate import evaluate_brat, read_polnear

    scores = evaluate_brat(load(arguments.model), read_polnear(Path(arguments.polnear)))
    return scores, polnear_view(scores), []


def _info(arguments: argparse.Namespace) -> int:
    import platform

    import numpy as np

    from quoteattr import model

    bundle = model.read(arguments.model)
    facts = {
        "quoteattr": __version__,
        "Python": platform.python_version(),
        "numpy": np.__version__,
        "model bundle": bundle.path.resolve(),
        "model": bundle.manifest,
    }
    for name, value in _flat("", facts):
        print(f"{name}: {value}")
    return 0


def _flat(name: str, value: object) -> Iterator[tuple[str, object]]:
    if not isinstance(value, dict):
        yield name, value
        return
    for key, item in value.items():
        key = key.removeprefix("model_").replace("_", " ")
        yield from _flat(f"{name} {key}".lstrip(), item)


def _console() -> Console:
    from rich.console import Console

    class PipedConsole(Console):
        def on_broken_pipe(self) -> None:
            raise  # what main does about it is the same for all verbs

    # rich's own reading of NO_COLOR leaves bold and dim in place.
    return PipedConsole(color_system=None if os.environ.get("NO_COLOR") else "auto", highlight=False)


# --- parsing -------------------------------------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one sentence, like all others."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see {self.prog} --help")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="quoteattr",
        description="From scraped English news text to clean sentences, who said what, and what can be checked.",
        epilog="quoteattr VERB --help tells more and gives examples.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"quoteattr {__version__}")
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    for add in (_add_label, _add_clean, _add_show, _add_train, _add_evaluate, _add_info):
        add(verbs)
    return parser


def _verb(verbs: Verbs, name: str, run: Callable[[argparse.Namespace], int], about: str, *examples: str) -> _Parser:
    summary, _, rest = about.partition("\n")
    parser = verbs.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.\n{rest}",
        epilog="\n  ".join(("examples:", *examples)),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(run=run)
    return parser


def _add_model(parser: _Parser) -> None:
    parser.add_argument("--model", metavar="PATH", help="folder of a model bundle (default: the one that is shipped)")


def _add_label(verbs: Verbs) -> None:
    parser = _verb(
        verbs, "label", _label,
        """label many articles: JSON Lines out

An INPUT is a .txt file (one article), a folder of .txt files, a .jsonl or .jsonl.gz file (one record a line),
or - for standard input: JSON Lines if its first line that is not blank starts a JSON object, else one article.

Each line of OUT holds the record's own fields, its id (without one: the file name) and, under "document", the
labelled text, which quoteattr.Document.from_dict reads. OUT appears when all is done. What can't be read goes to
OUT.errors.jsonl with its place (with -o -, to standard error), and the exit code is then 1.""",
        "quoteattr label articles/ -o labelled.jsonl",
        "quoteattr label news.jsonl.gz --text-field body --id-field url -o labelled.jsonl.gz --jobs 8",
        "cat article.txt | quoteattr label - -o - | jq '.document.quotes[].text'",
    )  # fmt: skip
    parser.add_argument("inputs", nargs="+", metavar="INPUT", help=".txt, folder of .txt, .jsonl, .jsonl.gz or -")
    parser.add_argument("-o", "--output", metavar="OUT", required=True, help="file to write, or - for standard output")
    parser.add_argument("--text-field", metavar="NAME", default="text", help="a JSON record's text (default: text)")
    parser.add_argument("--id-field", metavar="NAME", default="id", help="a JSON record's id (default: id)")
    parser.add_argument(
        "--jobs",
        metavar="N",
        type=_checked(int, lambda n: n > 0 or n == -1, "a number of processes or -1"),
        default=1,
        help="processes; -1 for all cores (default: 1)",
    )
    parser.add_argument(
        "--errors",
        choices=("record", "raise"),
        default="record",
        help="what can't be read: write it down and go on, or stop at once (default: record)",
    )
    _add_model(parser)


def _add_clean(verbs: Verbs) -> None:
    parser = _verb(
        verbs, "clean", _clean,
        "print an article without its boilerplate\n\nThe kinds of boilerplate are\n"
        + textwrap.fill(", ".join(BOILERPLATE_KINDS), 100, initial_indent="  ", subsequent_indent="  "),
        "quoteattr clean article.txt",
        "quoteattr clean article.txt --keep caption furniture",
        "cat article.txt | quoteattr clean --threshold 0.8",
    )  # fmt: skip
    parser.add_argument(
        "file", nargs="?", default="-", metavar="FILE", help="text file; standard input by default or for -"
    )
    parser.add_argument("--keep", nargs="+", action="extend", default=[], metavar="KIND", help="boilerplate to keep")
    parser.add_argument(
        "--threshold",
        type=_checked(float, lambda p: 0 <= p <= 1, "a probability between 0 and 1"),
        default=0.5,
        metavar="P",
        help="drop a sentence only if it is boilerplate with at least this probability (default: 0.5)",
    )
    _add_model(parser)


def _add_show(verbs: Verbs) -> None:
    parser = _verb(
        verbs, "show", _show,
        """show an article with its labels

Boilerplate is dimmed and followed by its kind, like ‹ad›; a quote has the colour of its speaker and is followed
by the number of that speaker in the table below the article, or [?] where nobody was found. No colours where
the output is no terminal or NO_COLOR is set.""",
        "quoteattr show article.txt",
        "curl -s https://example.org/article.txt | quoteattr show -",
    )  # fmt: skip
    parser.add_argument("file", metavar="FILE", help="text file, or - for standard input")
    _add_model(parser)


def _add_train(verbs: Verbs) -> None:
    parser = _verb(
        verbs, "train", _train,
        "build a model bundle from annotated articles\n\nNeeds pip install 'quoteattr[train]'.",
        "quoteattr train",
        "quoteattr train --data my_data -o my_model",
    )  # fmt: skip
    parser.add_argument(
        "--data",
        default="training_data",
        metavar="FOLDER",
        help="holds articles/ and lexicons/ (default: training_data)",
    )
    parser.add_argument(
        "-o", "--output", default="models", metavar="FOLDER", help="the bundle to write (default: models)"
    )


def _add_evaluate(verbs: Verbs) -> None:
    from quoteattr.training.annotation import SPLITS

    parser = _verb(
        verbs, "evaluate", _evaluate,
        "score a model against annotated articles",
        "quoteattr evaluate",
        "quoteattr evaluate --split dev --errors 20 --json scores.json",
        "quoteattr evaluate --polnear polnear/data/test",
    )  # fmt: skip
    corpus = parser.add_mutually_exclusive_group()
    corpus.add_argument(
        "--data", default="training_data", metavar="FOLDER", help="holds articles/ (default: training_data)"
    )
    corpus.add_argument("--polnear", metavar="FOLDER", help="score quotes against a PolNeAR split instead")
    parser.add_argument("--split", choices=SPLITS, default="test", help="articles to score (default: test)")
    parser.add_argument(
        "--errors",
        type=_checked(int, lambda n: n >= 0, "a count"),
        default=0,
        metavar="N",
        help="print the first N errors (not for PolNeAR)",
    )
    parser.add_argument("--json", metavar="OUT", help="write the scores to this file, too")
    _add_model(parser)


def _add_info(verbs: Verbs) -> None:
    parser = _verb(verbs, "info", _info, "print versions, and what the model bundle says of itself", "quoteattr info")
    _add_model(parser)


def _checked(convert: Callable[[str], Number], fits: Callable[[Number], bool], wanted: str) -> Callable[[str], Number]:
    """A converter of arguments whose complaint says what is wanted."""

    def read(value: str) -> Number:
        try:
            number = convert(value)
        except ValueError:
            number = None
        if number is None or not fits(number):
            raise argparse.ArgumentTypeError(f"{value!r} is not {wanted}")
        return number

    return read
