"""H10: whatever goes wrong, no answer shows a trace, a path of this machine, or what the error says about itself."""

import logging
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from core.errors import ConfigError, CorruptFileError, CredentialError, DataError, PipelineError, StorageError
from core.paths import PROJECT_ROOT, Paths
from core.run_folder import RunFolder
from dashboard.app import create_app
from dashboard.security.limits import MAX_BODY_BYTES
from tests.dashboard.clients import SignedInClient, signed_in
from tests.dashboard.routes import CHANGING, addresses

TRACE = re.compile(r"Traceback|File &#34;|File \"|line \d+, in |werkzeug|site-packages|\.py\b")
SECRET = "hunter2"


@pytest.fixture
def broken(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[Exception]:
    """Let every page and every resource fail with the error in the list that is returned."""
    error: list[Exception] = [RuntimeError(f"{SECRET} at {PROJECT_ROOT}/private")]

    def explode(*_: object, **__: object) -> None:
        raise error[0]

    for endpoint in app.view_functions:
        monkeypatch.setitem(app.view_functions, endpoint, explode)
    return error


UNEXPECTED = (RuntimeError, KeyError, RecursionError, MemoryError, OSError, UnicodeDecodeError)
OWN = (PipelineError, StorageError, ConfigError, CorruptFileError, DataError, CredentialError)


def answers(app: Flask) -> Iterator[TestResponse]:
    """Yield the answers of all addresses to all methods."""
    client = signed_in(app)
    for method in ("GET", *sorted(CHANGING)):
        for address in addresses(app, method):
            yield client.open(address, method=method, json={} if method in CHANGING else None)


@pytest.fixture
def quiet() -> Iterator[None]:
    """Keep hundreds of expected traces out of the captured log, which takes longer than making them."""
    logger = logging.getLogger("dashboard")
    logger.setLevel(logging.CRITICAL)
    yield
    logger.setLevel(logging.NOTSET)


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("error", UNEXPECTED)
def test_unexpected_errors_tell_nothing(app: Flask, broken: list[Exception], error: type[Exception]) -> None:
    text = f"{SECRET} at {PROJECT_ROOT}/private"
    broken[0] = UnicodeDecodeError("utf8", b"x", 0, 1, text) if error is UnicodeDecodeError else error(text)
    for answer in answers(app):
        assert answer.status_code == 500
        assert SECRET not in answer.text
        assert str(PROJECT_ROOT) not in answer.text
        assert not TRACE.search(answer.text)


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("error", OWN)
def test_expected_errors_name_no_folder_of_this_machine(app: Flask, broken: list[Exception], error: type[Exception]) -> None:
    broken[0] = error(f"cannot use {PROJECT_ROOT}/private.")
    for answer in answers(app):
        assert answer.status_code >= 400
        assert str(PROJECT_ROOT) not in answer.text
        assert not TRACE.search(answer.text)


def refusals(client: SignedInClient, anonymous: FlaskClient) -> Iterator[tuple[str, object]]:
    """Yield an answer of every kind of refusal, as a page and as JSON."""
    for prefix in ("", "/api/v1"):
        yield "401", anonymous.get(f"{prefix}/runs/x")
        yield "403", client.get(f"{prefix}/runs/x", headers={"Origin": "http://evil.example"})
        yield "404", client.get(f"{prefix}/no/such/thing")
        yield "405", client.open(f"{prefix}/no/such/thing", method="TRACE")
        yield "413", client.post(f"{prefix}/no/such/thing", data=b"x" * (MAX_BODY_BYTES + 1))
        yield "415", client.post(f"{prefix}/no/such/thing", data=b"x", content_type="text/plain")


def test_refusals_tell_nothing_of_the_machine(client: SignedInClient, anonymous: FlaskClient, finished: RunFolder) -> None:
    for code, answer in refusals(client, anonymous):
        assert str(getattr(answer, "status_code", 0)) == code
        text, kind = getattr(answer, "text", ""), getattr(answer, "mimetype", "")
        assert not TRACE.search(text.replace("run_pipeline.py", "")), text
        assert str(finished.paths.data) not in text
        assert str(PROJECT_ROOT) not in text
        assert kind in ("text/html", "application/json")


@pytest.mark.parametrize("body", [b"[" * 60_000, b'{"tags":' + b"[" * 30_000 + b"]" * 30_000 + b"}", b"9" * 60_000, b"\xff\xfe{", b"NaN"])
def test_bodies_that_no_parser_likes_are_the_senders_mistake(client: SignedInClient, finished: RunFolder, body: bytes) -> None:
    assert client.patch(f"/api/v1/runs/{finished.run_id}", data=body).status_code == 400
    assert client.post("/api/v1/jobs", data=body).status_code == 400


@pytest.mark.parametrize("value", ["1", "true", "yes", "anything"])
def test_debug_mode_is_refused(paths: Paths, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("FLASK_DEBUG", value)
    with pytest.raises(ConfigError, match="FLASK_DEBUG"):
        create_app(paths)


@pytest.mark.parametrize("value", ["", "0", "false"])
def test_debug_mode_that_is_off_is_no_matter(paths: Paths, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("FLASK_DEBUG", value)
    assert not create_app(paths).debug
