"""Stage 2 in trouble: how often a venue is asked, what a trader is told, and how the run goes on when it is repaired."""

import re
from pathlib import Path

import pytest

from core.clock import monotonic_seconds, now_ms
from core.paths import Paths
from exchanges.timing import SystemClock
from tests.fakes import faults
from tests.fakes.binance import API_SECRET, FakeBinance
from tests.fakes.server import Fault, FaultPlan
from tests.fakes.zerodha import FakeKite
from tests.pipeline.conftest import Ended, Invoke, write_settings
from tests.pipeline.loopback import ALL_KEYS, BINANCE_KEYS, connect, simulated_rows, skip_waiting, spot_venue, write_keys

BAN = faults.status(418, b'{"code":-1003,"msg":"Way too much request weight used."}', {"Retry-After": "120"})


@pytest.fixture
def backtest(invoke: Invoke, tmp_path: Path) -> Invoke:
    """Return a function that runs stages 1 to 5 on BINANCE."""
    settings = write_settings(tmp_path / "venue.yaml", exchange="BINANCE", timeframe="1h")
    return lambda *arguments: invoke("backtest", "--config", str(settings), *arguments)


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    return skip_waiting(monkeypatch)


def one_line(text: str) -> str:
    return " ".join(text.split())


def assert_resumable(invoke: Invoke, ended: Ended) -> None:
    """The run is kept, its command is named, and now it goes on."""
    run_id = re.findall(r"resume (\S+)", one_line(ended.out))[-1]
    assert ended.code == 1
    again = invoke("resume", run_id, "--no-serve")
    assert again.code == 0, again.text
    assert "Stage 1: Credentials" in again.out
    assert "Verdict for BINANCE BTCUSDT 1h" in again.out


