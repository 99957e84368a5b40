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

from core.paths import Paths
from dashboard.app import create_app
from dashboard.options import DashboardOptions
from tests.dashboard.conftest import json_of
from tests.dashboard.sample_run import RUN_ID, SLUG, write_run

TOKEN = "a-token-of-a-test-that-is-long-enough"
HEADERS = {"Authorization": f"Bearer {TOKEN}", "Accept-Encoding": "identity"}
KNOWN = {
    "run_id": RUN_ID, "slug": SLUG, "row": "1", "/charts/": "drift", "/exchanges/": "SIMULATED", "/strategies/": "ema_cross",
}  # fmt: skip
# That one parameter must fit another, or the columns of a file, no schema says.
BEYOND_THE_DOCUMENT = ("to", "sort")
# Of so many requests to an operation, one in so many names things that there are not.
_STRANGE = 5


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Return a dashboard that lets scripts in, does not count how often, and starts no process for a job."""
    run = write_run(Paths.under(tmp_path_factory.mktemp("fuzzed")))
    options = DashboardOptions(script_token=TOKEN, reads_per_minute=10**9, changes_per_minute=10**9)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dashboard.context.start_supervisor", lambda *_: None)
        yield create_app(run.paths, options)


@pytest.fixture(scope="module")
def schema(app: Flask) -> Any:
    """Return the API as its own document describes it."""
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app=app, headers=HEADERS)


def operations(schema: Any) -> Iterator[Any]:
    for result in schema.get_all_operations():
        yield result.ok()


def known_path(operation: Any, job: str) -> dict[str, str]:
    """Return names for the placeholders of an address that lead to something."""
    names = [part.strip("{}") for part in operation.path.split("/") if part.startswith("{")]
    known = KNOWN | {"job_id": job}
    by_place = [value for key, value in known.items() if "/" in key and key in operation.path]
    return {name: known[name] if name in known else by_place[0] for name in names}


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
        case.validate_response(answer, excluded_checks=unfit_checks(answer, operation.path))

    send()
    return sent


def unfit_checks(answer: Any, address: str) -> list[Any]:
    """Return the checks that an answer need not pass: who may ask has tests of its own."""
    beyond = answer.status_code == 400 and json.loads(answer.text)["error"]["field"] in BEYOND_THE_DOCUMENT
    return [
        ignored_auth,
        *([positive_data_acceptance] if beyond or address.endswith("/jobs") else []),
    ]


def fuzz(app: Flask, schema: Any, requests: int) -> int:
    """Spread ``requests`` over all operations, sound questions and strange ones; return how many were sent."""
    job = json_of(app.test_client().post("/api/v1/jobs", json={"kind": "resume", "run": RUN_ID}, headers=HEADERS))["id"]
    asked = [operation for operation in operations(schema) if not operation.path.endswith("/events")]
    each = requests // (len(asked) - 2) + 1  # one of them takes no question, so that there is only one to ask
    sent = 0
    for operation in asked:
        path = {} if operation.method.upper() == "DELETE" else known_path(operation, job)
        fixed = {"path_parameters": path} if path else {}
        modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE) if operation.query or operation.body else (GenerationMode.POSITIVE,)
        strange = each // _STRANGE if path else 0
        for mode in modes:
            sent += ask(operation, (each - strange) // len(modes), mode, **fixed)
        if strange:
            sent += ask(operation, strange, GenerationMode.POSITIVE)
    return sent


def test_two_thousand_requests_find_no_breach_of_the_document(app: Flask, schema: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sent = fuzz(app, schema, 2000)
    assert sent >= 2000


@pytest.mark.slow
def test_fifty_thousand_requests_find_no_breach_of_the_document(app: Flask, schema: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert fuzz(app, schema, 50_000) > 40_000
