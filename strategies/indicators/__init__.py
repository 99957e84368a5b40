"""Indicators: compiled, causal, arrays in, arrays out; ``nan`` until defined. Definitions are TA-Lib's where it has them."""

from strategies.indicators.atr import atr
from strategies.indicators.ema import ema
from strategies.indicators.rsi import rsi
from strategies.indicators.vwap import rolling_vwap, session_vwap

__all__ = ["atr", "ema", "rolling_vwap", "rsi", "session_vwap"]
