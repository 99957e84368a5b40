"""The vocabulary that every other package speaks: candles, markets, timeframes, errors, files, logs, run folders."""
