"""Whole runs of a perpetual: the rates that the venue told are charged everywhere, kept with the run, and missing ones are said."""

import json
import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from core.clock import now_ms
from core.paths import Paths
from exchanges.binance_usdm import BinanceUsdm
from market_data.store.funding_store import FundingStore
from tests.fakes.binance import HOUR_MS, FakeBinanceUsdm
from tests.fakes.delta import FakeDelta
from tests.fakes.server import Reply, Request
from tests.patience import PROGRAM_SECONDS
from tests.pipeline.conftest import Invoke, command, environment, only_run, write_settings
from tests.pipeline.digests import differing, run_digests
from tests.pipeline.loopback import FIRST_MS, connect, simulated_rows, spot_venue

EIGHT = 8 * HOUR_MS
SLUG = "binanceusdm_btcusdt_1h"
WHOLE = ("run", "--no-serve", "--config")


def rates(count: int = 400, rate: str = "0.00010000") -> list[tuple[int, str]]:
    return [(FIRST_MS - 6 * EIGHT + number * EIGHT + number % 5, rate) for number in range(count)]


def futures(funding: Sequence[tuple[int, str]]) -> FakeBinanceUsdm:
    return FakeBinanceUsdm({("BTCUSDT", "1h"): simulated_rows()}, now_ms=now_ms, funding={"BTCUSDT": funding})


@pytest.fixture
def settings(tmp_path: Path) -> str:
    return str(write_settings(tmp_path / "futures.yaml", exchange="BINANCEUSDM"))


def stored(data: Path, name: str) -> Any:
    return json.loads((data / "checkpoints" / only_run(data) / name).read_bytes())


