"""What each setting is called, counted in, and good for: the words of the form. A fraction of 0.02 is 2 %."""

from typing import NamedTuple


class Words(NamedTuple):
    """The label of a setting, its unit ("" for none) and one sentence on what it does."""

    label: str
    unit: str
    help: str


_RUN = {
    "mode": Words("Markets", "", "One market, or several at once: named ones, or those that are traded most."),
    "exchange": Words("Exchange", "", "Where the candles come from. SIMULATED needs no network, LOCAL reads the candle folder."),
    "symbol": Words("Symbol", "", "The market's name at the exchange; for LOCAL the name of a file in the candle folder."),
    "timeframe": Words("Timeframe", "", "The length of a bar on which the strategy decides."),
    "order_qty": Words("Order quantity", "base currency", "What one entry buys or sells while sizing is fixed."),
    "start": Words("First day", "UTC", "Inclusive, e.g. 2024-01-01; empty begins with the data."),
    "end": Words("Day after the last", "UTC", "Exclusive, e.g. 2025-01-01; empty goes on to the end of the data."),
    "gaps": Words("Missing bars", "", "auto keeps up to 0.1 % with a warning and refuses more; refuse, fill and keep do what they say."),
    "seed": Words("Seed", "", "The same seed and settings give the same result, byte for byte."),
    "markets": Words("Markets", "", "Exchange, symbol, timeframe and quantity of each."),
    "top.exchange": Words("Exchange", "", "The exchange whose largest markets are taken."),
    "top.quote": Words("Quote currency", "", "Only markets that are paid in this currency."),
    "top.limit": Words("How many", "markets", "Those with the largest value traded in 24 hours."),
    "top.timeframe": Words("Timeframe", "", "The length of a bar on which the strategy decides."),
    "top.order_value": Words("Value of an order", "quote currency", "The quantity of each market is this value at its last close."),
}
_STRATEGY = {
    "name": Words("Strategy", "", "Which rules give the signals."),
    "ema_fast": Words("Fast average", "bars", "Period of the fast moving average; below the slow one."),
    "ema_slow": Words("Slow average", "bars", "Period of the slow moving average."),
    "ema_trend": Words("Trend average", "bars", "Period of the average that tells the trend; the longest of the three."),
    "rsi_period": Words("RSI period", "bars", "Over how many bars the relative strength index looks."),
    "rsi_long_threshold": Words("RSI for longs", "0–100", "A long signal needs an RSI below this."),
    "rsi_short_threshold": Words("RSI for shorts", "0–100", "A short signal needs an RSI above this."),
    "atr_period": Words("ATR period", "bars", "Over how many bars the average true range looks."),
    "enable_trend_filter": Words("Trend filter", "", "Take signals only in the direction of the trend average."),
    "enable_rsi_filter": Words("RSI filter", "", "Take signals only where the RSI agrees."),
    "stop_type": Words("Stop distance is", "", "A multiple of the ATR, a fraction of the entry price, or no stop."),
    "target_type": Words("Target distance is", "", "A multiple of the ATR, a fraction of the entry price, or no target."),
    "atr_sl_multiplier": Words("Stop in ATR", "× ATR", "Distance of the stop from the average entry."),
    "atr_tp_multiplier": Words("Target in ATR", "× ATR", "Distance of the target from the average entry."),
    "stop_distance": Words("Stop as a fraction", "of the entry", "Distance of the stop when it is a fraction."),
    "target_distance": Words("Target as a fraction", "of the entry", "Distance of the target when it is a fraction."),
    "regime_response": Words("Response to volatility", "", "How far stop and target widen when the ATR is above its mean; 0 is off."),
    "regime_lookback": Words("Mean of the ATR", "bars", "Over how many bars that mean is taken."),
    "regime_min_multiplier": Words("Least widening", "×", "The response never makes the distances smaller than this."),
    "regime_max_multiplier": Words("Most widening", "×", "The response never makes the distances larger than this."),
    "trailing_sl_enabled": Words("Trailing stop", "", "Let the stop follow the best price."),
    "trailing_sl_threshold": Words("Trailing stop distance", "of the price", "How far behind the best price it follows."),
    "trailing_tp_enabled": Words("Trailing target", "", "Let a winner run past its target and lock a part in."),
    "trailing_tp_threshold": Words("Trailing target begins", "of the entry", "The profit from which the target trails."),
    "trailing_tp_lock": Words("Locked in", "of the profit", "The share of the best profit that is kept."),
    "allow_long": Words("Long side", "", "Take long signals."),
    "allow_short": Words("Short side", "", "Take short signals."),
    "exit_on_disabled_side": Words("Leave on the other side's signals", "", "A signal of a side that is off ends what the other holds."),
    "exit_on_opposite_signal": Words("Leave on the opposite signal", "", "A signal the other way ends the position."),
    "enable_hybrid_engine": Words(
        "Entries in tiers", "", "Enter step by step, from a patient limit order to the market; off enters at once."
    ),
    "enable_hybrid_tier1": Words("Tier 1", "", "Wait for the price to touch the average."),
    "enable_hybrid_tier2": Words("Tier 2", "", "Then a limit order near the price."),
    "enable_hybrid_tier3": Words("Tier 3", "", "Then in slices, a share of the volume each."),
    "enable_hybrid_tier4": Words("Tier 4", "", "Then at the market, unless it ran away."),
    "hybrid_tier1_timeout": Words("Tier 1 waits", "bars", "After so many bars the next tier begins."),
    "hybrid_tier2_timeout": Words("Tier 2 waits", "bars", "After so many bars the next tier begins."),
    "hybrid_tier3_timeout": Words("Tier 3 waits", "bars", "After so many bars the next tier begins."),
    "hybrid_tier4_timeout": Words("Tier 4 waits", "bars", "After so many bars the entry is missed."),
    "ema_touch_tolerance": Words("Touch tolerance", "of the price", "How near the average counts as touching it."),
    "limit_offset_atr": Words("Limit offset", "× ATR", "How far from the price the limit order of tier 2 stands."),
    "participation_rate": Words("Participation", "of the volume", "The share of a bar's volume that tier 3 takes at most."),
    "max_chase_atr": Words("Furthest chase", "× ATR", "Tier 4 does not follow a price that ran further than this."),
}
_EXECUTION = {
    "initial_capital": Words("Initial capital", "quote currency", "What the account begins with."),
    "maker_fee": Words("Maker fee", "of the notional", "0.0002 is 0.02 %. Left alone, it is what the venue charges."),
    "taker_fee": Words("Taker fee", "of the notional", "0.0004 is 0.04 %. Left alone, it is what the venue charges."),
    "slippage": Words("Slippage", "of the price", "By how much every taker price is worse."),
    "slippage_range_share": Words("Slippage by range", "of the bar's range", "Added to the slippage."),
    "slippage_impact": Words("Market impact", "×", "Times the bar's range and the root of the order's share of its volume; added too."),
    "slippage_cap": Words("Most slippage", "of the price", "The three together are never more."),
    "funding_rate": Words("Funding", "per interval", "What longs pay shorts where no rates come with the data."),
    "funding_interval_hours": Words("Funding every", "hours", "How often that is paid."),
    "leverage": Words("Leverage", "×", "The most that an entry may be worth, as a multiple of the equity."),
    "maintenance_margin": Words("Maintenance margin", "of the notional", "The equity a position must keep; 0 has no liquidation."),
    "liquidation_fee": Words("Liquidation fee", "of the notional", "What a liquidation pays on top of the taker fee."),
    "sizing": Words("Size of an entry", "", "What its quantity follows: fixed, equity, risk, volatility or kelly."),
    "equity_fraction": Words("Share of the equity", "of the equity", "The value of an entry sized by equity."),
    "risk_per_trade": Words("Risk of a trade", "of the equity", "What the stop would lose when sized by risk."),
    "volatility_target": Words("Target volatility", "a year", "Of the position, when sized by volatility."),
    "kelly_fraction": Words("Share of Kelly", "of the full size", "How much of the Kelly size is taken."),
    "kelly_min_trades": Words("Kelly begins after", "trades", "Until then the share of the equity counts."),
    "detail_timeframe": Words("Fills on", "", "A finer timeframe for fills, e.g. 1m; empty fills on the bars decided on."),
    "risk_free_rate": Words("Risk-free rate", "a year", "Subtracted from returns in every ratio."),
}
_OPTIMIZATION = {
    "profile": Words("Profile", "", "FAST tries 50 settings a stage, BALANCED 150, THOROUGH 300."),
    "optuna_sampler": Words("Sampler", "", "How the next settings to try are chosen."),
    "walkforward_sampler": Words("Sampler of the windows", "", "The same for the walk-forward; empty takes the sampler above."),
    "trials": Words("Trials", "", "Of stages 7.1 and 7.2; 7.3 gets a third. 0 takes the profile's number."),
    "objective": Words("Objective", "", "What to raise, e.g. sharpe; several with commas give a Pareto front."),
    "objective_blocks": Words("Blocks of a quartile", "blocks", "Into how many stretches of time an objective ending in _quartile looks."),
    "constraints.max_drawdown": Words("Deepest drawdown allowed", "%", "A winner must stay above it; empty has no limit."),
    "constraints.min_trades": Words("Fewest trades allowed", "trades", "A winner must have as many; empty has no limit."),
    "constraints.max_exposure": Words(
        "Longest exposure allowed", "% of bars", "A winner may not be in the market longer; empty has no limit."
    ),
    "executor": Words("Computed by", "", "Where trials run; no result depends on it."),
    "ray_address": Words("Ray cluster", "", "HOST:PORT of a cluster to join; empty starts Ray here when it is chosen."),
    "gpu": Words("GPU", "", "on and auto let a GPU drop weak trials early."),
    "multi_fidelity": Words("Race trials", "", "Give weak trials up on a part of the bars."),
    "fidelity_levels": Words("Fidelity levels", "of the bars", "Rising shares, the last one 1, e.g. 0.33, 0.66, 1."),
    "batch": Words("Batch", "trials", "How many are asked at once; it belongs to the result."),
    "min_trades": Words("Fewest trades", "trades", "With fewer, a trial proves nothing and is set aside."),
    "neighbourhood": Words("Look around winners", "", "Measure how sharp the peak is; the verdict has a gate for it."),
}
_WALKFORWARD = {
    "is_length_days": Words("In sample", "days", "What each window is optimized on."),
    "oos_length_days": Words("Out of sample", "days", "What it is tested on afterwards."),
    "stride_days": Words("Next window after", "days", "At least the length out of sample."),
    "min_trades_per_window": Words("Fewest trades of a window", "trades", "A window with fewer is shown but not scored."),
    "embargo_bars": Words("Embargo", "bars", "Left out between both parts."),
    "scheme": Words("Windows", "", "rolling move on, anchored grow from the start, combinatorial leave groups of days out."),
    "anchored": Words("Anchored", "", "The same as the scheme of that name."),
    "min_profit_factor_per_window": Words("Least profit factor", "", "A window below it counts as one without a profit; 0 takes any."),
    "groups": Words("Groups", "groups", "Of days, for combinatorial windows."),
    "tested_groups": Words("Tested groups", "groups", "How many of them each search leaves out."),
}
_SIGNIFICANCE = {
    "resamples": Words("Resamples", "", "Of every bootstrap."),
    "permutations": Words("Shuffled histories", "", "On which the search is repeated; 0 leaves the test out and its gate fails."),
    "walkforward_permutations": Words("Shuffled walk-forwards", "", "On which the whole walk-forward is repeated; 0 leaves it out."),
    "overfitting_blocks": Words("Blocks of time", "", "Recombined for the probability of overfitting; an even number."),
    "path_groups": Words("Path groups", "groups", "Of the combinatorial paths."),
    "path_test_groups": Words("Tested path groups", "groups", "Fewer than the groups."),
    "most_trials": Words("Trials compared", "trials", "Of a larger search the best and a drawn part of the others."),
}
_VERDICT = {
    "spa_p_below": Words("Better than luck: p below", "", "The chance that the best of all trials beats cash and buy-and-hold by luck."),
    "deflated_sharpe_from": Words(
        "Deflated Sharpe from", "", "The probability that the true Sharpe ratio is above what so many trials show by luck."
    ),
    "overfitting_probability_to": Words("Overfitting to", "", "How often choosing in sample may come out in the worse half."),
    "degradation_slope_above": Words("Slope above", "", "Of results out of sample over those in sample, across the trials."),
    "profitable_windows_from": Words("Profitable windows from", "", "The share of scored windows."),
    "out_of_sample_psr_from": Words("Probabilistic Sharpe from", "", "Of the stitched walk-forward."),
    "plateau_from": Words("Plateau from", "", "The median of the winner's surroundings over its value."),
    "permutation_p_to": Words("Shuffled histories: p to", "", "How often a search of shuffled candles may do as well."),
    "doubled_costs_profit_above": Words("Profit at doubled costs above", "quote currency", "Of the walk-forward."),
    "out_of_sample_trades_from": Words("Trades from", "trades", "Of the walk-forward."),
}
_SECTIONS = {
    "strategy": _STRATEGY, "execution": _EXECUTION, "optimization": _OPTIMIZATION, "walkforward": _WALKFORWARD,
    "significance": _SIGNIFICANCE, "verdict": _VERDICT,
}  # fmt: skip
WORDS: dict[str, Words] = _RUN | {f"{section}.{name}": words for section, table in _SECTIONS.items() for name, words in table.items()}
