"""The figures that are made for the report from equity, trades and market: label, unit and definition, in display order.

Daily: one return per UTC day with bars, from close to close; where a bar is longer than a day, one per bar.
"""

from reporting.metric_info import MetricInfo

_HOLDING = "holding the same order quantity throughout, without costs"

PERFORMANCE_METRICS: tuple[MetricInfo, ...] = (
    MetricInfo(
        "daily_sharpe_ratio", "Sharpe ratio (daily)", "ratio", 2,
        "Mean of the daily returns over their standard deviation, annualized by day.",
    ),
    MetricInfo("omega_ratio", "Omega ratio", "ratio", 2, "Daily returns above the risk-free rate, added up, over those below it."),
    MetricInfo("value_at_risk", "Value at risk 95 %", "%", 2, "5 % quantile of the daily returns: one day in twenty was worse."),
    MetricInfo("expected_shortfall", "Expected shortfall 95 % (CVaR)", "%", 2, "Mean return of the worst twentieth of the days."),
    MetricInfo("tail_ratio", "Tail ratio", "ratio", 2, "95 % quantile of the daily returns over the size of the 5 % quantile."),
    MetricInfo("skewness", "Skewness", "ratio", 2, "Lopsidedness of the daily returns: below 0, the large ones are losses."),
    MetricInfo("kurtosis", "Kurtosis", "ratio", 2, "Weight of the daily returns' tails; 3 for a normal distribution."),
    MetricInfo("best_day", "Best day", "%", 2, "Largest daily return."),
    MetricInfo("worst_day", "Worst day", "%", 2, "Smallest daily return."),
    MetricInfo("positive_days", "Days with a gain", "%", 1, "Share of the days that ended above the day before."),
    MetricInfo("best_month", "Best month", "%", 2, "Largest return of a calendar month, those at the ends cut short."),
    MetricInfo("worst_month", "Worst month", "%", 2, "Smallest return of a calendar month, those at the ends cut short."),
    MetricInfo("positive_months", "Months with a gain", "%", 1, "Share of the calendar months that ended above the month before."),
    MetricInfo("ulcer_index", "Ulcer index", "%", 2, "Root of the mean square of every bar's drawdown: deep and long ones count most."),
    MetricInfo("average_drawdown", "Average drawdown", "%", 2, "Mean depth of all drawdowns, from peak to recovery each."),
    MetricInfo("longest_drawdown", "Longest drawdown", "days", 1, "Days from a peak until it was reached again, or until the data ended."),
    MetricInfo("time_under_water", "Time under water", "%", 1, "Share of the bars that closed below the highest equity before them."),
    MetricInfo("growth_steadiness", "Steadiness of growth", "ratio", 2, "R² of a line through the logarithmic equity: 1 = perfectly even."),
    MetricInfo("benchmark_return", "Buy and hold", "%", 2, f"Return on the same capital of {_HOLDING}."),
    MetricInfo("excess_return", "Return above buy and hold", "%", 2, f"The return less that of {_HOLDING}."),
    MetricInfo("alpha", "Alpha", "%", 2, f"Yearly growth that is not explained by {_HOLDING} (Jensen), annualized by day."),
    MetricInfo("beta", "Beta", "ratio", 2, f"How much the account moves, day by day, when {_HOLDING} moves by 1."),
    MetricInfo("correlation", "Correlation with buy and hold", "ratio", 2, f"Of the daily returns with those of {_HOLDING}."),
    MetricInfo(
        "information_ratio", "Information ratio", "ratio", 2,
        f"Mean of the daily returns less those of {_HOLDING}, over the standard deviation of this difference, annualized by day.",
    ),
    MetricInfo("payoff_ratio", "Payoff ratio", "ratio", 2, "Average win over the size of the average loss."),
    MetricInfo(
        "system_quality", "System quality (SQN)", "ratio", 2,
        "Mean net P&L of the trades over its standard deviation, times the root of their number.",
    ),
    MetricInfo("turnover", "Turnover", "ratio", 1, "How many times a year the average equity was bought or sold: entries plus exits."),
    MetricInfo("trades_per_month", "Trades per month", "trades", 1, "Closed trades per 30.44 days."),
    MetricInfo("best_trade", "Best trade", "quote", 2, "Largest net P&L of a trade."),
    MetricInfo("worst_trade", "Worst trade", "quote", 2, "Smallest net P&L of a trade."),
    MetricInfo("long_trades", "Long trades", "%", 1, "Share of the trades that bought first."),
    MetricInfo("median_bars_held", "Median holding time", "bars", 1, "Half of the trades were held no longer."),
    MetricInfo("longest_bars_held", "Longest holding time", "bars", 0, "Bars between first entry and exit of the longest trade."),
    MetricInfo("winners_bars_held", "Holding time of winners", "bars", 1, "Bars from first entry to exit, averaged over the winners."),
    MetricInfo("losers_bars_held", "Holding time of losers", "bars", 1, "Bars from first entry to exit, averaged over the losers."),
)  # fmt: skip
