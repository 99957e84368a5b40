"""``data fetch``: only what is missing, side by side, and nothing that came is lost."""

import os
import re
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from exchanges.parallel import Part, SeriesRange, download
from exchanges.rest_exchange import RestExchange
from pipeline import data_fetch
from tests.fakes import faults
from tests.fakes.binance import DAY_MS
from tests.fakes.clock import START_MS
from tests.fakes.server import FaultPlan
from tests.pipeline.conftest import Invoke
from tests.pipeline.data.conftest import DAYS, HOURS, Shop, day
from tests.pipeline.test_terminal import Terminal

BOTH = ("data", "fetch", "btcusdt", "ETHUSDT", "--timeframe", "1h,1d")
ALL_DAYS = ("--from", day(0), "--to", day(DAYS))


def test_all_series_come_through_one_download_and_only_once(shop: Shop, invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    downloads: list[int] = []

    def counted(exchange: RestExchange, ranges: Sequence[SeriesRange], on_part: Callable[[Part], None], **named: Any) -> bool:
        downloads.append(len(ranges))
        return download(exchange, ranges, on_part, **named)

    monkeypatch.setattr("market_data.fetching.download", counted)
    ended = invoke(*BOTH, *ALL_DAYS)
    assert ended.code == 0, ended.err
    assert downloads == [4]
    assert [shop.bars(symbol, name) for symbol in ("BTCUSDT", "ETHUSDT") for name in ("1h", "1d")] == [HOURS, DAYS, HOURS - 10, DAYS]
    assert re.search(rf"BTCUSDT 1h +6,000 +{day(0)} 00:00 +{day(DAYS)} 00:00 +6,000 +rest +none", ended.out)
    assert re.search(r"ETHUSDT 1h +5,990 .* 1 \(10 bars\)", ended.out)
    assert "12,490 candles fetched" in ended.out
    assert len(shop.pages()) == 14
    again = invoke(*BOTH, *ALL_DAYS)
    assert "nothing was missing" in again.out
    assert re.search(r"BTCUSDT 1h +6,000 .* 0 +store", again.out)
    assert shop.pages() == []


def test_only_head_and_tail_of_what_is_stored_are_fetched(shop: Shop, invoke: Invoke) -> None:
    invoke("data", "fetch", "BTCUSDT", "--from", day(10), "--to", day(20))
    assert shop.pages() == [("BTCUSDT", "1h", 240, 480)]
    ended = invoke("data", "fetch", "BTCUSDT", "--from", day(5), "--to", day(30))
    assert shop.pages() == [("BTCUSDT", "1h", 120, 240), ("BTCUSDT", "1h", 480, 720)]
    assert re.search(r"BTCUSDT 1h +600 .* 360 +rest", ended.out)


def test_the_last_year_is_fetched_when_no_dates_are_given(shop: Shop, invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_fetch, "now_ms", lambda: START_MS + 400 * DAY_MS)
    assert invoke("data", "fetch", "BTCUSDT", "--timeframe", "1d").code == 0
    assert shop.pages() == [("BTCUSDT", "1d", 35, 250)]


def test_all_begins_with_the_first_bar(shop: Shop, invoke: Invoke) -> None:
    assert invoke("data", "fetch", "BTCUSDT", "--timeframe", "1d", "--all").code == 0
    assert shop.bars(timeframe="1d") == DAYS


def test_quiet_is_one_line(shop: Shop, invoke: Invoke) -> None:
    ended = invoke("data", "fetch", "BTCUSDT", "--timeframe", "1d", *ALL_DAYS, "--quiet")
    assert ended.out == "1 series up to date: 250 candles fetched.\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["BTCUSDX", *ALL_DAYS], "Did you mean 'BTCUSDT'?"),
        (["BTCUSDT", "--exchange", "BINANC"], "Did you mean 'BINANCE'?"),
        (["BTCUSDT", "--exchange", "LOCAL"], "LOCAL is no venue"),
        (["BTCUSDT", "--timeframe", "1x"], "timeframe '1x' is not known"),
        (["BTCUSDT", "--from", "yesterday"], "'yesterday' is no date"),
        (["BTCUSDT", "--from", "2024-06-01", "--to", "2024-05-01"], "swap the dates"),
        (["BTCUSDT", "--from", "2024-06-01", "--all"], "give one of them"),
        (["BTCUSDT", "--limit-share", "50"], "the share is '50': it is a number above 0 and at most 1"),
        ([], "Missing argument"),
    ],
)
def test_wrong_usage_says_what_to_change(shop: Shop, invoke: Invoke, arguments: list[str], said: str) -> None:
    ended = invoke("data", "fetch", *arguments)
    assert ended.code == 2
    assert said in ended.err
    assert shop.bars() == 0


