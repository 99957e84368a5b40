"""What lies behind the walk-forward's result, as tables: the worth of each search, stress, regimes. Of an older run, those that it has."""

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.tables import UNDEFINED, TableData, cell
from reporting import format_metric

_DEPTH = ("efficiency", "rank_correlation", "selection_skill", "selection_skill_net_pnl", "trials_tested")


def depth_tables(content: Mapping[str, Any]) -> Iterator[TableData]:
    """Yield the tables of a walkforward.json's ``content``."""
    if "efficiency" in content:
        yield _search_table(content)
    if content.get("paths"):
        yield _path_table(content)
    if content.get("stress"):
        yield _stress_table(content["stress"])
    if content.get("regimes"):
        yield _regime_table(content["regimes"])


def _search_table(content: Mapping[str, Any]) -> TableData:
    rows = [
        (str(window["index"]), *(cell(window.get(name)) for name in _DEPTH), "yes" if window.get("profitable") else "no")
        for window in content["windows"]
    ]
    tested = sum(window.get("trials_tested", 0) for window in content["windows"])
    share = content["scores"]["consistency"]
    profitable = UNDEFINED if share is None else f"{share:.0%} of scored"
    rows.append(("all", *(cell(content.get(name)) for name in _DEPTH[:-1]), cell(tested), profitable))
    heads = ("window", "efficiency", "rank correlation", "Sharpe over median", "net P&L over median", "trials", "profitable")
    note = (
        "Efficiency: yearly return out of sample over that in sample. Rank correlation: of all trials' ranks in sample with those out of "
        "sample. Over median: the chosen parameters less the median trial, out of sample."
    )
    return TableData("What the windows' searches were worth", heads, tuple(rows), (0,), note)


def _path_table(content: Mapping[str, Any]) -> TableData:
    rows = tuple(
        (
            str(each["path"]),
            *(format_metric(name, each[name]) for name in ("net_pnl", "sharpe_ratio", "max_drawdown", "total_trades")),
            "yes" if each["path"] == content["stitched_path"] else "no",
        )
        for each in content["paths"]
    )
    heads = ("path", "net P&L", "Sharpe", "max drawdown", "trades", "stitched")
    note = (
        "Each path tests all days once, with parameters found on other days, later ones too: no forecast, but whether the search finds "
        "something that holds elsewhere. What is stitched is the middle path."
    )
    return TableData("Paths through the groups of days", heads, rows, (0,), note)


def _stress_table(stress: list[dict[str, Any]]) -> TableData:
    rows = tuple(
        (
            each["label"],
            *(format_metric(name, each[name]) for name in ("net_pnl", "sharpe_ratio", "max_drawdown", "total_trades")),
            cell(each["kept"]),
            format_metric("net_pnl", each["worst_net_pnl"]),
        )
        for each in stress
    )
    heads = ("out of sample with", "net P&L", "Sharpe", "max drawdown", "trades", "kept", "worst net P&L")
    missing = [f"{each['label']} cannot be computed: {each['reason']}" for each in stress if each.get("reason")]
    note = " ".join(["Kept: the share of the net P&L.", *(_capital(each) for each in stress[1:]), *missing])
    return TableData("Stress of the chosen parameters", heads, rows, (0,), note)


def _capital(each: Mapping[str, Any]) -> str:
    return f"{each['label'].capitalize()}: {each['sentence'][:1].lower()}{each['sentence'][1:]}"


def _regime_table(regimes: list[dict[str, Any]]) -> TableData:
    rows = tuple(
        (
            "too early to tell" if each["trend"] is None else f"{each['trend']}, {each['volatility']}",
            f"{each['share']:.0%}",
            cell(each["trades"]),
            format_metric("net_pnl", each["net_pnl"]),
            format_metric("sharpe_ratio", each["sharpe_ratio"]),
        )
        for each in regimes
    )
    heads = ("trend, volatility", "of the bars", "trades", "net P&L", "Sharpe")
    note = "Of the 10 days (at least 20 bars) before each bar; volatile: more so than in five times as long before it."
    return TableData("In which market it was earned", heads, rows, (0,), note)
