"""The spaCy component, in a blank pipeline."""

import pytest

from quoteattr import ModelError

spacy = pytest.importorskip("spacy", reason="needs pip install 'quoteattr[spacy]'")

from spacy.tokens import Doc, DocBin  # noqa: E402

import quoteattr.spacy_component  # noqa: E402, F401 # registers the component

ARTICLE = (
    "Council to close pool\n\nAdvertisement\n\n“We fought for this pool,” said Marian Pike, “for nine years.”\n\n"
    "She told the Courier that 900 people had signed her petition.\n"
)


@pytest.fixture(scope="module")
def nlp():
    nlp = spacy.blank("en")
    nlp.add_pipe("quoteattr")
    return nlp


@pytest.fixture(scope="module")
def doc(nlp):
    return nlp(ARTICLE)


def test_document_is_what_the_labeller_gives(doc, labeller):
    assert doc._.quoteattr == labeller(ARTICLE)


def test_quotes_and_speakers_are_those_of_the_document(doc):
    assert doc._.quotes == doc._.quoteattr.quotes
    assert [speaker.name for speaker in doc._.speakers] == ["Marian Pike"]


def test_pieces_of_quotes_are_spans_with_their_kinds(doc):
    assert [(span.text, span.label_) for span in doc.spans["quotes"]] == [
        ("We fought for this pool,", "direct"),
        ("for nine years.", "direct"),
        ("900 people had signed her petition", "indirect"),
    ]


@pytest.mark.parametrize(
    ("group", "spans"),
    [
        ("cues", [("said", "cue"), ("told", "cue")]),
        ("mentions", [("Marian Pike", "person"), ("She", "person"), ("her", "person")]),
        ("boilerplate", [("Advertisement", "ad")]),
        (
            "claims",
            [
                ("“We fought for this pool,” said Marian Pike, “for nine years.”", "claim"),
                ("She told the Courier that 900 people had signed her petition.", "claim"),
            ],
        ),
    ],
)
def test_groups_of_spans(doc, group, spans):
    assert [(span.text, span.label_) for span in doc.spans[group]] == spans


def test_a_span_knows_the_quote_it_stands_in(doc):
    (pool,) = [token for token in doc if token.text == "years"]
    span = doc[pool.i : pool.i + 1]
    assert span._.quote == doc._.quotes[0]
    assert span._.speaker == doc._.speakers[0]


def test_a_span_outside_quotes_has_no_quote(doc):
    assert doc[:2]._.quote is None
    assert doc[:2]._.speaker is None


def test_sentences_are_set_with_their_tags(doc):
    sentences = {sent.text.strip(): sent for sent in doc.sents}
    assert list(sentences) == [sentence.text for sentence in doc._.quoteattr.sentences]
    assert sentences["Advertisement"]._.tags == {"boilerplate"}
    assert sentences["Advertisement"]._.boilerplate_kind == "ad"
    assert sentences["Council to close pool"]._.boilerplate_kind is None


def test_sentences_of_an_earlier_component_stay():
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    before = [sent.text for sent in nlp(ARTICLE).sents]
    nlp.add_pipe("quoteattr")
    assert [sent.text for sent in nlp(ARTICLE).sents] == before


def test_a_piece_that_cuts_a_token_is_widened_and_the_exact_offsets_kept(nlp):
    doc = Doc(nlp.vocab, ["“We", "won,”", "said", "Ada", "Obi."])
    doc = nlp.get_pipe("quoteattr")(doc)
    assert [span.text for span in doc.spans["quotes"]] == ["“We won,”"]
    assert doc._.quotes[0].text == "We won,"


def test_a_sentence_that_starts_within_a_token_starts_at_the_next(nlp):
    doc = nlp.get_pipe("quoteattr")(Doc(nlp.vocab, ["It", "rained.\nNobody", "came", "."]))
    assert [sent.text for sent in doc.sents] == ["It rained.\nNobody", "came ."]
    assert [sentence.text for sentence in doc._.quoteattr.sentences] == ["It rained.", "Nobody came ."]


@pytest.mark.parametrize("text", ["", " ", "\n\n", "“", "😀 “So,” he said."])
def test_any_text_passes(nlp, text):
    assert nlp(text)._.quoteattr.text == text


# --- many docs -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"n_process": 2}])
def test_pipe_gives_what_single_calls_give(nlp, labeller, options):
    texts = [f"“We lost pool {n},” said Ann Foy." for n in range(50)]
    docs = nlp.pipe(texts, batch_size=8, **options)
    assert [doc._.quoteattr for doc in docs] == [labeller(text) for text in texts]


def test_pipe_may_use_processes_of_its_own(labeller):
    nlp = spacy.blank("en")
    nlp.add_pipe("quoteattr", config={"n_jobs": 2})
    docs = nlp.pipe([(ARTICLE, "a"), ("", "b")], as_tuples=True)
    assert [(doc._.quoteattr, context) for doc, context in docs] == [(labeller(ARTICLE), "a"), (labeller(""), "b")]


# --- saving ----------------------------------------------------------------------------------------------------------


def test_a_saved_doc_has_its_labels(nlp, doc):
    saved = Doc(nlp.vocab).from_bytes(doc.to_bytes())
    assert saved._.quoteattr == doc._.quoteattr
    assert [(s.text, s.label_, s._.tags) for s in saved.spans["quotes"]] == [
        (s.text, s.label_, s._.tags) for s in doc.spans["quotes"]
    ]


def test_a_doc_bin_keeps_labels(nlp, doc):
    data = DocBin(docs=[doc], store_user_data=True).to_bytes()
    (saved,) = DocBin().from_bytes(data).get_docs(nlp.vocab)
    assert saved._.quotes == doc._.quotes


def test_a_doc_without_labels_has_none(nlp):
    doc = nlp.make_doc(ARTICLE)
    assert (doc._.quoteattr, doc._.quotes, doc[:3]._.tags) == (None, (), frozenset())


def test_the_doc_of_a_part_does_not_take_over_labels_whose_offsets_differ(doc):
    part = doc[5:].as_doc(copy_user_data=True)
    assert part._.quoteattr is None


def test_a_saved_pipeline_labels_the_same(nlp, doc, tmp_path):
    nlp.to_disk(tmp_path)
    assert spacy.load(tmp_path)(ARTICLE)._.quoteattr == doc._.quoteattr


def test_the_bytes_of_a_pipeline_bring_it_back(nlp, doc):
    other = spacy.blank("en")
    other.add_pipe("quoteattr")
    assert other.from_bytes(nlp.to_bytes())(ARTICLE)._.quoteattr == doc._.quoteattr


def test_the_model_is_a_setting(tmp_path):
    with pytest.raises(ModelError, match="no model bundle"):
        spacy.blank("en").add_pipe("quoteattr", config={"model": str(tmp_path)})
