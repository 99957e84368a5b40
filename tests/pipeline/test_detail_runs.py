"""Whole runs that decide on one timeframe and fill on a finer one: the finer candles are kept with the run and reach every stage."""

import json
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from core.clock import now_ms
from core.paths import Paths
from core.timeframe import Timeframe
from dashboard.app import create_app
from exchanges.simulated import SimulatedExchange
from tests.dashboard.clients import signed_in
from tests.fakes.binance import HOUR_MS, FakeBinance, Row
from tests.pipeline.conftest import SMALL, Invoke, only_run, write_settings
from tests.pipeline.digests import differing, run_digests
from tests.pipeline.loopback import FIRST_MS, connect, simulated_rows

SLUG = "simulated_btcusdt_1h"
WHOLE = ("run", "--no-serve", "--config")


@pytest.fixture
def settings(tmp_path: Path) -> str:
    # Near stops and targets, so that some bars reach both.
    strategy = SMALL["strategy"] | {"atr_sl_multiplier": 0.3, "atr_tp_multiplier": 0.3}
    return str(write_settings(tmp_path / "finer.yaml", execution={"detail_timeframe": "15m"}, strategy=strategy))


def stored(data: Path, name: str) -> Any:
    return json.loads((data / "checkpoints" / only_run(data) / name).read_bytes())


def test_finer_candles_reach_every_stage_and_the_report(invoke: Invoke, settings: str, paths: Paths) -> None:
    ended = invoke(*WHOLE, settings)
    assert ended.code == 0, ended.text
    assert "Finer execution of SIMULATED BTCUSDT 1h" in ended.out
    assert "fills on 15m" in ended.out
    assert re.search(r"On 1h bars alone [1-9]\d* of \d+ exits are ambiguous: .* On 15m bars \d+ of \d+ are\.", ended.out)
    assert "A bar of these speeds is one of 1h: 4 candles of 15m are simulated for each." in ended.out
    run = paths.checkpoints / only_run(paths.data)
    facts = stored(paths.data, f"05_baseline/{SLUG}/baseline.json")
    assert (facts["detail"]["timeframe"], facts["detail"]["bars"], facts["bars"]) == ("15m", 9600, 2400)
    assert facts["detail"]["warnings"] == []
    compared = {each["name"]: each for each in facts["compared"]}
    assert compared["ambiguous_exits"]["coarse"] > compared["ambiguous_exits"]["detail"] == facts["ambiguous_exits"]
    assert compared["net_pnl"]["detail"] == facts["metrics"]["net_pnl"] != compared["net_pnl"]["coarse"]
    for name in (f"07_optimize/{SLUG}/best_trades.parquet", f"08_walkforward/{SLUG}/oos_trades.parquet"):
        times = pl.read_parquet(run / name)["exit_time"]
        assert (times % HOUR_MS != 0).any(), name
    page = (paths.exports / run.name / "report.html").read_text()
    assert "<h3>Finer execution</h3>" in page
    assert "On 1h bars alone" in page
    client = signed_in(create_app(paths))
    shown = client.get(f"/runs/{run.name}/").get_data(as_text=True)
    assert "Finer execution" in shown
    assert "Fills on 15m" in shown
    assert "9,600 15m candles" in client.get(f"/runs/{run.name}/{SLUG}/data").get_data(as_text=True)
    ended = invoke("explain", run.name, "0")
    assert ended.code == 0, ended.text
    assert "the position is closed at" in ended.out


def test_run_goes_on_with_the_finer_candles_that_it_kept(invoke: Invoke, settings: str, paths: Paths) -> None:
    assert invoke("backtest", "--config", settings).code == 0
    run = paths.checkpoints / only_run(paths.data)
    kept = run / "05_baseline" / SLUG / "detail.parquet"
    before = kept.read_bytes()
    assert invoke("resume", "--no-serve").code == 0
    first = run_digests(paths.data, run.name)
    (run / "05_baseline" / "stage.json").unlink()
    assert invoke("resume", "--no-serve").code == 0
    assert kept.read_bytes() == before
    assert differing(first, run_digests(paths.data, run.name)) == []
    kept.write_bytes(before[:-100])
    ended = invoke("resume")
    assert ended.code == 1
    assert "detail.parquet" in ended.err


