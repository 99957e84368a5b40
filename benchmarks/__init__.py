"""Measurements: run them by hand; no test asserts a time."""
