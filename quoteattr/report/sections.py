"""From counts to what the page shows: sections of a note, a table and a chart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from quoteattr.document import BOILERPLATE_KINDS
from quoteattr.report import charts
from quoteattr.report.counts import CONFIDENCE_BINS, GENDERS, NOBODY
from quoteattr.report.tally import Tally

_ROWS = 25  # of a table whose rows are open-ended
_BARS = 13  # of its chart
_MOST_DAYS, _MOST_MONTHS = 62, 120  # that are shown one by one
_PEOPLE = {"person": "named people", "unnamed": "unnamed sources"}
_PLURALS = dict(zip(GENDERS, ("women", "men", "unknown"), strict=True))


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, of which the first says what the others count."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Chart:
    """What draws a chart as SVG, and what it shows in words."""

    draw: Callable[[], str]
    description: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page."""

    title: str
    note: str
    table: Table
    chart: Chart | None = None


def sections(tally: Tally) -> Iterator[Section]:
    """The sections of a report, in the order of the page."""
    yield _glance(tally)
    yield _kinds(tally)
    yield _most_quoted(tally, "person", "Most quoted people")
    yield _most_quoted(tally, "body", "Most quoted bodies")
    yield _sources(tally)
    yield _speakers_per_article(tally)
    yield _genders(tally)
    yield _verbs(tally)
    yield _claims_per_article(tally)
    yield _boilerplate(tally)
    if tally.distinct("articles of site"):
        yield _sites(tally)
    yield _confidence(tally)
    if tally.distinct("articles of day"):
        yield _time(tally)


def _glance(tally: Tally) -> Section:
    articles, sentences, quotes = (tally.get("total", what) for what in ("articles", "sentences", "quotes"))
    boilerplate, claims = tally.total("boilerplate"), tally.get("total", "claims")
    quoting = tally.get("total", "articles with quotes")
    rows = [
        ("Articles", _count(articles), ""),
        ("… that quote somebody", _count(quoting), f"{_share(quoting, articles)} of articles"),
        ("Quotes", _count(quotes), f"{_mean(quotes, articles)} an article"),
        ("Names of people quoted", _count(tally.distinct("quotes of person")), ""),
        ("Names of bodies quoted", _count(tally.distinct("quotes of body")), ""),
        ("Sentences", _count(sentences), f"{_mean(sentences, articles)} an article"),
        ("… that are boilerplate", _count(boilerplate), f"{_share(boilerplate, sentences)} of sentences"),
        ("… that are claims", _count(claims), f"{_share(claims, sentences)} of sentences"),
        *((f"Labelled by {by}", _count(n), "") for by, n in tally.most_common("labelled by")),
    ]
    return Section("In numbers", "", Table(("", "count", ""), rows))


def _kinds(tally: Tally) -> Section:
    note = "Direct: all of it in quotation marks. Mixed: reported, with marked words in it. Indirect: reported without."
    counts = [(kind, tally.get("quotes", kind)) for kind in ("direct", "mixed", "indirect")]
    return _shares("Quotes by kind", note, "quotes", counts, tally.total("quotes"))


def _most_quoted(tally: Tally, kind: str, title: str) -> Section:
    family = f"quotes of {kind}"
    top = tally.most_common(family, _ROWS)
    quotes = tally.get("total", "quotes")
    note = (
        f"The first {len(top)} of {_count(tally.distinct(family))} names; shares are of all quotes. A name is the fullest "
        "one of its article: whoever shares it shares its row, and another spelling is another row."
    )
    rows = [(name, _count(n), _share(n, quotes), _count(tally.get(f"articles of {kind}", name))) for name, n in top]
    return Section(title, note, Table(("name", "quotes", "share", "articles"), rows), _bars(title, top, "quotes"))


def _sources(tally: Tally) -> Section:
    note = "Who the quotes are of. An unnamed source is known by a description only, such as “a neighbour” or “the report”."
    names = {"person": "named people", "body": "named bodies", "unnamed": "unnamed sources", NOBODY: "no speaker found"}
    counts = [(name, tally.get("sources", kind)) for kind, name in names.items()]
    return _shares("Named and unnamed sources", note, "quotes", counts, tally.total("sources"))


def _speakers_per_article(tally: Tally) -> Section:
    note = "How many people, bodies and unnamed sources an article quotes."
    return _histogram("Speakers per article", note, tally, "speakers an article", 1, 10)


