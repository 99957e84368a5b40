"""Tests of what the benchmarks compare and write."""
