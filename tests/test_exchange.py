"""Annotation tools: what goes out comes back to the last offset, and what people leave is read or named."""

import itertools
import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quoteattr import AnnotationError, Segmenter
from quoteattr.document import BOILERPLATE_KINDS
from quoteattr.exchange import FORMATS, brat, format_of, label_studio, prodigy, read, read_articles, write
from quoteattr.exchange.graph import (
    CLAIM,
    CONTENTS,
    CONTINUES,
    CUE,
    HAS_CUE,
    HAS_MENTION,
    HAS_SPEAKER,
    LABELS,
    LINKS,
    SAME,
    SENTENCE,
    SPEAKERS,
    UNKNOWN,
    Graph,
    document_of,
    graph_of,
)
from quoteattr.training.annotation import LAYERS

SUFFIX = {"label-studio": ".json", "prodigy": ".jsonl", "columns": ".tsv", "labelled": ".jsonl"}
TEXT = "Pool to close\n\n“We 🏊 tried,” said Ms Pike. “It is\nover.”\n\nHide Ad\n"


def labels(document):
    """All of a document that a human could have set."""
    data = document.to_dict()
    for sentence in data["sentences"]:
        del sentence["scores"]
    for quote in data["quotes"]:
        del quote["confidence"], quote["evidence"]
    return data["text"], data["sentences"], data["speakers"], data["quotes"]


def submitted(path):
    """Press Submit in Label Studio: the predictions of every task become an annotation."""
    tasks = json.loads(path.read_text("utf-8"))
    for task in tasks:
        task["annotations"] = [{"result": task.pop("predictions")[0]["result"]}]
    path.write_text(json.dumps(tasks), "utf-8")


def round_trip(documents, format, folder):
    path = folder / f"there{SUFFIX.get(format, '')}"
    assert write(documents, path, format) == []
    if format == "label-studio":
        submitted(path)
    return list(read(path))


def story():
    """TEXT as a graph: a direct quote in three pieces, a pronounless speaker, an ad."""
    graph = Graph("pool", TEXT)
    pieces = [graph.add(*span(words), "direct") for words in ("We 🏊 tried,", "It is", "over.")]
    graph.link(CONTINUES, pieces[0], pieces[1])
    graph.link(CONTINUES, pieces[1], pieces[2])
    graph.link(HAS_CUE, pieces[0], graph.add(*span("said"), CUE))
    graph.link(HAS_MENTION, pieces[0], graph.add(*span("Ms Pike"), "person", "Ms Pike"))
    graph.add(*span("Hide Ad"), "ad")
    return graph


def span(words):
    start = TEXT.index(words)
    return start, start + len(words)


# --- round trips -----------------------------------------------------------------------------------------------------

WORDS = st.sampled_from(
    ["“We", "tried,”", "said", "Ms", "Pike.", "🏊‍♀️", "e\u0301", "{x}", "\\n", "a|b", "Hide", "Ad", "“", "#", "𝒳"]
)
ANY_WORD = WORDS | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=4)
GAPS = st.sampled_from(
    [" ", " ", " ", " ", "  ", "\n", "\n\n", "\n \n", "\r\n", "\t", "\xa0", "\u2028", "\r", "", "\n\n\n"]
)
ROLES = (None, None, "content 1", "content 2", "cue 1", "cue 2", "mention 1", "mention 2", "mention ?")


