"""Up to five runs side by side: figures of the same backtest, the settings that differ, equity on one scale."""

import csv
import io

import pytest

from core.paths import Paths
from dashboard.decimation import Span
from dashboard.figures.compared_equity import MAX_LINES, compared_equity_figure, gain_of
from dashboard.reading.files import FileReader
from dashboard.reading.runs import RunIndex
from dashboard.views.compare import compared_curves, compared_markets, differing_settings
from dashboard.views.comparison import comparison_view
from tests.dashboard.conftest import ClientOf, json_of
from tests.dashboard.sample_market import candles, curve, trades
from tests.dashboard.sample_run import RUN_ID, SampleMarket, market_folder, uncommit, write_run

OTHER, STOPPED = "20250103-030405-cd34", "20250104-030405-ef56"
TWO = (SampleMarket(), SampleMarket("BINANCE", "ETHUSDT", "binance_ethusdt_1h", False))
ADDRESS = f"run={RUN_ID}&run={OTHER}&run={STOPPED}"


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """Return the folders of a run, one of two markets with other settings, and one that stopped."""
    paths = Paths.under(tmp_path_factory.mktemp("three"))
    write_run(paths)
    write_run(paths, OTHER, markets=TWO, settings={"mode": "MULTI"}, strategy={"ema_fast": 30})
    write_run(paths, STOPPED, until="strategy")
    return paths


def test_page_has_verdicts_figures_and_differences(three: Paths, client_of: ClientOf) -> None:
    client = client_of(three)
    page = client.get(f"/compare?{ADDRESS}").text
    for text in ("3 runs side by side", "Not passed", "No verdict yet", "BTCUSDT SIMULATED 1h", "ETHUSDT BINANCE 1h", "ema_fast", "MULTI"):
        assert text in page
    assert "initial_capital" not in page, "what is the same everywhere is not listed"
    assert client.get(f"/compare?{ADDRESS}&column=baseline").status_code == 200


def test_figures_stand_under_their_run(three: Paths) -> None:
    index = RunIndex(three, FileReader(three.data))
    runs = [index.open(name) for name in (STOPPED, RUN_ID, OTHER)]
    markets = {market.slug: market for market in compared_markets(runs, "walkforward")}
    both = {row.label: [cell.text for cell in row.cells] for row in markets["simulated_btcusdt_1h"].rows}
    assert both["Net P&L"] == ["", "−118.40", "−118.40"]
    one = {row.label: [cell.text for cell in row.cells] for row in markets["binance_ethusdt_1h"].rows}
    assert one["Net P&L"] == ["", "", "−118.40"]
    changed = {(each.section, each.name): each.values for each in differing_settings(runs)}
    assert changed[("Strategy", "ema_fast")] == ("20", "20", "30")
    assert ("Strategy", "ema_slow") not in changed


def test_what_cannot_be_compared_is_refused(three: Paths, client_of: ClientOf) -> None:
    client = client_of(three)
    six = "&".join(f"run=r{number}" for number in range(6))
    for query in ("", f"run={RUN_ID}", f"run={RUN_ID}&run={RUN_ID}", six, f"{ADDRESS}&column=x"):
        assert client.get(f"/compare?{query}").status_code == 400
    assert client.get("/api/v1/compare/equity").status_code == 400
    assert client.get(f"/compare?run={RUN_ID}&run=nobody").status_code == 404
    assert client.get("/api/v1/compare/equity?run=nobody").status_code == 404


def test_a_damaged_run_is_named_and_the_others_are_compared(paths: Paths, client_of: ClientOf) -> None:
    uncommit(write_run(paths))
    write_run(paths, OTHER)
    (paths.results / RUN_ID / "report.json").write_bytes(b"[]")
    page = client_of(paths).get(f"/compare?run={RUN_ID}&run={OTHER}")
    assert page.status_code == 200
    assert f"{RUN_ID} cannot be compared in full" in page.text
    assert "−118.40" in page.text


