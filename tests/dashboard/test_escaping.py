"""Text from files is shown as text, wherever it comes from."""

import json
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from flask.testing import FlaskClient

from core.paths import Paths
from tests.dashboard.conftest import json_of
from tests.dashboard.sample_run import RUN_ID, SLUG, SampleMarket, market_folder, uncommit, write_run

ClientOf = Callable[[Paths], FlaskClient]
PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"><svg onload=alert(1)>",
    "' onmouseover='alert(1)",
    "</title><script>alert(1)</script>",
    "<a href=\"javascript:alert(1)\">x</a>",
    "{{ 7*7 }}<b>",
    "</script\u2028><script>",
    "&lt;script&gt;<iframe>",
]  # fmt: skip


class Tags(HTMLParser):
    """Collects the tags of a page and the names of their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[tuple[str, str]] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {(tag, name) for name, _ in attrs} | {(tag, "")}


def tags_of(text: str) -> set[tuple[str, str]]:
    parser = Tags()
    parser.feed(text)
    return parser.found


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_of_a_run_becomes_markup(paths: Paths, client_of: ClientOf, payload: str) -> None:
    run = write_run(
        paths,
        markets=(SampleMarket(payload, payload, SLUG, True),),
        settings={"symbol": payload, "mode": payload, "exchange": payload},
        strategy={"name": payload, payload: payload},
    )
    report = json.loads((run.results / "report.json").read_text())
    market = report["markets"][SLUG]
    market["verdict"] |= {"headline": payload, "text": payload}
    for gate in market["verdict"]["gates"]:
        gate |= {"name": payload, "sentence": payload, "comparison": payload}
    for row in market["comparison"]["rows"]:
        row |= {"label": payload, "definition": payload, "unit": payload}
    (run.results / "report.json").write_text(json.dumps(report))
    uncommit(run)
    client = client_of(paths)
    for address in ("/", f"/runs/{RUN_ID}/", f"/runs/{payload}/", f"/runs/{RUN_ID}/{payload}/"):
        page = client.get(address)
        assert payload not in page.text
        tags = tags_of(page.text)
        assert not {tag for tag, _ in tags} & {"svg", "iframe", "object", "embed"}
        assert not {name for _, name in tags if name.startswith("on")}
        assert page.text.count("<script") == page.text.count("<script src") + page.text.count("<script defer") + page.text.count(
            "<script type"
        )


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
