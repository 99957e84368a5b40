"""What may be asked for: sound settings and names; each mistake is told with its field, and nothing leads to a file of a user's making."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from config import RunConfig
from core.errors import RunNotFoundError
from core.paths import Paths
from core.run_folder import RunFolder, RunLock
from dashboard.jobs.orders import Fetch, fetch_order, is_symbol, resume_order, settings_order
from dashboard.jobs.problems import FormError
from dashboard.jobs.queue import Order
from dashboard.jobs.states import JobKind
from dashboard.views.form_fields import known_paths, setting_fields


def order(paths: Paths, settings: dict[str, Any], kind: JobKind = JobKind.PIPELINE) -> Order:
    return settings_order(paths, kind, settings, lambda: known_paths(settings))


def fields_of(paths: Paths, settings: dict[str, Any]) -> list[str]:
    with pytest.raises(FormError) as refused:
        order(paths, settings)
    assert all(problem.message.strip() for problem in refused.value.problems)
    return [problem.field for problem in refused.value.problems]


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "number out of range": ({"optimization": {"trials": -3}}, "optimization.trials"),
    "number that is a word": ({"execution": {"leverage": "much"}}, "execution.leverage"),
    "averages that do not rise": ({"strategy": {"ema_fast": 90}}, "strategy.ema_fast"),
    "no date": ({"start": "2024-13-01"}, "start"),
    "reversed dates": ({"start": "2024-02-01", "end": "2024-01-01"}, "start"),
    "unknown exchange": ({"exchange": "BINANCEE"}, "exchange"),
    "unknown exchange beside another mistake": ({"exchange": "BINANCEE", "seed": -1}, "exchange"),
    "unknown timeframe": ({"timeframe": "7m"}, "timeframe"),
    "unknown objective": ({"optimization": {"objective": "sharp"}}, "optimization.objective"),
    "unknown parameter": ({"strategy": {"params": {"speed": 1}}}, ""),
    "parameter of a strategy out of range": ({"strategy": {"name": "ema_cross", "params": {"fast": 0}}}, "strategy.params.fast"),
    "parameters of a strategy that do not rise": ({"strategy": {"name": "ema_cross", "params": {"fast": 60}}}, "strategy.params.fast"),
    "risk without a stop": ({"execution": {"sizing": "risk"}, "strategy": {"stop_type": "none"}}, "execution.sizing"),
    "no markets": ({"mode": "MULTI"}, ""),
    "market without a symbol": ({"mode": "MULTI", "markets": [{"exchange": "SIMULATED"}]}, "markets.0.symbol"),
    "market of an unknown exchange": ({"mode": "MULTI", "markets": [{"exchange": "NOWHERE", "symbol": "X"}]}, "markets.0.exchange"),
    "no setting": ({"speed": 1}, ""),
    "name that no call bears": ({"strategy": {"self": 1}}, ""),
    "settings that are none": ({"strategy": 5}, ""),
    "strategy file": ({"strategy": {"name": "/etc/passwd.py"}}, "strategy.name"),
    "strategy beside": ({"strategy": {"name": "../mine.py"}}, "strategy.name"),
    "objective file": ({"optimization": {"objective": "/tmp/evil.py"}}, "optimization.objective"),
    "objective file among several": ({"optimization": {"objective": ["sharpe", "evil.py"]}}, "optimization.objective"),
    "path as a symbol of LOCAL": ({"exchange": "LOCAL", "symbol": "/etc/passwd"}, "symbol"),
    "path beside the candle folder": ({"exchange": "local", "symbol": "../secrets.csv"}, "symbol"),
    "path as a symbol of a venue": ({"exchange": "SIMULATED", "symbol": "../../x"}, "symbol"),
}


@pytest.mark.parametrize(("settings", "field"), REFUSED.values(), ids=REFUSED)
def test_mistake_is_told_with_its_field(paths: Paths, settings: dict[str, Any], field: str) -> None:
    assert field in fields_of(paths, settings)


def test_all_mistakes_are_told_at_once(paths: Paths) -> None:
    told = fields_of(paths, {"seed": -1, "order_qty": 0, "optimization": {"trials": -1, "objective": "x.py"}, "strategy": {"name": "no"}})
    assert set(told) >= {"seed", "order_qty", "optimization.trials", "optimization.objective", "strategy.name"}


def nested(path: str, value: object) -> dict[str, Any]:
    for part in reversed(path.split(".")):
        value = {part: value}
    assert isinstance(value, dict)
    return value


BOUNDED = [path for path, field in setting_fields().items() if field.low is not None and not path.startswith(("top.", "strategy.params."))]


@pytest.mark.parametrize("path", BOUNDED)
def test_number_below_the_range_of_its_field_is_refused_there(paths: Paths, path: str) -> None:
    low = setting_fields()[path].low
    assert low is not None
    assert fields_of(paths, nested(path, low - 1))[0] == path


def test_file_of_an_order_holds_the_settings(paths: Paths) -> None:
    settings: dict[str, Any] = {"symbol": "ETHUSDT", "start": "2024-01-01", "optimization": {"trials": 7}}
    made = order(paths, settings)
    assert made.arguments == ("run", "--config", "<JOB>/run.yaml", "--no-serve")
    assert RunConfig(**yaml.safe_load(dict(made.files)["run.yaml"])) == RunConfig(**settings)
    assert order(paths, settings, JobKind.BACKTEST).arguments == ("backtest", "--config", "<JOB>/run.yaml")


def test_standing_settings_lie_below_those_of_an_order(paths: Paths) -> None:
    paths.config.mkdir(parents=True)
    (paths.config / "run.yaml").write_text("strategy: {ema_slow: 10, ema_fast: 5}\n")
    assert "strategy.ema_fast" in fields_of(paths, {"strategy": {"ema_fast": 20}})


def test_local_market_is_a_name_in_the_candle_folder(paths: Paths) -> None:
    folder = paths.data / "candles"
    folder.mkdir(parents=True)
    (folder / "MINE.csv").write_text("")
    assert order(paths, {"exchange": "LOCAL", "symbol": "MINE"}).label.startswith("LOCAL MINE")
    assert "symbol" in fields_of(paths, {"exchange": "LOCAL", "symbol": str(folder / "MINE.csv")})
    assert "symbol" in fields_of(paths, {"exchange": "LOCAL", "symbol": "MINE.csv"})


def test_only_a_run_that_rests_is_resumed(paths: Paths) -> None:
    run = RunFolder(paths, "20250101-000000-abcd")
    with pytest.raises(RunNotFoundError):
        resume_order(paths, run.run_id)
    run.checkpoints.mkdir(parents=True)
    run.settings_file.write_text("{}")
    assert resume_order(paths, run.run_id).arguments == ("resume", run.run_id, "--no-serve")
    with RunLock(run.checkpoints), pytest.raises(FormError, match="at work already"):
        resume_order(paths, run.run_id)


def test_symbols_to_fetch_are_no_options(paths: Paths) -> None:
    made = fetch_order(paths, Fetch("BINANCE", ("BTCUSDT", "ETHUSDT"), "1h", "2024-01-01"))
    assert made.arguments[-4:] == ("2024-01-01", "--", "BTCUSDT", "ETHUSDT")
    with pytest.raises(FormError) as refused:
        fetch_order(paths, Fetch("NOWHERE", ("--all", "../x"), "7m", "never"))
    assert {problem.field for problem in refused.value.problems} == {"exchange", "symbols", "timeframe", "start"}


NO_SYMBOLS = (
    "", "-x", "--all", "/etc/passwd", "..", "a/../b", "~/x", ".hidden", "a\nb", "a\0b", "a" * 65, "a//b", "a/", "$(x)", "a;b", "a'b", "<b>",
)  # fmt: skip


@pytest.mark.parametrize("text", NO_SYMBOLS)
def test_symbol_that_might_be_more_is_none(text: str) -> None:
    assert not is_symbol(text)


@pytest.mark.parametrize("text", ["BTCUSDT", "BTC/USDT:USDT", "NIFTY 50", "1000PEPE", "币安人生USDT", "A.B-C"])
def test_symbol_of_a_venue_is_one(text: str) -> None:
    assert is_symbol(text)


def test_nesting_without_end_is_refused(paths: Paths) -> None:
    deep: Any = {}
    for _ in range(3000):
        deep = {"strategy": deep}
    with pytest.raises(FormError):
        order(paths, deep)


def test_no_run_file_is_read_through_an_order(paths: Paths, tmp_path: Path) -> None:
    secret = tmp_path / "secret.yaml"
    secret.write_text("seed: 7\n")
    assert fields_of(paths, {"config": str(secret)}) == [""]
