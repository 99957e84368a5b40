"""Whole runs from venues on the loopback interface, with keys and without: what is shown, asked for, kept and sent where."""

import json
from pathlib import Path

import polars as pl
import pytest

from core.clock import now_ms
from core.paths import Paths
from tests.fakes import delta, faults
from tests.fakes.bars import saw
from tests.fakes.binance import API_KEY, API_SECRET, HOUR_MS, FakeBinance, FakeBinanceUsdm
from tests.fakes.delta import FakeDelta
from tests.fakes.server import FaultPlan
from tests.pipeline.conftest import Ended, Invoke, only_run, write_settings
from tests.pipeline.digests import run_digests
from tests.pipeline.loopback import (
    ALL_KEYS,
    BINANCE_KEYS,
    FIRST_MS,
    connect,
    real_rows,
    simulated_rows,
    skip_waiting,
    spot_venue,
    write_keys,
)

SINGLE_ONLY = ("exchange", "symbol", "timeframe")
WHOLE = ("run", "--no-serve", "--config")


@pytest.fixture
def settings(tmp_path: Path) -> str:
    return str(write_settings(tmp_path / "venue.yaml", exchange="BINANCE"))


def whole_run(invoke: Invoke, settings: str) -> Ended:
    ended = invoke(*WHOLE, settings)
    assert ended.code == 0, ended.text
    return ended


def baseline(data: Path, slug: str) -> dict[str, object]:
    found: dict[str, object] = json.loads((data / "checkpoints" / only_run(data) / "05_baseline" / slug / "baseline.json").read_bytes())
    return found