@st.composite
def documents(draw):
    """Documents with quotes in pieces, shared and unknown mentions, names of all kinds, sentences cut anyhow."""
    text = draw(GAPS)
    for word in draw(st.lists(ANY_WORD, max_size=25)):
        text += word + draw(GAPS)
    graph = Graph(draw(st.text(st.characters(exclude_categories=["Cs"]), max_size=8)), text)
    found = {}
    for start, end in Segmenter().spans(text):
        words = [(m.start() + start, m.end() + start) for m in re.finditer(r"\S+", text[start:end])]
        roles = [draw(st.sampled_from(ROLES)) for _ in words]
        runs = []
        for (s, e), role in zip(words, roles):
            if runs and runs[-1][2] == role:
                runs[-1][1] = e
            else:
                runs.append([s, e, role])
        for s, e, role in runs:
            if role:
                found.setdefault(role, []).append((s, e))
        if not any(roles):
            cut = draw(st.sampled_from([start, *(s for s, _ in words[1:])]))  # sometimes two sentences out of one
            for s, e in ((start, cut), (cut, end)):
                if text[s:e].strip():
                    graph.add(s, e, draw(st.sampled_from([*BOILERPLATE_KINDS, CLAIM, SENTENCE])))
        elif any(role and role.startswith("content") for role in roles):
            graph.add(start, end, draw(st.sampled_from([CLAIM, SENTENCE])))
        else:
            graph.add(start, end, draw(st.sampled_from([*BOILERPLATE_KINDS, CLAIM, SENTENCE])))
    mentions = []
    for key in ("mention 1", "mention 2"):
        kind = draw(st.sampled_from(SPEAKERS))
        name = draw(st.sampled_from(["", "Marian Pike", "A | B: C", "the 𝒳 body"]))
        own = [graph.add(s, e, kind, "" if n else name) for n, (s, e) in enumerate(found.get(key, []))]
        for other in own[1:]:
            graph.link(SAME, own[0], other)
        mentions += own
    known = list(mentions)
    mentions += [graph.add(s, e, UNKNOWN) for s, e in found.get("mention ?", [])]
    for n in (1, 2):
        kind = draw(st.sampled_from(CONTENTS))
        pieces = [graph.add(s, e, kind) for s, e in found.get(f"content {n}", [])]
        for a, b in itertools.pairwise(pieces):
            graph.link(CONTINUES, a, b)
        if pieces and found.get(f"cue {n}"):
            graph.link(HAS_CUE, pieces[0], graph.add(*found[f"cue {n}"][0], CUE))
        if pieces and mentions and draw(st.booleans()):
            graph.link(HAS_MENTION, pieces[0], draw(st.sampled_from(mentions)))
        elif pieces and known and draw(st.booleans()):
            graph.link(HAS_SPEAKER, pieces[0], draw(st.sampled_from(known)))
    return graph.id, document_of(graph)


@given(item=documents())
@settings(max_examples=150, deadline=None)
def test_a_graph_is_the_whole_document(item):
    assert labels(document_of(graph_of(*item))) == labels(item[1])


@pytest.mark.parametrize("format", FORMATS)
@given(item=documents())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_document_comes_back_to_the_last_offset(format, item, tmp_path_factory):
    if format == "annotated" and not item[1].sentences:
        return  # an article has text
    [(id, document)] = round_trip([item], format, tmp_path_factory.mktemp("trip"))

    assert id == item[0]
    assert labels(document) == labels(item[1])


@pytest.mark.parametrize("format", FORMATS)
def test_what_the_labeller_finds_comes_back(format, labeller, root, tmp_path):
    paths = sorted((root / "examples" / "articles").glob("*.txt"))
    labelled = [(path.name, labeller(path.read_text("utf-8"))) for path in paths]

    back = round_trip(labelled, format, tmp_path)

    assert {id: labels(document) for id, document in back} == {id: labels(document) for id, document in labelled}


@pytest.mark.parametrize("format", FORMATS)
def test_the_annotated_articles_come_back(format, root, tmp_path):
    gold = list(FORMATS["annotated"].read(root / "training_data" / "articles"))[::20]

    back = round_trip(gold, format, tmp_path)

    assert {id: labels(document) for id, document in back} == {id: labels(document) for id, document in gold}


@pytest.mark.parametrize("format", ["label-studio", "prodigy", "labelled"])
def test_half_a_character_comes_back_in_json(format, tmp_path):
    document = document_of(Graph("a", "Half \ud83d here."))

    assert round_trip([("a", document)], format, tmp_path) == [("a", document)]