def test_rates_of_the_venue_reach_every_stage(invoke: Invoke, settings: str, paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    found: dict[str, list[Any]] = {}
    before = set[Path]()
    for name, rate in (("charged", "0.00100000"), ("free", "0.00000000")):
        with futures(rates(rate=rate)) as venue:
            connect(monkeypatch, BINANCEUSDM=venue)
            ended = invoke(*WHOLE, settings)
            assert ended.code == 0, ended.text
        (run,) = {*paths.checkpoints.iterdir()} - before  # of two that begin in the same second the later one need not be the last
        before.add(run)
        found[name] = [
            json.loads((run / "05_baseline" / SLUG / "baseline.json").read_bytes())["metrics"]["funding"],
            pl.read_parquet(run / "07_optimize" / SLUG / "best_trades.parquet")["funding"].abs().sum(),
            pl.read_parquet(run / "08_walkforward" / SLUG / "oos_trades.parquet")["funding"].abs().sum(),
        ]
        found[name].append((run / "07_optimize" / SLUG / "7.1.trials.log").read_text().splitlines()[1])
        # The second run has a store of its own: its venue tells other rates.
        (paths.funding_cache / "BINANCEUSDM" / "BTCUSDT" / "funding.json").unlink()
    assert found["free"][:3] == [0.0, 0.0, 0.0]
    assert all(amount != 0 for amount in found["charged"][:3])
    assert found["charged"][3] != found["free"][3]


def test_run_says_what_is_charged_and_where_it_is_from(
    invoke: Invoke, settings: str, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    with futures(rates()) as venue:
        connect(monkeypatch, BINANCEUSDM=venue)
        ended = invoke(*WHOLE, settings)
    assert ended.code == 0, ended.text
    assert "the venue's rates" in ended.out
    assert "paid by the baseline" in ended.out
    assert not [line for line in ended.out.splitlines() if line.startswith("warning:")]
    assert "Mind:" not in ended.out
    facts = stored(paths.data, f"05_baseline/{SLUG}/baseline.json")["funding"]
    assert (facts["told"], facts["holes"], facts["assumed"]) == (300, [], 0)
    fees = stored(paths.data, "04_strategy/strategy.json")["fees"][SLUG]
    assert fees["as_of"] == "2026-11-01"
    assert "futures fee schedule" in fees["source"]
    page = (paths.exports / only_run(paths.data) / "report.html").read_text()
    assert "<h3>Funding</h3>" in page
    assert "BINANCEUSDM BTCUSDT, rates told by the venue" in page


def test_second_run_asks_for_no_rate_again_and_resume_asks_nobody(
    invoke: Invoke, settings: str, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    with futures(rates()) as venue:
        connect(monkeypatch, BINANCEUSDM=venue)
        assert invoke("backtest", "--config", settings).code == 0
        asked = venue.count("fundingRate")
        assert asked > 0
        connect(monkeypatch, BINANCEUSDM=venue)
        assert invoke("backtest", "--config", settings).code == 0
        assert venue.count("fundingRate") == asked
    first, second = sorted(paths.checkpoints.iterdir())
    name = Path("05_baseline") / SLUG / "funding.parquet"
    assert (first / name).read_bytes() == (second / name).read_bytes()
    # Nothing answers any more, and what was stored is gone: the run goes on with what it kept.
    (paths.funding_cache / "BINANCEUSDM" / "BTCUSDT" / "funding.json").unlink()
    connect(monkeypatch, BINANCEUSDM=venue)
    ended = invoke("resume", second.name, "--no-serve")
    assert ended.code == 0, ended.text
    assert "done before, unchanged" in ended.out


def stop_after(count: int, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Let the process die, as far as the run can tell, after so many answers of the venue about funding; return what ends that."""
    asked, real = [0], BinanceUsdm._funding_page

    def page(self: BinanceUsdm, symbol: str, spelled: str, begin: int, end_ms: int) -> list[tuple[int, float]]:
        asked[0] += 1
        if asked[0] > count:
            raise KeyboardInterrupt
        return real(self, symbol, spelled, begin, end_ms)

    monkeypatch.setattr(BinanceUsdm, "_funding_page", page)
    return lambda: monkeypatch.setattr(BinanceUsdm, "_funding_page", real)


def test_run_stopped_between_two_answers_ends_with_the_same_bytes(
    invoke: Invoke, settings: str, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    hourly = [(FIRST_MS - EIGHT + number * HOUR_MS, f"{number * 1e-8:.8f}") for number in range(2700)]
    with futures(hourly) as venue:
        connect(monkeypatch, BINANCEUSDM=venue)
        go_on = stop_after(2, monkeypatch)
        assert invoke(*WHOLE, settings).code == 130
        go_on()
        asked = venue.count("fundingRate")
        assert asked == 2
        ended = invoke("resume", "--no-serve")
        assert ended.code == 0, ended.text
        assert venue.count("fundingRate") == asked + 1
        assert invoke(*WHOLE, settings).code == 0
    first, second = sorted(path.name for path in paths.checkpoints.iterdir())
    assert differing(run_digests(paths.data, first), run_digests(paths.data, second)) == []


@pytest.mark.parametrize(("constant", "said"), [(0.0, "No funding is charged there"), (0.0001, "is charged instead (1")])
def test_missing_rates_are_said_in_the_stage_and_in_the_verdict(
    invoke: Invoke, paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, constant: float, said: str
) -> None:
    path = write_settings(tmp_path / "holes.yaml", exchange="BINANCEUSDM", execution={"funding_rate": constant})
    with futures([each for each in rates() if not FIRST_MS + 100 * HOUR_MS < each[0] < FIRST_MS + 200 * HOUR_MS]) as venue:
        connect(monkeypatch, BINANCEUSDM=venue)
        ended = invoke(*WHOLE, str(path))
    assert ended.code == 0, ended.text
    warning, verdict = ended.out.split("Verdict for")
    assert "tells no funding rate for 4.3 days of the span" in warning.replace("\n", " ")
    assert "Mind: BINANCEUSDM BTCUSDT: the venue tells no funding rate" in verdict.replace("\n", " ")
    assert said in " ".join(verdict.split())
    facts = stored(paths.data, f"05_baseline/{SLUG}/baseline.json")["funding"]
    assert facts["assumed"] == (12 if constant else 0)


def test_perpetual_without_rates_is_warned_about_until_a_constant_is_set(
    invoke: Invoke, paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [(int(r[0]), float(r[1]), float(r[2]), float(r[3]), float(r[4]), float(r[5])) for r in simulated_rows()]
    days = [rows[start] for start in range(0, len(rows), 24)]
    changes: dict[str, Any] = {"exchange": "DELTA", "symbol": "BTCUSD", "order_qty": 0.1}
    silent = write_settings(tmp_path / "silent.yaml", **changes)
    stated = write_settings(tmp_path / "stated.yaml", **changes, execution={"funding_rate": 0.0003})
    with FakeDelta({("BTCUSD", "1h"): rows, ("BTCUSD", "1d"): days}, now_ms=now_ms) as venue:
        connect(monkeypatch, DELTA=venue)
        ended = invoke(*WHOLE, str(silent))
        assert ended.code == 0, ended.text
        stage, verdict = (" ".join(part.split()) for part in ended.out.split("Verdict for"))
        sentence = "what positions pay or receive in funding is not in the results"
        assert sentence in stage
        assert sentence in verdict
        ended = invoke("backtest", "--config", str(stated))
        assert sentence not in ended.out
        assert "constant 0.0300% every 8 h" in ended.out


def test_spot_market_is_sold_short_with_a_warning_in_stage_and_verdict_and_pays_no_funding(
    invoke: Invoke, paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_settings(tmp_path / "spot.yaml", exchange="BINANCE", execution={"funding_rate": 0.001})
    with spot_venue() as venue:
        connect(monkeypatch, BINANCE=venue)
        ended = invoke(*WHOLE, str(path))
    assert ended.code == 0, ended.text
    stage, verdict = (" ".join(part.split()) for part in ended.out.split("Verdict for"))
    assert "a spot market cannot be sold short" in stage
    assert "Mind: BINANCE BTCUSDT 1h is a spot market: a spot market cannot be sold short" in verdict
    assert "none is paid here" in stage
    assert stored(paths.data, "04_strategy/strategy.json")["funding"]["binance_btcusdt_1h"]["constant_rate"] == 0.0
    assert stored(paths.data, "05_baseline/binance_btcusdt_1h/baseline.json")["metrics"]["funding"] == 0.0


def test_rules_of_the_venue_are_kept_with_the_run(invoke: Invoke, settings: str, paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    with futures(rates()) as venue:
        connect(monkeypatch, BINANCEUSDM=venue)
        assert invoke("optimize", "--config", settings).code == 0
    rules = {"qty_step": 0.00001, "min_qty": 0.00001, "min_notional": 5.0, "price_step": 0.01}
    assert stored(paths.data, "04_strategy/strategy.json")["rules"][SLUG] == rules
    head = (paths.checkpoints / only_run(paths.data) / "07_optimize" / SLUG / "7.1.trials.log").read_text().splitlines()[0]
    assert '"price_step":0.01' in head
    assert '"funding":"' in head


class Deadly(FakeBinanceUsdm):
    """Kills the process that asks for funding rates a second time."""

    victim: subprocess.Popen[bytes] | None = None

    def handle(self, request: Request) -> Reply:
        if self.victim is not None and request.path.endswith("fundingRate") and self.count("fundingRate") == 2:
            self.victim.kill()
        return super().handle(request)


def test_run_killed_while_it_fetches_rates_ends_with_the_same_bytes(tmp_path: Path, settings: str) -> None:
    hourly = [(FIRST_MS - EIGHT + number * HOUR_MS, f"{number * 1e-8:.8f}") for number in range(2700)]
    killed, alone = tmp_path / "killed", tmp_path / "alone"

    def start(root: Path, venue: FakeBinanceUsdm, *arguments: str) -> "subprocess.Popen[bytes]":
        own = environment(root) | {"BINANCEUSDM_BASE_URL": venue.url}
        return subprocess.Popen(command(*arguments), env=own, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    with Deadly({("BTCUSDT", "1h"): simulated_rows()}, now_ms=now_ms, funding={"BTCUSDT": hourly}) as venue:
        with start(killed, venue, *WHOLE, settings) as process:
            venue.victim = process
            assert process.wait(PROGRAM_SECONDS) == -signal.SIGKILL
        venue.victim = None
        stored_rates = FundingStore(Paths.under(killed)).read("BINANCEUSDM", "BTCUSDT").rates
        assert len(stored_rates) == 1000
        for root, arguments in ((killed, ("resume", "--no-serve")), (alone, (*WHOLE, settings))):
            with start(root, venue, *arguments) as process:
                assert process.wait(PROGRAM_SECONDS) == 0
    found = [run_digests(root / "data", only_run(root / "data")) for root in (killed, alone)]
    assert differing(found[0], found[1]) == []
