"""Tests of walk-forward validation."""
