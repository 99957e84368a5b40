"""Keys that would be recognised anywhere go through everything, with all logs on and venues in trouble, and turn up nowhere."""

import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import polars as pl
import pytest
import yaml

from core.logs import LIBRARIES, MASK
from core.paths import Paths
from pipeline.log_files import start_logging
from tests.fakes import faults
from tests.fakes.binance import API_SECRET, FakeBinance, kline_rows
from tests.fakes.clock import START_MS
from tests.fakes.delta import FakeDelta
from tests.fakes.dhan import FakeDhan
from tests.fakes.server import FakeVenue, FaultPlan
from tests.fakes.zerodha import FakeKite
from tests.pipeline.canaries import forms_of, found_in, found_in_files
from tests.pipeline.conftest import Invoke, command, environment, write_settings
from tests.pipeline.loopback import ALL_KEYS, BINANCE_KEYS, connect, skip_waiting, spot_venue, write_keys

COMMANDS = (
    "doctor",
    "runs",
    "data info",
    "data verify",
    "data update",
    "data top --exchange BINANCE --quote USDT",
    "data fetch ETHUSDT --from 2024-05-01",
)
# Enough bars of the second symbol for a parallel download.
CANDLES = {("BTCUSDT", "1h"): kline_rows(START_MS, 2500), ("ETHUSDT", "1h"): kline_rows(START_MS, 9600)}
FIVE_FAULTS = (faults.status(500), faults.truncated(), faults.reset, faults.status(429, b"{}", {"Retry-After": "3"}), faults.html(403))
MARKETS = [
    {"exchange": "BINANCE", "symbol": "BTCUSDT", "timeframe": "1h", "order_qty": 0.1},
    {"exchange": "DELTA", "symbol": "BTCUSD", "timeframe": "1h", "order_qty": 1},
    {"exchange": "ZERODHA", "symbol": "INFY", "timeframe": "1m", "order_qty": 1},
    {"exchange": "DHAN", "symbol": "INFY", "timeframe": "1m", "order_qty": 1},
]
SETTINGS = {
    "mode": "MULTI",
    "markets": MARKETS,
    "start": "2024-05-01",
    "end": "2024-05-09",
    "gaps": "keep",
    "strategy": {"rsi_long_threshold": 45, "rsi_short_threshold": 55, "ema_trend": 60},
    "optimization": {"profile": "FAST", "optuna_sampler": "random"},
    "walkforward": {"is_length_days": 4, "oos_length_days": 2, "stride_days": 2},
    "significance": {"resamples": 100, "permutations": 1, "walkforward_permutations": 1, "overfitting_blocks": 4},
}


