"""Sentences of scraped English news text, as offsets.

One regex finds every place where a sentence could end: a line break, or a full stop, question mark, exclamation mark or
ellipsis with the closing marks behind it. Small functions then judge each place by the word before it and the words
after it. They never look beyond the line, so the sentences of a line do not depend on its neighbours.

To teach the segmenter something new, look here:

* an abbreviation: ``_ABBREVIATIONS``, ordered by what the full stop behind it can mean;
* a word that begins sentences, a verb of saying: the lists under "Words";
* a mark that closes a sentence, a line break: the characters under "Patterns".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from types import MappingProxyType
from typing import Any

from quoteattr.errors import InputError

__all__ = ["LINE_BREAKS", "STARTERS", "Segmenter"]

LINE_BREAKS = "\n\r\x0b\x0c\x85\u2028\u2029"
"""The characters that end a line: those of ``str.splitlines``, without the ASCII separators \\x1c to \\x1e."""

# --- Words -----------------------------------------------------------------------------------------------------------


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that, with a capital inside a line, have nearly always begun a sentence. They settle "U.S. The", "Inc. But".
STARTERS = _words(
    """
    A About According Across Actually Additionally After Afterwards Again Against Agents Ahead All Almost Along
    Already Also Although Always Am Amid Among An And Another Any Anyone Apart Are Around As Aside Asked At
    Authorities Back Based Be Because Before Behind Being Besides Between Beyond Both But By Can Clearly Could Crews
    Currently Deputies Despite Detectives Did Do Does Don Due During Each Earlier Either Elsewhere Even Eventually
    Ever Every Everyone Everything Few Finally Firefighters First Following For Former Fortunately From Further
    Furthermore Given Had Has Have Having He Hence Her Here His Hopefully How However I Ideally If Importantly In
    Indeed Initially Instead Into Investigators Is Isn It Its Just Last Lastly Later Less Let Like Likewise Many
    Maybe Meanwhile More Moreover Most Mostly Much My Near Nearly Neither Never Nevertheless Next No Nobody None
    Nonetheless Nor Not Nothing Now Obviously Of Off Officers Officials Often On Once One Only Or Other Others
    Otherwise Our Out Outside Over Overall People Perhaps Please Police Previously Prices Probably Prosecutors
    Rather Recently Regardless Remember Reportedly Residents Sadly Several Shares She Should Similarly Since So Some
    Someone Something Sometimes Soon Still Subsequently Such Suddenly Supporters Surely Thanks That The Their Them
    Then There Thereafter Therefore These They This Those Though Three Through Throughout Thus To Today Together
    Tomorrow Too Toward Towards Two Typically Under Unfortunately Unless Unlike Until Up Upon Usually Very Was We
    Were What Whatever When Whenever Where Whereas Whether Which While Who Whoever Whose Why Will With Within
    Without Witnesses Would Yes Yesterday Yet You Your
    """
)
# ... but behind an initial these may be a name as well: "Ho C. An", "George F. Will".
_STARTERS_AFTER_INITIAL = STARTERS - _words("Am An Do Don Last Like Little Much Near Such Thanks To Will")
# ... and behind a quotation these may as well be the speaker: "Police Chief Ann Foy asked".
_SPEAKING_STARTERS = _words("Former I Police")
# Offices that follow an abbreviated place within a sentence: "Newark, N.J. Mayor", "D.C. Police".
_OFFICES = _words(
    """
    Ambassador Assemblyman Assemblywoman Atty Attorney Congressman Congresswoman Councilman Councilwoman Democrat
    Democratic Democrats Dr GOP Gov Governor House Independent Judge Lt Mayor Police Rep Representative Reps Republican
    Republicans Secretary Sen Senate Senator Sens Sheriff State Supreme
    """
)
# What follows "9 a.m." or "Sat." within a sentence: days, months, time zones.
_TIME_WORDS = _words(
    """
    Monday Tuesday Wednesday Thursday Friday Saturday Sunday Mon Tue Tues Wed Thu Thur Thurs Fri Sat Sun January
    February March April May June July August September October November December Jan Feb Mar Apr Jun Jul Aug Sep Sept
    Oct Nov Dec ET EST EDT CT CST CDT MT MST MDT PT PST PDT GMT UTC BST IST WAT CET CEST AEST AEDT SGT HKT Eastern
    Central Mountain Pacific Greenwich British Indian Local
    """
)
_TIME_PREPOSITIONS = ("After ", "Around ", "At ", "Before ", "By ", "From ", "In ", "On ", "Since ", "Until ")
# Names that end in an exclamation mark; only a starter behind them begins a sentence.
_EXCLAIMING_NAMES = _words("E Jeopardy Mamma Oklahoma Yahoo Yum")
# What looks like a sentence glued to a full stop, but is the rest of a name: "Booking.Com".
_GLUED_ENDINGS = _words("Ai App Aspx Co Com Doc Fm Gov Html Info Io Jpg Js Net Org Pdf Php Png Tv Uk Us")
_REPORTING_VERBS = _words(
    """
    added adds announced announces answered answers argued argues asked asks barked begged begs bellowed boasted
    bragged called calls chanted chants chimed commented comments complained complains concluded concludes continued
    continues countered cried cries declared declares demanded demands enquired enthused exclaimed exclaims explained
    explains groaned gushed inquired insisted insists interjected joked jokes lamented laments laughed messaged mused
    muses muttered mutters noted notes observed observes pleaded pleads posted posts queried questioned quipped quips
    read reads recalled recalls remarked remarks repeated repeats replied replies responded responds retorted retorts
    roared said sang says screamed screams shouted shouts sighed sings snapped suggested suggests tells texted thundered
    told tweeted tweets urged urges warned warns whispered whispers wondered wonders writes wrote yelled yells
