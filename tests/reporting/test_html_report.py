"""The HTML report: one file, well formed, offline, safe against odd names."""

import json
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from reporting import html_report
from reporting.comparison import COLUMN_LABELS
from reporting.metric_table import REPORT_METRICS
from reporting.performance import SPLITS
from reporting.performance_view import GROUPS
from reporting.publish import publish_report
from reporting.significance_figures import TITLES
from reporting.summary_markdown import CAVEATS
from tests.reporting.runs import SLUG, market, walkforward, window, write_run

VOID = {"meta", "br", "hr", "img", "input", "link"}
EVIL = "<script>alert(1)</script>"


class Page(HTMLParser):
    """Collects tags, attributes and text, and fails on a tag that is closed out of order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open_tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self.texts: list[str] = []
        self.headings: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag == "script":
            self.scripts.append("")
        if tag not in VOID:
            self.open_tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open_tags.pop() == tag

    def handle_data(self, data: str) -> None:
        inside = self.open_tags[-1] if self.open_tags else ""
        if inside == "script":
            self.scripts[-1] += data
        else:
            if inside in ("strong", "h3", "h2"):
                self.headings.append(data)
            (self.styles if inside == "style" else self.texts).append(data)


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory) -> str:
    run = write_run(tmp_path_factory.mktemp("html"), [market(EVIL, synthetic=True)], bars=9000)
    publish_report(run)
    return (run.exports / "report.html").read_text(encoding="utf8")


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def test_page_is_well_formed_and_small_enough_to_mail(html: str, page: Page) -> None:
    assert page.open_tags == []
    assert len(html.encode()) < 8_000_000


def test_page_loads_nothing_from_outside(page: Page) -> None:
    loading = {"src", "href", "srcset", "action", "data", "poster", "background", "formaction"}
    assert [each for each in page.attributes if each[1] in loading] == []
    assert not any("url(" in style or "@import" in style for style in page.styles)
    policy = next(value for tag, name, value in page.attributes if tag == "meta" and name == "content" and "default-src" in value)
    assert "default-src 'none'" in policy
    assert "http" not in policy


def test_odd_symbol_is_text_and_never_code(html: str, page: Page) -> None:
    assert EVIL not in html
    assert any(EVIL in text for text in page.texts)
    assert len(page.scripts) == 3


def test_figures_are_valid_json_with_few_points(page: Page) -> None:
    figures = json.loads(page.scripts[1])
    assert set(figures) == {f"{SLUG}-{name}" for name in ("equity", "drawdown", "windows", "drift", "hours", *TITLES)}
    for figure in figures.values():
        for series in figure["data"]:
            assert 0 < len(series["x"]) <= 2000
            assert len(series["y"]) == len(series["x"]) or series["type"] == "heatmap"


def test_every_place_for_a_figure_has_one(page: Page) -> None:
    places = {value for _, name, value in page.attributes if name == "data-figure"}
    assert places == set(json.loads(page.scripts[1]))


def test_page_says_what_matters_first(page: Page) -> None:
    sections = [
        "PASS",
        "LOCAL",
        "Gates",
        "Edge or luck",
        "Comparison",
        "Equity",
        "Drawdown",
        "Deepest drawdowns",
        "Returns by month",
        "Walk-forward",
        "Parameter drift",
        "Trades",
        "Data",
        "Settings",
        "How to read this",
        "Definitions",
    ]
    headings = [heading for heading in page.headings if heading.strip()]
    assert len(headings) == len(sections)
    assert all(heading.startswith(section) for heading, section in zip(headings, sections, strict=True)), headings
    assert page.texts.count("synthetic data") == 2
    assert "1 bar is missing." in page.texts


def test_definition_of_every_metric_is_on_hover_and_on_paper(page: Page) -> None:
    titles = {value for tag, name, value in page.attributes if tag == "td" and name == "title"}
    for info in REPORT_METRICS:
        start = info.definition.partition("annualized")[0]
        assert any(title.startswith(start) for title in titles), info.metric
        assert any(text.startswith(start) for text in page.texts), info.metric


def test_every_table_head_with_figures_has_a_definition(html: str) -> None:
    """But those that name a column of the comparison or what the rows are."""
    plain = {"Metric", "Unit", *COLUMN_LABELS.values(), "Gate", "Result", "Value", "Limit", "In words", "Question", "Answer", "Beside it"}
    plain |= {"Account", "#", "Sharpe ratio", "Counted", "Trials compared", "Group", "Parameter", *SPLITS.values(), *GROUPS}
    heads = re.findall(r"<th([^>]*)>([^<]*)</th>", html.partition("<script>")[0])
    assert heads
    assert {text for attributes, text in heads if "title=" not in attributes} <= plain


def test_every_cell_stands_under_the_head_that_its_definition_is_taken_from(html: str) -> None:
    """The page's script finds a cell's head by the cell's place in the last line of heads."""
    for table in re.findall(r"<table.*?</table>", html.partition("<script>")[0], flags=re.DOTALL):
        head, _, body = table.partition("</thead>")
        if body:
            heads = len(re.findall(r"<th[ >]", head.rpartition("<tr")[2]))
            cells = {len(re.findall(r"<td[ >]", row)) for row in body.split("<tr")[1:] if "colspan" not in row}
            assert cells <= {heads}, table[:300]


