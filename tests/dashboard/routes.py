"""Every address that the dashboard has, by its own table of routes: what is added to it is tested with the rest."""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from flask import Flask
from werkzeug.routing import Rule

from tests.dashboard.sample_run import RUN_ID, SLUG

# What stands for a variable of a route whose name is not listed here.
ANY = "1"
SAMPLE = {"run_id": RUN_ID, "slug": SLUG, "exchange": "SIMULATED", "filename": "icon.svg", "name": "equity"}
CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_VARIABLE = re.compile(r"<(?:[^<>:]*:)?(\w+)>")
STREAM = "/api/v1/events"


def rules(app: Flask, method: str = "GET") -> list[Rule]:
    """Return the routes that answer ``method``, in a fixed order; the one that never ends is left out."""
    found = (rule for rule in app.url_map.iter_rules() if method in (rule.methods or ()) and rule.rule != STREAM)
    return sorted(found, key=lambda rule: (rule.rule, rule.endpoint))


def address(rule: Rule, changed: Mapping[str, str] | None = None, *, escape: bool = True) -> str:
    """Return the address of ``rule`` for the sample run, with the variables in ``changed`` as given."""
    values = SAMPLE | dict(changed or {})

    def filled(found: re.Match[str]) -> str:
        value = values.get(found[1], ANY)
        return quote(value) if escape else value

    return _VARIABLE.sub(filled, rule.rule)


def addresses(app: Flask, method: str = "GET") -> Iterator[str]:
    """Yield the address of every route for the sample run."""
    yield from (address(rule) for rule in rules(app, method))
