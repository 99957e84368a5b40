"""``data top`` and ``data update`` as a person sees them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes import faults
from tests.fakes.binance import FakeBinance
from tests.fakes.server import FaultPlan
from tests.pipeline.conftest import Invoke
from tests.pipeline.data.data_venue import BARS, SYMBOLS, hourly_venue, keep, rows, store_under
from tests.pipeline.loopback import connect


@pytest.fixture
def venue(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeBinance]:
    with hourly_venue() as venue:
        connect(monkeypatch, BINANCE=venue)
        yield venue


def test_top_lists_symbols_by_value_and_tells_the_age(venue: FakeBinance, invoke: Invoke) -> None:
    ended = invoke("data", "top", "--limit", "5")
    assert ended.code == 0
    lines = [line.split() for line in ended.out.splitlines() if "USDT " in line and line.split()[0].isdigit()]
    assert lines == [["1", "ETHUSDT", "70,000,000", "5"], ["2", "BTCUSDT", "5,000,000", "5"]]
    assert "BINANCE: 2 of 2 symbols against USDT" in ended.out
    assert "under a minute old" in ended.out


def test_top_of_a_dead_venue_fails_unless_an_old_list_will_do(
    venue: FakeBinance, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    invoke("data", "top")
    venue.faults = FaultPlan.always(faults.status(451))
    ended = invoke("data", "top", "--refresh")
    assert ended.code == 1
    assert "--stale-ok shows it" in ended.err
    assert "ETHUSDT" not in ended.text
    ended = invoke("data", "top", "--refresh", "--stale-ok")
    assert ended.code == 0
    assert "warning: the venue could not be asked, and this list is under a minute old" in ended.out
    assert "ETHUSDT" in ended.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--quote", "USDC"), "trades nothing against 'USDC'. Did you mean 'USDT'?"),
        (("--exchange", "BINNANCE"), "Did you mean 'BINANCE'?"),
        (("--exchange", "ZERODHA", "--quote", "INR"), "ZERODHA does not tell the traded value of all its symbols"),
        (("--exchange", "DHAN", "--quote", "INR"), "DHAN does not tell the traded value of all its symbols"),
        (("--exchange", "SIMULATED"), "SIMULATED is no venue"),
        (("--limit", "0"), "0 is not in the range"),
    ],
)
def test_top_says_what_is_wrong_with_its_options(
    venue: FakeBinance, invoke: Invoke, arguments: tuple[str, ...], said: str
) -> None:  # fmt: skip
    ended = invoke("data", "top", *arguments)
    assert ended.code == 2
    assert said in ended.err


def test_update_tells_what_is_new_and_what_the_venue_has_changed(venue: FakeBinance, invoke: Invoke, tmp_path: Path) -> None:
    keep(tmp_path, venue, *SYMBOLS)
    venue.candles["ETHUSDT", "1h"][240][5] = "77.00000000"
    ended = invoke("data", "update")
    assert ended.code == 0, ended.text
    cells = [line.split() for line in ended.out.splitlines() if line.strip().startswith("BINANCE ")]
    assert [(row[1], row[3], row[4], row[-1]) for row in cells] == [("BTCUSDT", "50", "-", "ok"), ("ETHUSDT", "50", "1", "ok")]
    assert "BINANCE ETHUSDT 1h: the venue changed 1 closed bar" in ended.out
    assert "2 of 2 series are up to date: 100 new bars." in ended.out
    assert [rows(tmp_path, symbol) for symbol in SYMBOLS] == [BARS, BARS]


def test_update_of_some_leaves_the_others(venue: FakeBinance, invoke: Invoke, tmp_path: Path) -> None:
    keep(tmp_path, venue, *SYMBOLS)
    assert invoke("data", "update", "ethusdt", "--timeframe", "1H", "--exchange", "binance", "--quiet").code == 0
    assert [rows(tmp_path, symbol) for symbol in SYMBOLS] == [250, BARS]
    ended = invoke("data", "update", "ETHUSDC")
    assert ended.code == 2
    assert "Did you mean 'ETHUSDT'?" in ended.err


def test_update_names_what_is_in_trouble_and_fails_at_its_end(venue: FakeBinance, invoke: Invoke, tmp_path: Path) -> None:
    keep(tmp_path, venue, *SYMBOLS)
    del venue.listed["BTCUSDT"]
    ended = invoke("data", "update")
    assert ended.code == 1
    assert "BINANCE BTCUSDT 1h: BINANCE has no symbol 'BTCUSDT'" in ended.out
    assert "1 of 2 series are up to date: 50 new bars." in ended.out
    assert rows(tmp_path, "ETHUSDT") == BARS


def test_update_names_a_series_whose_manifest_is_lost(venue: FakeBinance, invoke: Invoke, tmp_path: Path) -> None:
    keep(tmp_path, venue, *SYMBOLS)
    (store_under(tmp_path).root / "BINANCE" / "BTCUSDT" / "1h" / "manifest.json").unlink()
    ended = invoke("data", "update")
    assert ended.code == 1
    assert "manifest.json is gone while its candles are there" in ended.out
    assert rows(tmp_path, "ETHUSDT") == BARS


def test_update_of_an_empty_store_says_how_to_begin(invoke: Invoke) -> None:
    ended = invoke("data", "update")
    assert ended.code == 0
    assert "Nothing is stored yet" in ended.out
    assert "data fetch" in ended.out
