"""Seeds are the same on every machine, market names are safe for files, near names are offered, folders lie under one root."""

import re
from pathlib import Path

import numpy as np
import pytest

from core.clock import format_utc, utc_from_ms
from core.market import Market, MarketRules
from core.paths import PROJECT_ROOT, Paths
from core.seeds import derive_seed
from core.suggest import did_you_mean
from core.timeframe import Timeframe

HOUR = Timeframe.parse("1h")


def test_seeds_are_these_numbers_for_ever() -> None:
    assert derive_seed(42, "7.1", None, 0) == 3_736_384_942
    assert derive_seed(42, "binance_btcusdt_1h", "7.2", 3, 17) == 4_078_396_078
    assert derive_seed() == 3_820_012_610  # the first four bytes of SHA-256 of nothing


def test_seeds_differ_in_every_part_and_spread_over_their_range() -> None:
    seeds = np.array(
        [
            derive_seed(run, stage, window, trial)
            for run in (1, 2)
            for stage in ("7.1", "7.2")
            for window in (None, 0)
            for trial in range(500)
        ]
    )
    assert len(set(seeds.tolist())) == len(seeds)
    assert ((seeds >= 0) & (seeds < 2**32)).all()
    counts = np.histogram(seeds, bins=16, range=(0, 2**32))[0]
    assert abs(counts - len(seeds) / 16).max() < 60


SLUGS = {
    ("BINANCE", "BTCUSDT"): "binance_btcusdt_1h",
    ("BINANCE", "BTC/USDT:USDT"): "binance_btc-usdt-usdt_1h",
    ("LOCAL", "My File (2024).v1"): "local_my-file-2024-.v1_1h",
    ("LOCAL", "../../etc/passwd"): "local_etc-passwd_1h",
    ("LOCAL", "..."): "local_x_1h",
    ("LOCAL", "比特币"): "local_x_1h",
    ("LOCAL", "a\0b\n"): "local_a-b_1h",
}


@pytest.mark.parametrize(("exchange", "symbol"), SLUGS)
def test_slug_is_a_harmless_file_name(exchange: str, symbol: str) -> None:
    slug = Market(exchange, symbol, HOUR).slug
    assert slug == SLUGS[exchange, symbol]
    assert re.fullmatch(r"[a-z0-9][a-z0-9._-]*", slug)


def test_market_is_shown_as_the_venue_spells_it() -> None:
    assert str(Market("BINANCE", "BTCUSDT", HOUR)) == "BINANCE BTCUSDT 1h"
    assert MarketRules() == MarketRules(qty_step=0.0, min_qty=0.0)


def test_nearest_name_is_offered_whatever_its_case() -> None:
    assert did_you_mean("simulatd", ["LOCAL", "SIMULATED"]) == " Did you mean 'SIMULATED'?"
    assert did_you_mean("zzz", ["b", "a", "a"]) == " Known: a, b."
    assert did_you_mean("zzz", []) == ""


def test_long_lists_of_names_are_cut_at_twelve() -> None:
    assert did_you_mean("?", [f"n{k:02d}" for k in range(13)]).endswith("n11, ....")
    assert did_you_mean("?", [f"n{k:02d}" for k in range(12)]).endswith("n11.")


def test_times_are_shown_in_utc_or_as_the_number_they_are() -> None:
    assert [format_utc(ms) for ms in (-1, 0, 59_000, 253_402_300_799_999)] == [
        "1969-12-31 23:59:59", "1970-01-01 00:00", "1970-01-01 00:00:59", "9999-12-31 23:59:59",
    ]  # fmt: skip
    assert format_utc(np.int64(1_704_067_200_000)) == "2024-01-01 00:00"  # type: ignore[arg-type]
    assert [format_utc(ms) for ms in (253_402_300_800_000, -(2**63))] == ["253402300800000 ms", "-9223372036854775808 ms"]
    assert utc_from_ms(-1).isoformat() == "1969-12-31T23:59:59.999000+00:00"


def test_folders_lie_under_one_root(tmp_path: Path) -> None:
    paths = Paths.under(tmp_path)
    folders = [
        paths.candle_cache,
        paths.kernel_cache,
        paths.checkpoints,
        paths.results,
        paths.exports,
        paths.raw_logs,
        paths.hardware_profile,
    ]
    assert all(folder.is_relative_to(paths.data) for folder in folders)
    assert len(set(folders)) == len(folders)
    assert [paths.data, paths.logs, paths.config] == [tmp_path / name for name in ("data", "logs", "config")]


def test_folders_are_named_by_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    monkeypatch.setenv("PIPELINE_DATA_DIR", "here/../data")
    monkeypatch.setenv("PIPELINE_LOGS_DIR", "~/logs")
    paths = Paths.default()
    assert (paths.data, paths.logs) == (tmp_path / "data", tmp_path / "me" / "logs")
    assert paths.config == PROJECT_ROOT / "config"


@pytest.mark.parametrize("empty", [True, False])
def test_without_environment_folders_lie_in_the_project(empty: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PIPELINE_DATA_DIR", "PIPELINE_LOGS_DIR"):
        monkeypatch.setenv(name, "") if empty else monkeypatch.delenv(name)
    assert (Paths.default().data, Paths.default().logs) == (PROJECT_ROOT / "data", PROJECT_ROOT / "logs")
