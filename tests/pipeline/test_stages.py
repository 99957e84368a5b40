"""What single stages decide, warn about and refuse."""

from dataclasses import dataclass, field, replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from backtest_engine.gpu import NoGpu
from config import ExecutionConfig, OptimizationConfig, RunConfig
from config.secrets import read_secrets
from core.errors import APIError, CredentialError
from core.paths import Paths
from core.run_folder import RunFolder
from exchanges import ConnectivityStatus, ExchangeManager, VenueFees
from pipeline.context import RunContext
from pipeline.plan import fees_of
from pipeline.progress import Lines
from pipeline.runner import run_stage
from pipeline.screen import Screen
from pipeline.stages import CREDENTIALS, SELECTION, STRATEGY
from pipeline.stages.stage02_connectivity import check
from pipeline.stages.stage06_hardware import gpu_line
from tests.pipeline.loopback import BINANCE_KEYS, write_keys

VENUE = VenueFees(0.001, 0.002, "the venue", "2024-01-01")


@pytest.fixture
def text() -> StringIO:
    return StringIO()


@pytest.fixture
def context(paths: Paths, text: StringIO) -> RunContext:
    screen = Screen(console=Console(file=text, width=140))
    waited: list[float] = []
    return RunContext(paths, RunFolder(paths, "r1"), RunConfig(), screen, Lines(screen), read_secrets(paths.config), waited.append, 2)


@dataclass
class Moody:
    """An exchange that answers after some refusals."""

    refusals: int
    name: str = "MOODY"
    asked: int = field(default=0)

    def check_connectivity(self) -> ConnectivityStatus:
        self.asked += 1
        ok = self.asked > self.refusals
        return ConnectivityStatus(self.name, ok, None, None, "fine" if ok else "api.moody.test: connection refused")


@pytest.mark.parametrize(("refusals", "waits"), [(0, []), (1, [1.0]), (3, [1.0, 2.0, 4.0])])
def test_exchange_is_asked_again_with_rising_pauses(context: RunContext, refusals: int, waits: list[float]) -> None:
    waited: list[float] = []
    status = check(Moody(refusals), replace(context, pause=waited.append))  # type: ignore[arg-type]
    assert status.ok
    assert waited == waits


def test_exchange_that_never_answers_is_an_api_error_with_host_and_cause(context: RunContext) -> None:
    with pytest.raises(APIError, match=r"MOODY does not answer after 4 attempts: api\.moody\.test: connection refused"):
        check(Moody(9), context)  # type: ignore[arg-type]


def test_env_file_that_others_can_read_is_a_warning(context: RunContext, paths: Paths) -> None:
    paths.config.mkdir()
    env = paths.config / ".env"
    env.write_text("BINANCE_API_KEY=very-secret\n")
    env.chmod(0o644)
    outcome = run_stage(replace(context, secrets=read_secrets(paths.config)), CREDENTIALS)
    assert outcome is not None
    assert "can be read by other users" in outcome.warnings[0]
    env.chmod(0o600)
    outcome = run_stage(replace(context, secrets=read_secrets(paths.config)), CREDENTIALS)
    assert outcome is not None
    assert outcome.warnings == ()


def test_credentials_lists_every_venue_and_what_works_as_it_is(context: RunContext, paths: Paths) -> None:
    write_keys(paths.config, {"DELTA_API_KEY": "half", **BINANCE_KEYS})
    outcome = run_stage(replace(context, secrets=read_secrets(paths.config)), CREDENTIALS)
    assert outcome is not None
    assert outcome.tables[0].rows == (
        ("SIMULATED", "yes", "none needed", "everything", "-"),
        ("BINANCE", "no", "ok, set", "everything", "-"),
        ("BINANCEUSDM", "no", "ok, set", "everything", "-"),
        ("DELTA", "no", "partly set", "public candles", "DELTA_API_SECRET"),
        ("ZERODHA", "no", "missing", "nothing", "ZERODHA_API_KEY, ZERODHA_ACCESS_TOKEN"),
        ("DHAN", "no", "missing", "nothing", "DHAN_CLIENT_ID, DHAN_ACCESS_TOKEN"),
    )
    assert outcome.warnings == ()


def test_partly_set_keys_of_an_exchange_in_use_are_a_warning(context: RunContext, paths: Paths) -> None:
    write_keys(paths.config, {"DELTA_API_KEY": "half"})
    delta = replace(context, settings=RunConfig(exchange="DELTA", symbol="BTCUSD"), secrets=read_secrets(paths.config))
    outcome = run_stage(delta, CREDENTIALS)
    assert outcome is not None
    assert "only partly set" in outcome.warnings[0]
    assert "DELTA_API_SECRET" in outcome.warnings[0]