def test_equity_of_all_markets_is_on_one_scale(three: Paths, client_of: ClientOf) -> None:
    client = client_of(three)
    figure = json_of(client.get(f"/api/v1/compare/equity?{ADDRESS}&source=baseline"))
    assert len(figure["data"]) == 2 * 3, "an equity and a drawdown for each of three markets"
    assert all(trace["y"][0] == 0 for trace in figure["data"][::2])
    assert len({(trace["line"]["color"], trace["line"]["dash"]) for trace in figure["data"]}) == 3
    empty = json_of(client.get(f"/api/v1/compare/equity?run={STOPPED}"))
    assert empty["meta"]["empty"]
    rows = list(csv.reader(io.StringIO(client.get(f"/api/v1/compare/equity?{ADDRESS}&source=baseline&format=csv").text)))
    assert rows[0] == ["curve", "time", "equity", "gain_pct", "drawdown_pct"]
    assert len({row[0] for row in rows[1:]}) == 3
    assert float(rows[1][3]) == 0
    some = client.get(f"/api/v1/compare/equity?{ADDRESS}&source=baseline&format=csv&to={rows[2][1]}").text
    assert len(list(csv.reader(io.StringIO(some)))) == 1 + 2 * 3, "two bars of each curve up to there, as the chart shows"


def test_one_symbol_of_two_exchanges_is_two_curves(paths: Paths, client_of: ClientOf) -> None:
    venues = (
        SampleMarket("BINANCE", "BTCUSDT", "binance_btcusdt_1h", False),
        SampleMarket("KRAKEN", "BTCUSDT", "kraken_btcusdt_1h", False),
    )
    write_run(paths, until="baseline", markets=venues)
    figure = json_of(client_of(paths).get(f"/api/v1/compare/equity?run={RUN_ID}&source=baseline"))
    assert [trace["name"] for trace in figure["data"][::2]] == [f"{RUN_ID} BTCUSDT {each.exchange} 1h" for each in venues]


def test_a_damaged_curve_is_named_beside_the_others_and_a_table_does_not_go_without_it(paths: Paths, client_of: ClientOf) -> None:
    markets = (SampleMarket(), SampleMarket("BINANCE", "BTCUSDT", "binance_btcusdt_1h", False))
    run = write_run(paths, markets=markets, until="baseline")
    (market_folder(run, "baseline", markets[1].slug) / "equity.parquet").write_bytes(b"PAR1 and no more")
    figure = json_of(client_of(paths).get(f"/api/v1/compare/equity?run={RUN_ID}&source=baseline"))
    assert [trace["name"] for trace in figure["data"][::2]] == [f"{RUN_ID} BTCUSDT SIMULATED 1h"]
    assert figure["meta"]["note"] == f"Left out, because the file is damaged: {RUN_ID} BTCUSDT BINANCE 1h."
    assert client_of(paths).get(f"/api/v1/compare/equity?run={RUN_ID}&source=baseline&format=csv").status_code == 422


def test_many_curves_differ_by_colour_and_dash_and_the_rest_is_told() -> None:
    bars = candles(200, seed=7)
    frame = curve(bars, trades(bars, 5, seed=1))
    assert gain_of(frame)[0] == 0
    figure = compared_equity_figure({f"curve {number}": frame for number in range(MAX_LINES + 2)}, Span())
    lines = [(trace["line"]["color"], trace["line"]["dash"]) for trace in figure["data"][::2]]
    assert len(lines) == len(set(lines)) == MAX_LINES
    assert "10 of 12" in figure["meta"]["note"]


def test_metrics_counted_in_days_and_bars_say_so() -> None:
    rows = [{"metric": name, "label": name, "unit": unit, "values": [1.0]} for name, unit in (("a", "days"), ("b", "bars"), ("c", "ratio"))]
    table = comparison_view({"comparison": {"columns": ["baseline"], "rows": rows}})
    assert table is not None
    assert [row.unit for row in table.rows] == ["days", "bars", ""]


def test_markets_of_one_symbol_at_two_venues_are_two_curves(paths: Paths) -> None:
    markets = (SampleMarket(), SampleMarket("BINANCE", "BTCUSDT", "binance_btcusdt_1h", False))
    write_run(paths, markets=markets, until="baseline")
    curves = compared_curves([RunIndex(paths, FileReader(paths.data)).open(RUN_ID)], "baseline").curves
    assert list(curves) == [f"{RUN_ID} BTCUSDT SIMULATED 1h", f"{RUN_ID} BTCUSDT BINANCE 1h"]