def test_whole_run_needs_no_key_and_says_what_works_without(
    invoke: Invoke, settings: str, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    with spot_venue() as venue:
        connect(monkeypatch, BINANCE=venue)
        ended = whole_run(invoke, settings)
    assert "public candles" in ended.out
    assert "BINANCE_API_KEY, BINANCE_API_SECRET" in ended.out
    assert "key not set" in ended.out
    assert "Verdict for BINANCE BTCUSDT 1h" in ended.out
    assert "synthetic" not in ended.out
    assert venue.count("account") == 0
    assert all("x-mbx-apikey" not in request.headers for request in venue.requests)
    assert baseline(paths.data, "binance_btcusdt_1h")["bars"] == 2400


def test_keys_change_nothing_but_the_account_check(
    invoke: Invoke, settings: str, paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with spot_venue() as venue:
        connect(monkeypatch, BINANCE=venue)
        whole_run(invoke, settings)
        without = run_digests(paths.data, only_run(paths.data))
        write_keys(paths.config, BINANCE_KEYS)
        before = venue.count()
        ended = invoke("resume")
        assert ended.code == 0
    assert [request.path for request in venue.requests[before:]] == ["/api/v3/time", "/api/v3/time", venue.rights_path]
    assert ended.out.count("done before, unchanged") == 8
    assert "ok, can only read" in ended.out
    assert "warning: BINANCE" not in ended.out
    assert run_digests(paths.data, only_run(paths.data)) == without


def test_real_candles_go_through_the_whole_run(
    invoke: Invoke, shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, paths: Paths
) -> None:
    rows = real_rows(shared_data / "candles" / "BINANCE_BTCUSDT_1h.parquet", FIRST_MS, 2400)
    settings = write_settings(tmp_path / "real.yaml", exchange="BINANCE", end=None, start=None)
    with spot_venue(rows) as venue:
        connect(monkeypatch, BINANCE=venue)
        whole_run(invoke, str(settings))
    assert baseline(paths.data, "binance_btcusdt_1h")["bars"] == len(rows)


def test_second_run_asks_for_no_candle_again(invoke: Invoke, settings: str, paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    backtest = ("backtest", "--config", settings)
    with spot_venue() as venue:
        connect(monkeypatch, BINANCE=venue)
        assert invoke(*backtest).code == 0
        connect(monkeypatch, BINANCE=venue)
        asked = venue.count()
        assert invoke(*backtest).code == 0
    later = [request for request in venue.requests[asked:] if request.path.endswith("klines")]
    assert all(request.params["limit"] == "1" for request in later)  # where the series begins and ends, for stage 3
    first, second = sorted(paths.checkpoints.iterdir())
    name = Path("05_baseline") / "binance_btcusdt_1h" / "candles.parquet"
    assert (first / name).read_bytes() == (second / name).read_bytes()


def test_perpetuals_are_sold_short_and_spot_is_warned_about(
    invoke: Invoke, settings: str, paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    futures = write_settings(tmp_path / "futures.yaml", exchange="BINANCEUSDM")
    write_keys(paths.config, BINANCE_KEYS)
    with FakeBinanceUsdm({("BTCUSDT", "1h"): simulated_rows()}, now_ms=now_ms) as usdm, spot_venue() as spot:
        connect(monkeypatch, BINANCEUSDM=usdm, BINANCE=spot)
        ended = invoke(*WHOLE, str(futures))
        assert ended.code == 0, ended.text
        assert "is a spot market" not in ended.out
        assert "the venue tells no funding rate for the whole span" in " ".join(ended.out.split())
        assert "ok, can only read" in ended.out
        assert usdm.count("/fapi/v2/account") == 1
        assert spot.count() == 0
        on_spot = invoke("backtest", "--config", settings).out
        assert "is a spot market" in on_spot
        assert "none is paid here" in on_spot
    (trades,) = paths.checkpoints.glob("*/05_baseline/binanceusdm_btcusdt_1h/trades.parquet")
    assert set(pl.read_parquet(trades)["direction"]) == {1, -1}


def test_two_venues_run_side_by_side_and_each_sees_its_own_key_only(
    invoke: Invoke, paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    markets = [
        {"exchange": "BINANCE", "symbol": "BTCUSDT", "timeframe": "1h", "order_qty": 0.1},
        {"exchange": "DELTA", "symbol": "BTCUSD", "timeframe": "1h", "order_qty": 1},
    ]
    own = {"mode": "MULTI", "markets": markets}
    path = write_settings(tmp_path / "two.yaml", **own)
    path.write_text("".join(line for line in path.read_text().splitlines(keepends=True) if line.split(":")[0] not in SINGLE_ONLY))
    write_keys(paths.config, ALL_KEYS)
    bars = saw(range(FIRST_MS, FIRST_MS + 2640 * HOUR_MS, HOUR_MS), scale=20_000.0)
    days = saw(range(FIRST_MS, FIRST_MS + 2640 * HOUR_MS, 24 * HOUR_MS), scale=20_000.0)
    with spot_venue() as binance, FakeDelta({("BTCUSD", "1h"): bars, ("BTCUSD", "1d"): days}, now_ms=now_ms) as other:
        connect(monkeypatch, BINANCE=binance, DELTA=other)
        ended = invoke("backtest", "--config", str(path))
    assert ended.code == 0, ended.text
    assert "ok, can only read" in ended.out
    assert "ok, rights not told" in ended.out
    assert "57354187" not in ended.text  # the account's number is personal
    seen_by_binance, seen_by_delta = (
        " ".join(f"{request.query} {request.headers} {request.body!r}" for request in venue.requests) for venue in (binance, other)
    )
    assert API_KEY in seen_by_binance
    assert delta.API_KEY in seen_by_delta
    assert delta.API_KEY not in seen_by_binance
    assert API_KEY not in seen_by_delta
    assert API_SECRET not in seen_by_binance + seen_by_delta


def test_keys_follow_the_named_address_and_no_redirect(
    invoke: Invoke, settings: str, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_keys(paths.config, BINANCE_KEYS)
    with spot_venue() as venue, FakeBinance(now_ms=now_ms) as elsewhere:
        connect(monkeypatch, BINANCE=venue)
        skip_waiting(monkeypatch)
        venue.faults = FaultPlan.always(faults.redirect(f"{elsewhere.url}/api/v3/account"), path="account")
        ended = invoke("backtest", "--config", settings)
    assert ended.code == 1
    assert "answers with a redirect (HTTP 302), which is not followed" in ended.err
    assert venue.count("account") == 1
    assert elsewhere.count() == 0
