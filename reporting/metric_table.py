"""Every metric by name: its label, unit and definition, in display order. Terminal, CSV, HTML and dashboard all read this table.

``METRICS`` are the engine's own, known of every trial; ``PERFORMANCE_METRICS`` are made for the report alone.
"""

from reporting.metric_info import MetricInfo
from reporting.performance.table import PERFORMANCE_METRICS

METRICS: tuple[MetricInfo, ...] = (
    MetricInfo("net_pnl", "Net P&L", "quote", 2, "Sum of all trades after fees and funding; slippage is inside the prices paid."),
    MetricInfo("return_pct", "Return", "%", 2, "Net P&L as a share of the initial capital."),
    MetricInfo("sharpe_ratio", "Sharpe ratio", "ratio", 2, "Mean of the per-bar returns over their standard deviation, annualized."),
    MetricInfo(
        "sortino_ratio", "Sortino ratio", "ratio", 2, "Like Sharpe, but only returns below the risk-free rate are risk; annualized."
    ),
    MetricInfo("calmar_ratio", "Calmar ratio", "ratio", 2, "Yearly growth rate over the largest drawdown."),
    MetricInfo("max_drawdown", "Max drawdown", "%", 2, "Deepest fall of equity below its highest point so far."),
    MetricInfo("max_drawdown_quote", "Max drawdown (amount)", "quote", 2, "The same fall in the quote currency, at its largest."),
    MetricInfo("cagr", "Yearly growth (CAGR)", "%", 2, "Constant yearly growth that leads from the initial capital to the final equity."),
    MetricInfo("volatility", "Volatility", "%", 2, "Standard deviation of the per-bar returns, annualized."),
    MetricInfo("total_trades", "Trades", "trades", 0, "Closed trades."),
    MetricInfo("win_rate", "Win rate", "%", 1, "Share of trades with a net profit."),
    MetricInfo("profit_factor", "Profit factor", "ratio", 2, "Net profits of the winners over net losses of the losers."),
    MetricInfo("expectancy", "Expectancy", "quote", 2, "Average net P&L of a trade."),
    MetricInfo("average_win", "Average win", "quote", 2, "Average net P&L of the winning trades."),
    MetricInfo("average_loss", "Average loss", "quote", 2, "Average net P&L of the losing trades."),
    MetricInfo("winning_trades", "Winning trades", "trades", 0, "Trades with a net profit."),
    MetricInfo("losing_trades", "Losing trades", "trades", 0, "Trades without a net profit."),
    MetricInfo("max_consecutive_wins", "Longest winning streak", "trades", 0, "Most winning trades in a row."),
    MetricInfo("max_consecutive_losses", "Longest losing streak", "trades", 0, "Most losing trades in a row."),
    MetricInfo("recovery_factor", "Recovery factor", "ratio", 2, "Net P&L over the largest drawdown in the quote currency."),
    MetricInfo("exposure", "Exposure", "%", 1, "Share of bars that closed with a position open."),
    MetricInfo("average_bars_held", "Average holding time", "bars", 1, "Bars between first entry and exit, averaged over trades."),
    MetricInfo("gross_pnl", "Gross P&L", "quote", 2, "Sum of all trades at the prices paid, before fees and funding."),
    MetricInfo("fees", "Fees", "quote", 2, "Maker and taker fees paid."),
    MetricInfo("slippage_cost", "Slippage cost", "quote", 2, "What slippage added to the prices paid (already inside gross P&L)."),
    MetricInfo("funding", "Funding", "quote", 2, "Funding paid (negative: received)."),
    MetricInfo("final_equity", "Final equity", "quote", 2, "Initial capital plus net P&L."),
    MetricInfo("missed_entries", "Missed entries", "entries", 0, "Entries that were cancelled without any fill."),
    MetricInfo("partial_entries", "Partial entries", "entries", 0, "Entries that were cancelled after a part had filled."),
    MetricInfo(
        "rejected_entries",
        "Rejected entries",
        "entries",
        0,
        "Entries of no size, by the record of trades or the quantity step, or below the market's minima.",
    ),
    MetricInfo("ruined", "Ruined", "yes/no", 0, "Whether the account was lost: equity fell to zero or below."),
)
METRIC_BY_NAME = {info.metric: info for info in METRICS}
# What the report knows of each column: the engine's figures, then those made of its equity and trades.
REPORT_METRICS = (*METRICS, *PERFORMANCE_METRICS)
REPORT_METRIC_BY_NAME = {info.metric: info for info in REPORT_METRICS}


def format_metric(metric: str, value: float | bool | None) -> str:
    """Return ``value`` as a person reads it, ``n/a`` for None; an unknown metric is shown with four digits."""
    if value is None:
        return "n/a"
    info = REPORT_METRIC_BY_NAME.get(metric)
    if info is None:
        return f"{value:.4g}"
    if info.unit == "yes/no":
        return "yes" if value else "no"
    rounded = round(value, info.decimals) + 0.0  # no minus before a zero
    return f"{rounded:,.{info.decimals}f}" + (" %" if info.unit == "%" else "")
