"""Charts of finished runs are made once, and anew as soon as a file that they were made of is another."""

import gzip
import json
from collections.abc import Callable
from typing import Any, cast

import pytest
from flask.testing import FlaskClient

from core.paths import Paths
from dashboard.charts import CHARTS, ChartRequest
from dashboard.delivery import kept_answers
from dashboard.figures.base import Figure
from tests.dashboard.conftest import MARKET_API
from tests.dashboard.sample_run import market_folder, write_run

ClientOf = Callable[[Paths], FlaskClient]
EQUITY = f"{MARKET_API}/charts/equity"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Count the charts that are made."""
    names: list[str] = []
    make = CHARTS["equity"]

    def count(asked: ChartRequest) -> Figure:
        names.append(asked.source)
        return make(asked)

    monkeypatch.setitem(cast(dict[str, Any], CHARTS), "equity", count)
    return names


def test_what_is_asked_twice_is_made_once_packed_or_not(paths: Paths, client_of: ClientOf, made: list[str]) -> None:
    write_run(paths)
    client = client_of(paths)
    plain = client.get(EQUITY, headers={"Accept-Encoding": "identity"})
    packed = client.get(EQUITY, headers={"Accept-Encoding": "gzip"})
    assert len(made) == 1
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert {answer.headers["Vary"] for answer in (plain, packed)} == {"Accept-Encoding"}
    client.get(EQUITY, query_string={"to": 1_704_200_000_000})
    assert len(made) == 2, "another stretch is another answer"


def test_a_file_that_changes_or_comes_makes_it_anew(paths: Paths, client_of: ClientOf, made: list[str]) -> None:
    folder = market_folder(write_run(paths), "baseline")
    client, candles = client_of(paths), folder / "candles.parquet"
    before = client.get(EQUITY)
    content = candles.read_bytes()
    candles.write_bytes(content[:-1])
    damaged = client.get(EQUITY)
    assert damaged.status_code == 422
    assert "candles.parquet" in json.loads(damaged.data)["error"]["message"]
    candles.unlink()
    without = client.get(EQUITY)
    candles.write_bytes(content)
    assert client.get(EQUITY).data == before.data != without.data
    assert len(made) == 4


def test_a_run_at_work_is_never_kept(paths: Paths, client_of: ClientOf, made: list[str]) -> None:
    write_run(paths, until="walkforward")
    client = client_of(paths)
    assert client.get(EQUITY).data == client.get(EQUITY).data
    assert len(made) == 2


def test_what_was_asked_for_longest_ago_goes_first(
    paths: Paths, client_of: ClientOf, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_answers, "_MOST", 1)
    write_run(paths)
    client = client_of(paths)
    for source in ("baseline", "optimized", "optimized", "baseline"):
        client.get(EQUITY, query_string={"source": source})
    assert made == ["baseline", "optimized", "baseline"]
