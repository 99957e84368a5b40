"""The engine beside others: the same candles, the same trades, then the clock."""
