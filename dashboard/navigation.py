"""The links at the top of every page and among the pages of a run: those whose pages there are."""

from dataclasses import dataclass

from flask import Flask, request


@dataclass(frozen=True, slots=True)
class Link:
    """A page in the top bar; ``section`` is the beginning of the addresses that belong to it."""

    address: str
    title: str
    section: str


LINKS = (
    Link("/", "Runs", "/runs/"),
    Link("/new", "New run", "/new"),
    Link("/jobs", "Jobs", "/jobs"),
    Link("/hardware", "Hardware", "/hardware"),
    Link("/logs", "Logs", "/logs"),
    Link("/reference", "API", "/reference"),
)
MARKET_PAGES = (
    ("market", "Market"),
    ("equity", "Equity"),
    ("search", "Search"),
    ("walkforward", "Walk-forward"),
    ("overfitting", "Overfitting"),
    ("data", "Data"),
)


def add_navigation(app: Flask) -> None:
    """Give every template ``navigation`` and ``market_pages``, and ``here``: the address of the link that the page belongs to.

    Called when all pages are registered; macros see the first two as well.
    """
    known = {rule.rule for rule in app.url_map.iter_rules()}
    app.jinja_env.globals["navigation"] = tuple(link for link in LINKS if link.address in known)
    app.jinja_env.globals["market_pages"] = tuple(each for each in MARKET_PAGES if f"{each[0]}.page" in app.view_functions)
    app.context_processor(lambda: {"here": _here(request.path)})


def _here(path: str) -> str:
    if path in {"/", "/compare"}:
        return "/"
    return next((link.address for link in LINKS if path == link.address or path.startswith(link.section)), "")
