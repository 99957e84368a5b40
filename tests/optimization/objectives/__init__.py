"""Tests of the neighbourhood."""
