"""The audit command: a verdict in words, an exit code, a file for the dashboard, and a clear line for every mistake."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.pipeline.conftest import Invoke

PEEKING = '''"""Buys before the price rises."""
import numpy as np
from strategies import Param, Signals


class Peeking:
    name = "peeking"
    params = (Param("bars", "int", 1, 0, 50), Param("strict", "bool", True))

    def warmup(self, params):
        return 10

    def signals(self, candles, params):
        later = candles.close[np.minimum(np.arange(len(candles)) + params["bars"], len(candles) - 1)]
        direction = np.sign(later - candles.close).astype(np.int8)
        direction[:11] = 0
        return Signals(direction, candles.close, candles.high - candles.low)


STRATEGY = Peeking()
'''
MONTH = ("--start", "2024-01-01", "--end", "2024-02-01")


@pytest.fixture
def peeking(tmp_path: Path) -> str:
    path = tmp_path / "peeking.py"
    path.write_text(PEEKING)
    return str(path)


def saved(root: Path, name: str) -> Any:
    return json.loads((root / "data" / "results" / "audits" / f"{name}.json").read_bytes())


def test_the_built_in_strategy_passes_on_the_simulated_market(invoke: Invoke, tmp_path: Path) -> None:
    ended = invoke("audit", "hybrid_trend")
    assert (ended.code, ended.err) == (0, "")
    assert "Verdict for hybrid_trend: PASS: no look-ahead found" in ended.out
    assert "SIMULATED BTCUSDT 1h (synthetic): 8,784 candles" in ended.out
    content = saved(tmp_path, "hybrid_trend")
    assert content["verdict"]["passed"] is True
    assert content["cuts"] >= 500
    assert [check["name"] for check in content["checks"]] == ["truncation", "poison", "warmup", "repeat", "inputs", "search"]


def test_a_file_that_looks_ahead_fails_with_its_first_bar(invoke: Invoke, tmp_path: Path, peeking: str) -> None:
    ended = invoke("audit", peeking, *MONTH)
    assert (ended.code, ended.err) == (1, "")
    assert "Verdict for peeking.py: FAIL: it looks ahead" in ended.out
    assert "shift by -1" in ended.out
    content = saved(tmp_path, "peeking.py")
    assert content["verdict"]["passed"] is False
    assert content["checks"][0]["first"]["output"] == "direction"
    assert str(tmp_path) not in json.dumps(content)


def test_a_parameter_decides(invoke: Invoke, tmp_path: Path, peeking: str) -> None:
    assert invoke("audit", peeking, *MONTH, "--params", "bars=0").code == 0
    assert saved(tmp_path, "peeking.py")["params"] == {"bars": 0, "strict": True}


def test_quiet_tells_the_failed_checks_and_the_verdict_only(invoke: Invoke, peeking: str) -> None:
    ended = invoke("audit", peeking, *MONTH, "--quiet")
    lines = ended.out.splitlines()
    assert [line.split(":")[0] for line in lines[:4]] == ["Auditing peeking.py", "failed", "failed", "Verdict for peeking.py"]
    assert lines[-1].startswith("Saved: ")


def test_equal_audits_write_equal_bytes(invoke: Invoke, tmp_path: Path, peeking: str) -> None:
    contents = []
    for _ in range(2):
        invoke("audit", peeking, *MONTH, "--cuts", "50")
        contents.append((tmp_path / "data" / "results" / "audits" / "peeking.py.json").read_bytes())
    assert contents[0] == contents[1]


def test_a_candle_file_is_audited_on_its_own_timeframe(invoke: Invoke, tmp_path: Path, peeking: str) -> None:
    hours = pl.datetime_range(pl.datetime(2024, 1, 1), pl.datetime(2024, 1, 8), "15m", eager=True, closed="left")
    prices = {name: [100.0 + bar % 7 for bar in range(len(hours))] for name in ("open", "high", "low", "close", "volume")}
    path = tmp_path / "week.parquet"
    pl.DataFrame({"timestamp": hours.dt.epoch("ms")} | prices).write_parquet(path)
    assert invoke("audit", peeking, "--candles", str(path), "--cuts", "20").code == 1
    content = saved(tmp_path, "peeking.py")
    assert (content["exchange"], content["symbol"], content["timeframe"], content["bars"]) == ("LOCAL", "week", "15m", 672)
    assert invoke("audit", peeking, "--candles", str(path), "--timeframe", "1h", "--start", "2024-01-02").code == 1
    content = saved(tmp_path, "peeking.py")
    assert (content["timeframe"], content["bars"], content["start_ms"]) == ("1h", 144, 1_704_153_600_000)
    assert invoke("audit", peeking, "--exchange", "LOCAL", "--symbol", str(path), "--timeframe", "1h", "--cuts", "20").code == 1
    assert saved(tmp_path, "peeking.py")["bars"] == 168


def test_the_terminal_shows_nothing_of_a_noisy_strategy(invoke: Invoke, tmp_path: Path) -> None:
    path = tmp_path / "noisy.py"
    path.write_text(PEEKING.replace("later - candles.close", "np.log(later - later) * 0"))
    ended = invoke("audit", str(path), *MONTH, "--cuts", "5")
    assert "RuntimeWarning" not in ended.text


MISTAKES = {
    "no strategy": ([], 2, "Missing argument 'STRATEGY'"),
    "unknown strategy": (["hybrid_trnd"], 2, "Did you mean 'hybrid_trend'?"),
    "absent file": (["absent.py"], 2, "cannot read the strategy file absent.py"),
    "unknown parameter": (["hybrid_trend", "--params", "ema_fats=3"], 2, "Did you mean 'ema_fast'?"),
    "a setting that is no parameter of it": (["hybrid_trend", "--params", "hybrid_tier1_timeout=3"], 2, "has no such parameter"),
    "no value": (["hybrid_trend", "--params", "ema_fast"], 2, "must be name=value, such as --params ema_fast=10"),
    "no number": (["hybrid_trend", "--params", "ema_fast=many"], 2, "ema_fast = 'many' is not allowed"),
    "out of range": (["hybrid_trend", "--params", "ema_fast=0"], 2, "ema_fast = 0 is not allowed: must be a whole number from 1 to 5000"),
    "fast not below slow": (["hybrid_trend", "--params", "ema_fast=60"], 2, "ema_fast = 60 must be below ema_slow = 50"),
    "no cuts": (["hybrid_trend", "--cuts", "0"], 2, "'--cuts': 0 is not in the range x>=1"),
    "negative seed": (["hybrid_trend", "--seed", "-1"], 2, "'--seed': -1 is not in the range"),
    "unknown exchange": (["hybrid_trend", "--exchange", "LOCL"], 2, "Did you mean 'LOCAL'?"),
    "unknown timeframe": (["hybrid_trend", "--timeframe", "3h"], 2, "is not known"),
    "reversed dates": (["hybrid_trend", "--start", "2025-01-01", "--end", "2024-01-01"], 2, "must be before end"),
    "no date": (["hybrid_trend", "--start", "soon"], 2, "'soon' is no date"),
    "absent candles": (["hybrid_trend", "--candles", "absent.parquet"], 2, "there is no candle file absent.parquet"),
    "candles twice": (["hybrid_trend", "--candles", "a.parquet", "--symbol", "b"], 2, "leave out --symbol"),
    "one candle": (["hybrid_trend", "--start", "2024-01-01T00:00", "--end", "2024-01-01T01:00"], 1, "1 candle: nothing can be cut off"),
    "unknown option": (["hybrid_trend", "--cut", "5"], 2, "--cuts"),
}


@pytest.mark.parametrize(("arguments", "code", "message"), MISTAKES.values(), ids=MISTAKES)
def test_mistake_is_named(invoke: Invoke, tmp_path: Path, arguments: list[str], code: int, message: str) -> None:
    ended = invoke("audit", *arguments)
    assert ended.code == code
    assert message in ended.err
    assert "Traceback" not in ended.text
    assert not (tmp_path / "data" / "results").exists()


def test_a_strategy_that_breaks_is_named_with_its_error(invoke: Invoke, tmp_path: Path) -> None:
    path = tmp_path / "broken.py"
    path.write_text(PEEKING.replace("direction[:11] = 0", "raise KeyError('atr')"))
    ended = invoke("audit", str(path), *MONTH)
    assert ended.code == 1
    assert "strategy broken.py fails on SIMULATED BTCUSDT 1h (744 candles): KeyError: 'atr'" in ended.err


def test_a_folder_that_cannot_be_written_is_named(invoke: Invoke, tmp_path: Path, peeking: str) -> None:
    (tmp_path / "data").write_text("not a folder")
    ended = invoke("audit", peeking, *MONTH, "--cuts", "5")
    assert ended.code == 1
    assert "cannot write" in ended.err
