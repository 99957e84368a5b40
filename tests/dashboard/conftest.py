"""A data folder with runs in every state, and clients that ask for them."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from core.paths import Paths
from core.run_folder import RunFolder
from dashboard.app import create_app
from dashboard.connections import REQUEST_SECONDS
from dashboard.options import DashboardOptions
from dashboard.server import DashboardServer
from tests.dashboard.clients import signed_in
from tests.dashboard.sample_run import RUN_ID, SLUG, write_run
from tests.patience import PATIENCE_SECONDS

ClientOf = Callable[[Paths], FlaskClient]
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
    """Return the dashboard of the finished run; tests ask more often than any user may."""
    return create_app(finished.paths, DashboardOptions(reads_per_minute=1_000_000, changes_per_minute=1_000_000))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a browser that signed in at the finished run's dashboard; its changes carry what a page's carry."""
    return signed_in(app)


@pytest.fixture
def anonymous(app: Flask) -> FlaskClient:
    """Return a browser that nobody knows."""
    return app.test_client()


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """Return an empty installation of the test's own."""
    return Paths.under(tmp_path / "here")


@pytest.fixture
def client_of() -> Callable[[Paths], FlaskClient]:
    """Return what makes a client of an installation, signed in."""
    return lambda paths: signed_in(create_app(paths))


@contextmanager
def serving(app: Flask, patience: int = REQUEST_SECONDS) -> Iterator[DashboardServer]:
    """Serve ``app`` on a free port, in a thread, until the block ends."""
    server = DashboardServer(app, 0, patience)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield server
    server.stop()
    thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive()


@pytest.fixture(scope="session")
def server(app: Flask) -> Iterator[DashboardServer]:
    """Return a server of the finished run, at work in a thread."""
    with serving(app) as server:
        yield server