"""
)
# Words without a capital within the names and descriptions of speakers: "Labour leader Ann Foy", "Bank of Goa chief".
_ROLE_WORDS = _words(
    r"""
    al and attorney bin campaign captain chair chairman chairwoman chief coach commissioner correspondent da de del
    deputy der director du editor el executive for former general host judge la lawyer leader manager mayor minister of
    officer party police president prime prosecutor reporter secretary senior spokes\w{3,6} the van von
"""
)

# --- Abbreviations ---------------------------------------------------------------------------------------------------


class _Kind(Enum):
    """What the full stop behind an abbreviation can mean."""

    TITLE = "never ends a sentence"
    NUMBER = "ends one unless a number follows"
    ENDING = "ends one before a word that begins sentences, or a quotation"
    PLACE = "like ENDING, and behind a comma ends one before most capitals"
    TIME = "ends one before a capital that does not go on with the time"
    LAST = "ends one before any capital or number"


# Written without the final full stop.
_ABBREVIATIONS = {
    _Kind.TITLE: """
        Mr Mrs Ms Mx Messrs Mmes Mme Mlle Dr Drs Prof Profs Rev Revd Hon Rt Fr Msgr Mgr Br Gen Lt Lieut Col Maj Capt Cpt
        Cpl Pfc Pte Pvt Sgt Sgts Ssgt Cmdr Comdr Cmdre Cdr Adm Brig Ens Flt Wg Sqn Supt Supts Insp Det Const Ofc Gov
        Govs Sen Sens Rep Reps Pres Amb Atty Attys Asst Dep Sec Secs Treas Cllr Cllrs Clr Ald Alhaji Alh Engr Barr Arc
        Chf Pst Shri Smt Adv Er Ven Hr Dcn Supv Mt Mts Ft Dist Univ Natl Intl Int'l Nat'l MR MRS MS DR PROF REV HON GEN
        LT COL MAJ CAPT SGT GOV SEN REP mr mrs ms dr prof Mohd Muhd Addl Dy Jt Retd Hav Brgy Sto Sta Spc MSgt TSgt SSgt
        Snr e.g eg i.e ie cf viz vs v approx ca circa esp incl excl a.k.a c.f ibid P.S PS N.B NB
    """,
    _Kind.NUMBER: """
        No Nos NO Nr no nos p pp Fig Figs fig figs Vol Vols vol vols Art Arts Sect Ch ch Para Paras Eq Eqs App Ref Refs
        Tel tel Ext ext Rs Op Reg Regs Ver ver b c d r n
    """,
    _Kind.ENDING: """
        Inc INC Ltd LTD PVT Corp CORP Co Cos CO Bros Plc Pty Sdn Bhd Jr JR Sr SR Esq Ph.D PhD St Sts ST Ave Av Blvd Rd
        Ln Hwy Pkwy Pl Sq Bldg Apt Ste Dept Depts dept Div Assn Assoc Inst Mfg Govt Gov't Est est al ed eds Eds min mins
        max hr hrs sec secs yr yrs mo mos wk wks ft lb lbs oz km kg mph sq Exch Comm Hosp Cty Twp inc ltd corp govt assn
        assoc univ avg Utd
    """,
    _Kind.PLACE: """
        Ala Ariz Ark Calif Cal Colo Conn Del Fla Ga Ill Ind Kan Ky La Md Mass Mich Minn Miss Mo Mont Neb Nev Okla Ore Pa
        Penn Tenn Tex Va Vt Wash Wis Wisc Wyo Ont Que Alta Sask Man N.C S.C N.D S.D N.H N.J N.M N.Y R.I W.Va B.C P.R
    """,
    _Kind.TIME: """
        a.m p.m A.M P.M am pm Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec Mon Tue Tues Wed Weds Thu Thur Thurs Fri
        Sat Sun
    """,
    _Kind.LAST: "etc Etc",
}
_KINDS = MappingProxyType({word: kind for kind, words in _ABBREVIATIONS.items() for word in words.split()})

# --- Patterns --------------------------------------------------------------------------------------------------------
# None of them can backtrack badly: what may be repeated without bound stands at the end or is followed only by parts
# that always match, and no two alternatives begin alike.

_FINAL = ".?!…‽‼⁇⁈⁉。！？"
_CLOSING_QUOTES = "\"'”’»›\x92\x94"
_CLOSING = _CLOSING_QUOTES + ")]}*_"
_QUOTES = frozenset(_CLOSING_QUOTES)
_OPENING_QUOTES = "\"'“‘«‹„`\x91\x93"
_OPENING = _OPENING_QUOTES + "([{"
_DASHES = "-–—"
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufe0e\ufe0f\ufeff"
_EMOJI = "\u2600-\u27bf\U0001f000-\U0001faff"


def _class(characters: str) -> str:
    """The inside of a regex's character class."""
    return re.sub(r"([\]\[\\^])", r"\\\1", characters)


