"""The annotation format: reading, checking, and the training data written in it."""

import re
from collections import Counter

import pytest

from quoteattr import BOILERPLATE_KINDS as DOCUMENT_KINDS
from quoteattr import AnnotationError
from quoteattr.training import validate
from quoteattr.training.annotation import BOILERPLATE_KINDS, LAYERS, best_mention, check, parse, read, read_folder

HEADER = """\
id: pool
style: UK local
beat: council
split: train
@pike: Marian Pike | person | she
@met: Met Police | body | it
"""
HEADER_LINES = HEADER.count("\n") + 1  # with the blank line behind it
BOTH = "-| {@pike Marian Pike} met the {@met Met Police}.\n"  # so that both entities are mentioned


def article(body, header=HEADER):
    return parse(f"{header}\n{body}", "pool.txt")


def contents(parsed):
    return [[parsed.text[s:e] for s, e in q.spans] for q in parsed.quotes]


def error(body="-| It rained.\n", header=HEADER):
    """The message of what reading complains of."""
    with pytest.raises(AnnotationError) as caught:
        article(body, header)
    return str(caught.value)


def at(line):
    """How a message about a line of the body starts; its first line is 1."""
    return f"pool.txt:{HEADER_LINES + line}: "


# --- the header ------------------------------------------------------------------------------------------------------


def test_the_header_is_read():
    parsed = article("-| It rained.")

    assert (parsed.id, parsed.split, parsed.damaged) == ("pool", "train", False)
    assert (parsed.header["style"], parsed.header["beat"]) == ("UK local", "council")


def test_an_article_may_be_damaged_on_purpose():
    assert article("-| It rained.", HEADER + "damaged: yes\n").damaged


def test_entities_are_read():
    pike = article("-| It rained.").entities["pike"]

    assert (pike.name, pike.kind, pike.pronoun) == ("Marian Pike", "person", "she")


def test_a_missing_id_is_named():
    assert error(header=HEADER.replace("id: pool\n", "")) == "pool.txt:1: the header lacks 'id'"


def test_an_article_without_a_split_is_for_training_or_calibration():
    headers = [f"id: article-{n}\n" for n in range(700)]

    counts = Counter(article("-| It rained.", header).split for header in headers)

    assert set(counts) == {"train", "dev"}
    assert 60 < counts["dev"] < 140


def test_an_article_without_quotes_is_of_no_use_for_calibration():
    headers = [f"id: article-{n}\nlayers: boilerplate\n" for n in range(50)]

    assert {article("-| It rained.", header).split for header in headers} == {"train"}


def test_all_layers_count_unless_the_header_names_some():
    assert article("-| It rained.").layers == set(LAYERS)
    assert article("-| It rained.", HEADER + "layers: boilerplate quotes\n").layers == {"boilerplate", "quotes"}


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ("adverts", "layers are any of boilerplate, claims, quotes, mentions, with spaces between, not 'adverts'"),
        ("quotes claims", "the layer claims counts only together with boilerplate"),
        ("boilerplate mentions", "the layer mentions counts only together with quotes"),
    ],
)
def test_layers_that_cannot_be_are_named(layers, message):
    assert error(header=f"{HEADER}layers: {layers}\n") == f"pool.txt:1: {message}"


def test_a_name_may_hold_a_bar():
    assert article("-| It rained.", HEADER + "@x: A | B | body | it\n").entities["x"].name == "A | B"


def test_a_mention_may_be_of_somebody_unknown():
    parsed = article("-| {1@? She} {1! said} {1i: it rained}.")

    assert parsed.quotes[0].mention == (0, 3)
    assert (parsed.quotes[0].speaker, parsed.mentions) == (None, [])


def test_an_unknown_split_is_an_error():
    message = error(header=HEADER.replace("train", "training"))

    assert message == "pool.txt:1: split is one of train, dev, test, not 'training'"


@pytest.mark.parametrize("line", ["no colon", "empty:", "-| It rained."])
def test_a_header_line_that_is_no_key_and_value_is_an_error(line):
    assert error(header=f"{HEADER}{line}\n").startswith("pool.txt:7: a header line is 'key: value'")


@pytest.mark.parametrize(
    "entity",
    ["Joan Dale", "Joan Dale | person", "Joan Dale | human | she", "Joan Dale | person | her", "J | person | she | x"],
)
def test_an_entity_that_cannot_be_read_is_an_error(entity):
    assert error(header=f"{HEADER}@dale: {entity}\n").startswith("pool.txt:7: an entity is '@id: name | person")