def test_dead_server_is_asked_four_times_with_the_waits_on_the_screen(
    backtest: Invoke, invoke: Invoke, waited: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    with spot_venue() as venue:
        connect(monkeypatch, BINANCE=venue)
        venue.faults = FaultPlan.always(faults.hang_up)
        ended = backtest()
        assert venue.count() == 4
        assert waited == [1.0, 2.0, 4.0]
        for seconds in (1, 2, 4):
            assert f"{venue.host}): the connection broke before the answer was complete; again in {seconds} s" in ended.out
        assert "error: BINANCE does not answer after 4 attempts" in ended.err
        assert venue.host in ended.err
        assert "Check the network connection" in ended.err
        venue.faults = FaultPlan()
        assert_resumable(invoke, ended)


def test_server_that_is_not_there_is_named_with_its_host(backtest: Invoke, waited: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeBinance(now_ms=now_ms) as gone:
        connect(monkeypatch, BINANCE=gone)
    ended = backtest()
    assert ended.code == 1
    assert waited == [1.0, 2.0, 4.0]
    assert f"({gone.host}): the connection was refused" in ended.err


@pytest.mark.parametrize("trouble", [faults.html(403), faults.reset, faults.truncated(3)])
def test_passing_trouble_is_waited_out(backtest: Invoke, waited: list[float], monkeypatch: pytest.MonkeyPatch, trouble: Fault) -> None:
    with spot_venue() as venue:
        connect(monkeypatch, BINANCE=venue)
        venue.faults = FaultPlan([trouble] * 3)
        ended = backtest()
    assert ended.code == 0, ended.text
    assert waited == [1.0, 2.0, 4.0]


def test_ban_is_told_with_its_end_and_its_meaning_and_nothing_more_is_sent(
    backtest: Invoke, invoke: Invoke, waited: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    with spot_venue() as venue:
        connect(monkeypatch, BINANCE=venue)
        venue.faults = FaultPlan([BAN])
        ended = backtest()
        assert venue.count() == 1
        assert waited == []
        assert re.search(r"has banned this computer's address until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", ended.err)
        assert "no account is touched" in ended.err
        connect(monkeypatch, BINANCE=venue)  # as another process: the ban is in a file
        during = backtest()
        assert during.code == 1
        assert "has banned this computer's address until" in during.err
        assert venue.count() == 1
        monkeypatch.setattr(SystemClock, "monotonic", lambda _clock: monotonic_seconds() + 121.0)
        assert_resumable(invoke, ended)


def test_request_to_slow_down_is_obeyed_and_then_the_run_goes_on(
    backtest: Invoke, waited: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    with spot_venue() as venue:
        connect(monkeypatch, BINANCE=venue)
        venue.faults = FaultPlan([faults.status(429, b"{}", {"Retry-After": "7"})])
        ended = backtest()
    assert ended.code == 0, ended.text
    assert waited == [1.0]
    assert "asks for fewer requests (HTTP 429)" in ended.out


@pytest.mark.parametrize(
    ("keys", "code"),
    [({"BINANCE_API_KEY": "canary-of-a-wrong-key"}, "-2015"), ({"BINANCE_API_SECRET": "canary-of-a-wrong-secret"}, "-1022")],
)
def test_wrong_key_is_shown_once_and_told_with_the_names_to_repair(
    backtest: Invoke, invoke: Invoke, waited: list[float], monkeypatch: pytest.MonkeyPatch, paths: Paths, keys: dict[str, str], code: str
) -> None:
    write_keys(paths.config, BINANCE_KEYS | keys)
    with spot_venue() as venue:
        connect(monkeypatch, BINANCE=venue)
        ended = backtest()
        assert venue.count("account") == 1
        assert waited == []
        assert code in ended.err
        assert "Check BINANCE_API_KEY, BINANCE_API_SECRET in config/.env" in ended.err
        assert "BINANCE's candles need no key" in ended.err
        assert "canary" not in ended.text
        write_keys(paths.config, BINANCE_KEYS)
        assert_resumable(invoke, ended)


def test_account_without_keys_again_is_the_other_way_on(
    backtest: Invoke, invoke: Invoke, monkeypatch: pytest.MonkeyPatch, paths: Paths, waited: list[float]
) -> None:
    write_keys(paths.config, {"BINANCE_API_KEY": "wrong", "BINANCE_API_SECRET": "wrong too"})
    with spot_venue() as venue:
        connect(monkeypatch, BINANCE=venue)
        ended = backtest()
        write_keys(paths.config, {})
        assert_resumable(invoke, ended)
    assert waited == []


def test_account_that_does_not_answer_is_asked_four_times(
    backtest: Invoke, waited: list[float], monkeypatch: pytest.MonkeyPatch, paths: Paths
) -> None:
    write_keys(paths.config, BINANCE_KEYS)
    with spot_venue() as venue:
        connect(monkeypatch, BINANCE=venue)
        venue.faults = FaultPlan.always(faults.status(502), path="account")
        ended = backtest()
    assert ended.code == 1
    assert "BINANCE's candles need no key" in ended.err
    assert venue.count("account") == 4
    assert waited == [1.0, 2.0, 4.0]
    assert API_SECRET not in ended.text


@pytest.mark.parametrize(
    ("trade", "withdraw", "shown", "warned"),
    [
        (False, False, "ok, can only read", None),
        (True, False, "ok, can trade", "the key in config/.env can trade"),
        (True, True, "ok, can trade and withdraw", "the key in config/.env can withdraw money"),
    ],
)
def test_key_that_may_do_more_than_read_is_a_warning(
    backtest: Invoke, monkeypatch: pytest.MonkeyPatch, paths: Paths, *, trade: bool, withdraw: bool, shown: str, warned: str | None
) -> None:
    write_keys(paths.config, BINANCE_KEYS)
    with spot_venue() as venue:
        connect(monkeypatch, BINANCE=venue)
        venue.permissions = {"canTrade": trade, "canWithdraw": withdraw, "canDeposit": True}
        ended = backtest()
    assert ended.code == 0, ended.text
    assert shown in ended.out
    assert (warned in one_line(ended.out)) if warned else ("warning: BINANCE: the key" not in ended.out)
    assert "4723846" not in ended.text  # a balance


def test_clock_of_this_machine_may_be_wrong(backtest: Invoke, monkeypatch: pytest.MonkeyPatch, paths: Paths) -> None:
    write_keys(paths.config, BINANCE_KEYS)
    with FakeBinance({("BTCUSDT", "1h"): simulated_rows()}, now_ms=lambda: now_ms() + 3_600_000) as venue:
        connect(monkeypatch, BINANCE=venue)
        ended = backtest()
    assert ended.code == 0, ended.text
    assert "ok, can only read" in ended.out
    assert re.search(r"warning: the clock of BINANCE differs from this machine's by \+3,(599|600),\d{3} ms", one_line(ended.out))


def test_time_stamp_that_is_refused_is_made_anew_once(backtest: Invoke, monkeypatch: pytest.MonkeyPatch, paths: Paths) -> None:
    stale = faults.status(400, b'{"code":-1021,"msg":"Timestamp for this request is outside of the recvWindow."}')
    write_keys(paths.config, BINANCE_KEYS)
    with spot_venue() as venue:
        connect(monkeypatch, BINANCE=venue)
        venue.faults = FaultPlan([stale], path="account")
        assert backtest().code == 0
        assert venue.count("account") == 2
        venue.faults = FaultPlan.always(stale, path="account")
        ended = backtest()
    assert ended.code == 1
    assert venue.count("account") == 4
    assert "Set this computer's clock" in ended.err


def test_broker_without_keys_ends_before_anything_is_sent(
    invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, paths: Paths
) -> None:
    settings = write_settings(tmp_path / "kite.yaml", exchange="ZERODHA", symbol="INFY")
    with FakeKite(now_ms=now_ms) as venue:
        connect(monkeypatch, ZERODHA=venue)
        ended = invoke("backtest", "--config", str(settings))
        assert ended.code == 1
        assert venue.count() == 0
        assert "set ZERODHA_API_KEY, ZERODHA_ACCESS_TOKEN in config/.env" in ended.err
        write_keys(paths.config, ALL_KEYS | {"ZERODHA_ACCESS_TOKEN": "canary-of-yesterday"})
        ended = invoke("backtest", "--config", str(settings))
    assert ended.code == 1
    assert venue.count() == 1
    assert "write the day's token into ZERODHA_ACCESS_TOKEN" in ended.err
    assert "canary" not in ended.text


def test_key_of_the_environment_is_not_said_to_lie_in_a_file(backtest: Invoke, monkeypatch: pytest.MonkeyPatch, paths: Paths) -> None:
    for name, value in BINANCE_KEYS.items():
        monkeypatch.setenv(name, value)
    with spot_venue() as venue:
        connect(monkeypatch, BINANCE=venue)
        venue.permissions = {"canTrade": True, "canWithdraw": False, "canDeposit": True}
        ended = backtest()
        assert "the key in the environment can trade" in one_line(ended.out)
        assert "config/.env can trade" not in one_line(ended.out)
        connect(monkeypatch, BINANCE=venue)
        monkeypatch.setenv("BINANCE_API_SECRET", "wrong")
        ended = backtest()
    assert ended.code == 1
    assert "Or empty BINANCE_API_KEY and BINANCE_API_SECRET in the environment" in ended.err