@pytest.mark.parametrize("format", ["brat", "columns", "web-annotation"])
def test_half_a_character_has_no_file(format, tmp_path):
    with pytest.raises(AnnotationError, match="UTF-8 cannot express"):
        write([("a", document_of(Graph("a", "Half \ud83d here.")))], tmp_path / "x", format)
    assert list(tmp_path.iterdir()) == []


# --- what each format looks like -------------------------------------------------------------------------------------


def test_brat_gives_a_quote_in_pieces_as_fragments(tmp_path):
    brat.write([("pool", document_of(story()))], tmp_path)
    lines = (tmp_path / "pool.ann").read_text("utf-8").splitlines()

    first = TEXT.index("We")
    pieces = ";".join(f"{s} {e}" for s, e in map(span, ("We 🏊 tried,", "It is", "over.")))
    assert f"Direct {pieces}\tWe 🏊 tried, It is over." in [line.partition("\t")[2] for line in lines]
    assert pieces.startswith(f"{first} {first + 11};")


def test_brat_breaks_a_fragment_where_a_line_breaks(tmp_path):
    text = "He said Dr\nNo left."
    brat.write([("a", document((8, 13, "person"), text=text))], tmp_path)

    assert "Person 8 10;11 13\tDr No" in (tmp_path / "a.ann").read_text("utf-8")


def test_brat_files_hold_the_text_unchanged(tmp_path):
    brat.write([("a", document_of(Graph("a", "One.\r\nTwo.\rThree.")))], tmp_path)

    assert (tmp_path / "a.txt").read_bytes() == b"One.\r\nTwo.\rThree."


def test_the_configuration_of_brat_names_every_label_and_link(tmp_path):
    brat.write([], tmp_path)
    conf = (tmp_path / "annotation.conf").read_text("utf-8")

    assert [label for label in LABELS if not re.search(rf"^\t?{label.capitalize()}$", conf, re.M)] == []
    assert [link for link in LINKS if link != CONTINUES and not re.search(rf"^{link}\t", conf, re.M)] == []


def test_label_studio_counts_utf16(tmp_path):
    label_studio.write([("pool", document_of(story()))], tmp_path / "t.json")
    [task] = json.loads((tmp_path / "t.json").read_text("utf-8"))
    values = {r["value"]["text"]: r["value"] for r in task["predictions"][0]["result"] if r["type"] == "labels"}

    for words, value in values.items():
        units = TEXT.encode("utf-16-le")[2 * value["start"] : 2 * value["end"]]
        assert units.decode("utf-16-le") == words
    assert values["said"]["start"] == TEXT.index("said") + 1  # one emoji before it


def test_the_configuration_of_label_studio_names_every_label_and_link():
    import xml.etree.ElementTree as ET

    view = ET.fromstring(label_studio.configuration())

    assert [label.get("value") for label in view.iter("Label")] == list(LABELS)
    assert [link.get("value") for link in view.iter("Relation")] == list(LINKS)
    assert {(e.tag, e.get("name")) for e in view if e.get("name")} == {
        ("Labels", "label"),
        ("Text", "text"),
        ("TextArea", "name"),
    }


def test_prodigy_spans_stand_on_tokens(tmp_path):
    prodigy.write([("pool", document_of(story()))], tmp_path / "t.jsonl")
    task = json.loads((tmp_path / "t.jsonl").read_text("utf-8"))

    for s in task["spans"]:
        first, last = task["tokens"][s["token_start"]], task["tokens"][s["token_end"]]
        assert (first["start"], last["end"]) == (s["start"], s["end"])
    assert all(r["head_span"] in task["spans"] and r["child_span"] in task["spans"] for r in task["relations"])


