"""What files say is shown as it stands: no markup in charts, no paths, whole symbols. Pages have a campaign of their own."""

import json
from collections.abc import Callable

from flask.testing import FlaskClient

from core.paths import Paths
from tests.dashboard.conftest import json_of
from tests.dashboard.sample_run import RUN_ID, SLUG, SampleMarket, market_folder, uncommit, write_run

ClientOf = Callable[[Paths], FlaskClient]


def test_names_in_charts_are_shown_as_they_stand(paths: Paths, client_of: ClientOf) -> None:
    run = write_run(paths)
    path = market_folder(run, "walkforward") / "walkforward.json"
    evil = "<b>x</b>"
    path.write_text(path.read_text().replace("ema_fast", evil))
    uncommit(run)
    figure = json_of(client_of(paths).get(f"/api/v1/runs/{RUN_ID}/markets/{SLUG}/charts/drift"))
    assert "&lt;b&gt;x&lt;/b&gt;" in figure["data"][0]["y"]
    assert evil not in json.dumps(figure)


def test_paths_in_settings_are_cut_to_names(paths: Paths, client_of: ClientOf) -> None:
    write_run(paths, until="credentials", settings={"exchange": "LOCAL", "symbol": "/srv/private/BTC.parquet"}, strategy={})
    client = client_of(paths)
    for address in ("/", f"/runs/{RUN_ID}/"):
        page = client.get(address).text
        assert "private" not in page
        assert "BTC" in page


def test_times_in_settings_are_written_as_everywhere(paths: Paths, client_of: ClientOf) -> None:
    write_run(paths, until="credentials", settings={"start": "2024-01-01T00:00:00Z"})
    assert "2024-01-01 00:00 UTC" in client_of(paths).get(f"/runs/{RUN_ID}/").text


def test_symbols_with_a_slash_stay_whole(paths: Paths, client_of: ClientOf) -> None:
    write_run(paths, markets=(SampleMarket("BINANCE", "BTC/USDT:USDT", "binance_btc-usdt-usdt_1h", False),), until="baseline")
    assert "BTC/USDT:USDT" in client_of(paths).get("/").text