def _claims_per_article(tally: Tally) -> Section:
    note = "How many sentences of an article are checkable claims."
    return _histogram("Claims per article", note, tally, "claims an article", 5, 40)


def _genders(tally: Tally) -> Section:
    note = (
        "Only as the article itself says it: by a pronoun that stands for the speaker, a title (Mr, Dame, spokeswoman) "
        "or a noun (a woman, her father). Where it says nothing, says “they”, or contradicts itself, the gender is "
        "unknown; it is never taken from a name. Which speaker a pronoun stands for is quoteattr’s reading, which can err "
        "and which weighs given names among other signs. A speaker is counted once in each article."
    )
    rows, labels = [], []
    series: dict[str, list[float]] = {plural: [] for plural in _PLURALS.values()}
    for kind, people in _PEOPLE.items():
        for what in ("speakers", "quotes"):
            counts = [tally.get(f"{what} by gender of {kind}", gender) for gender in GENDERS]
            total = sum(counts)
            if not total:
                continue
            labels.append(f"{people}: {what}")
            rows.append((labels[-1], _count(total), *(cell for n in counts for cell in (_count(n), _share(n, total)))))
            for plural, n in zip(series, counts, strict=True):
                series[plural].append(100 * n / total)
    columns = ("", "all", *(cell for plural in series for cell in (plural, "share")))
    described = "; ".join(
        f"{label}: " + ", ".join(f"{plural} {values[i]:.0f}%" for plural, values in series.items())
        for i, label in enumerate(labels)
    )
    title = "Who gets to speak, by gender"
    chart = Chart(partial(charts.shares, title, labels, series), f"Shares. {described}")
    return Section(title, note, Table(columns, rows), chart if labels else None)


def _verbs(tally: Tally) -> Section:
    counts = [(words or "(none)", n) for words, n in tally.most_common("verb", _ROWS)]
    note = (
        f"The words of saying as they stand, the first {len(counts)} of {_count(tally.distinct('verb'))}. "
        "(none): the quote goes on from one before it, or stands alone."
    )
    return _shares("Speaking verbs", note, "quotes", counts, tally.total("verb"))


def _boilerplate(tally: Tally) -> Section:
    note = "Sentences that are not the article; shares are of all sentences."
    return _shares(
        "Boilerplate by kind", note, "sentences", tally.most_common("boilerplate"), tally.get("total", "sentences")
    )


def _sites(tally: Tally) -> Section:
    title = "Boilerplate by site"
    top = tally.most_common("articles of site", _ROWS)
    rows, all_kinds = [], []
    for site, articles in top:
        sentences = tally.get("sentences of site", site)
        kinds = [tally.get(f"{kind} of site", site) for kind in BOILERPLATE_KINDS]
        all_kinds.append((site, 100 * sum(kinds) / max(sentences, 1)))
        rows.append((site, _count(articles), *(_share(n, sentences) for n in (sum(kinds), *kinds))))
    note = (
        f"The {len(top)} sites with the most articles, of {_count(tally.distinct('articles of site'))}. "
        "Shares are of the site’s sentences."
    )
    columns = ("site", "articles", "all kinds", *(kind.replace("_", " ") for kind in BOILERPLATE_KINDS))
    return Section(title, note, Table(columns, rows), _bars(title, all_kinds, "% of sentences"))


def _confidence(tally: Tally) -> Section:
    title = "Confidence"
    note = "The probability, by quoteattr’s own estimate, that a quote’s content and speaker are both right."
    bins = range(CONFIDENCE_BINS)
    labels = [f"{i / CONFIDENCE_BINS:.1f}–{(i + 1) / CONFIDENCE_BINS:.1f}" for i in bins]
    counts = list(zip(labels, (tally.get("confidence", str(i)) for i in bins), strict=True))
    return _shares(
        title, note, "quotes", counts, tally.total("confidence"), _columns(title, counts, "quotes", "confidence")
    )


