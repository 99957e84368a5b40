"""The interactive mode, driven by key strokes."""

import importlib.util
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import pytest
import yaml
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput
from rich.console import Console

from config import RunConfig, StrategyConfig
from core.clock import now_ms
from core.errors import ConfigError
from core.paths import Paths
from exchanges import ExchangeManager
from pipeline.app import App
from pipeline.interactive import interactive_run
from pipeline.program import command_to
from pipeline.prompts import Choice, Prompter
from pipeline.questions import _ask_exchange, _ask_name
from pipeline.screen import Screen
from pipeline.serving import Serving
from tests.conftest import missing
from tests.fakes.zerodha import FakeKite
from tests.pipeline.conftest import Invoke, only_run, write_settings
from tests.pipeline.loopback import BINANCE_KEYS, connect, spot_venue, write_keys

ENTER, DOWN, UP, CLEAR = "\r", "\x1b[B", "\x1b[A", "\x01\x0b"
# Stage 3's questions with every default: exchange, symbol, timeframe, quantity, no further market, both dates.
MARKETS = ENTER * 7
# Stage 4's: keep the strategy, the periods, the thresholds, the profile and the windows.
STRATEGY = ENTER * 5
CONTINUE = ENTER
QUIT = UP + ENTER  # the last line of every menu

Converse = Callable[[str], str]


@pytest.fixture
def converse(app: App, paths: Paths) -> Converse:
    """Return a function that types ``keys`` and returns what the screen showed."""
    paths.config.mkdir()
    write_settings(paths.config / "run.yaml")

    def talk(keys: str) -> str:
        text = StringIO()
        with typing(keys) as prompter:
            interactive_run(app, Screen(console=Console(file=text, width=140)), prompter, Serving(False))
        return text.getvalue()

    return talk


@contextmanager
def typing(keys: str) -> Iterator[Prompter]:
    with create_pipe_input() as source:
        source.send_text(keys)
        yield Prompter(source, DummyOutput())


def test_defaults_all_the_way_make_a_whole_run(converse: Converse, tmp_path: Path, invoke: Invoke) -> None:
    shown = converse(CONTINUE * 2 + MARKETS + CONTINUE + STRATEGY + CONTINUE * 7)
    assert "Verdict for SIMULATED BTCUSDT 1h (synthetic)" in shown
    assert invoke("resume").out.count("done before, unchanged") == 10
    kept = yaml.safe_load((tmp_path / "data" / "checkpoints" / only_run(tmp_path / "data") / "run.yaml").read_text())
    assert kept["strategy"]["ema_trend"] == 100


def test_quit_is_safe_and_names_the_way_on(converse: Converse, tmp_path: Path, invoke: Invoke) -> None:
    shown = converse(CONTINUE * 2 + MARKETS + QUIT)
    run_id = only_run(tmp_path / "data")
    assert f"Continue with: {command_to('resume', run_id)}" in shown
    assert invoke("resume", "--quiet", run_id).code == 0


def test_change_asks_again_and_takes_the_new_answer(converse: Converse, tmp_path: Path) -> None:
    other_quantity = ENTER * 3 + CLEAR + "0.7" + ENTER * 4
    converse(CONTINUE * 2 + MARKETS + DOWN + ENTER + other_quantity + QUIT)
    kept = yaml.safe_load((tmp_path / "data" / "checkpoints" / only_run(tmp_path / "data") / "run.yaml").read_text())
    assert kept["order_qty"] == 0.7


def test_wrong_answer_is_not_taken(converse: Converse, tmp_path: Path) -> None:
    negative_first = ENTER * 3 + CLEAR + "-1" + ENTER + CLEAR + "0.3" + ENTER * 4
    converse(CONTINUE * 2 + negative_first + QUIT)
    kept = yaml.safe_load((tmp_path / "data" / "checkpoints" / only_run(tmp_path / "data") / "run.yaml").read_text())
    assert kept["order_qty"] == 0.3


def test_trouble_of_a_stage_leads_to_other_settings(converse: Converse, tmp_path: Path) -> None:
    four_days = ENTER * 5 + ENTER + CLEAR + "2024-01-05" + ENTER
    enough = ENTER * 5 + ENTER + CLEAR + "2024-04-10" + ENTER
    change = ENTER  # the first line once a stage has failed; then: markets
    shown = converse(CONTINUE * 2 + four_days + CONTINUE + STRATEGY + CONTINUE + change + ENTER + enough + CONTINUE + CONTINUE + QUIT)
    assert "has 96 candles" in shown
    assert "Baseline backtest" in shown


def test_several_markets_make_a_multi_run(converse: Converse, tmp_path: Path) -> None:
    second = ENTER + CLEAR + "ETHUSDT" + ENTER * 3
    converse(CONTINUE * 2 + ENTER * 4 + "y" + second + "n" + ENTER * 2 + QUIT)
    kept = yaml.safe_load((tmp_path / "data" / "checkpoints" / only_run(tmp_path / "data") / "run.yaml").read_text())
    assert kept["mode"] == "MULTI"
    assert [market["symbol"] for market in kept["markets"]] == ["BTCUSDT", "ETHUSDT"]


