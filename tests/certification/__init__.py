"""Proof that the fake venues speak as the real ones: their official clients read the same candles from them as our adapters do."""