def test_an_entity_given_twice_is_an_error():
    assert error(header=f"{HEADER}@pike: M Pike | person | she\n") == "pool.txt:7: entity @pike is given twice"


# --- lines -----------------------------------------------------------------------------------------------------------


def test_a_line_is_a_sentence_and_a_blank_line_is_one_of_the_article():
    parsed = article("-| Pool to close\n\n-| It rained.\n-| We left.\n")

    assert parsed.text == "Pool to close\n\nIt rained.\nWe left."
    assert [parsed.text[s.start : s.end] for s in parsed.sentences] == ["Pool to close", "It rained.", "We left."]


def test_a_plus_joins_with_a_space():
    assert article("-| It rained.\n+-| We left.").text == "It rained. We left."


def test_a_tilde_joins_without_a_space():
    assert article("-| It rained.\n~-|We left.").text == "It rained.We left."


def test_behind_a_tilde_a_space_is_part_of_the_text():
    assert article("-| It rained.\n~-|  We left.").text == "It rained.  We left."


def test_c_is_a_claim_and_a_dash_is_none():
    assert [s.claim for s in article("c| The council voted 7-2.\n-| It was sad.").sentences] == [True, False]


@pytest.mark.parametrize("kind", BOILERPLATE_KINDS)
def test_every_kind_of_boilerplate_is_a_tag(kind):
    (sentence,) = article(f"{kind}| xyz").sentences

    assert (sentence.boilerplate, sentence.claim) == (kind, False)


def test_outer_white_space_belongs_to_no_sentence():
    parsed = article(r"-|   It rained. \t" + "\n-| We left.")

    assert [parsed.text[s.start : s.end] for s in parsed.sentences] == ["It rained.", "We left."]
    assert parsed.text == "  It rained. \t\nWe left."


def test_a_sentence_knows_its_line_of_the_file():
    assert [s.line for s in article("-| It rained.\n\n-| We left.").sentences] == [HEADER_LINES + 1, HEADER_LINES + 3]


@pytest.mark.parametrize("line", ["It rained.", "- It rained.", "?| It rained.", "C| It rained.", "++-| It rained."])
def test_a_line_without_a_tag_is_an_error(line):
    assert error(f"-| Pool to close\n{line}").startswith(at(2) + "a body line is 'tag| text'")


def test_an_unknown_tag_is_an_error():
    assert error("advert| Hide Ad").startswith(at(1) + "unknown tag 'advert': -, c or one of donation")


@pytest.mark.parametrize("join", ["+", "~"])
def test_nothing_is_joined_over_a_blank_line(join):
    assert error(f"-| It rained.\n\n{join}-| We left.").startswith(at(3) + "+ and ~ continue a line")


@pytest.mark.parametrize("join", ["+", "~"])
def test_the_first_line_joins_nothing(join):
    assert error(f"{join}-| It rained.").startswith(at(1) + "+ and ~ continue a line")


@pytest.mark.parametrize("text", ["", "   ", r"\t", r"\u00a0"])
def test_a_sentence_without_text_is_an_error(text):
    assert error(f"-| It rained.\n-| {text}") == at(2) + "a sentence without text"


# --- escapes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (r"a \{b\} c", "a {b} c"),
        (r"a\\b", "a\\b"),
        (r"a\u00a0b", "a\xa0b"),
        (r"a\tb", "a\tb"),
        (r"a\u200bb", "a\u200bb"),
        (r"\\u00a0", "\\u00a0"),
    ],
)
def test_escapes_stand_for_characters(written, text):
    assert article(f"-| {written}").text == text


def test_a_surrogate_may_be_written_as_an_escape():
    assert article(r"-| a\ud800b").text == "a\ud800b"


@pytest.mark.parametrize("written", [r"\n", r"\u12", r"\x", "\\"])
def test_an_unknown_escape_is_an_error(written):
    assert error(f"-| It rained{written}").startswith(at(1) + "unknown escape")


# --- quotes and mentions ---------------------------------------------------------------------------------------------


