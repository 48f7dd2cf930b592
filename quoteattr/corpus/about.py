"""An article's site and date, from the fields of its record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

_MILLISECONDS_FROM = 1e11  # as seconds this were the year 5138


class Field:
    """A field of records, by name; tells if none of them had it.

    Parameters
    ----------
    name : str or None
        None: no field, and no value.
    option : str
        How the command line calls the name.
    """

    def __init__(self, name: str | None, option: str):
        self.name, self.option = name, option
        self._found = self._asked = False
        self._others: list[str] = []

    def site(self, row: Mapping[str, Any]) -> str | None:
        """The site: the value, or the host where it is a URL."""
        value = self.value(row)
        return None if value is None else site_of(str(value))

    def date(self, row: Mapping[str, Any]) -> str | None:
        """The date as `iso_date` gives it."""
        value = self.value(row)
        return None if value is None else iso_date(value)

    def value(self, row: Mapping[str, Any]) -> Any:
        """The field as it stands; None where there is none, or an empty one."""
        if self.name is None:
            return None
        self._asked = True
        if self.name not in row:
            self._others = list(row)
        else:
            self._found = True
        value = row.get(self.name)
        return None if value == "" else value

    @property
    def complaint(self) -> str | None:
        """What to say if there were records, and the field in none of them."""
        if self._found or not self._asked:
            return None
        there = ", ".join(map(repr, self._others)) or "none"
        return f"no article so far has a field {self.name!r} ({self.option}); the last one's fields: {there}"


def site_of(value: str) -> str:
    """The site that a field names.

    Examples
    --------
    >>> site_of("https://www.example.org/news/1"), site_of("Example Herald")
    ('example.org', 'Example Herald')
    """
    try:
        host = urlsplit(value).hostname if "://" in value else None
    except ValueError:
        host = None
    return host.removeprefix("www.") if host else value


def iso_date(value: Any) -> str | None:
    """A date in ISO 8601, of which the earlier sorts first: a time in UTC, or a day; None for what is no date.

    Parameters
    ----------
    value : str or number
        ISO 8601, a date as e-mails and feeds have it, or seconds or milliseconds since 1970.

    Examples
    --------
    >>> iso_date("2024-03-01T09:30:00+01:00"), iso_date("2024-03-01"), iso_date("Fri, 01 Mar 2024 08:30:00 GMT")
    ('2024-03-01T08:30:00Z', '2024-03-01', '2024-03-01T08:30:00Z')
    >>> iso_date(1709281800000), iso_date("yesterday")
    ('2024-03-01T08:30:00Z', None)
    """
    try:
        if isinstance(value, (int, float)):
            seconds = value / 1000 if abs(value) >= _MILLISECONDS_FROM else value
            moment = datetime.fromtimestamp(seconds, timezone.utc)
        else:
            moment = _parsed(str(value).strip())
            if len(str(value).strip()) == len("2024-03-01"):
                return moment.date().isoformat()
    except (ValueError, OverflowError, OSError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _parsed(value: str) -> datetime:
    try:
        return datetime.fromisoformat(value[:-1] + "+00:00" if value.endswith("Z") else value)
    except ValueError:
        return parsedate_to_datetime(value)
