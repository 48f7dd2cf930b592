"""Throughput and memory of `quoteattr label`: python benchmarks/corpus.py [--articles N] [--short] [--jobs 1 2]

Labels articles made by a seeded generator from those of training_data, as JSON Lines and as Parquet, in a process of
its own each time. Prints articles, words and bytes per second; the speed-up of more jobs; the ratio to merely reading
and writing the same files, which is the plumbing; and the peak memory of the parent and of its largest worker, for
short articles after each tenth of them.

    python benchmarks/corpus.py                                                # 2,000 articles of usual length
    python benchmarks/corpus.py --articles 1000000 --short --jobs 2 --formats jsonl                  # flat memory
    python benchmarks/corpus.py --articles 1000000 --short --jobs 2 --formats jsonl --unlabelled     # ... of the plumbing
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from quoteattr.training.annotation import read_folder

ARTICLES = Path(__file__).parents[1] / "training_data" / "articles"
# Runs label_corpus; with known documents each text gets the one that was made for it before, or none at all ("-").
RUN = """
import json, os, sys, time
from dataclasses import dataclass, field
import psutil
import quoteattr.corpus.run as run
from quoteattr import Document, load

source, output, jobs, known, tenth = sys.argv[1:]

@dataclass
class Known:
    documents: dict = field(default_factory=dict)
    model_version: str = load().model_version
    def pipe(self, pages, **_):
        return ((self.documents.get(text) or Document(text, (), (), (), "", ""), site) for text, site in pages)

if known:
    reader = Known()
    for line in open(known, encoding="utf-8") if known != "-" else ():
        document = Document.from_dict(json.loads(line)["document"])
        reader.documents[document.text] = document
    run.load = lambda *_: reader

def peaks():
    def peak(pid):
        status = open(f"/proc/{pid}/status").read()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024
    return peak(os.getpid()), max((peak(c.pid) for c in psutil.Process().children(recursive=True)), default=0)

reached = 0
def report(progress):
    global reached
    if int(tenth) and progress.labelled // int(tenth) > reached:
        reached = progress.labelled // int(tenth)
        parent, worker = peaks()
        print(f"    {progress.labelled:>11,} articles: peak {parent:,.0f} MB, worker {worker:,.0f} MB", file=sys.stderr)

started = time.perf_counter()
summary = run.label_corpus([source], output, jobs=int(jobs), on_progress=report)
seconds = time.perf_counter() - started
print(json.dumps([seconds, summary.labelled, summary.words, *peaks()]))
"""


def generated(count: int, short: bool) -> Iterator[str]:
    """Articles: each the paragraphs of an own one, mixed with some of another; or two sentences, for short ones."""
    rng = random.Random(1)
    texts = [article.text for article in read_folder(ARTICLES)]
    lines = [line for text in texts for line in text.splitlines() if 40 < len(line) < 200]
    for _ in range(count):
        if short:
            yield "\n\n".join(rng.sample(lines, 2))
        else:
            one, other = (rng.choice(texts).split("\n\n") for _ in range(2))
            yield "\n\n".join([*one, rng.choice(other)])


def measure(source: Path, output: Path, jobs: int, known: str = "", tenth: int = 0) -> list[float]:
    """Seconds, articles, words, and peak megabytes of the parent and of its largest worker."""
    arguments = [str(source), str(output), str(jobs), known, str(tenth)]
    done = subprocess.run([sys.executable, "-c", RUN, *arguments], stdout=subprocess.PIPE, check=True)
    result: list[float] = json.loads(done.stdout)
    return result


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--short", action="store_true", help="two sentences each; memory after each tenth of them")
    parser.add_argument("--unlabelled", action="store_true", help="the plumbing alone")
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--formats", nargs="+", default=["jsonl", "parquet"], choices=["jsonl", "parquet"])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "in.jsonl"
        with source.open("w", encoding="utf-8") as file:
            for number, text in enumerate(generated(arguments.articles, arguments.short)):
                file.write(json.dumps({"id": number, "text": text}, ensure_ascii=False) + "\n")
        size = source.stat().st_size
        print(f"{arguments.articles:,} articles, {size / 1e6:,.1f} MB of JSON Lines", flush=True)
        known = "-" if arguments.unlabelled else ""
        for suffix in arguments.formats:
            alone = 0.0
            for jobs in arguments.jobs:
                output = Path(folder) / f"{jobs}.{suffix}"
                tenth = arguments.articles // 10 if arguments.short else 0
                seconds, articles, words, parent, worker = measure(source, output, jobs, known, tenth)
                alone = alone or seconds
                print(
                    f"{suffix:8} {jobs} jobs: {articles / seconds:8,.1f} articles, {words / seconds:10,.0f} words, "
                    f"{size / seconds / 1e3:8,.0f} kB a second; {alone / seconds:.2f} times the first; "
                    f"{output.stat().st_size / 1e6:,.1f} MB out; peak {parent:,.0f} MB, worker {worker:,.0f} MB",
                    flush=True,
                )
            if not arguments.short and not arguments.unlabelled:
                documents = Path(folder) / f"{arguments.jobs[0]}.jsonl"
                plumbing = measure(source, Path(folder) / f"plumbing.{suffix}", 1, str(documents))[0]
                print(f"{suffix:8} reading and writing alone, 1 job: {plumbing / alone:.1%} of the time", flush=True)


if __name__ == "__main__":
    main()
