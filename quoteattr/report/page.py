"""A report as one HTML page: everything in it is escaped, and a browser need not load anything for it."""

from __future__ import annotations

from quoteattr.errors import ReportError
from quoteattr.html import asset
from quoteattr.report.sections import sections
from quoteattr.report.tally import Tally


def check_packages() -> None:
    """See to it that what draws the page is installed, before anything is counted.

    Raises
    ------
    ReportError
        If matplotlib or Jinja is not.
    """
    try:
        import jinja2  # noqa: F401
        import matplotlib  # noqa: F401
    except ModuleNotFoundError as error:
        raise ReportError(f"a report needs more packages ({error}): pip install 'quoteattr[report]'") from error


def page(tally: Tally) -> str:
    """The page of the counts of a corpus.

    Raises
    ------
    ReportError
        If matplotlib or Jinja is not installed.
    """
    check_packages()
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
    template = environment.from_string(asset("report.html"))
    return template.render(sections=list(sections(tally)), style=asset("page.css") + asset("report.css"))
