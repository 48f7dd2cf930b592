"""Speed of the whole path, one thread: python benchmarks/speed.py [FOLDER OF .txt FILES]

Prints words per CPU second, the ratio to a bare regex tokenisation of the same text in the same run, the cost of
each stage, import and load time, peak memory, and how the cost grows with the length of one document.
Without a folder the texts of training_data/articles are used.
"""

from __future__ import annotations

import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from threadpoolctl import threadpool_limits

import quoteattr
from quoteattr.analysis import Analysis
from quoteattr.mentions import find_mentions
from quoteattr.quotations import find_utterances
from quoteattr.tokens import Tokens, join

BATCH = 32
WORD = re.compile(r"\w+(?:['’.\-]\w+)*")


def best(work: Callable[[], object], repeat: int = 5) -> float:
    """CPU seconds of the fastest of several runs."""
    times = []
    for _ in range(repeat):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def texts_of(folder: str | None) -> list[str]:
    """The texts to label."""
    if folder:
        return [p.read_text(encoding="utf-8", errors="replace") for p in sorted(Path(folder).glob("*.txt"))]
    from quoteattr.training.annotation import read_folder

    return [a.text for a in read_folder(Path(__file__).parents[1] / "training_data" / "articles")]


def stages(labeller: quoteattr.Labeller, texts: list[str]) -> dict[str, float]:
    """CPU seconds of each stage over all texts, in the batches of `pipe`."""
    attributor = labeller.attributor
    lexicon = labeller.bundle.lexicon
    batches = [texts[i : i + BATCH] for i in range(0, len(texts), BATCH)]
    spans = [[labeller.segmenter.spans(text) for text in batch] for batch in batches]
    joined = [join(batch) for batch in batches]
    every = [
        [(s + at, e + at) for (at, _), own in zip(places, found, strict=True) for s, e in own]
        for (_, places), found in zip(joined, spans, strict=True)
    ]
    tokens = [Tokens(text, lexicon.vocabulary) for text, _ in joined]
    pages = list(zip(tokens, every, joined, strict=True))
    scores = [labeller.classifier.read(t, s, lexicon, places) for t, s, (_, places) in pages]

    def analyse() -> list[Analysis]:
        return [
            Analysis(t, lexicon, s, (c.boilerplate >= 0.5).tolist(), places)
            for (t, s, (_, places)), c in zip(pages, scores, strict=True)
        ]

    def tagged() -> list[Analysis]:
        analyses = analyse()
        for a in analyses:
            _ = a.part  # found when it is asked for
        return analyses

    analyses = analyse()
    mentions = [find_mentions(a, *attributor.taggers) for a in analyses]
    result = {
        "segment": best(lambda: [labeller.segmenter.spans(text) for text in texts]),
        "tokens": best(lambda: [Tokens(text, lexicon.vocabulary) for text, _ in joined]),
        "classify": best(lambda: [labeller.classifier.read(t, s, lexicon, places) for t, s, (_, places) in pages]),
        "quotation marks": best(analyse),
        "parts of speech": best(tagged),
        "mentions": best(lambda: [find_mentions(a, *attributor.taggers) for a in tagged()]),
        "quotations": best(
            lambda: [find_utterances(a, m, attributor.quotations) for a, m in zip(tagged(), mentions, strict=True)]
        ),
    }
    for name in ("mentions", "quotations"):
        result[name] -= result["parts of speech"]
    result["parts of speech"] -= result["quotation marks"]
    return result


def spacy_seconds(texts: list[str]) -> float | None:
    """CPU seconds of spaCy's small English pipeline over some of the texts; None if it is not installed."""
    try:
        import spacy

        nlp = spacy.load("en_core_web_sm")
    except (ImportError, OSError):
        return None
    start = time.process_time()
    for _ in nlp.pipe(texts):
        pass
    return time.process_time() - start


def main() -> None:
    """Print the figures."""
    texts = texts_of(sys.argv[1] if len(sys.argv) > 1 else None)
    words = sum(len(WORD.findall(t)) for t in texts)
    labeller = quoteattr.load()
    whole, floor = float("inf"), float("inf")
    for _ in range(5):  # in turn, so that both see the same machine
        floor = min(floor, best(lambda: [WORD.findall(t) for t in texts], 2))
        whole = min(whole, best(lambda: list(labeller.pipe(texts, n_jobs=1)), 1))
    single = best(lambda: [labeller(t) for t in texts], 2)
    print(f"{len(texts)} texts, {words:,} words, quoteattr {quoteattr.__version__}, model {labeller.model_version}")
    for name, seconds in (("pipe(texts)", whole), ("one by one", single)):
        print(
            f"{name}: {words / seconds:,.0f} words per CPU second, {seconds / floor:.1f} times a bare regex tokenisation"
        )
    some = texts[:50]
    if (seconds_of_spacy := spacy_seconds(some)) is not None:
        rate = sum(len(WORD.findall(t)) for t in some) / seconds_of_spacy
        print(f"spaCy's small English pipeline: {rate:,.0f} words per CPU second")
    known = stages(labeller, texts)
    known["speakers, documents"] = whole - sum(known.values())
    for name, seconds in known.items():
        print(f"  {name:22} {seconds / whole:6.1%}  {seconds / floor:6.1f} x regex")
    code = "import time; t = time.perf_counter(); import quoteattr; quoteattr.load(); print(time.perf_counter() - t)"
    loads = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout) for _ in range(3)
    ]
    print(f"import + load(): {min(loads):.2f} s")
    print(f"peak memory so far: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    article = "\n\n".join(texts)
    for size in (100_000, 1_000_000, 10_000_000):
        text = (article * (size // len(article) + 1))[:size]
        seconds = best(lambda text=text: labeller(text), 1)  # type: ignore[misc]
        print(f"one document of {size:>10,} characters: {seconds:7.2f} s, {seconds / size * 1e9:,.0f} ns a character")
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    with threadpool_limits(1):
        main()