def test_columns_give_token_offsets_and_parts(tmp_path):
    write([("pool", document_of(story()))], tmp_path / "t.tsv", "columns")
    rows = [
        line.split("\t") for line in (tmp_path / "t.tsv").read_text("utf-8").splitlines() if line and line[0] != "#"
    ]
    by_token = {row[1]: row for row in rows}

    assert all(TEXT[int(row[2]) : int(row[3])] == row[1] for row in rows)
    assert by_token["said"][4:] == ["_", "_", "B-1", "_", "_"]
    assert by_token["Pike"][4:] == ["_", "I-1", "_", "_", "I-s1"]
    assert by_token["🏊"][7] == "I-direct-1"
    assert by_token["Hide"][4] == "B-ad"


def test_web_annotations_select_by_code_points_and_by_words(tmp_path):
    write([("pool", document_of(story()))], tmp_path / "w", "web-annotation")
    page = json.loads((tmp_path / "w" / "pool.jsonld").read_text("utf-8"))

    assert (page["@context"], page["type"]) == ("http://www.w3.org/ns/anno.jsonld", "AnnotationPage")
    selectors = [a["target"]["selector"] for a in page["items"] if "motivation" not in a]
    assert all(TEXT[p["start"] : p["end"]] == q["exact"] for p, q in selectors)
    links = [a for a in page["items"] if a.get("motivation") == "linking"]
    assert {len(a["target"]) for a in links} == {2}


def test_an_annotated_article_names_its_layers_and_speakers(tmp_path):
    write([("pool.txt", document_of(story()))], tmp_path / "a", "annotated", ["boilerplate", "quotes"])

    source = (tmp_path / "a" / "pool.txt").read_text("utf-8")
    assert source == (
        'id: pool\ndocument: "pool.txt"\nlayers: boilerplate quotes\n@pike: Ms Pike | person | they\n\n'
        "-| Pool to close\n\n-| “{1d: We 🏊 tried,}” {1! said} {1@pike Ms Pike}.\n+-| “{1d: It is}\n-| {1d: over.}”\n\n"
        "ad| Hide Ad\\u000a\n"
    )


# --- formats are known by their files --------------------------------------------------------------------------------


@pytest.mark.parametrize("format", FORMATS)
def test_a_format_is_recognised(format, tmp_path):
    path = tmp_path / f"x{SUFFIX.get(format, '')}"
    write([("pool", document_of(story()))], path, format)

    assert format_of(path) == format


@pytest.mark.parametrize(
    ("name", "message"), [("none.json", "there is no file"), ("", "holds no .ann"), ("a.doc", "in no format")]
)
def test_what_is_in_no_format_is_an_error(name, message, tmp_path):
    (tmp_path / "a.doc").touch()

    with pytest.raises(AnnotationError, match=message):
        format_of(tmp_path / name)


def test_nothing_is_overwritten(tmp_path):
    with pytest.raises(AnnotationError, match="may hold corrections"):
        write([], tmp_path, "brat")


def test_a_configuration_beside_the_tasks_is_not_overwritten_either(tmp_path):
    (tmp_path / "t.xml").touch()

    with pytest.raises(AnnotationError, match=r"t\.xml is there already"):
        write([("pool", document_of(story()))], tmp_path / "t.json", "label-studio")


def test_layers_that_do_not_go_together_are_an_error(tmp_path):
    with pytest.raises(AnnotationError, match="claims counts only together with boilerplate"):
        write([("pool", document_of(story()))], tmp_path / "x", "annotated", ["claims"])


def test_long_ids_that_begin_alike_are_different_articles(tmp_path):
    ids = {f"https://example.org/{'x' * 300}/{n}" for n in range(2)}

    write([(id, document_of(story())) for id in sorted(ids)], tmp_path / "x", "annotated")

    assert {id for id, _ in read(tmp_path / "x")} == ids


def test_two_documents_with_one_id_are_an_error(tmp_path):
    item = "pool", document_of(story())

    with pytest.raises(AnnotationError, match="give them different ids"):
        write([item, item], tmp_path / "x", "brat")
    assert list(tmp_path.iterdir()) == []


