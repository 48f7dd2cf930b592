"""A corpus at a glance: counts over labelled articles, one page of tables and charts.

    from quoteattr.report import Report

    report = Report()
    for document in labeller.pipe(texts):
        report.add(document)
    Path("report.html").write_text(report.to_html(), encoding="utf-8")

`quoteattr report` does this for files. Needs pip install 'quoteattr[report]'.
"""

from quoteattr.report.counts import Report
from quoteattr.report.gender import stated_gender

__all__ = ["Report", "stated_gender"]
