"""Does it help to drop boilerplate before telling what an article is about? Segmenter and classifier in a grid search.

    python examples/grid_search.py

Needs pip install 'quoteattr[train]'. The articles are those of training_data; their beats are to be told.
"""

from pathlib import Path

from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline

from quoteattr import Segmenter, SentenceClassifier
from quoteattr.training.annotation import read_folder

BEATS = {"courts", "health"}


class WithoutBoilerplate(TransformerMixin, BaseEstimator):
    """Texts without the sentences whose probability of being boilerplate is at least the threshold; None drops none."""

    def __init__(self, threshold=0.5):
        self.threshold = threshold

    def fit(self, texts, y=None):  # noqa: ARG002 # scikit-learn passes them
        """Load the shipped classifier."""
        self.classifier_ = SentenceClassifier.load()
        return self

    def transform(self, texts):
        """Clean the texts."""
        return [text if self.threshold is None else self._clean(text) for text in texts]

    def _clean(self, text):
        spans, scores = Segmenter().spans(text), self.classifier_(text).boilerplate
        return "\n".join(text[start:end] for (start, end), p in zip(spans, scores, strict=True) if p < self.threshold)


articles = [
    a for a in read_folder(Path(__file__).parents[1] / "training_data" / "articles") if a.header["beat"] in BEATS
]
texts, beats = [a.text for a in articles], [a.header["beat"] for a in articles]
pipeline = Pipeline(
    [
        ("clean", WithoutBoilerplate()),
        ("words", TfidfVectorizer(stop_words="english", sublinear_tf=True)),
        ("beat", LogisticRegression()),
    ]
)
search = GridSearchCV(pipeline, {"clean__threshold": [None, 0.2, 0.5], "beat__C": [1, 10]}, cv=3)
search.fit(texts, beats)

print(f"{len(texts)} articles, {len(BEATS)} beats")
for parameters, accuracy in zip(search.cv_results_["params"], search.cv_results_["mean_test_score"], strict=True):
    print(f"threshold {parameters['clean__threshold']}, C {parameters['beat__C']}: accuracy {accuracy:.2f}")
print("best:", search.best_params_)
