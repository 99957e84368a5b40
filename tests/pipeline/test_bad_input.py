"""Every mistake ends in one clear line, its exit code, and no trace on the terminal."""

import resource
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.pipeline.conftest import Invoke, write_settings

MISTAKES = {
    "zero quantity": (["--qty", "0"], 2, "order_qty = 0.0 is not allowed: must be a number above 0"),
    "negative quantity": (["--qty", "-1"], 2, "order_qty = -1.0"),
    "infinite quantity": (["--qty", "inf"], 2, "order_qty = inf"),
    "quantity that is no number": (["--qty", "nan"], 2, "order_qty = nan"),
    "infinite setting": (["--set", "strategy.atr_sl_multiplier=.inf"], 2, "atr_sl_multiplier = inf"),
    "setting that is no number": (["--set", "execution.leverage=.nan"], 2, "leverage = nan"),
    "reversed dates": (["--start", "2025-01-01", "--end", "2024-01-01"], 2, "must be before end"),
    "dates outside the data": (["--start", "1990-01-01", "--end", "1991-01-01"], 1, "there are candles from 2017-01-01"),
    "too few candles": (["--start", "2024-01-01", "--end", "2024-01-05"], 1, "has 96 candles"),
    "fast not below slow": (["--set", "strategy.ema_fast=60"], 2, "ema_fast = 60 must be below ema_slow = 50"),
    "levels not rising": (["--set", "optimization.fidelity_levels=[0.5, 0.4, 1.0]"], 2, "must rise strictly"),
    "unknown profile": (["--set", "optimization.profile=FAAST"], 2, "Did you mean 'FAST'?"),
    "unknown key": (["--set", "strategy.ema_fats=3"], 2, "Did you mean 'ema_fast'?"),
    "unknown exchange": (["--exchange", "LOCL"], 2, "Did you mean 'LOCAL'?"),
    "unknown strategy": (["--strategy", "hybrid_trnd"], 2, "Did you mean 'hybrid_trend'?"),
    "unknown timeframe": (["--timeframe", "3h"], 2, "is not known"),
    "no assignment": (["--set", "nonsense"], 2, "must be key=value"),
    "absent run file": (["--config", "absent.yaml"], 2, "there is no settings file absent.yaml"),
    "absent candle file": (["--exchange", "LOCAL", "--symbol", "absent.parquet"], 2, "there is no candle file absent.parquet"),
    "unknown port": (["--port", "70000"], 2, "No such option '--port'"),
}


@pytest.mark.parametrize(("arguments", "code", "message"), MISTAKES.values(), ids=MISTAKES)
def test_mistake_is_named(invoke: Invoke, arguments: list[str], code: int, message: str) -> None:
    ended = invoke("backtest", "--quiet", *arguments)
    assert ended.code == code
    assert message in ended.err
    assert "Traceback" not in ended.text


def test_run_that_never_began_leaves_nothing_to_resume(invoke: Invoke, tmp_path: Path) -> None:
    assert invoke("backtest", "--exchange", "LOCAL", "--symbol", "absent.parquet").code == 2
    assert list((tmp_path / "data" / "checkpoints").iterdir()) == []
    assert "there is no run" in invoke("resume").err


@pytest.mark.parametrize("content", [b"", b"open,high\n", b"\x00\xff not a table \x00" * 9], ids=["empty", "without rows", "garbage"])
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_unreadable_candle_file_is_refused(invoke: Invoke, tmp_path: Path, content: bytes, suffix: str) -> None:
    path = tmp_path / f"candles.{suffix}"
    path.write_bytes(content)
    ended = invoke("backtest", "--quiet", "--exchange", "LOCAL", "--symbol", str(path))
    assert ended.code == 1
    assert "error:" in ended.err
    assert "candles" in ended.err


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("close", float("nan"), "hold nothing where a number must be"),
        ("open", float("inf"), "not finite"),
        ("low", -1.0, "not positive"),
        ("low", 0.0, "not positive"),
        ("high", 1.0, "high below the open, low or close"),
        ("volume", -3.0, "missing, not finite or negative"),
        ("timestamp", 1_704_067_200_000, "earlier"),
        ("timestamp", 1_704_067_200_000 + 16 * 3_600_000, "repeat the time of an earlier row"),
    ],
)
def test_broken_bars_of_a_file_are_named(invoke: Invoke, tmp_path: Path, column: str, value: float, message: str) -> None:
    flat = {name: [100.0] * 300 for name in ("open", "high", "low", "close", "volume")}
    columns: dict[str, list[Any]] = {"timestamp": [1_704_067_200_000 + row * 3_600_000 for row in range(300)]} | flat
    columns[column][17] = value
    path = tmp_path / "broken.parquet"
    pl.DataFrame(columns).write_parquet(path)
    ended = invoke("backtest", "--quiet", "--exchange", "LOCAL", "--symbol", str(path))
    assert ended.code == 1
    assert message in ended.err
    assert "Traceback" not in ended.text


