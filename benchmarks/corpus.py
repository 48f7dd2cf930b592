"""Throughput and memory of `quoteattr label`: python benchmarks/corpus.py [--articles N] [--short] [--jobs 1 2]

Labels articles made by a seeded generator from those of training_data, as JSON Lines and as Parquet, in a process of
its own each time. Prints articles, words and bytes per second; the ratio to merely reading and writing the same files,
which is the plumbing; the speed-up of more jobs; and the peak memory of the parent and of its largest worker.

    python benchmarks/corpus.py                                   # 2,000 articles of usual length
    python benchmarks/corpus.py --articles 1000000 --short --jobs 2 --formats jsonl      # flat memory
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
# Runs label_corpus, with labelling or without: then every text gets the document that was made for it before.
RUN = """
import json, resource, sys, time
import quoteattr.corpus.run as run
from quoteattr import Document, load

source, output, jobs, known = sys.argv[1:]
if known:
    documents = {}
    for line in open(known, encoding="utf-8"):
        document = Document.from_dict(json.loads(line)["document"])
        documents[document.text] = document
    class Reader:
        model_version = load().model_version
        def pipe(self, texts, n_jobs):
            return (documents[text] for text in texts)
    run.load = lambda path: Reader()
started = time.perf_counter()
summary = run.label_corpus([source], output, jobs=int(jobs))
seconds = time.perf_counter() - started
memory = [resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
print(json.dumps([seconds, summary.labelled, summary.words, *memory]))
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


def measure(source: Path, output: Path, jobs: int, known: Path | None = None) -> list[float]:
    """Seconds, articles, words, and peak megabytes of the parent and of its largest worker."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, source, output, str(jobs), known or ""], stdout=subprocess.PIPE, check=True
    )
    result: list[float] = json.loads(done.stdout)
    return result


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--short", action="store_true", help="two sentences each, labelled only, for memory")
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
        known = None
        for suffix in arguments.formats:
            alone = None
            for jobs in arguments.jobs:
                output = Path(folder) / f"{jobs}.{suffix}"
                seconds, articles, words, parent, worker = measure(source, output, jobs)
                alone = alone or seconds
                print(
                    f"{suffix:8} {jobs} jobs: {articles / seconds:8,.1f} articles, {words / seconds:10,.0f} words, "
                    f"{size / seconds / 1e3:8,.0f} kB a second; {alone / seconds:.2f} times the first; "
                    f"{output.stat().st_size / 1e6:,.1f} MB out; peak {parent:,.0f} MB, worker {worker:,.0f} MB",
                    flush=True,
                )
                if suffix == "jsonl":
                    known = known or output
            if known and not arguments.short:
                plumbing = measure(source, Path(folder) / f"plumbing.{suffix}", 1, known)[0]
                print(f"{suffix:8} reading and writing alone, 1 job: {plumbing / alone:.1%} of the time")


if __name__ == "__main__":
    main()
