"""Tests of the candle store."""
