"""Whatever is asked of the API, it never breaks, and what it answers is what its document says."""

import json
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from core.run_folder import RunFolder
from dashboard.app import create_app
from dashboard.options import DashboardOptions
from tests.dashboard.sample_run import RUN_ID, SLUG

TOKEN = "a-token-of-a-test-that-is-long-enough"
HEADERS = {"Authorization": f"Bearer {TOKEN}", "Accept-Encoding": "identity"}
KNOWN = {
    "run_id": RUN_ID, "slug": SLUG, "/charts/": "drift", "/exchanges/": "SIMULATED", "/strategies/": "ema_cross",
}  # fmt: skip
# That one parameter must fit another, or the columns of a file, no schema says.
BEYOND_THE_DOCUMENT = ("to", "sort")
# Of so many requests to an operation, one in so many names things that there are not.
_STRANGE = 5


@pytest.fixture(scope="module")
def app(finished: RunFolder) -> Flask:
    """Return a dashboard that lets scripts in and does not count how often."""
    options = DashboardOptions(script_token=TOKEN, reads_per_minute=10**9, changes_per_minute=10**9)
    return create_app(finished.paths, options)


@pytest.fixture(scope="module")
def schema(app: Flask) -> Any:
    """Return the API as its own document describes it."""
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app=app, headers=HEADERS)


def operations(schema: Any) -> Iterator[Any]:
    for result in schema.get_all_operations():
        yield result.ok()


def known_path(operation: Any) -> dict[str, str]:
    """Return names for the placeholders of an address that lead to something."""
    names = [part.strip("{}") for part in operation.path.split("/") if part.startswith("{")]
    return {name: KNOWN.get(name) or next(value for key, value in KNOWN.items() if key in operation.path and "/" in key) for name in names}


def ask(operation: Any, count: int, mode: GenerationMode, **fixed: Any) -> int:
    """Send ``count`` requests to an operation and check every answer; return how many were sent."""
    sent = 0

    @settings(
        max_examples=count, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode, **fixed))
    def send(case: Any) -> None:
        nonlocal sent
        sent += 1
        answer = case.call(headers=HEADERS)
        beyond = answer.status_code == 400 and json.loads(answer.text)["error"]["field"] in BEYOND_THE_DOCUMENT
        case.validate_response(answer, excluded_checks=[ignored_auth, *([positive_data_acceptance] if beyond else [])])

    send()
    return sent


def fuzz(schema: Any, requests: int) -> int:
    """Spread ``requests`` over all operations that read, sound questions and strange ones; return how many were sent."""
    reading = [
        operation for operation in operations(schema) if operation.method.upper() == "GET" and not operation.path.endswith("/events")
    ]
    each = -(-requests // len(reading))
    sent = 0
    for operation in reading:
        path = known_path(operation)
        fixed = {"path_parameters": path} if path else {}
        asked = bool(operation.query)
        strange = each // _STRANGE if path else 0
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE) if asked else (GenerationMode.POSITIVE,):
            sent += ask(operation, (each - strange) // (2 if asked else 1), mode, **fixed)
        if strange:
            sent += ask(operation, strange, GenerationMode.POSITIVE)
    return sent


def test_two_thousand_requests_find_no_breach_of_the_document(schema: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sent = fuzz(schema, 2000)
    assert sent > 300


@pytest.mark.slow
def test_fifty_thousand_requests_find_no_breach_of_the_document(schema: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert fuzz(schema, 50_000) > 3000
