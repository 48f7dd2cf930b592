"""Charts as inline SVG, drawn by matplotlib: text stays text, and its colour is that of the page.

A drawing is decoration: the page has the numbers beside it, and a description for those who can't see it.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

_INK = "#010203"  # stands for the colour of the page's text, which depends on light, dark or print
_COLOURS = ("#3f7fbf", "#d9822b", "#8c8c8c")  # to be told apart on white and on black, and by the colour-blind
_WIDTH = 6.0  # inches; the page scales it
_LONGEST_LABEL = 34
_STYLE: Any = {
    "font.size": 10,
    "svg.fonttype": "none",
    "text.parse_math": False,  # a name may hold dollar signs
    "text.color": _INK,
    "axes.labelcolor": _INK,
    "axes.edgecolor": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "figure.facecolor": "none",
}
_NO_METADATA = dict.fromkeys(("Creator", "Date", "Format", "Type"))
_ID = re.compile(
    r' id="[^"#]*_\d+"'
)  # numbered anew in each drawing, so not unique in the page; nothing points to them


def bars(title: str, labels: Sequence[str], values: Sequence[float], unit: str) -> str:
    """One horizontal bar for each label, the first on top."""

    def draw(axes: Axes) -> None:
        axes.barh(range(len(labels)), values, color=_COLOURS[0], height=0.7)
        axes.set_yticks(range(len(labels)), [_short(label) for label in labels])
        axes.invert_yaxis()
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel(unit)
        _few_ticks(axes.xaxis)

    return _svg(title, draw, 0.7 + 0.27 * len(labels))


def columns(title: str, labels: Sequence[str], values: Sequence[float], unit: str, of: str) -> str:
    """One upright column for each label: a histogram of `of`."""

    def draw(axes: Axes) -> None:
        axes.bar(range(len(labels)), values, color=_COLOURS[0], width=0.9)
        axes.set_xticks(range(len(labels)), labels, fontsize="small")
        axes.set_xlabel(of)
        axes.set_ylabel(unit)
        _few_ticks(axes.yaxis)

    return _svg(title, draw, 2.8)


def shares(title: str, labels: Sequence[str], series: Mapping[str, Sequence[float]]) -> str:
    """One bar of shares for each label: the series beside each other, in percent."""

    def draw(axes: Axes) -> None:
        left = [0.0] * len(labels)
        for colour, (name, values) in zip(_COLOURS, series.items(), strict=False):
            axes.barh(range(len(labels)), values, left=left, color=colour, height=0.6, label=name)
            left = [a + b for a, b in zip(left, values, strict=True)]
        axes.set_yticks(range(len(labels)), [_short(label) for label in labels])
        axes.invert_yaxis()
        axes.set_xlim(0, 100)
        axes.set_xlabel("%")
        axes.tick_params(axis="y", length=0)
        _legend(axes)

    return _svg(title, draw, 1.2 + 0.4 * len(labels))


def lines(title: str, labels: Sequence[str], series: Mapping[str, Sequence[float]]) -> str:
    """A line for each series, over periods of which the labels tell."""

    def draw(axes: Axes) -> None:
        for colour, (name, values) in zip(_COLOURS, series.items(), strict=False):
            axes.plot(range(len(labels)), values, color=colour, label=name, marker="o" if len(labels) < 40 else "")
        step = max(1, -(-len(labels) // 7))
        axes.set_xticks(range(0, len(labels), step), labels[::step])
        axes.set_ylim(bottom=0)
        _few_ticks(axes.yaxis)
        _legend(axes)

    return _svg(title, draw, 2.8)


def _few_ticks(axis: Axis) -> None:
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(5, integer=True))
    axis.set_major_formatter("{x:,.0f}")


def _legend(axes: Axes) -> None:
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=len(_COLOURS), frameon=False)


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1] + "…"


def _svg(title: str, draw: Callable[[Axes], None], height: float) -> str:
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    file = io.StringIO()
    # The salt makes names that are the same in every run, and others in every chart of a page.
    with rc_context(_STYLE | {"svg.hashsalt": title}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph")  # the browser has letters that matplotlib's font lacks
        figure = Figure(figsize=(_WIDTH, height), layout="constrained")
        draw(figure.subplots())
        figure.savefig(file, format="svg", metadata=_NO_METADATA)
    svg = file.getvalue()
    return _ID.sub("", svg[svg.index("<svg") :]).replace(_INK, "currentColor")