_CANDIDATE = re.compile(
    rf"""
    [{_FINAL}{LINE_BREAKS}]
    (?<! \. (?= [a-z0-9] ) )                # bbc.co.uk, 3.5, Node.js: no end, and not worth a Python call
    (?: (?<= [{_FINAL}] )
        (                                   # 1: what belongs to the sentence that ends here
            (?: [{_FINAL}{_class(_CLOSING)}{_INVISIBLE}{_EMOJI}]+
              | â [€\x80] (?: [\x9d\x99™] | (?! [\x80-\x9fœ˜“”¦"] ) )   # ” ’ whose UTF-8 was read as Windows-1252
              | \[ \d{{1,3}} \]             # a footnote
              | [ \xa0]{{1,2}}
                (?: (?: \.+ | … ) (?! [\w.] )  # . . .
                  | (?<= [?!…] \s ) [?!]+ (?! [\w.?!] )   # ! !
                  | [)\]»]
                  | ["'’”]{{1,3}} (?= \s | \Z )
                  | \[ \d{{1,3}} \]
                  | [:;=] -? [)(DP] (?! \w )  # an emoticon
                )
            )*
        )
    )?
    [^\S{LINE_BREAKS}]*
    ( [{LINE_BREAKS}] \s* )?                # 2: a line break
    """,
    re.VERBOSE,
)
_INK = re.compile(r"\S")
_NEXT_WORD = re.compile(rf"([{_class(_OPENING)}.…]{{0,6}})(\w*)")
_ACRONYM = re.compile(r"(?:[^\W\d_]{1,2}\.)+[^\W\d_]{1,2}")
_LIST_NUMBER = re.compile(r"[(\[]?(?:\d{1,3}(?:\.\d{1,3}){0,3}|[ivxIVX]{1,5}|[A-Za-z])")
_NUMERAL = re.compile(r"[IVXLC]{2,}|[A-Z]")
_QUANTITY = re.compile(r"[£$€]?[\d.,:]+[a-z%]{0,2}")
_VOWEL = re.compile(r"[aeiouyAEIOUY]")
_NICKNAME = re.compile(r"[\"“'‘][\w. -]{1,20}[\"”'’] [^\W\da-z_]")

