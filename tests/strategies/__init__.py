"""Tests of strategies and indicators."""