def test_detail_timeframe_that_does_not_divide_is_refused_before_anything_is_loaded(invoke: Invoke, tmp_path: Path) -> None:
    ended = invoke("backtest", "--config", str(write_settings(tmp_path / "coarse.yaml", execution={"detail_timeframe": "4h"})))
    assert ended.code == 2
    assert "does not divide the timeframe" in ended.err


def quarter_rows() -> list[Row]:
    quarter = Timeframe.parse("15m")
    candles = SimulatedExchange().fetch("BTCUSDT", quarter, FIRST_MS, FIRST_MS + 110 * 24 * HOUR_MS)
    rows: list[Row] = []
    for at in range(len(candles)):
        values = [float(column[at]) for column in (candles.open, candles.high, candles.low, candles.close, candles.volume)]
        opens = int(candles.open_ms[at])
        quote = f"{values[3] * values[4]:.8f}"
        rows.append([opens, *(f"{value:.8f}" for value in values), opens + quarter.ms - 1, quote, 5, "0.00000000", "0.00000000", "0"])
    return rows


def venue(rows: list[Row]) -> FakeBinance:
    return FakeBinance({("BTCUSDT", "1h"): simulated_rows(), ("BTCUSDT", "15m"): rows}, now_ms=now_ms)


def test_venue_is_asked_for_both_timeframes_once(invoke: Invoke, paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = write_settings(tmp_path / "venue.yaml", exchange="BINANCE", execution={"detail_timeframe": "15m"})
    with venue(quarter_rows()) as binance:
        connect(monkeypatch, BINANCE=binance)
        ended = invoke("backtest", "--config", str(settings))
        assert ended.code == 0, ended.text
        assert "BINANCE BTCUSDT 1h: fills on 15m" in ended.out
        pages = [request.params for request in binance.requests if request.path.endswith("klines") and request.params["limit"] != "1"]
        assert {page["interval"] for page in pages} == {"1h", "15m"}
        asked = binance.count()
        assert invoke("backtest", "--config", str(settings)).code == 0
        assert not [r for r in binance.requests[asked:] if r.path.endswith("klines") and r.params["limit"] != "1"]


def test_decision_bars_without_finer_candles_are_refused(
    invoke: Invoke, paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = write_settings(tmp_path / "holes.yaml", exchange="BINANCE", execution={"detail_timeframe": "15m"}, gaps="keep")
    rows = quarter_rows()
    with venue(rows[:4000] + rows[4016:]) as binance:
        connect(monkeypatch, BINANCE=binance)
        ended = invoke("backtest", "--config", str(settings))
    assert ended.code == 1
    assert "4 of 2,400 1h bars have no 15m candle, the first at 2024-02-11 16:00 UTC" in ended.err


def test_file_of_coarse_candles_is_refused_before_anything_else(invoke: Invoke, tmp_path: Path) -> None:
    path = tmp_path / "BTC.parquet"
    SimulatedExchange().fetch("BTCUSDT", Timeframe.parse("1h"), FIRST_MS, FIRST_MS + 2400 * HOUR_MS).to_polars().write_parquet(path)
    settings = write_settings(tmp_path / "local.yaml", exchange="LOCAL", symbol=str(path), execution={"detail_timeframe": "15m"})
    ended = invoke("backtest", "--config", str(settings))
    assert ended.code == 1
    assert "execution.detail_timeframe = 15m: LOCAL BTC has 1h candles" in ended.err
    assert "name the file that holds them" in ended.err
    SimulatedExchange().fetch("BTCUSDT", Timeframe.parse("15m"), FIRST_MS, FIRST_MS + 2400 * HOUR_MS).to_polars().write_parquet(path)
    ended = invoke("backtest", "--config", str(settings))
    assert ended.code == 0, ended.text
    assert "LOCAL BTC 1h: fills on 15m" in ended.out
