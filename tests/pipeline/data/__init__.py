"""Tests of the commands of the candle store."""