@pytest.fixture
def secrets(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Put a canary under every name, and turn every log on."""
    monkeypatch.setenv("PIPELINE_LOG_LEVEL", "DEBUG")
    write_keys(paths.config, ALL_KEYS)
    return dict(ALL_KEYS)


@pytest.fixture
def venues(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, FakeVenue]]:
    made: dict[str, FakeVenue] = {"BINANCE": FakeBinance(CANDLES), "DELTA": FakeDelta(), "ZERODHA": FakeKite(), "DHAN": FakeDhan()}
    with ExitStack() as stack:
        for venue in made.values():
            stack.enter_context(venue)
        connect(monkeypatch, **made)
        skip_waiting(monkeypatch)
        yield made


@pytest.fixture
def settings(tmp_path: Path) -> str:
    path = tmp_path / "four.yaml"
    path.write_text(yaml.safe_dump(SETTINGS))
    return str(path)


def signatures(venues: dict[str, FakeVenue]) -> dict[str, str]:
    """Return every signature that was really sent."""
    sent = [request.params.get("signature") or request.headers.get("signature") for venue in venues.values() for request in venue.requests]
    return {f"signature {number}": signature for number, signature in enumerate(filter(None, sent))}


def test_whole_run_with_every_venue_in_trouble_shows_no_secret(
    invoke: Invoke, settings: str, secrets: dict[str, str], venues: dict[str, FakeVenue], tmp_path: Path, paths: Paths
) -> None:
    for venue in venues.values():
        venue.faults = FaultPlan({1 + 2 * number: fault for number, fault in enumerate(FIVE_FAULTS)})
    ended = invoke("run", "--no-serve", "--config", settings)
    assert ended.code == 0, ended.text
    said = ended.text
    for venue in venues.values():
        assert venue.faults.played == len(FIVE_FAULTS)
        venue.faults = FaultPlan.always(faults.status(401, b"{}"))
    refused = invoke("backtest", "--config", settings)
    assert refused.code == 1
    for venue in venues.values():
        venue.faults = FaultPlan()
    for arguments in COMMANDS:
        ended = invoke(*arguments.split())
        assert ended.code == 0, ended.text
        said += ended.text
    secrets |= signatures(venues)
    assert len(secrets) > len(ALL_KEYS) + 2
    log = (paths.logs / "exchanges.log").read_text()
    assert all(f'"DEBUG", "logger": "exchanges.http", "message": "{name} GET' in log for name in venues)
    assert "urllib3.connectionpool" in (paths.logs / "libraries.log").read_text()
    assert found_in((said + refused.text).encode(), secrets) == []
    assert found_in_files(tmp_path, secrets, but=[paths.config / ".env"]) == []


@pytest.mark.parametrize("where", ["exchanges.binance.BinanceDialect.listing", "exchanges.rest_exchange.RestExchange.check_account"])
def test_surprise_with_secrets_in_its_text_shows_none(
    invoke: Invoke, secrets: dict[str, str], tmp_path: Path, paths: Paths, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    signature = "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"

    def fail(*_: object) -> None:
        raise RuntimeError(f"GET /api/v3/account?timestamp=1&signature={signature} with {BINANCE_KEYS}")

    monkeypatch.setattr(where, fail)
    with spot_venue() as venue:
        connect(monkeypatch, BINANCE=venue)
        ended = invoke("backtest", "--config", str(write_settings(tmp_path / "venue.yaml", exchange="BINANCE")))
    assert ended.code == 1
    assert "unexpected error: RuntimeError" in ended.err
    assert f"signature={MASK}" in (paths.logs / "error.log").read_text()
    secrets |= {"signature": signature}
    assert found_in(ended.text.encode(), secrets) == []
    assert found_in_files(tmp_path, secrets, but=[paths.config / ".env"]) == []


def test_trace_is_masked_before_any_run_has_started_the_logs(
    invoke: Invoke, secrets: dict[str, str], tmp_path: Path, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError(f"bad {API_SECRET}")

    monkeypatch.setattr("pipeline.commands.runs.list_runs", fail)
    ended = invoke("runs")
    assert f"bad {MASK}" in ended.err
    assert f"bad {MASK}" in (paths.logs / "error.log").read_text()
    assert found_in_files(tmp_path, secrets, but=[paths.config / ".env"]) == []


@pytest.mark.parametrize("library", LIBRARIES)
def test_libraries_are_masked_too(library: str, secrets: dict[str, str], paths: Paths, tmp_path: Path) -> None:
    start_logging(paths)
    logger = logging.getLogger(f"{library}.inner")
    for name, secret in secrets.items():
        logger.debug("sent %s", {"headers": {name: secret}})
        for spelled in forms_of(secret).values():
            if spelled in (secret.encode(), secret.encode().hex().encode()):
                logger.warning("again %s", spelled.decode())
    logger.debug("GET https://venue.test/api?timestamp=1&signature=%s HTTP/1.1", "0123456789abcdef" * 4)
    text = (paths.logs / "libraries.log").read_text()
    assert text.count(MASK) >= 2 * len(secrets) + 1
    assert "0123456789abcdef" not in text
    assert found_in_files(tmp_path, secrets, but=[paths.config / ".env"]) == []


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_keys_of_the_environment_are_in_no_title_and_no_file(tmp_path: Path) -> None:
    settings = write_settings(tmp_path / "venue.yaml", exchange="BINANCE")
    titles: set[bytes] = set()
    with spot_venue() as venue:
        env = environment(tmp_path) | BINANCE_KEYS | {"BINANCE_BASE_URL": venue.url, "PIPELINE_LOG_LEVEL": "DEBUG"}
        arguments = command("backtest", "--config", str(settings))
        with subprocess.Popen(arguments, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
            assert process.stdout is not None
            while process.poll() is None:
                titles |= {_title(number) for number in _family(process.pid)}
                _wait(process)
            said = process.stdout.read()
        sent = signatures({"BINANCE": venue})
    assert process.returncode == 0, said.decode()
    assert b"ok, can only read" in said
    assert any(b"run_pipeline.py" in title for title in titles)
    secrets = BINANCE_KEYS | sent
    assert len(secrets) == 3
    assert [found_in(content, secrets) for content in (said, *titles)] == [[]] * (1 + len(titles))
    assert found_in_files(tmp_path, secrets) == []


def _family(parent: int) -> list[int]:
    """Return a process and its children."""
    try:
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    except OSError:
        return []
    return [parent, *map(int, children)]


def _title(number: int) -> bytes:
    try:
        return Path(f"/proc/{number}/cmdline").read_bytes()
    except OSError:
        return b""


def _wait(process: "subprocess.Popen[bytes]") -> None:
    try:
        process.wait(0.02)
    except subprocess.TimeoutExpired:
        return


@pytest.mark.parametrize("form", forms_of("canary-0123456789-abcdefghijkl"))
def test_planted_secret_is_found_in_every_form(form: str, tmp_path: Path) -> None:
    secret = "canary-0123456789-abcdefghijkl"
    planted = forms_of(secret)[form]
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "exchanges.log").write_bytes(b'{"message": "sent ' + planted + b'"}\n')
    pl.DataFrame({"note": [f"x{planted.decode()}x"]}).write_parquet(tmp_path / "table.parquet", compression="zstd")
    hits = found_in_files(tmp_path, {"KEY": secret})
    assert any(hit.startswith("logs/exchanges.log: KEY") for hit in hits)
    assert any(hit.startswith("table.parquet: KEY") for hit in hits)
    assert found_in_files(tmp_path, {"KEY": "wholly different, 42 and more"}) == []