_NAME = r"[A-ZÀ-ÖØ-Þ][\w’'.-]{0,30}"
_REPORTED = re.compile(
    rf"""
    {_NAME} (?: [ \xa0] (?: {_NAME} | (?: {"|".join(sorted(_ROLE_WORDS))} ) \b ) ){{0,7}}
    (?: [ ] \( [^()\s]{{1,20}} \) )?                        # (D-N.C.)
    (?: (?: , [^,.?!"“”{LINE_BREAKS}]{{1,60}} ){{1,2}} , )?   # , 61, a retired nurse,
    [ \xa0] (?: \w{{2,20}}ly [ \xa0] )?
    (?: {"|".join(sorted(_REPORTING_VERBS))} ) \b
    (?P<full_stop> \. )?
    """,
    re.VERBOSE,
)

# --- The segmenter ---------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Place:
    """A place where a sentence may end: ``text[start:mark]`` runs up to the final mark, the next sentence would begin
    at `following`, and ``text[mark:end]`` is the final mark with all that closes behind it.
    """

    text: str
    start: int
    mark: int
    end: int
    following: int

    @property
    def is_list_number(self) -> bool:
        """Whether nothing but a number or letter stands before the mark: 1. (a.) iv. 2.3."""
        return self.mark - self.start < 16 and bool(_LIST_NUMBER.fullmatch(self.text, self.start, self.mark))

    @property
    def is_opening_phrase(self) -> bool:
        """Whether only a phrase such as "At about 9 a.m." stands before the mark."""
        return self.mark - self.start < 24 and self.text.startswith(_TIME_PREPOSITIONS, self.start)

    @property
    def token(self) -> str:
        """What stands before the mark, back to white space; of very long tokens the end."""
        words = self.text[max(self.start, self.mark - 100) : self.mark].rsplit(None, 1)
        return words[-1] if words else ""

    @property
    def next_word(self) -> str:
        match = _NEXT_WORD.match(self.text, self.following)
        return match[2] if match else ""

    @property
    def opens_bracket(self) -> bool:
        return self.text[self.following] in "([{"

    @property
    def opens_quotation(self) -> bool:
        """Whether a quotation follows, and not just a nickname: J. "Bud" Foy."""
        return self.text[self.following] in _OPENING_QUOTES and not _NICKNAME.match(self.text, self.following)


