"""Check annotated articles: python -m quoteattr.training.validate FOLDER_OR_FILE..."""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

from quoteattr.errors import AnnotationError
from quoteattr.training.annotation import Article, check, read


def count(article: Article) -> Counter[str]:
    """What an article holds: words, sentences, quotes by kind, boilerplate by kind, claims."""
    total = Counter(articles=1, words=len(re.findall(r"\w+(?:['’.\-]\w+)*", article.text)))
    total["sentences"] = len(article.sentences)
    total["claims"] = sum(s.claim for s in article.sentences)
    total["boilerplate"] = sum(bool(s.boilerplate) for s in article.sentences)
    total.update(s.boilerplate for s in article.sentences if s.boilerplate)
    total["quotes"] = len(article.quotes)
    total.update(q.kind for q in article.quotes)
    total["split " + article.split] += 1
    return total


def main(arguments: list[str]) -> int:
    """Validate and print counts; exit code 1 if anything is wrong."""
    if not arguments:
        print(__doc__)
        return 2
    faults: list[str] = []
    total: Counter[str] = Counter()
    for argument in map(Path, arguments):
        for path in sorted(argument.glob("*.txt")) if argument.is_dir() else [argument]:
            try:
                article = read(path)
            except AnnotationError as error:
                faults.append(str(error))
                continue
            faults += check(article, path.name)
            total += count(article)
    print("\n".join(faults))
    print(", ".join(f"{name} {n}" for name, n in total.items()))
    print(f"{len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
