"""Who speaks of which numbers, with spaCy: python examples/spacy_pipeline.py [FILE].

Needs pip install 'quoteattr[spacy]'. The component goes into any English pipeline; a blank one needs no model.
"""

import sys
from pathlib import Path

import spacy

import quoteattr.spacy_component  # noqa: F401 # where quoteattr was installed with pip, spaCy finds it without this

ARTICLE = Path(__file__).parent / "articles" / "ad-markers.txt"

nlp = spacy.blank("en")
ruler = nlp.add_pipe("entity_ruler")
ruler.add_patterns([{"label": "NUMBER", "pattern": [{"LIKE_NUM": True}]}])
nlp.add_pipe("quoteattr")

doc = nlp(Path(sys.argv[1] if sys.argv[1:] else ARTICLE).read_text(encoding="utf-8"))
for span in doc.spans["quotes"]:
    print(f"{span.label_}: {span.text}")
for entity in doc.ents:
    if entity._.speaker:
        print(f"{entity.text} in a quote of {entity._.speaker.name}")
