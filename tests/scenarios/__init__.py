"""Scenario tables: visible candles, and the trades they must give in every implementation."""