def test_a_quote_has_content_cue_mention_and_speaker():
    parsed = article("-| “{1d: We lost,}” {1! said} {1@pike Ms Pike}.")
    (quote,) = parsed.quotes

    assert parsed.text == "“We lost,” said Ms Pike."
    assert contents(parsed) == [["We lost,"]]
    assert (parsed.text[slice(*quote.cue)], parsed.text[slice(*quote.mention)]) == ("said", "Ms Pike")
    assert (quote.kind, quote.speaker, quote.number, quote.line) == ("direct", "pike", 1, HEADER_LINES + 1)


@pytest.mark.parametrize(("letter", "kind"), [("d", "direct"), ("m", "mixed"), ("i", "indirect")])
def test_a_letter_gives_the_kind(letter, kind):
    assert article(f"-| {{1@pike She}} {{1! said}} {{1{letter}: it rained}}.").quotes[0].kind == kind


def test_mentions_are_kept_in_order_with_their_entities():
    parsed = article("-| {@pike Ms Pike} told the {@met Met}: “{1d=pike: {@met They} lost.}”")

    assert [(parsed.text[s:e], entity) for s, e, entity in parsed.mentions] == [
        ("Ms Pike", "pike"),
        ("Met", "met"),
        ("They", "met"),
    ]


def test_braces_nest():
    parsed = article("-| {1@met The {@met Met}} {1! said} {1i: {@pike {@pike Marian} Pike} left}.")

    assert contents(parsed) == [["Marian Pike left"]]
    assert len(parsed.mentions) == 4


def test_one_mention_may_serve_two_quotes():
    parsed = article("-| {1,2@pike She} {1! said} {1i: it rained}, {2! adding} that {2i: it was cold}.")

    assert [(q.speaker, parsed.text[slice(*q.mention)]) for q in parsed.quotes] == [("pike", "She")] * 2


def test_a_quote_may_be_interrupted():
    assert contents(article("-| “{1d: We lost,}” {1! said} {1@pike she}, “{1d: again.}”")) == [["We lost,", "again."]]


def test_a_quote_may_run_over_paragraphs():
    parsed = article("-| “{1d: We lost.}\n\n-| “{1d: Again,}” {1! said} {1@pike she}.")

    assert contents(parsed) == [["We lost.", "Again,"]]


def test_pieces_with_only_a_space_between_are_one():
    assert contents(article("-| “{1d=pike: We lost.}\n+-| {1d: Again.}”")) == [["We lost. Again."]]


def test_pieces_on_two_lines_stay_two():
    assert contents(article("-| “{1d=pike: We lost.}\n-| {1d: Again.}”")) == [["We lost.", "Again."]]


def test_a_speaker_may_be_stated_where_no_words_name_him():
    (quote,) = article("-| “{1d=pike: We lost.}”").quotes

    assert (quote.speaker, quote.mention) == ("pike", None)


def test_a_speaker_may_be_unknown():
    assert article("-| “{1d=?: We lost.}”").quotes[0].speaker is None


def test_quotes_come_in_the_order_of_their_contents():
    parsed = article("-| {7@pike She} {7! said} {7i: it rained} and “{2d=met: that is that}”.")

    assert [q.number for q in parsed.quotes] == [7, 2]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{oops", "cannot read the mark '{oops'"),
        ("{1x: It rained}", "cannot read the mark"),
        ("{@Pike She} left", "cannot read the mark"),
        ("It rained}", "a closing brace without an opening one"),
        ("{@pike She left", "the mark '@pike ' is not closed in its sentence"),
        ("{@pike  She } left", "is empty or has outer white space"),
        ("{1d: }", "is empty or has outer white space"),
        ("{1d=pike: We {2d=met: lost} again}", "quote 2 stands inside another content"),
        ("{1d=pike: We} {1i: lost}", "quote 1 is direct above and indirect here"),
        ("{1d=pike: We} {1! said} {1! added}", "quote 1 has two cues"),
        ("{1d: We} {1@pike Pike} {1@met Met}", "quote 1 has two mentions"),
        ("{1@pike She} {1! said} so", "quote 1 has a cue or mention but no content"),
        ("{1d: We lost}", "quote 1 has no speaker"),
        ("{1d=met: We lost} {1! said} {1@pike Pike}", "quote 1: mention is of @pike, speaker is given as @met"),
        ("{1d=dale: We lost}", "quote 1: no entity @dale in the header"),
        ("{1d: We lost} {1! said} {1@dale Dale}", "quote 1: no entity @dale in the header"),
    ],
)
def test_a_broken_mark_is_an_error_that_names_its_line(line, message):
    assert error(f"-| It rained.\n-| {line}").startswith(at(2))
    assert message in error(f"-| It rained.\n-| {line}")


