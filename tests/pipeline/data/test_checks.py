"""``data verify`` names every damaged file; ``data repair`` gets just what was in it again."""

from collections.abc import Callable
from pathlib import Path

import pytest

from market_data.store import layout
from tests.fakes import faults
from tests.fakes.server import FaultPlan
from tests.pipeline.conftest import Invoke
from tests.pipeline.data.conftest import DAYS, HOURS, Shop, day


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)


def snapshot(shop: Shop) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(shop.store.root.rglob("*.*")) if path.is_file() and path.name != ".lock"}


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "flipped bit": (flip, "its SHA-256 differs"),
    "cut short": (lambda path: path.write_bytes(path.read_bytes()[:-7]), "is cut short"),
    "gone": (Path.unlink, "is gone"),
    "another file": (lambda path: path.write_bytes(b"PAR1" + path.read_bytes()), "more than the"),
}


@pytest.mark.parametrize("command", ["verify", "repair"])
def test_an_empty_store_is_not_called_sound(shop: Shop, invoke: Invoke, command: str) -> None:
    ended = invoke("data", command)
    assert (ended.code, ended.out) == (0, "Nothing is stored.\n")


def test_a_sound_store_is_said_to_be_sound(filled: Shop, invoke: Invoke) -> None:
    ended = invoke("data", "verify")
    assert ended.code == 0
    assert "All 4 series are sound" in ended.out
    assert "Nothing to repair" in invoke("data", "repair").out
    assert filled.pages() == []


@pytest.mark.parametrize(("spoil", "said"), DAMAGE.values(), ids=DAMAGE)
def test_damage_is_named_and_repaired_from_the_venue(filled: Shop, invoke: Invoke, spoil: Callable[[Path], object], said: str) -> None:
    before = snapshot(filled)
    victim = filled.files()[0]
    spoil(victim)
    ended = invoke("data", "verify")
    assert ended.code == 1
    assert f"BINANCE/BTCUSDT/1h/{victim.name}" in ended.out
    assert said in ended.out
    assert "data repair" in ended.out
    assert invoke("data", "repair").code == 0
    assert invoke("data", "verify").code == 0
    assert snapshot(filled) == before


def test_only_the_lost_span_is_fetched_again(shop: Shop, invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "PART_BARS", 512)
    monkeypatch.setattr(layout, "TAIL_BARS", 128)
    invoke("data", "fetch", "BTCUSDT", "ETHUSDT", "--from", day(0), "--to", day(DAYS))
    shop.pages()
    files, lost = shop.files(), shop.store.verify(shop.market())
    assert lost == ()
    flip(files[4])
    (damage,) = shop.store.verify(shop.market())
    assert damage.lost is not None
    ended = invoke("data", "repair", "BTCUSDT")
    assert ended.code == 0
    ((symbol, interval, first, end),) = shop.pages()
    assert (symbol, interval, end - first) == ("BTCUSDT", "1h", 512)
    assert "512 candles fetched again" in ended.out
    assert shop.bars() == HOURS


def test_time_that_was_never_fetched_is_not_fetched_by_a_repair(shop: Shop, invoke: Invoke) -> None:
    invoke("data", "fetch", "BTCUSDT", "--from", day(10), "--to", day(20))
    shop.pages()
    flip(shop.files()[0])
    assert invoke("data", "repair").code == 0
    assert shop.pages() == [("BTCUSDT", "1h", 240, 480)]


def test_foreign_files_are_named_and_set_aside(filled: Shop, invoke: Invoke) -> None:
    before = snapshot(filled)
    inside = filled.store.folder(filled.market()) / "notes.txt"
    outside = filled.store.root / "BINANCE" / "stray.csv"
    for path in (inside, outside):
        path.write_text("mine")
    ended = invoke("data", "verify")
    assert ended.code == 1
    assert "BINANCE/BTCUSDT/1h/notes.txt" in ended.out
    assert "BINANCE/stray.csv" in ended.out
    assert invoke("data", "repair").code == 0
    assert snapshot(filled) == before
    aside = filled.store.root.parent / "set_aside"
    assert sorted(path.name for path in aside.rglob("*.*") if path.is_file()) == ["notes.txt", "stray.csv"]
    assert filled.pages() == []


def test_a_series_with_a_lost_manifest_is_found_and_rebuilt(filled: Shop, invoke: Invoke) -> None:
    (filled.store.folder(filled.market()) / "manifest.json").unlink()
    assert "BINANCE/BTCUSDT/1h/manifest.json" in invoke("data", "verify", "btcusdt").out
    assert invoke("data", "repair").code == 0
    assert filled.bars() == HOURS
    assert filled.pages() == []


def test_a_venue_that_fails_does_not_keep_the_others_from_being_repaired(filled: Shop, invoke: Invoke) -> None:
    flip(filled.files("BTCUSDT", "1d")[0])
    flip(filled.files("ETHUSDT", "1d")[0])
    filled.venue.faults = FaultPlan({0: faults.status(451)}, path="klines")
    ended = invoke("data", "repair")
    assert ended.code == 1
    assert "BINANCE BTCUSDT 1d: " in ended.out
    assert "HTTP 451" in ended.out
    assert (filled.bars("BTCUSDT", "1d"), filled.bars("ETHUSDT", "1d")) == (0, DAYS)


def test_quiet_still_names_the_damage(filled: Shop, invoke: Invoke) -> None:
    victim = filled.files()[0]
    flip(victim)
    ended = invoke("data", "verify", "--quiet")
    assert f"BINANCE/BTCUSDT/1h/{victim.name}\n  does not hold what was written (its SHA-256 differs); it holds the bars of " in ended.out