def test_a_document_that_the_format_cannot_hold_is_left_out(tmp_path):
    items = [("empty", document_of(Graph("empty", " "))), ("pool", document_of(story()))]

    [error] = write(items, tmp_path / "x", "annotated")

    assert str(error).startswith("empty: the document has no text")
    assert [path.name for path in (tmp_path / "x").iterdir()] == ["pool.txt"]


def test_no_document_makes_no_file(tmp_path):
    assert write([], tmp_path / "x.json", "label-studio") == []
    assert list(tmp_path.iterdir()) == []


def test_articles_are_read_from_a_tool_with_the_layers_that_a_labeller_marks(tmp_path):
    write([("pool", document_of(story()))], tmp_path / "x", "brat")

    [article] = read_articles(tmp_path / "x")

    assert article.text == TEXT
    assert article.layers == set(LAYERS) - {"mentions"}


# --- what people leave: mended ---------------------------------------------------------------------------------------


def document(*regions, links=(), text=TEXT):
    graph = Graph("pool", text)
    for region in regions:
        graph.add(*region)
    for link in links:
        graph.link(*link)
    return document_of(graph)


def test_outer_white_space_is_cut_off():
    start, end = span("said")

    doc = document((*span("We 🏊 tried,"), "direct"), (start - 1, end + 1, CUE), links=[(HAS_CUE, 0, 1)])

    assert (doc.quotes[0].cue.start, doc.quotes[0].cue.end) == (start, end)


def test_a_content_over_a_line_break_is_cut_there():
    start = TEXT.index("It is")

    doc = document((start, TEXT.index("over.") + 5, "direct"))

    assert [TEXT[s.start : s.end] for s in doc.quotes[0].spans] == ["It is", "over."]


def test_boilerplate_over_several_lines_is_a_sentence_a_line():
    text = "Hide Ad\n\nShow Ad\nIt rained."

    doc = document((0, 16, "ad"), text=text)

    assert [(s.text, s.boilerplate_kind) for s in doc.sentences] == [
        ("Hide Ad", "ad"),
        ("Show Ad", "ad"),
        ("It rained.", None),
    ]


def test_a_deleted_sentence_is_filled_in():
    assert [s.text for s in document().sentences] == [TEXT[s:e] for s, e in Segmenter().spans(TEXT)]


def test_a_speaker_without_a_name_has_that_of_its_longest_mention():
    text = "The tall neighbour left. She said no. He saw the neighbour."
    regions = [(0, 18, "unnamed"), (25, 28, "unnamed"), (45, 58, "unnamed")]

    doc = document(*regions, links=[(SAME, 0, 1), (SAME, 2, 1)], text=text)

    assert [(s.name, s.kind, len(s.mentions)) for s in doc.speakers] == [("tall neighbour", "unnamed", 3)]


def test_the_kind_of_most_mentions_counts():
    text = "Pike left. Pike came. Pike sang."

    doc = document(
        (0, 4, "body"), (11, 15, "person"), (22, 26, "person"), links=[(SAME, 0, 1), (SAME, 1, 2)], text=text
    )

    assert doc.speakers[0].kind == "person"


def test_an_unknown_mention_that_is_linked_to_a_known_one_is_known():
    text = "Pike came. He said no."

    doc = document(
        (0, 4, "person"), (11, 13, UNKNOWN), (19, 21, "indirect"), links=[(SAME, 1, 0), (HAS_MENTION, 2, 1)], text=text
    )

    assert doc.quotes[0].speaker.name == "Pike"


def test_a_mention_whose_speaker_is_stated_joins_its_mentions():
    text = "Pike came. He said no."

    doc = document(
        (0, 4, "person"),
        (11, 13, UNKNOWN),
        (19, 21, "indirect"),
        links=[(HAS_SPEAKER, 2, 0), (HAS_MENTION, 2, 1)],
        text=text,
    )

    assert [(m.start, m.end) for m in doc.quotes[0].speaker.mentions] == [(0, 4), (11, 13)]


