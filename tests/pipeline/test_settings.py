"""The layers of settings, and how a run keeps them."""

from pathlib import Path

import pytest

from config import RunConfig
from core.errors import CorruptFileError
from core.paths import Paths
from core.run_folder import RunFolder
from pipeline.options import overrides_of
from pipeline.settings import load_settings, resolve_settings, save_settings
from tests.pipeline.conftest import Invoke


def test_later_layers_win(paths: Paths, tmp_path: Path) -> None:
    paths.config.mkdir()
    (paths.config / "run.yaml").write_text("seed: 1\norder_qty: 1\nsymbol: A\nstrategy: {ema_fast: 5, ema_slow: 30}\n")
    own = tmp_path / "own.yaml"
    own.write_text("order_qty: 2\nsymbol: B\nstrategy: {ema_fast: 6}\n")
    settings = resolve_settings(paths, own, ["symbol=C", "strategy.ema_trend=90"], {"seed": 9})
    assert (settings.seed, settings.order_qty, settings.symbol) == (9, 2, "C")
    assert (settings.strategy.ema_fast, settings.strategy.ema_slow, settings.strategy.ema_trend) == (6, 30, 90)


def test_without_any_file_defaults_hold(paths: Paths) -> None:
    assert resolve_settings(paths, None) == RunConfig()


def test_relative_files_are_anchored(paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "candles.csv").touch()
    (tmp_path / "mine.py").touch()
    settings = resolve_settings(paths, None, ["exchange=LOCAL", "symbol=candles.csv", "strategy.name=mine.py"])
    assert settings.symbol == str(tmp_path / "candles.csv")
    assert settings.strategy.name == str(tmp_path / "mine.py")
    several = resolve_settings(
        paths, None, ["mode=MULTI", "markets=[{exchange: LOCAL, symbol: candles.csv}, {exchange: SIMULATED, symbol: X}]"]
    )
    assert [market.symbol for market in several.markets] == [str(tmp_path / "candles.csv"), "X"]


def test_what_was_not_set_stays_open_when_a_run_is_kept(paths: Paths) -> None:
    run = RunFolder(paths, "r1")
    save_settings(run, RunConfig(seed=7), 123)
    settings, created_ms = load_settings(run)
    assert (settings, created_ms) == (RunConfig(seed=7), 123)
    assert settings.model_fields_set == {"seed"}
    assert settings.execution.model_fields_set == set()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"settings": {"seed": -1}, "created_ms": 1}', '{"settings": {}}'])
def test_damaged_settings_name_the_file_and_its_copy(paths: Paths, content: str) -> None:
    run = RunFolder(paths, "r1")
    save_settings(run, RunConfig(), 1)
    run.settings_file.write_text(content)
    with pytest.raises(CorruptFileError, match="run.json is damaged.*run --config .*run.yaml"):
        load_settings(run)


def test_options_left_out_change_nothing() -> None:
    assert overrides_of({"symbol": None, "seed": None, "profile": "FAST"}) == {"optimization": {"profile": "FAST"}}


def test_naming_one_market_overrules_a_list_of_markets(invoke: Invoke, tmp_path: Path) -> None:
    many = tmp_path / "many.yaml"
    many.write_text("mode: MULTI\nmarkets: [{exchange: SIMULATED, symbol: A}, {exchange: SIMULATED, symbol: B}]\n")
    assert overrides_of({"symbol": "ETHUSDT"}) == {"mode": "SINGLE", "markets": [], "top": None, "symbol": "ETHUSDT"}
    ended = invoke("backtest", "--quiet", "--config", str(many), "--symbol", "ETHUSDT", "--start", "2024-01-01", "--end", "2024-03-01")
    assert ended.code == 0
    assert "SIMULATED ETHUSDT 1h" in ended.out