def test_candles_short_of_one_window_are_refused_before_the_search(invoke: Invoke, tmp_path: Path) -> None:
    settings = write_settings(tmp_path / "short.yaml", end="2024-02-10")
    ended = invoke("run", "--quiet", "--no-serve", "--config", str(settings))
    assert ended.code == 1
    assert "walk-forward needs at least 60 days" in ended.err
    assert "Stage 7" not in ended.out


def test_same_market_twice_is_refused(invoke: Invoke, tmp_path: Path) -> None:
    market = {"exchange": "SIMULATED", "symbol": "BTCUSDT", "timeframe": "1h", "order_qty": 0.1}
    settings = write_settings(tmp_path / "twice.yaml", mode="MULTI", markets=[market, market])
    ended = invoke("run", "--quiet", "--no-serve", "--config", str(settings))
    assert ended.code == 2
    assert "listed twice" in ended.err


def test_full_disk_is_a_clear_message_and_leaves_no_half_file(execute: Invoke, tmp_path: Path) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))

    ended = execute("backtest", "--start", "2023-01-01", "--end", "2025-01-01", preexec_fn=limit)
    assert ended.code == 1
    assert "the file size limit is reached" in ended.err
    assert "Traceback" not in ended.text
    assert "resume" in ended.out
    left = [path for path in (tmp_path / "data" / "checkpoints").rglob("*") if path.is_file()]
    assert not [path for path in left if path.suffix == ".parquet" or ".tmp." in path.name]


def test_disk_that_has_room_again_lets_the_run_go_on(execute: Invoke, tmp_path: Path) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))

    small = write_settings(tmp_path / "small.yaml")
    assert execute("run", "--quiet", "--config", str(small), preexec_fn=limit).code == 1
    assert execute("resume", "--quiet").code == 0


@pytest.mark.parametrize("name", ["PIPELINE_DATA_DIR", "PIPELINE_LOGS_DIR"])
def test_folder_that_cannot_be_written_is_named(execute: Invoke, tmp_path: Path, name: str) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")
    ended = execute("backtest", env={name: str(in_the_way / "below")})
    assert ended.code == 1
    assert str(in_the_way) in ended.err
    assert "Traceback" not in ended.text


def test_doctor_names_the_folder_that_cannot_be_written(execute: Invoke, tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")
    ended = execute("doctor", env={"PIPELINE_LOGS_DIR": str(in_the_way / "below")})
    assert ended.code == 1
    assert "failed" in ended.out
    assert "must be repaired: logs folder" in ended.out


def test_dates_are_a_part_of_the_data_with_a_warning(invoke: Invoke, tmp_path: Path) -> None:
    hours = pl.datetime_range(pl.datetime(2024, 1, 1), pl.datetime(2024, 3, 1), "1h", eager=True, closed="left")
    flat = {name: [100.0] * len(hours) for name in ("open", "high", "low", "close", "volume")}
    path = tmp_path / "flat.parquet"
    pl.DataFrame({"timestamp": hours.dt.epoch("ms")} | flat).write_parquet(path)
    ended = invoke("backtest", "--exchange", "LOCAL", "--symbol", str(path), "--start", "2023-06-01", "--end", "2024-03-01")
    assert ended.code == 0
    assert "warning:" in ended.out
    assert "2024-01-01" in ended.out
