"""``data clear`` removes what it is told to, and asks before."""

import os
import re
from pathlib import Path

import pytest

from tests.pipeline.conftest import Invoke
from tests.pipeline.data.conftest import DAYS, HOURS, Shop
from tests.pipeline.test_terminal import Terminal


def test_without_a_terminal_nothing_is_removed_unless_it_is_meant(filled: Shop, invoke: Invoke) -> None:
    ended = invoke("data", "clear", "BTCUSDT")
    assert ended.code == 2
    assert "add --yes" in ended.err
    assert re.search(r"BINANCE BTCUSDT 1h +6,000 +[\d.]+ kB", ended.out)
    assert filled.bars() == HOURS


def test_only_what_was_named_is_removed(filled: Shop, invoke: Invoke) -> None:
    ended = invoke("data", "clear", "btcusdt", "--timeframe", "1h", "--yes")
    assert ended.code == 0
    assert "Removed: 1 series, 6,000 candles" in ended.out
    assert [filled.bars(), filled.bars(timeframe="1d"), filled.bars("ETHUSDT")] == [0, DAYS, HOURS - 10]
    assert invoke("data", "clear", "--all", "--yes").code == 0
    assert list(filled.store.root.glob("*/*")) == []
    assert "Nothing is stored" in invoke("data", "clear", "--all").out


def test_a_damaged_series_can_be_removed(filled: Shop, invoke: Invoke) -> None:
    (filled.store.folder(filled.market()) / "manifest.json").write_text("{}")
    assert invoke("data", "clear", "BTCUSDT", "--timeframe", "1h", "--yes").code == 0
    assert not filled.store.folder(filled.market()).exists()


def test_symbols_or_all_but_not_both(filled: Shop, invoke: Invoke) -> None:
    assert invoke("data", "clear").code == 2
    assert invoke("data", "clear", "BTCUSDT", "--all").code == 2
    assert "Did you mean 'BTCUSDT'" in invoke("data", "clear", "BTCUSD", "--yes").err


@pytest.mark.parametrize(("answer", "code", "left"), [(b"\r", 1, HOURS), (b"y", 0, 0)])
def test_on_a_terminal_it_asks_and_the_default_is_no(filled: Shop, tmp_path: Path, answer: bytes, code: int, left: int) -> None:
    terminal = Terminal(tmp_path, "data", "clear", "BTCUSDT", "--timeframe", "1h")
    terminal.read_until(r"Remove 1 series, 6,000 candles, [\d.]+ kB\?")
    os.write(terminal.handle, answer)
    assert terminal.read_to_end() == code
    assert filled.bars() == left