def test_a_quote_without_links_has_nobody():
    quote = document((*span("We 🏊 tried,"), "direct")).quotes[0]

    assert (quote.cue, quote.mention, quote.speaker) == (None, None, None)


def test_a_cue_without_a_quote_is_dropped():
    assert document((*span("said"), CUE)) == document()


def test_a_link_that_was_drawn_the_other_way_counts():
    doc = document((*span("said"), CUE), (*span("We 🏊 tried,"), "direct"), links=[(HAS_CUE, 0, 1)])

    assert doc.quotes[0].cue is not None


def test_a_claim_that_was_relabelled_boilerplate_is_boilerplate():
    doc = document((*span("Hide Ad"), CLAIM), (*span("Hide Ad"), "ad"))

    assert doc.sentences[-1].tags == {"boilerplate"}


# --- what people leave: errors ---------------------------------------------------------------------------------------

QUOTE, SAID = (*span("We 🏊 tried,"), "direct"), (*span("said"), CUE)


@pytest.mark.parametrize(
    ("regions", "links", "message"),
    [
        ([(0, 4, "advert")], [], r"advert 'Pool' \(0-4\) has an unknown label: the labels are direct"),
        ([(13, 15, CUE)], [], "holds only white space"),
        ([(60, 99, CUE)], [], "does not fit into the text"),
        ([QUOTE, SAID], [("cue", 0, 1)], "unknown link 'cue'"),
        ([QUOTE, (*span("Ms Pike"), "person")], [(HAS_CUE, 0, 1)], "is linked by has_cue to a person"),
        ([QUOTE, SAID, (0, 4, CUE)], [(HAS_CUE, 0, 1), (HAS_CUE, 0, 2)], "has 2 links has_cue: leave one"),
        ([QUOTE, (*span("tried,"), "indirect")], [], "overlaps indirect 'tried,'"),
        (
            [QUOTE, (*span("It is"), "indirect")],
            [(CONTINUES, 0, 1)],
            "continues as indirect: label all its pieces alike",
        ),
        ([(0, 8, "ad"), (5, 13, "ad")], [], "overlaps the sentence 'to close'"),
        ([(0, 4, "ad"), (0, 4, "share")], [], "is labelled share, too|is labelled ad, too"),
        ([QUOTE, (*span("“We 🏊 tried,” said Ms Pike."), "ad")], [], "boilerplate carries none"),
        (
            [QUOTE, (*span("Ms Pike"), "person"), (0, 4, "body")],
            [(HAS_MENTION, 0, 1), (HAS_SPEAKER, 0, 2)],
            "a mention of 'Ms Pike' but the speaker 'Pool'",
        ),
    ],
)
def test_a_contradiction_is_named(regions, links, message):
    with pytest.raises(AnnotationError, match=message):
        document(*regions, links=links)


def brat_folder(folder, ann, text=TEXT):
    (folder / "pool.txt").write_text(text, "utf-8")
    (folder / "pool.ann").write_text(ann, "utf-8")
    return folder


def prodigy_file(folder, **changes):
    prodigy.write([("pool", document_of(story()))], folder / "t.jsonl")
    task = json.loads((folder / "t.jsonl").read_text("utf-8")) | changes
    (folder / "t.jsonl").write_text(json.dumps(task), "utf-8")
    return folder / "t.jsonl"


def label_studio_file(folder, change):
    label_studio.write([("pool", document_of(story()))], folder / "t.json")
    submitted(folder / "t.json")
    [task] = json.loads((folder / "t.json").read_text("utf-8"))
    (folder / "t.json").write_text(json.dumps([change(task) or task]), "utf-8")
    return folder / "t.json"


