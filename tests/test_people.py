"""People and bodies: what points to one speaker, what the speaker is called, and what kind it is."""

import pytest

from quoteattr.people import Cluster, gender_fits


def people(in_story, text):
    """Each speaker's name with the words that point to it."""
    doc = in_story(text)
    return {s.name: [doc.text[m.start : m.end] for m in s.mentions] for s in doc.speakers}


def speakers(in_story, text):
    """The speaker's name of each quote."""
    return [q.speaker and q.speaker.name for q in in_story(text).quotes]


# --- one person, several names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("later", ["Poole", "Ms Poole", "Mrs Poole", "Susan", "Susan Poole"])
def test_a_shorter_name_joins_the_full_one(in_story, later):
    text = f"Susan Poole came to the bridge on Monday morning and looked at the damage for an hour.\n\n“It is safe,” {later} said."

    assert people(in_story, text) == {"Susan Poole": ["Susan Poole", later]}


@pytest.mark.parametrize("later", ["Rowley", "Sir Mark", "Mr Rowley"])
def test_names_of_a_knight_are_one(in_story, later):
    text = f"“It is safe,” said Met commissioner Sir Mark Rowley.\n\n“We checked,” {later} added."

    assert speakers(in_story, text) == ["Sir Mark Rowley"] * 2


def test_the_fullest_name_counts_even_if_it_comes_later(in_story):
    assert speakers(in_story, "“It is safe,” said Poole.\n\n“We checked,” said Susan Poole.") == ["Susan Poole"] * 2


def test_pronouns_are_mentions_of_whom_they_stand_for(in_story):
    text = "“It is safe,” said Marian Pike.\n\n“We checked,” she added."

    assert people(in_story, text) == {"Marian Pike": ["Marian Pike", "she"]}


@pytest.mark.parametrize(
    "apposition", ["Joan Dale, the head teacher", "the head teacher, Joan Dale", "head teacher Joan Dale"]
)
def test_a_role_stands_for_who_carries_it(in_story, apposition):
    text = f"“It is safe,” said {apposition}.\n\n“We checked,” the head teacher added."

    assert speakers(in_story, text) == ["Joan Dale"] * 2


@pytest.mark.parametrize("said", ["it said that it would appeal", "it was sorry, it said"])
def test_it_may_be_a_name_of_two_words_that_nobody_bears(in_story, said):
    text = f"Marlow Poultry would not confirm the figure on Monday. In a statement {said}."

    assert speakers(in_story, text) == ["Marlow Poultry"]


def test_it_is_nobody_with_a_given_name(in_story):
    text = "Susan Poole came to the bridge on Monday. In a statement it said that the road would close."

    assert "Susan Poole" not in speakers(in_story, text)


@pytest.mark.parametrize(
    ("cluster", "fits"),
    [
        (Cluster(0, "unnamed", "memo", gender="it"), 2),
        (Cluster(0, "person", "Marlow Poultry"), 1),
        (Cluster(0, "person", "Kim Poole", roles={"mayor"}), 0),
        (Cluster(0, "person", "Susan Poole", gender="she"), 0),
    ],
)
def test_it_fits_documents_and_names_that_may_be_bodies(cluster, fits):
    assert gender_fits("it", cluster) == fits


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("One answer came from a grandmother in Yishun, who wrote", "grandmother"),
        ("There was a card from a man in the crowd who wrote", "man"),
    ],
)
def test_who_stands_for_the_noun_in_front_of_a_place(in_story, source, name):
    assert speakers(in_story, f"{source}: “I failed it and opened a bakery.”") == [name]


def test_initials_stand_for_a_body(in_story):
    text = "The Health Service Executive said it would close. The HSE said talks had failed."

    assert set(speakers(in_story, text)) == {"Health Service Executive"}


def test_initials_in_brackets_stand_for_the_body_before_them(in_story):
    text = "The Rail Workers Union (RWU) said it would strike. The RWU said talks had failed."

    assert set(speakers(in_story, text)) == {"Rail Workers Union"}


def test_a_noun_stands_for_the_body_that_bears_it(in_story):
    text = "Marlow Council said it would close.\n\nThe council said talks had failed."

    assert set(speakers(in_story, text)) == {"Marlow Council"}


def test_a_document_may_speak_twice(in_story):
    text = "The report said it was safe. The report added that more work was needed."

    assert speakers(in_story, text) == ["report"] * 2


# --- several people --------------------------------------------------------------------------------------------------


def test_two_people_of_one_surname_are_two(in_story):
    text = "“It is safe,” said Peter Poole.\n\n“It is not,” said Susan Poole."

    assert speakers(in_story, text) == ["Peter Poole", "Susan Poole"]


def test_a_family_is_not_one_person(in_story):
    text = (
        "Ellis Poole says he can tell by the smell. The Poole boats leave at six.\n\n"
        "“He says that every day,” June Poole said. “It is safe,” Ellis Poole said."
    )

    assert speakers(in_story, text) == ["Ellis Poole", "June Poole", "Ellis Poole"]


def test_an_initial_stands_for_the_first_name(in_story):
    assert len(people(in_story, "“It is safe,” Robert Poole said. “It will hold,” R. Poole said.")) == 1


def test_titles_tell_husband_and_wife_apart(in_story):
    text = (
        "Peter Poole said it was safe. Susan Poole said it was not. Mr Poole said it rained. Mrs Poole said it did not."
    )

    assert speakers(in_story, text) == ["Peter Poole", "Susan Poole", "Peter Poole", "Susan Poole"]


def test_two_people_of_one_first_name_are_two(in_story):
    text = "“It is safe,” said John Marsh.\n\n“It is not,” said John Brown."

    assert speakers(in_story, text) == ["John Marsh", "John Brown"]


