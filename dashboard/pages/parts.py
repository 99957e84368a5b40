"""Parts of a page: each has its content, or what is wrong with the file it comes from."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import render_template

from core.errors import CorruptFileError
from dashboard.context import Context
from dashboard.reading.run_reader import MarketView, Run


@dataclass(frozen=True, slots=True)
class Part:
    """A section's content, or what is wrong with its file: one damaged file does not hide the others."""

    content: Any = None
    problem: str = ""


def part(read: Callable[[], Any]) -> Part:
    """Return what ``read`` returns, or the problem it met."""
    try:
        return Part(read())
    except CorruptFileError as error:
        return Part(problem=str(error))


def market_page(context: Context, page: str, run: Run, market: MarketView, **content: Any) -> str:
    """Return the page ``<page>.html`` of one market of a run, with the navigation among the run's pages around ``content``."""
    return render_template(
        f"{page}.html", page=page, run=context.index.summary(run.run_id), market=market, plotly=context.plotly, **content
    )