def the_error(path):
    [error] = read(path)
    assert isinstance(error, AnnotationError)
    return str(error).replace(f"{path}", "PATH")


@pytest.mark.parametrize(
    ("ann", "message"),
    [
        ("T1\tCue 0 4\tpool\n", "pool.ann:1: 'pool' does not stand at 0 4 in the .txt file"),
        ("\nT1 Cue 0 4 Pool\n", "pool.ann:2: only text spans"),
        ("T1\tCue 0 4\tPool\nR1\thas_cue Arg1:T9 Arg2:T1\n", "pool.ann:2: there is no annotation T9"),
        ("T1\tContent 0 4\tPool\n", "pool.ann: content 'Pool' (0-4) has an unknown label"),
    ],
)
def test_an_error_in_brat_names_file_and_line(ann, message, tmp_path):
    assert the_error(brat_folder(tmp_path, ann)).startswith(f"PATH/{message}")


def test_brat_without_its_text_is_an_error(tmp_path):
    (tmp_path / "pool.ann").touch()

    assert the_error(tmp_path) == "PATH/pool.ann: its text pool.txt is missing"


def test_one_broken_document_does_not_hide_the_others(tmp_path):
    brat_folder(tmp_path, "T1\n")
    (tmp_path / "good.txt").write_text("It rained.", "utf-8")
    (tmp_path / "good.ann").touch()

    good, broken = read(tmp_path)

    assert good[0] == "good"
    assert isinstance(broken, AnnotationError)


def test_a_note_on_a_brat_mention_is_the_name(tmp_path):
    brat_folder(
        tmp_path, f"T1\tPerson {' '.join(map(str, span('Ms Pike')))}\tMs Pike\n#1\tAnnotatorNotes T1\tMarian Pike\n"
    )

    [(_, doc)] = read(tmp_path)

    assert doc.speakers[0].name == "Marian Pike"


def test_a_task_that_nobody_submitted_is_named(tmp_path):
    path = label_studio_file(tmp_path, lambda task: task.pop("annotations") and None)

    assert (
        the_error(path) == "PATH: task 1: nobody has submitted an annotation: open the task, correct it, press Submit"
    )


def test_the_last_submitted_annotation_counts(tmp_path):
    def change(task):
        old = {"result": [], "updated_at": "2026-01-01"}
        cancelled = {"result": [], "updated_at": "2026-03-01", "was_cancelled": True}
        task["annotations"] = [old, task["annotations"][0] | {"updated_at": "2026-02-01"}, cancelled]

    [(_, doc)] = read(label_studio_file(tmp_path, change))

    assert len(doc.quotes) == 1


def test_offsets_that_are_no_utf16_are_named(tmp_path):
    def change(task):
        for entry in task["annotations"][0]["result"]:
            if entry["type"] == "labels" and entry["value"]["text"] == "said":
                entry["value"]["start"] -= 1
                entry["value"]["end"] -= 1

    assert "says 'said', which is not what stands there" in the_error(label_studio_file(tmp_path, change))


def test_an_offset_inside_an_emoji_is_named(tmp_path):
    def change(task):
        value = {"start": TEXT.index("🏊") + 1, "end": TEXT.index("🏊") + 3, "labels": ["cue"]}
        task["annotations"][0]["result"].append({"id": "x", "type": "labels", "value": value})

    assert "inside a character: offsets are UTF-16 code units" in the_error(label_studio_file(tmp_path, change))


def test_a_relation_without_a_label_is_named(tmp_path):
    def change(task):
        task["annotations"][0]["result"][-1].pop("labels")

    assert "has a relation with 0 labels: give it one of continues" in the_error(label_studio_file(tmp_path, change))


def test_a_relation_of_a_deleted_region_is_ignored(tmp_path):
    def change(task):
        result = task["annotations"][0]["result"]
        result[:] = [r for r in result if r.get("value", {}).get("labels") != ["cue"]]

    [(_, doc)] = read(label_studio_file(tmp_path, change))

    assert doc.quotes[0].cue is None