def test_two_names_around_a_full_stop_are_two(in_story):
    text = "“It is safe,” said John Marsh. Peter Brown said it was not."

    assert speakers(in_story, text) == ["John Marsh", "Peter Brown"]


def test_a_name_does_not_run_into_the_next_sentence(in_story):
    text = "“It is safe,” said President Emmanuel Macron. Macron said it was over."

    assert people(in_story, text) == {"Emmanuel Macron": ["President Emmanuel Macron", "Macron"]}


def test_two_unnamed_speakers_are_two(in_story):
    text = "“It is safe,” said a neighbour.\n\n“It is not,” said a police officer."

    assert speakers(in_story, text) == ["neighbour", "police officer"]


def test_whoever_is_only_mentioned_is_no_speaker(in_story):
    assert list(people(in_story, "Peter Marsh left. “It is safe,” said Susan Poole. Ann Foy stayed.")) == [
        "Susan Poole"
    ]


# --- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Susan Poole", "Susan Poole"),
        ("Met commissioner Sir Mark Rowley", "Sir Mark Rowley"),
        ("Mayor of London Sadiq Khan", "Sadiq Khan"),
        ("chief executive Laura Finch", "Laura Finch"),
        ("council leader Joan Dale", "Joan Dale"),
        ("Dr Priya Nair", "Dr Priya Nair"),
        ("Cllr Helen Brady", "Cllr Helen Brady"),
        ("Judge Alan Crewe", "Judge Alan Crewe"),
        ("Anne-Marie Foy-Smith", "Anne-Marie Foy-Smith"),
        ("Liam O’Neill", "Liam O’Neill"),
        ("Abdullah bin Zayed", "Abdullah bin Zayed"),
        ("the Home Office", "Home Office"),
        ("Brent Council", "Brent Council"),
        ("a neighbour", "neighbour"),
        ("the neighbour", "neighbour"),
        ("an officer", "officer"),
        ("a police spokesman", "police spokesman"),
        ("a Met Police spokesperson", "Met Police spokesperson"),
        ("Smith & Sons Ltd", "Smith & Sons Ltd"),
    ],
)
def test_a_speaker_is_called_by_name_and_title_without_role_and_article(in_story, words, name):
    assert speakers(in_story, f"“It is safe,” said {words}.") == [name]


@pytest.mark.parametrize(
    "name", ["Dr. Ann Foy", "Sen. Carol Haines", "George F. Hanley", "J.K. Hanley", "Rev. Paul Marsh"]
)
def test_a_name_keeps_its_full_stops(in_story, name):
    assert speakers(in_story, f"“It is safe,” said {name} on Monday.") == [name]


@pytest.mark.parametrize(
    "words", ["A spokesperson for NorthLine", "A spokesman for the council", "The head of Brent Council"]
)
def test_a_descriptor_does_not_begin_with_a_preposition(in_story, words):
    (name,) = speakers(in_story, f"{words} said: “We are sorry.”")

    assert name.split()[0] not in ("for", "of")


@pytest.mark.parametrize(
    "words", ["the neighbour", "the driver", "one resident", "another resident", "the woman", "his wife"]
)
def test_an_article_alone_is_no_name(in_story, words):
    assert speakers(in_story, f"“It is safe,” said {words}.")[0] not in ("the", "a", "one", "another", "his")


def test_one_of_several_is_not_called_by_all(in_story):
    assert speakers(in_story, "“It is safe,” said one of the engineers.") == ["one of the engineers"]


@pytest.mark.parametrize(("words", "name"), [("some officials", "officials"), ("one officer", "officer")])
def test_a_number_alone_is_no_part_of_a_name(in_story, words, name):
    assert speakers(in_story, f"“It is safe,” said {words}.") == [name]


def test_a_name_holds_no_line_break(in_story):
    assert not any(
        "\n" in name for name in people(in_story, "“It is safe,” said Susan\nPoole.\n\n“It is,” said Ann\r\nFoy.")
    )


# --- kinds -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Susan Poole", "person"),
        ("Ms Poole", "person"),
        ("Sir Mark Rowley", "person"),
        ("the Home Office", "body"),
        ("Brent Council", "body"),
        ("the BBC", "body"),
        ("the council", "body"),
        ("a neighbour", "unnamed"),
        ("a police spokesman", "unnamed"),
        ("officials", "unnamed"),
    ],
)
def test_a_speaker_is_a_person_a_body_or_unnamed(in_story, words, kind):
    (speaker,) = in_story(f"“It is safe,” said {words}.").speakers

    assert speaker.kind == kind


# --- agreement -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pronoun", "kind", "gender", "fits"),
    [
        ("he", "person", "he", 2),
        ("he", "person", "", 1),
        ("he", "person", "she", 0),
        ("he", "body", "it", 0),
        ("she", "person", "she", 2),
        ("she", "unnamed", "", 1),
        ("it", "body", "it", 2),
        ("it", "person", "he", 0),
        ("they", "unnamed", "they", 2),
        ("they", "body", "it", 1),
        ("they", "person", "he", 0),
    ],
)
def test_a_pronoun_agrees_with_gender_and_number(pronoun, kind, gender, fits):
    assert gender_fits(pronoun, Cluster(0, kind, "x", gender=gender)) == fits


@pytest.mark.parametrize(("pronoun", "name"), [("he", "Peter Marsh"), ("she", "Susan Poole")])
def test_a_pronoun_between_a_man_and_a_woman_finds_the_one_it_fits(in_story, pronoun, name):
    text = f"“It is safe,” said Peter Marsh.\n\n“It is not,” said Susan Poole.\n\nThe talks went on for hours, {pronoun} said."

    assert speakers(in_story, text)[2] == name