def test_page_holds_no_random_ids(html: str) -> None:
    own = re.sub(r"<script>.*?</script>", "", html, count=1, flags=re.DOTALL)
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", own)


def test_windows_that_are_not_scored_say_why(tmp_path: Path) -> None:
    run = write_run(tmp_path, **walkforward([window(0), window(1, scored=False)], drift={}))
    publish_report(run)
    text = (run.exports / "report.html").read_text(encoding="utf8")
    assert "Window 1 is not scored: 1 out-of-sample trade, fewer than the 5" in text
    assert f'data-figure="{SLUG}-drift"' not in text


FUNDING = {
    "source": "BINANCEUSDM BTCUSDT, rates told by the venue", "told": 300, "holes": [[1_704_067_200_000, 1_704_153_600_000]], "assumed": 3,
    "assumed_rate": 0.0001, "digest": "f" * 64, "warnings": ["The venue tells no rate for a day."],
}  # fmt: skip


def test_page_says_where_funding_is_from_and_repeats_every_caution(tmp_path: Path) -> None:
    run = write_run(tmp_path, [market()], cautions=["It cannot be sold short."], funding=FUNDING)
    publish_report(run)
    text = (run.exports / "report.html").read_text(encoding="utf8")
    assert "<h3>Funding</h3>" in text
    assert "2024-01-01 00:00 to 2024-01-02 00:00 UTC" in text
    assert "0.0100%, 3 times" in text
    assert "Mind: It cannot be sold short. Mind: The venue tells no rate for a day." in text
    assert "Finer execution" not in text


def test_page_of_many_markets_stays_small_enough_to_mail(tmp_path: Path) -> None:
    markets = [market(f"COIN{place}USDT", f"local_coin{place}usdt_1h") for place in range(12)]
    run = write_run(tmp_path, markets, bars=4000)
    publish_report(run)
    content = (run.exports / "report.html").read_bytes()
    assert len(content) < 8_000_000
    figures = json.loads(Page(content.decode()).scripts[1])
    assert all(len(series["x"]) >= 250 for name in figures if name.endswith("-equity") for series in figures[name]["data"])
    assert "No chart" not in content.decode()


def test_page_that_would_be_too_large_leaves_charts_of_its_last_markets_out_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = write_run(tmp_path, [market(), market("ETHUSDT", "local_ethusdt_1h")])
    publish_report(run)
    whole = (run.exports / "report.html").read_bytes()
    monkeypatch.setattr(html_report, "LARGEST", len(whole) - 1000)
    publish_report(run)
    content = (run.exports / "report.html").read_bytes()
    page = Page(content.decode())
    assert len(content) < len(whole) - 1000
    assert {name.partition("_1h-")[0] for name in json.loads(page.scripts[1])} == {"local_btcusdt"}
    assert {value for _, name, value in page.attributes if name == "data-figure"} == set(json.loads(page.scripts[1]))
    assert content.decode().count("The numbers are in the results of the run.") >= 9


def test_page_that_is_too_large_without_charts_ends_every_market_with_its_comparison_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = write_run(tmp_path, [market(), market("ETHUSDT", "local_ethusdt_1h")])
    publish_report(run)
    whole = (run.exports / "report.html").read_bytes()
    figures = len(Page(whole.decode()).scripts[1])
    monkeypatch.setattr(html_report, "LARGEST", len(whole) - figures - 20_000)
    publish_report(run)
    content = (run.exports / "report.html").read_text(encoding="utf8")
    page = Page(content)
    assert len(content.encode()) < len(whole) - figures - 20_000
    assert page.open_tags == []
    assert json.loads(page.scripts[1]) == {}
    assert "data-figure=" not in content.partition("<script>")[0]
    assert [page.headings.count(each) for each in ("Gates", "Edge or luck", "Comparison", "Returns by month")] == [2, 2, 2, 0]
    assert content.count("They are in the CSV tables and results of the run.") == 2


def test_page_says_what_the_settings_could_prove_and_how_to_read_it(html: str) -> None:
    own = unescape(html.partition("<script>")[0])
    assert "without any edge" in own
    assert all(text in own for text in CAVEATS)