# --- check -----------------------------------------------------------------------------------------------------------


def faults(body, header=HEADER):
    return check(article(BOTH + body, header), "pool.txt")


@pytest.mark.parametrize(
    "body",
    [
        "-| “{1d=pike: We lost.}”",
        '-| "{1d=pike: We lost.}"',
        "-| ‘{1d=pike: We lost.}’",
        "-| {1@pike She} {1! said} {1i: it rained}.",
        "-| {1@pike She} {1! said} {1m: it rained “cats and dogs”}.",
        "-| {1@pike She} {1! said} {1i: that was that}.",
        "-| {1@pike She} {1! said} {1i: it rained at 9 a.m.}",
        "-| {1@pike She} {1! said} {1i: that is no news}.",
        "-| “{1d=pike: We lost “again” today.}”",
    ],
)
def test_what_is_right_has_no_faults(body):
    assert faults(body) == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("-| Then {1d=pike: we lost} again.", "quote 1 is direct but no mark stands before 'we lost'"),
        ("-| “{1d=pike: “we lost}” again.", "outer marks"),
        ("-| {1@pike She} {1! said} {1i: it rained “cats”}.", "quote 1 is indirect but holds a quotation mark"),
        ("-| {1@pike She} {1! said} {1i: that it rained}.", "a leading 'that'"),
        ("-| {1@pike She} {1! said} {1m: that it rained “cats”}.", "a leading 'that'"),
        ("-| {1@pike She} {1! said} {1i: it rained.}", "the final full stop"),
        ("caption| “{1d=pike: We lost.}”", "quote 1 stands in boilerplate"),
        ("-| {1@pike She} {1! said} {1m: it rained}.", "quote 1 is mixed but holds no quotation mark"),
    ],
)
def test_a_fault_is_found_and_its_line_named(body, message):
    (fault,) = faults(body)

    assert fault.startswith(at(2))
    assert message in fault


@pytest.mark.parametrize(
    ("body", "header", "message"),
    [
        ("-| {@dale Joan Dale} left.", HEADER, "no entity @dale in the header"),
        ("-| It rained.", HEADER + "@dale: Joan Dale | person | she\n", "entity @dale is never mentioned"),
        (
            "-| {@dale Ann Foy} left.",
            HEADER + "@dale: Joan Dale | person | she\n",
            "no mention of @dale shares a word with its name 'Joan Dale'",
        ),
    ],
)
def test_a_fault_of_an_entity_is_found(body, header, message):
    assert faults(body, header) == [f"pool.txt:1: {message}"]


def test_an_unnamed_speaker_needs_no_word_of_its_name():
    assert faults("-| {@man He} left.", HEADER + "@man: neighbour | unnamed | he\n") == []


@pytest.mark.parametrize(
    "body",
    [
        "-| Then {1d=pike: we lost} again.",
        "-| {1@pike She} {1! said} {1i: it rained “cats}.",
        "-| {1@pike She} {1! said} {1m: it rained cats}.",
    ],
)
def test_marks_may_be_missing_where_an_article_is_damaged_on_purpose(body):
    assert faults(body, HEADER + "damaged: yes\n") == []


# --- mentions of a span ----------------------------------------------------------------------------------------------


def test_the_best_mention_shares_most_with_the_span():
    parsed = article("-| {@met The officer from {@pike Pike Street}} left.")

    assert best_mention(parsed, 0, 15) == "met"
    assert best_mention(parsed, 17, 28) == "pike"


def test_a_span_without_a_mention_has_no_entity():
    assert best_mention(article("-| {@pike She} left."), 4, 8) is None


# --- files -----------------------------------------------------------------------------------------------------------


def test_a_file_is_read_by_its_name(tmp_path):
    (tmp_path / "pool.txt").write_text(f"{HEADER}\n-| “It rained.”", "utf-8")

    assert read(tmp_path / "pool.txt").text == "“It rained.”"


def test_a_file_named_otherwise_than_its_id_is_an_error(tmp_path):
    (tmp_path / "lido.txt").write_text(f"{HEADER}\n-| It rained.", "utf-8")

    with pytest.raises(AnnotationError, match=r"^lido\.txt:1: the id is 'pool' but the file is named 'lido'"):
        read(tmp_path / "lido.txt")