def _histogram(title: str, note: str, tally: Tally, family: str, width: int, last: int) -> Section:
    """How often a number an article was met: bins of a width, the last one without end."""
    known = sorted((int(number), n) for number, n in tally.most_common(family))
    articles, binned = tally.total(family), Counter[int]()
    for number, n in known:
        binned[min(number, last) // width * width] += n
    starts = range(0, last, width)
    labels = [str(start) if width == 1 else f"{start}–{start + width - 1}" for start in starts] + [f"{last}+"]
    counts = [(label, binned[start]) for label, start in zip(labels, (*starts, last), strict=True)]
    note += f" Mean {_mean(sum(number * n for number, n in known), articles)}, median {_median(known)}."
    return _shares(title, note, "articles", counts, articles, _columns(title, counts, "articles", family.split()[0]))


def _time(tally: Tally) -> Section:
    title = "Over time"
    days = [date.fromisoformat(day) for day, _ in tally.most_common("articles of day")]
    length, unit = _period(min(days), max(days))
    periods = _periods(min(days), max(days), length)
    by_gender = [f"quotes by {gender}" for gender in GENDERS]
    counts = {what: Counter[str]() for what in ("articles", "quotes", "claims", *by_gender)}
    for what, periodic in counts.items():
        for day, n in tally.most_common(f"{what} of day"):
            periodic[day[:length]] += n

    def row(period: str) -> Sequence[str]:
        articles, quotes, claims, *genders = (periodic[period] for periodic in counts.values())
        shares = (_share(n, sum(genders)) for n in genders)
        return period, _count(articles), _count(quotes), _mean(quotes, articles), _count(claims), *shares

    columns = (unit, "articles", "quotes", "quotes an article", "claims", *_PLURALS.values())
    note = (
        f"By {unit}, of {_count(counts['articles'].total())} articles. Without a date: "
        f"{_count(tally.get('total', 'articles without a date'))}; with one that can’t be read: "
        f"{_count(tally.total('unreadable date'))}. Women, men and unknown are shares of named people’s quotes."
    )
    busiest = max(periods, key=lambda period: counts["articles"][period])
    most = _count(counts["articles"][busiest])
    series = {what: [counts[what][period] for period in periods] for what in ("articles", "quotes")}
    chart = Chart(
        partial(charts.lines, title, periods, series),
        f"Lines. {periods[0]} to {periods[-1]}; most articles, {most}, in {busiest}",
    )
    return Section(title, note, Table(columns, [row(period) for period in periods]), chart)


def _period(first: date, last: date) -> tuple[int, str]:
    """How many characters of an ISO date name a period, and what it is: the shortest of which there are not too many."""
    days = (last - first).days
    if days < _MOST_DAYS:
        return len("2026-11-21"), "day"
    return (len("2026-11"), "month") if days < _MOST_MONTHS * 30 else (len("2026"), "year")


def _periods(first: date, last: date, length: int) -> list[str]:
    """All periods from the first to the last day, also those of which there is no article."""
    every_day = (first + timedelta(n) for n in range((last - first).days + 1))
    return list(dict.fromkeys(day.isoformat()[:length] for day in every_day))


def _shares(
    title: str, note: str, unit: str, counts: Sequence[tuple[str, int]], total: int, chart: Chart | None = None
) -> Section:
    rows = [(label, _count(n), _share(n, total)) for label, n in counts]
    return Section(title, note, Table(("", unit, "share"), rows), chart or _bars(title, counts, unit))


def _bars(title: str, counts: Sequence[tuple[str, float]], unit: str) -> Chart | None:
    shown = counts[:_BARS]
    labels, values = [label for label, _ in shown], [n for _, n in shown]
    return Chart(partial(charts.bars, title, labels, values, unit), _described("Bars", shown, unit)) if shown else None


def _columns(title: str, counts: Sequence[tuple[str, float]], unit: str, of: str) -> Chart:
    labels, values = [label for label, _ in counts], [n for _, n in counts]
    return Chart(partial(charts.columns, title, labels, values, unit, of), _described("Histogram", counts, unit))


def _described(what: str, counts: Sequence[tuple[str, float]], unit: str) -> str:
    return f"{what}, {unit}. " + "; ".join(f"{label}: {n:,.0f}" for label, n in counts)


def _count(n: int) -> str:
    return f"{n:,}"


def _share(n: int, total: int) -> str:
    return f"{n / total:.1%}" if total else "–"


def _mean(total: int, n: int) -> str:
    return f"{total / n:.1f}" if n else "–"


def _median(known: Sequence[tuple[int, int]]) -> str:
    """The (lower) median of numbers that are given in order, each with how often it was met."""
    half = sum(n for _, n in known) / 2
    for number, n in known:
        half -= n
        if half <= 0:
            return str(number)
    return "–"
