"""``data import``: strictly read, never over stored bars without being asked, and holes are still fetched."""

import re
from pathlib import Path

import pytest

from tests.fakes.binance import kline_rows
from tests.fakes.clock import START_MS
from tests.pipeline.conftest import Invoke
from tests.pipeline.data.conftest import Shop, day

HEAD = "timestamp,open,high,low,close,volume,quote_volume"


def write(path: Path, first: int, end: int, *, without: range = range(0), scale: float = 100.0, quote: bool = True) -> Path:
    """Write the venue's own hours ``first`` up to ``end`` as a file; another ``scale`` makes other prices."""
    rows = [row for bar, row in enumerate(kline_rows(START_MS, end, scale=scale)) if bar >= first and bar not in without]
    names = HEAD if quote else HEAD.rpartition(",")[0]
    lines = [",".join(map(str, [*row[:6], *([row[7]] if quote else [])])) for row in rows]
    path.write_text("\n".join([names, *lines]) + "\n")
    return path


def import_(invoke: Invoke, path: Path, *more: str, symbol: str = "btcusdt") -> tuple[int, str]:
    ended = invoke("data", "import", str(path), "--exchange", "binance", "--symbol", symbol, *more)
    return ended.code, ended.text


def test_bars_are_stored_under_the_name_of_the_file_alone(shop: Shop, invoke: Invoke, tmp_path: Path) -> None:
    code, text = import_(invoke, write(tmp_path / "mine.csv", 0, 480))
    assert code == 0
    assert "480 new candles of BINANCE BTCUSDT 1h are stored" in text
    info = shop.store.info(shop.market())
    assert info is not None
    assert info.sources == ("import:mine.csv",)
    assert shop.venue.count() == 0, "the venue is not asked"
    assert str(tmp_path) not in (shop.store.folder(shop.market()) / "manifest.json").read_text()


@pytest.mark.parametrize("quote", [True, False])
def test_holes_of_the_file_and_what_is_beside_it_are_fetched(shop: Shop, invoke: Invoke, tmp_path: Path, quote: bool) -> None:
    import_(invoke, write(tmp_path / "mine.csv", 240, 480, without=range(300, 320), quote=quote))
    ended = invoke("data", "fetch", "BTCUSDT", "--from", day(9), "--to", day(21))
    assert ended.code == 0, ended.err
    assert shop.pages() == [("BTCUSDT", "1h", 216, 240), ("BTCUSDT", "1h", 300, 320), ("BTCUSDT", "1h", 480, 504)]
    assert shop.bars() == 288


def test_bars_that_are_stored_already_are_counted(filled: Shop, invoke: Invoke, tmp_path: Path) -> None:
    code, text = import_(invoke, write(tmp_path / "mine.csv", 0, 100))
    assert code == 0
    assert re.search(r"stored before, the same +100 *\n", text)
    assert "0 new candles" in text


def test_bars_that_differ_are_refused_with_count_and_first(filled: Shop, invoke: Invoke, tmp_path: Path) -> None:
    before = filled.store.read(filled.market())
    path = write(tmp_path / "mine.csv", 24, 100, scale=200.0)
    code, text = import_(invoke, path)
    assert code == 1
    assert f"76 of 76 bars differ from the stored BINANCE BTCUSDT 1h candles, first {day(1)} 00:00 UTC (open " in text
    assert "--replace" in text
    after = filled.store.read(filled.market())
    assert before is not None
    assert after is not None
    assert after.digest == before.digest


def test_replaced_bars_are_recorded(filled: Shop, invoke: Invoke, tmp_path: Path) -> None:
    code, text = import_(invoke, write(tmp_path / "mine.csv", 24, 26, scale=200.0), "--replace")
    assert code == 0
    assert "the import of mine.csv changed 2 closed bars" in text
    info = filled.store.info(filled.market())
    assert info is not None
    assert [(each.open_ms, each.source) for each in info.revisions] == [
        (START_MS + hour * 3_600_000, "import:mine.csv") for hour in (24, 25)
    ]
    out = invoke("data", "info", "BTCUSDT", "--timeframe", "1h").out
    assert "Changed bars: 2" in out
    assert re.search(rf"{day(1)} 01:00 .* import:mine.csv", out)


def test_a_file_without_quote_volume_does_not_mix_with_stored_ones(filled: Shop, invoke: Invoke, tmp_path: Path) -> None:
    code, text = import_(invoke, write(tmp_path / "mine.csv", 0, 10, quote=False))
    assert code == 1
    assert "has no column quote_volume" in text


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--timeframe", "4h"], 1, "holds 1h candles, not 4h"),
        (["--timeframe", "7h"], 2, "timeframe '7h' is not known"),
        (["--exchange", "SIMULATED"], 2, "SIMULATED is no venue"),
        (["--exchange", "BINANCEE"], 2, "Did you mean 'BINANCE'?"),
    ],
)
def test_wrong_options_store_nothing(shop: Shop, invoke: Invoke, tmp_path: Path, arguments: list[str], code: int, said: str) -> None:
    ended = import_(invoke, write(tmp_path / "mine.csv", 0, 48), *arguments)
    assert (ended[0], said in ended[1]) == (code, True), ended
    assert shop.bars() == 0


def test_an_unsound_file_stores_nothing(shop: Shop, invoke: Invoke, tmp_path: Path) -> None:
    path = write(tmp_path / "mine.csv", 0, 48)
    path.write_text(path.read_text().replace("99.", "-99.", 1))
    code, text = import_(invoke, path)
    assert code == 1
    assert "mine.csv" in text
    assert shop.bars() == 0
    assert import_(invoke, tmp_path / "absent.csv")[0] == 1
