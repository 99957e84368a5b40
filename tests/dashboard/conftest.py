"""A data folder with runs in every state, and clients that ask for them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from core.paths import Paths
from core.run_folder import RunFolder
from dashboard.app import create_app
from tests.dashboard.sample_run import RUN_ID, SLUG, write_run

MARKET_API = f"/api/v1/runs/{RUN_ID}/markets/{SLUG}"


def json_of(answer: TestResponse) -> dict[str, Any]:
    """Return the object that an answer holds; strict JSON knows no NaN."""
    content: dict[str, Any] = json.loads(answer.text, parse_constant=lambda text: pytest.fail(f"{text} is not JSON"))
    return content


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """Return a finished run, for tests that only read."""
    return write_run(Paths.under(tmp_path_factory.mktemp("finished")))


@pytest.fixture(scope="session")
def app(finished: RunFolder) -> Flask:
    """Return the dashboard of the finished run."""
    return create_app(finished.paths)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a client of the finished run's dashboard."""
    return app.test_client()


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """Return an empty installation of the test's own."""
    return Paths.under(tmp_path / "here")


@pytest.fixture
def client_of() -> Callable[[Paths], FlaskClient]:
    """Return what makes a client of an installation."""
    return lambda paths: create_app(paths).test_client()
