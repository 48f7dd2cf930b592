"""Time and memory of a report over many articles: python benchmarks/report.py [ARTICLES]

Writes a file of labelled articles (a million by default): those of examples/articles again and again, each with speakers
of its own, a site and a date, drawn with a fixed seed. Counts it with `quoteattr report`, prints seconds and peak memory,
and deletes it.
"""

from __future__ import annotations

import gzip
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import numpy as np

import quoteattr

ARTICLES = Path(__file__).parents[1] / "examples" / "articles"
SITES, DAYS, BLOCK = 2_000, 3_650, 1_000
# The peak is read where Linux counts it for this program alone; resource.getrusage counts its parent's in.
REPORT = """
import re, sys, pathlib
from quoteattr.cli import main
main(sys.argv[1:])
print(re.search(r"VmHWM:\\s*(\\d+)", pathlib.Path("/proc/self/status").read_text())[1])
"""


def templates() -> list[tuple[list[str], int]]:
    """Labelled articles as JSON, cut where the names of their speakers stand; and how many these are."""
    labeller = quoteattr.load()
    result = []
    for path in sorted(ARTICLES.glob("*.txt")):
        data = labeller(path.read_text(encoding="utf-8")).to_dict()
        for speaker in data["speakers"]:
            speaker["name"] = "\0"
        result.append((json.dumps(data, ensure_ascii=False).split('"\\u0000"'), len(data["speakers"])))
    return result


def write(path: Path, articles: int) -> int:
    """Write the file; the number of bytes before compression."""
    rng = np.random.default_rng(1)
    known = templates()
    size = 0
    with gzip.open(path, "wb", compresslevel=1) as file:
        for first in range(0, articles, BLOCK):
            rows = []
            for i in range(first, min(first + BLOCK, articles)):
                pieces, speakers = known[i % len(known)]
                names = [f'"Speaker {n}"' for n in rng.zipf(1.2, speakers)]  # a few in every paper, many in one
                document = "".join(piece + name for piece, name in zip(pieces, [*names, ""], strict=True))
                day = date(2016, 1, 1) + timedelta(int(rng.integers(DAYS)))
                site = f"site{int(rng.zipf(1.5)) % SITES}.example"
                rows.append(f'{{"id": {i}, "date": "{day}", "site": "{site}", "document": {document}}}\n')
            data = "".join(rows).encode()
            size += len(data)
            file.write(data)
    return size


def main() -> None:
    """Print the figures."""
    articles = int(sys.argv[1]) if sys.argv[1:] else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        labelled, page = Path(folder) / "labelled.jsonl.gz", Path(folder) / "report.html"
        size = write(labelled, articles)
        print(
            f"{articles:,} labelled articles, {size / 1e9:.1f} GB of JSON Lines, {labelled.stat().st_size / 1e9:.2f} GB as .gz"
        )
        started = time.perf_counter()
        command = ["report", labelled, "-o", page, "--date-field", "date", "--site-field", "site"]
        done = subprocess.run([sys.executable, "-c", REPORT, *command], check=True, stdout=subprocess.PIPE)
        seconds = time.perf_counter() - started
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(
            f"{seconds:.0f} s ({used.ru_utime + used.ru_stime:.0f} s of processor time), {articles / seconds:,.0f} articles a second"
        )
        print(f"peak memory: {int(done.stdout) / 1024:.0f} MB; the page: {page.stat().st_size / 1024:.0f} KB")


if __name__ == "__main__":
    main()