def test_a_file_that_is_not_utf_8_is_an_error_that_names_it(tmp_path):
    (tmp_path / "pool.txt").write_bytes(f"{HEADER}\n-| It rained\xa0again.".encode("latin-1"))

    with pytest.raises(AnnotationError, match=r"^pool\.txt:\d+: "):
        read(tmp_path / "pool.txt")


def test_a_folder_is_read_in_the_order_of_names(tmp_path):
    for name in ("b", "a", "c"):
        (tmp_path / f"{name}.txt").write_text(HEADER.replace("pool", name) + "\n-| It rained.", "utf-8")

    assert [a.id for a in read_folder(tmp_path)] == ["a", "b", "c"]


def test_validating_prints_faults_and_counts(tmp_path, capsys):
    (tmp_path / "pool.txt").write_text(f"{HEADER}\n{BOTH}c| Then {{1d=pike: we lost}} again.", "utf-8")

    status = validate.main([str(tmp_path)])

    assert status == 1
    output = capsys.readouterr().out
    assert "pool.txt:9: quote 1 is direct but no mark stands before 'we lost'" in output
    assert "articles 1, words 10, sentences 2, claims 1" in output
    assert "1 faults" in output


def test_validating_goes_on_behind_a_file_that_cannot_be_read(tmp_path, capsys):
    (tmp_path / "a.txt").write_text("no header", "utf-8")
    (tmp_path / "b.txt").write_text("nor here", "utf-8")

    validate.main([str(tmp_path)])

    assert "2 faults" in capsys.readouterr().out


def test_valid_articles_end_with_status_0(tmp_path):
    (tmp_path / "pool.txt").write_text(f"{HEADER}\n{BOTH}", "utf-8")

    assert validate.main([str(tmp_path / "pool.txt")]) == 0


def test_validating_nothing_says_how_to_call_it(capsys):
    assert validate.main([]) == 2
    assert "python -m quoteattr.training.validate" in capsys.readouterr().out


# --- the training data -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def training_articles(root):
    return read_folder(root / "training_data" / "articles")


@pytest.fixture(scope="module")
def totals(training_articles):
    return sum((validate.count(a) for a in training_articles), Counter())


def test_no_article_has_a_fault(training_articles):
    assert [fault for a in training_articles for fault in check(a, a.id)] == []


def test_no_two_articles_share_an_id(training_articles):
    assert len({a.id for a in training_articles}) == len(training_articles)


def test_every_article_has_a_style_a_beat_a_split_and_all_layers(training_articles):
    assert [a.id for a in training_articles if not {"style", "beat", "split"} <= set(a.header)] == []
    assert [a.id for a in training_articles if "layers" in a.header] == []


def test_an_id_is_lower_case_digits_and_hyphens(training_articles):
    assert [a.id for a in training_articles if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", a.id)] == []


def test_no_two_articles_share_a_text(training_articles):
    assert len({a.text for a in training_articles}) == len(training_articles)


def test_no_long_sentence_of_the_story_is_in_two_splits(training_articles):
    splits = {}
    for a in training_articles:
        for s in a.sentences:
            if not s.boilerplate and s.end - s.start > 60:
                splits.setdefault(a.text[s.start : s.end], set()).add(a.split)

    assert [text for text, found in splits.items() if len(found) > 1] == []


@pytest.mark.parametrize(
    ("what", "least"),
    [
        ("articles", 400),
        ("words", 180_000),
        ("sentences", 15_000),
        ("quotes", 6_000),
        ("direct", 2_000),
        ("mixed", 900),
        ("indirect", 2_500),
        ("claims", 5_500),
        ("boilerplate", 5_000),
        ("split train", 250),
        ("split dev", 40),
        ("split test", 60),
    ],
)
def test_there_is_enough(totals, what, least):
    assert totals[what] >= least


@pytest.mark.parametrize("kind", BOILERPLATE_KINDS)
def test_there_is_enough_of_every_kind_of_boilerplate(totals, kind):
    assert totals[kind] >= 100


def test_every_split_has_quotes_without_a_known_speaker(training_articles):
    unknown = Counter(a.split for a in training_articles for q in a.quotes if q.speaker is None)

    assert set(unknown) == {"train", "dev", "test"}


def test_the_kinds_are_those_of_the_documents():
    assert BOILERPLATE_KINDS == DOCUMENT_KINDS
