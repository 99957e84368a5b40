"""``data schedule``: rounds that survive trouble, and an end within seconds that loses nothing."""

import fcntl
import signal
import threading
from pathlib import Path

import pytest

from core.errors import LockedError
from pipeline import data_schedule
from pipeline.app import App
from pipeline.data_schedule import keep_updated
from pipeline.data_session import DataSession, data_session
from pipeline.sole_process import sole_process
from tests.fakes import faults
from tests.fakes.server import FaultPlan, Reply, Wire
from tests.patience import PATIENCE_SECONDS
from tests.pipeline.conftest import Invoke
from tests.pipeline.data.data_venue import BARS, hourly_venue, keep, rows, running
from tests.pipeline.loopback import connect


def test_sigterm_ends_it_after_a_round_with_everything_stored(tmp_path: Path) -> None:
    with hourly_venue() as venue:
        keep(tmp_path, venue, "BTCUSDT")
        # A zone with summer time of half an hour: times are UTC all the same.
        with running(tmp_path, "data", "schedule", "--every", "1h", BINANCE_BASE_URL=venue.url, TZ="Australia/Lord_Howe") as daemon:
            line = daemon.read_until("new bars")
            assert "1 series, 50 new bars. Next 20" in line
            assert line.rstrip().endswith(":00:05.")
            code, said = daemon.end(signal.SIGTERM)
    assert code == 143
    assert said == "Stopped after 1 round: 50 new bars. Everything that came is stored.\n"
    assert rows(tmp_path, "BTCUSDT") == BARS


def test_ctrl_c_in_the_middle_of_a_round_does_not_wait_for_a_silent_venue(tmp_path: Path) -> None:
    asked = threading.Event()

    def silent(_reply: Reply, wire: Wire) -> None:
        asked.set()
        wire.pause(PATIENCE_SECONDS)

    with hourly_venue() as venue:
        keep(tmp_path, venue, "BTCUSDT")
        venue.faults = FaultPlan.always(silent, path="klines")
        with running(tmp_path, "data", "schedule", BINANCE_BASE_URL=venue.url) as daemon:
            assert asked.wait(PATIENCE_SECONDS)
            code, said = daemon.end(signal.SIGINT)
    assert code == 130
    assert "Everything that came is stored." in said
    assert "Traceback" not in said
    assert rows(tmp_path, "BTCUSDT") == 250