@pytest.mark.parametrize("exchange", ["ZERODHA", "DHAN"])
def test_broker_without_keys_ends_the_run_at_once(context: RunContext, exchange: str) -> None:
    with pytest.raises(CredentialError, match=rf"{exchange} shows its candles only to its customers: set {exchange}_.* in config/\.env"):
        run_stage(replace(context, settings=RunConfig(exchange=exchange, symbol="INFY")), CREDENTIALS)


def test_secrets_are_never_on_the_screen_or_on_disk(context: RunContext, paths: Paths, text: StringIO) -> None:
    paths.config.mkdir()
    (paths.config / ".env").write_text("BINANCE_API_KEY=very-secret\nBINANCE_API_SECRET=very-secret-too\n")
    outcome = run_stage(replace(context, secrets=read_secrets(paths.config)), CREDENTIALS)
    kept = "".join(path.read_text() for path in context.run.checkpoints.rglob("*") if path.is_file())
    assert "very-secret" not in f"{outcome}{text.getvalue()}{kept}"


def test_fees_the_user_set_win_over_the_venue() -> None:
    assert fees_of(ExecutionConfig(), VENUE) == VENUE
    assert fees_of(ExecutionConfig(maker_fee=0.0002, taker_fee=0.0004), VENUE) == VenueFees(0.0002, 0.0004, "your settings")
    mixed = fees_of(ExecutionConfig(taker_fee=0.0003), VENUE)
    assert (mixed.maker, mixed.taker) == (0.001, 0.0003)
    assert mixed.source == "taker: your settings; the other: the venue"


def test_shorts_on_a_spot_venue_are_a_warning(context: RunContext, monkeypatch: pytest.MonkeyPatch, paths: Paths) -> None:
    run_stage(context, SELECTION)
    monkeypatch.setattr(type(ExchangeManager().get("SIMULATED", paths)), "is_spot", True)
    outcome = run_stage(context, STRATEGY)
    assert outcome is not None
    assert "is a spot market" in outcome.warnings[0]
    settings = RunConfig(strategy={"allow_short": False})  # type: ignore[arg-type]
    outcome = run_stage(replace(context, settings=settings), STRATEGY)
    assert outcome is not None
    assert outcome.warnings == ()


def test_stage_with_unchanged_inputs_is_not_run_again(context: RunContext) -> None:
    assert run_stage(context, SELECTION) is not None
    assert run_stage(context, SELECTION) is None
    assert run_stage(replace(context, settings=RunConfig(order_qty=3)), SELECTION) is not None


def test_where_trials_are_computed_is_no_input(context: RunContext) -> None:
    run_stage(context, SELECTION)
    assert run_stage(context, STRATEGY) is not None
    elsewhere = RunConfig(optimization=OptimizationConfig(executor="processes"))
    assert run_stage(replace(context, settings=elsewhere, workers=64), STRATEGY) is None


def test_what_a_gpu_may_do_is_an_input(context: RunContext) -> None:
    run_stage(context, SELECTION)
    assert run_stage(context, STRATEGY) is not None
    screened = RunConfig(optimization=OptimizationConfig(gpu="on"))
    assert run_stage(replace(context, settings=screened), STRATEGY) is not None


@pytest.mark.parametrize(
    ("found", "gpu", "line"),
    [
        (None, "off", "none found; not needed"),
        ("NVIDIA H200", "off", "NVIDIA H200, not used (optimization.gpu is off)"),
        (None, "on", "no GPU: nothing there; CPU used"),
        ("NVIDIA H200", "auto", "not used: batches of 8 trials are too small (256 and more pay); CPU used"),
    ],
)
def test_the_hardware_stage_says_what_the_gpu_does(found: str | None, gpu: str, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimization.screening.find_gpu", lambda: NoGpu("nothing there"))
    assert gpu_line(found, OptimizationConfig(gpu=gpu)) == line  # type: ignore[arg-type]


def test_changed_strategy_file_makes_its_stages_run_again(context: RunContext, tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text("from strategies.hybrid_trend import STRATEGY\n")
    mine = replace(context, settings=RunConfig(strategy={"name": str(file)}))  # type: ignore[arg-type]
    run_stage(mine, SELECTION)
    assert run_stage(mine, STRATEGY) is not None
    assert run_stage(mine, STRATEGY) is None
    file.write_text("from strategies.hybrid_trend import STRATEGY  # changed\n")
    assert run_stage(mine, STRATEGY) is not None