def test_thresholds_profile_and_windows_can_be_changed(converse: Converse, tmp_path: Path) -> None:
    thresholds = "y" + CLEAR + "44" + ENTER * 6
    strategy = ENTER + "n" + thresholds + DOWN + ENTER + "y" + CLEAR + "30" + ENTER + CLEAR + "10" + ENTER + CLEAR + "15" + ENTER
    converse(CONTINUE * 2 + MARKETS + CONTINUE + strategy + QUIT)
    kept = yaml.safe_load((tmp_path / "data" / "checkpoints" / only_run(tmp_path / "data") / "run.yaml").read_text())
    assert kept["strategy"]["rsi_long_threshold"] == 44
    assert kept["optimization"]["profile"] == "BALANCED"
    assert kept["walkforward"] == {"is_length_days": 30, "oos_length_days": 10, "stride_days": 15}


def test_a_strategy_that_is_kept_keeps_its_parameters() -> None:
    chosen = RunConfig(strategy=StrategyConfig(name="ema_cross", params={"fast": 7, "slow": 30}))
    with typing(ENTER) as prompter:
        assert _ask_name(prompter, chosen).strategy == chosen.strategy
    with typing(DOWN + ENTER) as prompter:
        other = _ask_name(prompter, chosen).strategy
    assert (other.name, other.params) == ("hybrid_trend", {})


def test_ctrl_c_in_a_question_leaves(app: App, converse: Converse) -> None:
    with pytest.raises(KeyboardInterrupt):
        converse(CONTINUE + "\x03")
    assert f"Continue with: {command_to('resume')}" in app.interrupts.farewell()


def test_wrong_key_leads_to_the_menu_and_redo_takes_the_repaired_file(
    app: App, paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_keys(paths.config, BINANCE_KEYS | {"BINANCE_API_SECRET": "canary-of-a-wrong-secret"})
    write_settings(paths.config / "run.yaml", exchange="BINANCE")
    text = StringIO()

    class Repairing(Prompter):
        """Chooses what a person would: repairs the file at the first failure, and quits after the next stage."""

        def choose(self, message: str, choices: Sequence[Choice], default: str | None = None) -> str:
            del choices, default
            if "failed" in message:
                write_keys(paths.config, BINANCE_KEYS)
                return "redo"
            return "continue" if "Stage 1" in message else "quit"

    with spot_venue() as venue:
        connect(monkeypatch, BINANCE=venue)
        interactive_run(app, Screen(console=Console(file=text, width=140)), Repairing(), Serving(False))
    assert "Check BINANCE_API_KEY, BINANCE_API_SECRET in config/.env" in text.getvalue()
    assert "ok, can only read" in text.getvalue()
    assert venue.count("account") == 2


def test_the_most_traded_markets_can_be_chosen_with_one_value_of_an_order(
    converse: Converse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ExchangeManager().names()
    with spot_venue() as venue:
        connect(monkeypatch, BINANCE=venue)
        binance = UP * (names.index("SIMULATED") - names.index("BINANCE")) + ENTER
        too_many, one = CLEAR + "top 99" + ENTER, CLEAR + "top 1 usdt" + ENTER
        value = CLEAR + "250" + ENTER
        shown = converse(CONTINUE * 2 + binance + too_many + one + ENTER + value + ENTER * 2 + QUIT)
    kept = yaml.safe_load((tmp_path / "data" / "checkpoints" / only_run(tmp_path / "data") / "run.yaml").read_text())
    assert kept["mode"] == "MULTI"
    assert kept["top"] == {"exchange": "BINANCE", "quote": "USDT", "limit": 1, "timeframe": "1h", "order_value": 250.0}
    assert "BINANCE BTCUSDT 1h" in shown


def choices_named(names: Sequence[str], wanted: str) -> str:
    """Return the keys that lead from SIMULATED to ``wanted`` in the list of exchanges."""
    steps = list(names).index(wanted) - list(names).index("SIMULATED")
    return (DOWN if steps > 0 else UP) * abs(steps) + ENTER


def test_broker_without_keys_is_told_at_once_and_another_exchange_can_be_chosen(
    converse: Converse, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ExchangeManager().names()
    with FakeKite(now_ms=now_ms) as venue:
        connect(monkeypatch, ZERODHA=venue)
        shown = converse(CONTINUE * 2 + choices_named(names, "ZERODHA") + ENTER + MARKETS + QUIT)
        assert venue.count() == 0
    assert "ZERODHA shows its candles only to its customers: set ZERODHA_API_KEY, ZERODHA_ACCESS_TOKEN in config/.env" in shown
    assert "Continue with" in shown


def test_exchange_of_ccxt_can_be_chosen_by_its_id(paths: Paths) -> None:
    if importlib.util.find_spec("ccxt") is None:
        missing("ccxt is not installed")
    with typing(DOWN * len(ExchangeManager().names()) + ENTER + CLEAR + "byyybit" + ENTER + CLEAR + "okx" + ENTER) as prompter:
        assert _ask_exchange(prompter, "BINANCE", paths) == "CCXT:OKX"
    with typing(ENTER + ENTER) as prompter:
        assert _ask_exchange(prompter, "CCXT:KUCOIN", paths) == "CCXT:KUCOIN"


def test_absent_ccxt_is_said_before_an_id_is_asked_for(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ccxt", None)
    with (
        typing(DOWN * len(ExchangeManager().names()) + ENTER) as prompter,
        pytest.raises(ConfigError, match=r"CCXT needs the package ccxt.*pip install"),
    ):
        _ask_exchange(prompter, "BINANCE", paths)
