"""Candle files (Parquet, Feather, CSV) read strictly: what is wrong is counted and shown, nothing is guessed or repaired."""

from exchanges.candle_files.opening import SUFFIXES
from exchanges.candle_files.reading import read_candles

__all__ = ["SUFFIXES", "read_candles"]
