"""Tests of the exchanges and of candle files."""