@pytest.fixture
def quick_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let rounds follow each other at once."""
    monkeypatch.setattr(data_schedule, "_LOOK_S", 0.005)
    monkeypatch.setattr("pipeline.update_clock.next_round_ms", lambda after_ms, _period_ms: after_ms + 1)


class Rounds:
    """The lines of a daemon in this process; it is told to stop when ``wanted`` of them hold ``part``."""

    def __init__(self, session: DataSession, monkeypatch: pytest.MonkeyPatch, part: str, wanted: int = 1) -> None:
        self.lines: list[str] = []
        self.session, self._part, self._wanted = session, part, wanted
        monkeypatch.setattr(session.screen, "line", self._line)

    def _line(self, text: str = "") -> None:
        self.lines.append(text)
        if sum(self._part in line for line in self.lines) >= self._wanted:
            self._stop()

    @property
    def told(self) -> list[str]:
        """The rounds that were made."""
        return [line for line in self.lines[1:] if "left out" not in line]

    def _stop(self) -> None:
        stop = self.session.interrupts._stop  # what a signal sets
        if stop is not None:
            stop.set()
        self.stop_too()

    def stop_too(self) -> None:
        """Whatever else has to happen then."""


def test_a_failing_venue_is_asked_again_in_the_next_round(
    tmp_path: Path, app: App, monkeypatch: pytest.MonkeyPatch, quick_rounds: None
) -> None:  # fmt: skip
    with hourly_venue() as venue, data_session(app, quiet=True) as session:
        connect(monkeypatch, BINANCE=venue)
        keep(tmp_path, venue, "BTCUSDT")
        venue.faults = FaultPlan([faults.status(451)], path="klines")
        rounds = Rounds(session, monkeypatch, "50 new bars")
        keep_updated(session, 3_600_000, None)
    first, *others = rounds.told
    assert "1 series, 0 new bars. 1 failed: BINANCE BTCUSDT 1h: BINANCE" in first
    assert any("1 series, 50 new bars." in line for line in others)
    assert rows(tmp_path, "BTCUSDT") == BARS


def test_a_round_that_fails_as_a_whole_is_told_and_tried_again(
    tmp_path: Path, app: App, monkeypatch: pytest.MonkeyPatch, quick_rounds: None
) -> None:  # fmt: skip
    with data_session(app, quiet=True) as session:
        (tmp_path / "data" / "cache").mkdir(parents=True)
        rounds = Rounds(session, monkeypatch, "failed: ", wanted=2)

        def locked(_session: DataSession) -> None:
            raise LockedError("somebody is at work")

        monkeypatch.setattr(DataSession, "content", locked)
        keep_updated(session, 3_600_000, None)
    assert all("failed: somebody is at work" in line for line in rounds.told)
    assert len(rounds.told) >= 2


def test_a_round_that_is_due_while_one_is_at_work_is_left_out(
    tmp_path: Path, app: App, monkeypatch: pytest.MonkeyPatch, quick_rounds: None
) -> None:  # fmt: skip
    late = threading.Event()
    with hourly_venue() as venue, data_session(app, quiet=True) as session:
        connect(monkeypatch, BINANCE=venue)
        keep(tmp_path, venue, "BTCUSDT")
        rounds = Rounds(session, monkeypatch, "left out")
        monkeypatch.setattr(rounds, "stop_too", late.set)
        venue.faults = FaultPlan([lambda reply, _wire: reply if late.wait(PATIENCE_SECONDS) else None], path="klines")
        keep_updated(session, 3_600_000, None)
    assert any("this round is left out: the one before is still at work." in line for line in rounds.lines)
    # The stop may have come before the round had asked for anything; it is never in between.
    assert rows(tmp_path, "BTCUSDT") in (250, BARS)


def test_an_error_that_nobody_foresaw_ends_it(app: App, monkeypatch: pytest.MonkeyPatch, quick_rounds: None) -> None:
    def broken(_session: DataSession) -> None:
        raise ZeroDivisionError("by nobody foreseen")

    monkeypatch.setattr(DataSession, "content", broken)
    with data_session(app, quiet=True) as session, pytest.raises(ZeroDivisionError):
        keep_updated(session, 3_600_000, None)


def test_only_the_named_exchange_is_updated_and_an_empty_store_is_no_error(
    app: App, monkeypatch: pytest.MonkeyPatch, quick_rounds: None
) -> None:  # fmt: skip
    with data_session(app, quiet=True) as session:
        rounds = Rounds(session, monkeypatch, "nothing is stored")
        keep_updated(session, 3_600_000, "BINANCE")
    assert rounds.lines[0] == "Updating BINANCE every 1h. Ctrl-C ends it."
    assert "nothing is stored: 'data fetch' gets candles. Next " in rounds.told[0]


def test_a_second_one_on_the_same_data_folder_is_refused_and_names_the_first(app: App, invoke: Invoke) -> None:
    with sole_process(app.paths.schedule_lock, "'data schedule'"):
        ended = invoke("data", "schedule")
    assert ended.code == 1
    assert "'data schedule' runs on this data folder already: process " in ended.err
    assert "Updating" not in ended.out


def test_the_lock_is_free_again_when_its_holder_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "schedule.lock"
    with sole_process(path, "work"):
        pass
    with path.open() as handle:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.mark.parametrize(
    ("arguments", "said"), [(("--every", "1x"), "is no period"), (("--exchange", "BINNANCE"), "Did you mean 'BINANCE'")]
)
def test_wrong_options_are_refused_before_any_work(invoke: Invoke, arguments: tuple[str, ...], said: str) -> None:
    ended = invoke("data", "schedule", *arguments)
    assert ended.code == 2
    assert said in ended.err