def test_dates_without_bars_are_a_failure(shop: Shop, invoke: Invoke) -> None:
    ended = invoke("data", "fetch", "BTCUSDT", "--timeframe", "1d", "--from", "2020-01-01", "--to", "2020-02-01")
    assert ended.code == 1
    assert "no bars in these dates: BINANCE BTCUSDT 1d" in ended.out


def test_a_venue_that_breaks_off_keeps_what_came_and_the_rest_is_fetched_later(shop: Shop, invoke: Invoke) -> None:
    # Number 0 asks for the first bar.
    shop.venue.faults = FaultPlan({4: faults.status(451)}, path="klines")
    ended = invoke("data", "fetch", "BTCUSDT", *ALL_DAYS)
    assert ended.code == 1
    assert "Stored so far: 3,000 candles of 1 series. Continue with: " in ended.out
    assert "HTTP 451" in ended.err
    shop.pages()
    assert invoke("data", "fetch", "BTCUSDT", *ALL_DAYS).code == 0
    assert shop.pages() == [("BTCUSDT", "1h", first, first + 1000) for first in (3000, 4000, 5000)]


def test_share_of_the_limit_holds_for_the_command_and_for_what_continues_it(
    shop: Shop, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setenv("PIPELINE_LIMIT_SHARE", "0.1")
    shop.venue.faults = FaultPlan({4: faults.status(451)}, path="klines")
    ended = invoke("data", "fetch", "BTCUSDT", *ALL_DAYS, "--limit-share", "0.25")
    assert re.search(r"Continue with: .* --limit-share 0.25\n", ended.out)
    assert os.environ["PIPELINE_LIMIT_SHARE"] == "0.25"


def test_ctrl_c_stores_everything_that_came_and_names_the_command_that_continues(shop: Shop, invoke: Invoke, tmp_path: Path) -> None:
    # Numbers 0 and 1 ask for the first bars. One of the twelve pages never comes, not when it is asked for again either, which is after
    # half a minute; and Ctrl-C follows when all others are there.
    shop.venue.faults = FaultPlan(dict.fromkeys((3, *range(14, 50)), faults.silence), path="klines")
    terminal = Terminal(tmp_path, *BOTH[:4], "--timeframe", "1h", *ALL_DAYS)
    terminal.read_until(r"(10,990|11,000)/12,000")
    os.kill(terminal.process.pid, signal.SIGINT)
    assert terminal.read_to_end() == 130
    shop.venue.faults = FaultPlan()
    assert "Traceback" not in terminal.text
    told = re.search(r"Stored so far: (\d+,\d+) candles of 2 series\. Continue with: .*data fetch btcusdt ETHUSDT", terminal.text)
    assert told, terminal.text[-500:]
    stored = shop.bars() + shop.bars("ETHUSDT")
    assert stored == int(told[1].replace(",", "")) >= 10_000
    shop.pages()
    assert invoke(*BOTH[:4], "--timeframe", "1h", *ALL_DAYS).code == 0
    assert len(shop.pages()) == 1
    assert (shop.bars(), shop.bars("ETHUSDT")) == (HOURS, HOURS - 10)


def test_stage_five_shows_how_far_fetching_is_and_fetches_once(shop: Shop, invoke: Invoke) -> None:
    market = ("--exchange", "BINANCE", "--symbol", "BTCUSDT", "--timeframe", "1h", "--start", day(0), "--end", day(100))
    ended = invoke("backtest", *market)
    assert ended.code == 0, ended.err
    assert "fetching BINANCE BTCUSDT 1h: 2,400/2,400" in ended.out
    shop.pages()
    assert "fetching" not in invoke("backtest", *market).out
    assert shop.pages() == []