def test_json_min_is_named(tmp_path):
    (tmp_path / "t.json").write_text('[{"id": 7, "text": "It rained.", "label": []}]', "utf-8")

    assert "task 7: this is no task of a JSON export" in the_error(tmp_path / "t.json")
    assert "not JSON-MIN" in the_error(tmp_path / "t.json")


def test_rejected_prodigy_tasks_are_left_out(tmp_path):
    assert list(read(prodigy_file(tmp_path, answer="reject"))) == []


def test_a_relation_to_no_span_is_named(tmp_path):
    path = prodigy_file(tmp_path, spans=[])

    assert the_error(path).startswith("PATH:1: a relation ends at direct")


@pytest.mark.parametrize(
    ("line", "message"),
    [("{", "PATH:1: broken JSON"), ("[]", "PATH:1: this is no task"), ("{}", "PATH:1: this is no task")],
)
def test_a_broken_line_is_named(line, message, tmp_path):
    (tmp_path / "t.jsonl").write_text(line + "\n", "utf-8")

    assert the_error(tmp_path / "t.jsonl").startswith(message)


def columns_file(folder, old, new):
    write([("pool", document_of(story()))], folder / "t.tsv", "columns")
    source = (folder / "t.tsv").read_text("utf-8")
    assert old in source
    (folder / "t.tsv").write_text(source.replace(old, new, 1), "utf-8")
    return folder / "t.tsv"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("\tPool\t", "\tPond\t", "PATH:4: the token 'Pond' does not stand at 0-4 of the text, but 'Pool'"),
        ("\tB-1\t", "\tX-1\t", "PATH:13: 'X-1' is no tag"),
        ("1\tPool\t", "1 Pool\t", "PATH:4: a row has 9 columns"),
        ("# text", "# words", "PATH:1: a block begins with # id"),
        ("\tB-1\t", "\tB-7\t", "PATH:1: has_cue 'said'"),
        ("\tB-ad\t", "\tB-advert\t", "PATH:1: advert 'Hide"),
    ],
)
def test_an_error_in_columns_names_its_line(old, new, message, tmp_path):
    assert the_error(columns_file(tmp_path, old, new)).startswith(message)


def test_a_cleared_beginning_of_a_span_is_no_loss(tmp_path):
    path = columns_file(tmp_path, "\tB-1\t_\t_\tB-s1", "\t_\t_\t_\tB-s1")

    [(_, doc)] = read(path)

    assert TEXT[doc.quotes[0].mention.start : doc.quotes[0].mention.end] == "Pike"


def web_folder(folder, change):
    write([("pool", document_of(story()))], folder / "w", "web-annotation")
    path = folder / "w" / "pool.jsonld"
    page = json.loads(path.read_text("utf-8"))
    change(page["items"])
    path.write_text(json.dumps(page), "utf-8")
    return folder / "w"


def test_a_web_annotation_may_be_given_by_its_words_alone(tmp_path):
    def change(items):
        for item in items:
            if "motivation" not in item:
                item["target"]["selector"] = item["target"]["selector"][1]

    [(_, doc)] = read(web_folder(tmp_path, change))

    assert labels(doc) == labels(document_of(story()))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda items: items[0]["body"].clear(), "the annotation #r0 has 0 tags"),
        (lambda items: items[0]["target"]["selector"][0].update(start=1), "the annotation #r0 says 'Hide Ad', but"),
        (lambda items: items[0]["target"].update(selector=[]), "has neither"),
        (
            lambda items: items[0]["target"].update(selector={"type": "TextQuoteSelector", "exact": "o"}),
            "stand 5 times",
        ),
        (lambda items: items[0].pop("target"), "this is no page of Web Annotations"),
    ],
)
def test_an_error_in_a_web_annotation_is_named(change, message, tmp_path):
    assert message in the_error(web_folder(tmp_path, change))