class _StraightMarks:
    """Tells opening from closing straight marks by counting those of the line, each once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._counted_to = 0
        self._is_open = False

    def is_open(self, line: int, offset: int) -> bool:
        """Whether the line that begins at `line` has an open quotation at `offset`; offsets must not go back."""
        if line > self._counted_to:
            self._counted_to, self._is_open = line, False
        if self._text.count('"', self._counted_to, offset) % 2:
            self._is_open = not self._is_open
        self._counted_to = offset
        return self._is_open


def _looks_abbreviated(word: str) -> bool:
    """Whether a word in no list is an abbreviation by its shape: an acronym with dots, or short and without a vowel."""
    if "." in word:
        return _ACRONYM.fullmatch(word) is not None
    if len(word) > 5 or not word.isalpha() or not word.isascii() or _VOWEL.search(word):
        return False
    return not word.rstrip("s").isupper()  # TV, MPs


def _without_white_space(text: str, end: int) -> int:
    """The end of what stands before `end`, white space left out; there must be something."""
    while text[end - 1].isspace():
        end -= 1
    return end


@dataclass(frozen=True, kw_only=True)
class Segmenter:
    """Find the sentences of a text.

    A line break always ends a sentence; headings, list items and table rows are a unit each. A quotation with its
    reporting clause (``"Why?" asked Ms Amadi.``) is one sentence, a quotation of several sentences is several, and a
    quotation mark belongs to the sentence it opens or closes.

    A segmenter never changes: threads may share it, and it pickles.

    Parameters
    ----------
    abbreviations : iterable of str, optional
        Words of your own whose full stop never ends a sentence, with or without it: ``["Mallam.", "Onb."]``.

    Examples
    --------
    >>> text = "“Who pays?” Dr. Amadi asked. Nobody knew.\\nMore to follow"
    >>> for start, end in Segmenter().spans(text):
    ...     print(text[start:end])
    “Who pays?” Dr. Amadi asked.
    Nobody knew.
    More to follow
    """

    abbreviations: Iterable[str] = ()
    _kinds: Mapping[str, _Kind] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        own = (self.abbreviations,) if isinstance(self.abbreviations, str) else tuple(self.abbreviations)
        for word in own:
            if not isinstance(word, str) or not word.strip(".") or any(character.isspace() for character in word):
                raise InputError(f"An abbreviation is one word such as 'Cllr.', not {word!r}.")
        own = tuple(sorted({word.rstrip(".") for word in own}))
        object.__setattr__(self, "abbreviations", own)
        object.__setattr__(self, "_kinds", MappingProxyType({**_KINDS, **dict.fromkeys(own, _Kind.TITLE)}))

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(Segmenter, abbreviations=self.abbreviations), ()

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Find where the sentences of a text begin and end.

        Parameters
        ----------
        text : str
            Any text.

        Returns
        -------
        list of tuple of int
            Start and end (exclusive) of each sentence, in code points, in order. White space between sentences belongs
            to none of them, every other character to exactly one.

        Raises
        ------
        InputError
            If `text` is not a str.

        Examples
        --------
        >>> Segmenter().spans("It rained. We left.")
        [(0, 10), (11, 19)]
        """
        if not isinstance(text, str):
            raise InputError(
                f"a text needs to be a str, not {type(text).__name__}: pass the article's text; decode bytes first"
            )
        first = _INK.search(text)
        if first is None:
            return []
        spans = []
        start = line = first.start()
        straight_marks = _StraightMarks(text)
        for match in _CANDIDATE.finditer(text, start):
            mark, end, following = match.start(), match.end(1), match.end()
            if end < 0:  # a line break without a final mark before it
                end = _without_white_space(text, mark)
                line = following
            elif match.end(2) >= 0:
                line = following
            elif following < len(text):
                is_unclear = text[end - 1] == '"' and (end == following or text[end - 2].isspace())
                if is_unclear and not straight_marks.is_open(line, end - 1):  # the mark opens what follows
                    following = end - 1
                    end = _without_white_space(text, following)
                if not self._ends(_Place(text, start, mark, end, following)):
                    continue
            spans.append((start, end))
            start = following
        if start < len(text):
            spans.append((start, _without_white_space(text, len(text))))
        return spans

    def _ends(self, place: _Place) -> bool:
        """Whether a sentence ends at a place within a line."""
        text, mark, end, following = place.text, place.mark, place.end, place.following
        next_character = text[following]
        if end == following:
            return self._ends_glued(place)
        if next_character in ",;:%":
            return False
        if end == mark + 1 and text[mark] == ".":
            return self._full_stop_ends(place)
        closing = text[mark:end]
        if text[mark] == "." and len(closing) > 2 and closing[-1] in _FINAL and closing[-2] in _CLOSING:
            return not next_character.islower()  # the second one of "(D-Ky.)." is no abbreviation's
        ellipsis = ".." in closing or "…" in closing or ". ." in closing
        quoted = closing.rstrip(_FINAL + _INVISIBLE)[-1:] in _QUOTES or "â" in closing
        bracketed = ")" in closing or "]" in closing
        if next_character.islower():
            if quoted or bracketed or ellipsis:
                return text.startswith(("http:", "https:"), following)
            # "it works! thanks" but "Yahoo! and others"
            return text[mark] != "!" or not place.token[:1].isupper()
        if next_character in _DASHES:  # “We won!” — Ann Foy
            after_dash = text[following + 1 : following + 4].lstrip(_DASHES + " \xa0")
            return not (quoted or bracketed or after_dash[:1].islower())
        if quoted:
            return self._quotation_ends(place, exclaims=ellipsis or "?" in closing or "!" in closing)
        if bracketed:
            return self._bracket_ends(place)
        if ellipsis:
            return place.next_word != "I"
        if text[mark] == "!" and place.token.lstrip(_OPENING) in _EXCLAIMING_NAMES:
            return place.next_word in STARTERS
        return text[mark] != "." or self._full_stop_ends(place)

    def _quotation_ends(self, place: _Place, exclaims: bool) -> bool:
        """Whether the sentence ends behind closing marks, or goes on with a reporting clause."""
        if place.next_word not in STARTERS or place.next_word in _SPEAKING_STARTERS:
            reported = _REPORTED.match(place.text, place.following)
            # 'It is over." Smith said.' is a slip for a comma; 'It is over." Smith said he ...' is not.
            if reported and (exclaims or reported["full_stop"]):
                return False
        return exclaims or place.text[place.mark] != "." or self._full_stop_ends(place)

    def _bracket_ends(self, place: _Place) -> bool:
        """Whether the sentence ends behind a closing bracket: not if the bracket is but an aside within it."""
        opened = max(place.text.rfind(bracket, max(place.start, place.mark - 400), place.mark) for bracket in "([")
        if opened <= place.start + 1:
            return not place.is_list_number
        if place.text[place.mark] == "." and opened < place.mark - 1:
            return self._full_stop_ends(place)
        return place.next_word in STARTERS

    def _full_stop_ends(self, place: _Place) -> bool:
        """Whether a full stop ends the sentence, or belongs to a list number, an initial or an abbreviation."""
        if place.is_list_number:
            return False
        word = self._word(place)
        kind = self._kinds.get(word)
        if kind is None:
            if len(word) == 1 and word.isalpha():
                return self._initial_ends(place)
            if not _looks_abbreviated(word):
                return True
            kind = _Kind.ENDING
        return kind is not _Kind.TITLE and self._abbreviation_ends(word, kind, place)

    def _word(self, place: _Place) -> str:
        """The word before the mark, without opening marks; of compounds the last part if that is an abbreviation."""
        word = place.token
        if not word[:1].isalnum():
            word = word.lstrip(_OPENING + _DASHES + "#$£€")
        if word not in self._kinds:
            for joint in _DASHES + "/(":
                if joint in word:
                    word = word.rpartition(joint)[2]
        return word

    def _abbreviation_ends(self, word: str, kind: _Kind, place: _Place) -> bool:
        """Whether an abbreviation ends the sentence, judged by the word that follows."""
        next_word = place.next_word
        if not next_word or next_word[0].islower():
            return False
        if kind is _Kind.LAST:
            return True
        if next_word[0].isdigit():
            return False
        if kind is _Kind.NUMBER:
            return not _NUMERAL.fullmatch(next_word) or (word in ("No", "no") and next_word in ("I", "A"))
        if kind is _Kind.TIME:
            return next_word not in _TIME_WORDS and (next_word in STARTERS or not place.is_opening_phrase)
        is_place = kind is _Kind.PLACE or "." in word
        if place.opens_bracket or (is_place and next_word in _OFFICES):  # GARY, Ind. (AP)
            return False
        if place.opens_quotation or next_word in STARTERS:
            return True
        before = place.text[max(place.start, place.mark - len(word) - 2) : place.mark - len(word)]
        return kind is _Kind.PLACE and before == ", "

    def _initial_ends(self, place: _Place) -> bool:
        """Whether a single letter ends the sentence ("Plan B. It") or is the initial of a name ("B. Amadi")."""
        next_word = place.next_word
        if place.opens_quotation:
            return True
        if next_word in ("A", "I"):
            return not place.text.startswith(".", place.following + 1)
        return next_word in _STARTERS_AFTER_INITIAL

    def _ends_glued(self, place: _Place) -> bool:
        """Whether a sentence ends although no white space follows: "Sunday.Police", "him.”The", but not "Node.Js"."""
        text, mark, end = place.text, place.mark, place.end
        match = _NEXT_WORD.match(text, end)
        marks, next_word, after = (match[1], match[2], text[match.end() : match.end() + 2]) if match else ("", "", "")
        if next_word in ("A", "I"):
            if after[:1] not in (" ", "\xa0", "'", "’"):
                return False
        elif not (next_word[:1].isupper() and next_word[1:].islower()) or next_word in _GLUED_ENDINGS:
            return False
        if after[:1] in ("@", "=", "(", "/", "\\") or (after[:1] == "." and after[1:].isalnum()):
            return False  # an address, a file, a call, initials
        closing = text[mark:end]
        if ".." in closing or "…" in closing:
            return False
        if place.is_list_number:
            return False
        token = place.token.lstrip(_OPENING)
        if "@" in token or "/" in token or token in self._kinds:
            return False
        if "." in token and not _QUANTITY.fullmatch(token):  # www.example.com.The, U.S.The
            return next_word in STARTERS
        if closing[-1] in _CLOSING_QUOTES + ")]":
            return not _REPORTED.match(text, end)
        if marks:
            return True
        if len(token) < 2:
            return False
        return token[-1].islower() or token[-1] in "%)0123456789" or next_word in STARTERS
