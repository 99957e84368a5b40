"""The part of the Markdown summary about the walk-forward: windows, what their searches were worth, stress, regimes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.clock import format_utc
from reporting.gate_texts import plain
from reporting.markdown import table
from reporting.metric_table import format_metric

_WINDOW_METRICS = ("sharpe_ratio", "net_pnl", "total_trades", "max_drawdown")
_WORTH = ("efficiency", "rank_correlation", "selection_skill", "selection_skill_net_pnl")


def walkforward_sections(content: Mapping[str, Any]) -> Iterator[tuple[str, Iterator[str]]]:
    """Yield titles and lines for the content of a walkforward.json; of an older one, those that it has."""
    yield "Walk-forward windows", _windows(content)
    if content.get("paths"):
        yield "Paths", _paths(content)
    if "efficiency" in content:
        yield "What the windows' searches were worth", _worth(content)
    if content.get("stress"):
        yield "Stress of the chosen parameters", _stress(content["stress"])
    if content.get("regimes"):
        yield "In which market it was earned", _regimes(content["regimes"])


def _windows(content: Mapping[str, Any]) -> Iterator[str]:
    heads = ("window", "tested from", "to", "Sharpe in sample", "Sharpe", "net P&L", "trades", "max drawdown", "scored")
    yield from table(heads, map(_window_row, content["windows"]))
    scores = ", ".join(f"{name} {plain(value)}" for name, value in content["scores"].items())
    yield from (f"Scores: {scores}.", "")


def _window_row(window: Mapping[str, Any]) -> tuple[str, ...]:
    outside = window["oos_metrics"]
    return (
        str(window["index"]),
        format_utc(window["oos_start_ms"])[:10],
        format_utc(window["oos_end_ms"])[:10],
        format_metric("sharpe_ratio", window["is_metrics"].get("sharpe_ratio")),
        *(format_metric(name, outside.get(name)) for name in _WINDOW_METRICS),
        "yes" if window["scored"] else f"no: {window['reason']}",
    )


def _paths(content: Mapping[str, Any]) -> Iterator[str]:
    heads = ("path", "net P&L", "Sharpe", "max drawdown", "trades", "judged")
    yield from table(heads, (_path_row(each, content["stitched_path"]) for each in content["paths"]))


def _path_row(found: Mapping[str, Any], judged: int | None) -> tuple[str, ...]:
    figures = (format_metric(name, found[name]) for name in ("net_pnl", "sharpe_ratio", "max_drawdown", "total_trades"))
    return str(found["path"]), *figures, "yes, the middle one" if found["path"] == judged else "no"


def _worth(content: Mapping[str, Any]) -> Iterator[str]:
    heads = ("window", "efficiency", "rank correlation", "Sharpe over median", "net P&L over median", "trials")
    rows = [(str(each["index"]), *_worth_cells(each), f"{each.get('trials_tested', 0):,}") for each in content["windows"]]
    total = sum(each.get("trials_tested", 0) for each in content["windows"])
    yield from table(heads, [*rows, ("all", *_worth_cells(content), f"{total:,}")])
    note = (
        "Efficiency: yearly return out of sample over that in sample. Rank correlation: of the ranks of all trials in sample with those "
        "out of sample. Over median: the chosen parameters less the median trial, out of sample."
    )
    yield from (note, "")


def _worth_cells(found: Mapping[str, Any]) -> list[str]:
    return [plain(found.get(name)) for name in _WORTH]


def _stress(scenarios: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    heads = ("out of sample with", "net P&L", "kept", "Sharpe", "max drawdown", "trades", "what is changed")
    yield from table(heads, map(_stress_row, scenarios))


def _stress_row(found: Mapping[str, Any]) -> tuple[str, ...]:
    net, sharpe, drawdown, trades = (
        format_metric(name, found[name]) for name in ("net_pnl", "sharpe_ratio", "max_drawdown", "total_trades")
    )
    return found["label"], net, plain(found["kept"]), sharpe, drawdown, trades, found["sentence"]


def _regimes(regimes: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    heads = ("trend, volatility", "share of the bars", "trades", "net P&L", "Sharpe")
    yield from table(heads, map(_regime_row, regimes))


def _regime_row(found: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        "too early to tell" if found["trend"] is None else f"{found['trend']}, {found['volatility']}",
        "n/a" if found["share"] is None else f"{100 * found['share']:.0f} %",
        f"{found['trades']:,}",
        format_metric("net_pnl", found["net_pnl"]),
        format_metric("sharpe_ratio", found["sharpe_ratio"]),
    )
